"""The commands on a workflow's history: ``helixweb log``, ``diff``, ``show``, ``checkout``, ``metrics`` and ``import``.

They read and write the tables that the application has, whether it runs or not.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Sequence
from csv import writer as csv_writer
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helixweb import terminal
from workflows.errors import HelixError, nearest

if TYPE_CHECKING:
    from metrics.compared import ComparisonOut
    from metrics.schemas import BestOut, ScratchOut, TrendsOut, VersionListedOut, VersionOut
    from workflows.models import Workflow

SHOWN = 20  # versions of a log, unless said


class NoSuchWorkflow(HelixError):
    code = "workflow-not-found"


class NothingToCompare(HelixError):
    code = "nothing-to-compare"


def add_commands(commands: Any) -> None:
    """Add the commands to the command line's."""
    log = add_command(commands, "log", _log, "a workflow's versions, newest first")
    log.add_argument("-n", "--number", type=int, default=SHOWN, help=f"how many ({SHOWN} unless said)")
    log.add_argument("--find", metavar="TEXT", default="", help="those whose message, author, branch or tag has it")
    show = add_command(commands, "show", _show, "a version: what changed, its metrics, its text")
    show.add_argument(
        "version", metavar="VERSION", nargs="?", help="v12, an id or its beginning; else where one stands"
    )
    diff = add_command(commands, "diff", _diff, "what differs between two versions, or a version and the draft")
    diff.add_argument("before", metavar="VERSION", nargs="?", help="else the version that the draft stands on")
    diff.add_argument("after", metavar="VERSION", nargs="?", help="else the draft")
    diff.add_argument("--code", action="store_true", help="the texts, line by line")
    checkout = add_command(commands, "checkout", _checkout, "make a version's text the draft")
    checkout.add_argument("version", metavar="VERSION", help="v12, an id or its beginning, or a branch")
    add_command(commands, "metrics", _metrics, "what each version measured").add_argument(
        "--csv", action="store_true", help="print comma-separated values"
    )
    taken = commands.add_parser("import", help="make a workflow of a git repository's history")
    taken.add_argument("repository", metavar="REPOSITORY", help="a folder, an address, or a bundle")
    taken.add_argument("--name", help="of the workflow (else the repository's)")
    taken.add_argument("--file", metavar="PATH", help="the workflow's file in it (else workflow.py)")
    taken.add_argument("--json", action="store_true", help="print one JSON object")
    taken.set_defaults(command=_with_tables(_import))


def add_command(
    commands: Any, name: str, command: Callable[[argparse.Namespace], None], meaning: str
) -> argparse.ArgumentParser:
    """Add a command on one workflow of the application, with ``--json``."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=meaning)
    parser.add_argument("workflow", metavar="WORKFLOW", help="its name, or its id")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_with_tables(command))
    return parser


def _with_tables(command: Callable[[argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
        from helixweb import readiness
        from helixweb.realtime import publish

        publish.say_nothing()
        readiness.set_up()
        readiness.check_database()
        command(options)
        return 0

    return run


def _log(options: argparse.Namespace) -> None:
    from metrics import log

    workflow = named(options.workflow)
    found = log.page(workflow.id, limit=max(1, options.number), text=options.find)
    if options.json:
        print(terminal.as_json({"versions": [each.dict() for each in found]}))
        return
    outline = log.outline(workflow.id)
    _print_log(found, outline.head, log.best(workflow.id))
    left = len(outline.parents) - len(found)
    if left > 0 and not options.find:
        print(f"\nand {left:,} before them; --number says how many are listed")


def _show(options: argparse.Namespace) -> None:
    from metrics import log

    workflow = named(options.workflow)
    version = log.version_out(_version_id(workflow, options.version))
    if options.json:
        print(terminal.as_json(version.dict()))
    else:
        _print_version(version)


def _diff(options: argparse.Namespace) -> None:
    from metrics import comparing
    from metrics.compared import SideIn

    workflow = named(options.workflow)
    if options.before is None and not workflow.head:
        raise NothingToCompare("This workflow has no version yet: run it, and each run commits one.")
    before = SideIn(version=options.before or workflow.head)
    after = SideIn(text=workflow.text) if options.after is None else SideIn(version=options.after)
    found = comparing.compare_sides(workflow.id, before, after)
    if options.json:
        print(terminal.as_json(found.dict()))
    elif options.code:
        sides = [f"v{side.version.number}" if side.version else "draft" for side in (found.before, found.after)]
        texts = [side.text.splitlines() for side in (found.before, found.after)]
        for line in difflib.unified_diff(texts[0], texts[1], sides[0], sides[1], lineterm=""):
            print(terminal.coloured(line, {"+": "added", "-": "removed"}.get(line[:1], "")))
    else:
        _print_comparison(found)


def _checkout(options: argparse.Namespace) -> None:
    from helixweb.realtime.publish import settle
    from versions import services as versions
    from versions.models import Branch

    workflow = named(options.workflow)
    branch = Branch.objects.filter(workflow=workflow, name=options.version).first()
    version = branch.version_id if branch else _version_id(workflow, options.version)
    versions.checkout(workflow.id, version, branch.name if branch else None)
    settle()
    workflow.refresh_from_db()
    found = versions.get(version)
    if options.json:
        print(terminal.as_json({"version": found.id, "number": found.number, "branch": workflow.branch}))
    else:
        where = f"the branch {workflow.branch}" if workflow.branch else "no branch: what is run next begins one"
        print(f"The draft is v{found.number} ({found.message.splitlines()[0]}), on {where}.")


def _metrics(options: argparse.Namespace) -> None:
    from metrics import trends

    found = trends.trends(named(options.workflow).id)
    if options.json:
        print(terminal.as_json(found.dict()))
    else:
        _print_trends(found, csv=options.csv)


def _import(options: argparse.Namespace) -> None:
    from helixweb.realtime.publish import settle
    from versions import importing
    from versions.models import Version
    from versions.names import FILE

    place = Path(options.repository)
    name = options.name or place.name.removesuffix(".bundle").removesuffix(".git") or "Imported"
    path = options.file or FILE
    if place.is_file():
        with place.open("rb") as bundle:
            workflow = importing.from_bundle(bundle, name, path)
    else:
        workflow = importing.from_location(options.repository, name, path)
    settle()
    count = Version.objects.filter(workflow=workflow).count()
    if options.json:
        print(terminal.as_json({"workflow": workflow.id, "name": workflow.name, "versions": count}))
    else:
        print(f"{workflow.name} has {count:,} version{'s' if count > 1 else ''}; its id is {workflow.id}.")


def named(name: str) -> Workflow:
    """The workflow of that id or name. Raises NoSuchWorkflow where there is none, or several."""
    from workflows import services as workflows

    present = workflows.present()
    found = list(present.filter(id=name) or present.filter(name=name) or present.filter(name__iexact=name))
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.id for each in found)
        raise NoSuchWorkflow(f"Several workflows are called {name}: name one by its id ({ids}).")
    names = list(present.values_list("name", flat=True))
    near = nearest(name, names)
    listed = f" Did you mean `{near}`?" if near else f" There are: {', '.join(sorted(names)[:10])}." if names else ""
    raise NoSuchWorkflow(f"There is no workflow `{name}`.{listed}")


def _version_id(workflow: Workflow, name: str | None) -> str:
    from metrics import comparing

    if name is None and not workflow.head:
        raise NothingToCompare("This workflow has no version yet: run it, and each run commits one.")
    return comparing.version_named(workflow.id, name or workflow.head).id


def _print_log(found: Sequence[VersionListedOut], head: int | None, best: Sequence[BestOut]) -> None:
    """One line a version: where the draft stands is marked, and so is what is best."""
    stars: dict[int, list[str]] = {}
    for each in best:
        stars.setdefault(each.number, []).append(f"best {each.metric}")
    rows = []
    for version in found:
        names = [*version.branches, *version.tags, *stars.get(version.number, ())]
        message = version.message.splitlines()[0] + (f" ({', '.join(names)})" if names else "")
        run = next((run for run in reversed(version.runs) if not run.partial), None)
        rows.append(
            (
                f"{'*' if version.number == head else ' '} v{version.number}",
                version.id[:8],
                message,
                _in_words(version),
                "never run" if run is None else run.status if run.seconds is None else terminal.seconds_of(run.seconds),
                _scratch(version.scratch),
                f"{version.created_at.astimezone():%Y-%m-%d %H:%M}",
            )
        )
    if rows:
        terminal.print_table(
            ("version", "id", "what changed", "metrics", "run", "from scratch", "when"), rows, right={4, 5}
        )
    else:
        print("No version is found: each run commits one.")


def _scratch(known: ScratchOut | None) -> str:
    """What computing everything takes; an estimate is marked as one."""
    return "" if known is None else f"{'' if known.measured else '≈ '}{terminal.seconds_of(known.seconds)}"


def _print_version(version: VersionOut) -> None:
    names = [*version.branches, *version.tags]
    print(terminal.coloured(f"v{version.number} {version.id}", "bold") + (f" ({', '.join(names)})" if names else ""))
    print(f"{version.author}, {version.created_at.astimezone():%Y-%m-%d %H:%M:%S}")
    print(f"\n    {version.message.replace(chr(10), chr(10) + '    ')}\n")
    if version.metrics:
        print(f"{_in_words(version)}\n")
    print(version.text, end="" if version.text.endswith("\n") else "\n")


def _print_comparison(found: ComparisonOut) -> None:
    """What differs node by node, then the metrics that do."""
    for side, letter in ((found.before, "-"), (found.after, "+")):
        for error in side.errors:
            print(f"{letter} line {error.line}: {error.message}")
    nodes = [node for node in found.dag.nodes if node.differences] if found.dag else []
    for node in nodes:
        if node.before is None or node.after is None:
            print(
                terminal.coloured(f"+ {node.id}", "added")
                if node.after
                else terminal.coloured(f"− {node.id}", "removed")
            )
            continue
        renamed = f"{node.before.name} renamed " if node.before.name != node.after.name else ""
        told = "; ".join(dict.fromkeys(change.text.replace("`", "") for change in node.changes))
        print(f"  {renamed}{node.after.name}" + (f": {told}" if told else ""))
    if found.dag and not nodes:
        print("No node differs.")
    rows = [
        (metric.name, *(_number(value) for value in (metric.before, metric.after)), _delta(metric.before, metric.after))
        for metric in found.metrics
        if metric.before != metric.after
    ]
    if rows and found.before.version and found.after.version:  # a draft has measured nothing
        print()
        terminal.print_table(("metric", "before", "after", "change"), rows, right={1, 2, 3})


def _print_trends(found: TrendsOut, *, csv: bool) -> None:
    """A line a version; what was computed after its run is marked, with when as CSV."""
    names = [trend.name for trend in found.metrics]
    rows = list(zip(found.versions.number, *(trend.values for trend in found.metrics), strict=True))
    if csv:
        later = [trend for trend in found.metrics if trend.later]
        heads = ("version", *names, *(f"{trend.name} computed later" for trend in later))
        cells = (
            (
                f"v{number}",
                *("" if value is None else value for value in values),
                *(_day(trend.later.get(place)) for trend in later),
            )
            for place, (number, *values) in enumerate(rows)
        )
        csv_writer(sys.stdout).writerows([heads, *cells])
    elif not names:
        print("No version has a metric yet.")
    else:
        short = [
            (
                f"v{number}",
                *(
                    "" if value is None else _number(value) + (" later" if place in trend.later else "")
                    for value, trend in zip(values, found.metrics, strict=True)
                ),
            )
            for place, (number, *values) in enumerate(rows)
        ]
        terminal.print_table(("version", *names), short, right=range(1, len(names) + 1))


def _day(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _in_words(version: VersionListedOut) -> str:
    return ", ".join(
        f"{name} {_number(value)}{' (computed later)' if name in version.later else ''}"
        for name, value in version.metrics.items()
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def _delta(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else f"{after - before:+.6g}"
