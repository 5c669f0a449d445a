"""Measures a backfill against running again: ``python -m benchmarks.backfilling``.

A metric that none of 20 versions of Census has is computed for all of them, with their predictions stored. In the same
go the same versions are run again without reuse. Either by what a worker does once it is told of it: from the claim of
the row over the plan and the warm run process to the last row. Versions differ in the regularisation of the model; they
are run again without the new metric, so that running again is quicker here than it would be.

Seconds on the clock, the median of three rounds, each with another metric. The table is printed, and written to
``benchmarks/results/backfilling.json`` with the machine's load. Exit status 1 where the ratio is above its bound.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrics.models import Run

RESULTS = Path(__file__).resolve().parent / "results" / "backfilling.json"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "census.py"
VERSIONS = 20
STANDBY = 0.3  # seconds in which it gets ready
BOUND = 0.05  # of the time that running again takes
METRICS = (  # a round each, since what one has computed is stored
    ("f1", 'F1(predictions, average="macro")'),
    ("f1_weighted", 'F1(predictions, average="weighted")'),
    ("recall", 'Recall(predictions, average="macro")'),
)


@dataclass(frozen=True)
class Round:
    """Seconds of one round. ``estimate`` was told before; ``loaded`` counts predictions that were loaded."""

    asked: float
    backfill: float
    again: float
    estimate: float
    loaded: int
    load: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfilling", description=__doc__)
    parser.add_argument("--versions", type=int, default=VERSIONS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backfilling-") as home:
        rounds = measured(Path(home), options.versions)
    ratio = statistics.median(each.backfill / each.again for each in rounds)
    print(f"{'':>8} {'estimate asked':>15} {'estimated':>10} {'backfill':>9} {'again':>9} {'ratio':>7}")
    for number, each in enumerate(rounds, 1):
        times = f"{each.asked:13.3f} s {each.estimate:8.3f} s {each.backfill:7.3f} s {each.again:7.2f} s"
        print(f"round {number:>2} {times} {each.backfill / each.again:7.2%}")
    missed = ratio > BOUND
    print(f"median: {ratio:.2%} of running {options.versions} versions again{'  MISSED' if missed else ''}")
    told = {"cores": os.cpu_count(), "versions": options.versions, "bound": BOUND, "ratio": ratio}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**told, "rounds": [asdict(each) for each in rounds]}, indent=2) + "\n")
    return 1 if missed else 0


def measured(home: Path, count: int) -> list[Round]:
    from tests.data import data_folder

    os.environ.update(HELIX_HOME=str(home), HELIX_DATA=str(data_folder()), DJANGO_SETTINGS_MODULE="helixweb.settings")
    os.environ.pop("HELIX_DATABASE", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from helixweb.jobs.warm import warm_server
    from metrics import services as runs
    from versions import services as versions
    from workflows import services as workflows

    with warm_server:
        workflow = workflows.create("census", "census")
        for place in range(1, count + 1):
            version = versions.commit(workflow, workflows.identify(text_of(place), ()))
            ran(runs.queue(version, reuse=True, force=(), policy="all"))
        found = [one_round(workflow.id, *each) for each in METRICS]
    workflows.store().close()
    return found


def text_of(place: int) -> str:
    """The example with another regularisation."""
    text = EXAMPLE.read_text()
    edited = text.replace("C=1.0", f"C={place / 100}")
    assert edited != text, "the example has no C=1.0 any more"
    return edited


def with_metric(text: str, name: str, metric: str) -> str:
    """The text with one more metric."""
    return f"{text}\n{name} = {metric}\n"


def one_round(workflow: str, name: str, metric: str) -> Round:
    from helixweb.jobs import backfilling
    from metrics import backfills
    from metrics import services as runs
    from metrics.models import BackfilledVersion

    donor = with_metric(EXAMPLE.read_text(), name, metric)
    began = time.perf_counter()
    planned, _ = backfilling.estimate(workflow, donor, [name], None)
    asked = time.perf_counter() - began
    assert not planned.refused, planned.refused
    together = planned.plan.together
    assert together is not None
    assert together.plan is not None
    loaded = sum(node.action == "load" for each, node in together.plan.nodes.items() if each.endswith(".predictions"))
    made = backfills.queue(workflow, donor, {name: metric.partition("(")[0]}, planned.versions)
    backfill = timed(lambda: backfilling.run_backfill(made.id))
    done = BackfilledVersion.objects.filter(backfill=made.id, status="done").count()
    assert done == len(planned.versions), backfills.get(made.id).message
    again = sum(ran(runs.queue(version, reuse=False, force=())) for version in planned.versions)
    return Round(asked, backfill, again, planned.plan.estimate, loaded, os.getloadavg()[0])


def ran(run: Run) -> float:
    """The seconds that a queued run took."""
    from helixweb.jobs.tasks import run_workflow

    taken = timed(lambda: run_workflow(run.id))
    run.refresh_from_db()
    assert run.status == "succeeded", run.message
    return taken


def timed(work: Callable[[], object]) -> float:
    """The seconds that it takes where a run process is on standby, as it is while somebody reads what a run gave."""
    time.sleep(STANDBY)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
