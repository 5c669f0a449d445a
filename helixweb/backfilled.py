"""The command ``helixweb backfill``: a metric of a workflow's draft, computed for past versions.

The workers of the application compute it; where it is not served, they do as soon as it is.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from helixweb import terminal, versioned
from workflows.errors import HelixError

if TYPE_CHECKING:
    from metrics.backfilled import BackfillEstimateOut, BackfillOut
    from workflows.models import Workflow

LOOK_EVERY: Final = 0.2
MOST: Final = 10_000  # versions that one span names


class NoVersion(HelixError):
    """What should be numbers of versions is none."""

    code = "version-not-found"

    def __init__(self, told: str) -> None:
        super().__init__(f"{told!r} names no versions. Number them, as in --versions v3,v7-v12.")


def add_commands(commands: Any) -> None:
    """Add the command to the command line's."""
    command = versioned.add_command(commands, "backfill", _backfill, "compute a metric of the draft for past versions")
    command.add_argument("node", metavar="NODE", help="the metric, as the draft calls it")
    command.add_argument("--versions", metavar="VERSIONS", help="as v3,v7-v12; else all that were run and lack it")
    command.add_argument("--dry-run", action="store_true", help="say what that takes, and compute nothing")


def _backfill(options: argparse.Namespace) -> None:
    from helixweb.jobs import backfilling
    from helixweb.realtime.publish import settle
    from metrics.backfilled import backfill_out, estimate_out

    workflow: Workflow = versioned.named(options.workflow)
    numbers = None if options.versions is None else sorted(set(numbers_in(options.versions)))
    asked = (workflow.id, workflow.text, [options.node], numbers)
    planned, left_out = backfilling.estimate(*asked)
    estimate = estimate_out(planned, [options.node], left_out)
    if not options.json:
        _print_estimate(estimate)
    if options.dry_run:
        if options.json:
            print(terminal.as_json(estimate.dict()))
        return
    made = backfilling.request(*asked)
    settle()
    made.refresh_from_db()
    while made.announced_at is not None and made.status in ("queued", "running"):
        time.sleep(LOOK_EVERY)
        made.refresh_from_db()
    told = backfill_out(made)
    if options.json:
        print(terminal.as_json(told.dict()))
    else:
        _print_end(told)


def numbers_in(told: str) -> Iterator[int]:
    """The numbers of ``v3,v7-v12``; a span has at most MOST of them. Raises NoVersion."""
    for part in told.split(","):
        ends = [end.strip().removeprefix("v") for end in part.split("-")]
        if len(ends) > 2 or not all(end.isdecimal() and end.isascii() and len(end) < 10 for end in ends):
            raise NoVersion(told)
        first, last = int(ends[0]), int(ends[-1])
        if not first <= last < first + MOST:
            raise NoVersion(told)
        yield from range(first, last + 1)


def _print_estimate(estimate: BackfillEstimateOut) -> None:
    rows = [
        (f"v{each.number}", "" if each.seconds is None else terminal.seconds_of(each.seconds), each.refused)
        for each in estimate.versions
    ]
    terminal.print_table(("version", "alone", "cannot have it"), rows, right={1})
    able = sum(each.refused == "" for each in estimate.versions)
    more = f", and {estimate.left_out:,} older ones after them" if estimate.left_out else ""
    print(f"{able:,} of {len(rows):,} versions in about {terminal.seconds_of(estimate.seconds)}{more}.")


def _print_end(backfill: BackfillOut) -> None:
    without = [each for each in backfill.versions if each.message and each.status in ("failed", "refused")]
    for each in without:
        print(f"v{each.number}: {each.message}")
    if backfill.status == "queued":
        print("It is queued, and computed as soon as HelixWeb is served: `helixweb serve`.")
    else:
        done = sum(each.status == "done" for each in backfill.versions)
        took = "" if backfill.seconds is None else f" in {terminal.seconds_of(backfill.seconds)}"
        told = f"{backfill.status}: {done:,} of {len(backfill.versions):,} versions have it{took}. {backfill.message}"
        print(told.rstrip())
