"""Measures a backfill against running again: ``python -m benchmarks.backfilling``.

A metric that none of 20 versions of Census has is computed for all of them, with their predictions stored, through the
application's own code from the request to the last row: planned, run in a warm process, written as metric points.
Beside it, in the same go, the same 20 versions with the metric in their text are run again without reuse, as the
application runs them: planned, run in the same warm process. Versions differ in the regularisation of the model.

Seconds on the clock, the median of three rounds, each with another metric. Of the runs no rows are written, so
running again is quicker here than in the application. The table is printed, and written to
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results" / "backfilling.json"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "census.py"
VERSIONS = 20
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
    from workflows import services as workflows

    with warm_server:
        workflow = workflows.create("census", "census").id
        base = EXAMPLE.read_text()
        texts = [text_of(base, place) for place in range(1, count + 1)]
        for text in texts:
            ran(workflow, text, policy="all")
        found = [one_round(workflow, base, texts, *each) for each in METRICS]
    workflows.store().close()
    return found


def text_of(base: str, place: int) -> str:
    """The example with another regularisation."""
    edited = base.replace("C=1.0", f"C={place / 100}")
    assert edited != base, "the example has no C=1.0 any more"
    return edited


def with_metric(text: str, name: str, metric: str) -> str:
    """The text with one more metric, which it wants too."""
    lines = text.splitlines(keepends=True)
    at = max(place for place, line in enumerate(lines) if line.startswith("Output("))
    wanted = lines[at].replace("Output(", f"Output({name}, ", 1)
    return "".join([*lines[:at], f"{name} = {metric}\n", wanted, *lines[at + 1 :]])


def one_round(workflow: str, base: str, texts: Sequence[str], name: str, metric: str) -> Round:
    from helixweb.jobs import backfilling
    from metrics import backfills
    from metrics.models import Backfill, BackfilledVersion

    donor = with_metric(base, name, metric)
    began = time.perf_counter()
    planned, _ = backfilling.estimate(workflow, donor, [name], None)
    asked = time.perf_counter() - began
    assert not planned.refused, planned.refused
    together = planned.plan.together
    assert together is not None
    assert together.plan is not None
    loaded = sum(node.action == "load" for each, node in together.plan.nodes.items() if each.endswith(".predictions"))
    settled()
    began = time.perf_counter()
    made = backfills.queue(workflow, donor, {name: metric.partition("(")[0]}, planned.versions)
    backfilling.run_backfill(made.id)
    backfill = time.perf_counter() - began
    done = BackfilledVersion.objects.filter(backfill=made.id, status="done").count()
    assert done == len(texts), Backfill.objects.get(id=made.id).message
    again = 0.0
    for text in texts:
        settled()
        began = time.perf_counter()
        ran(workflow, with_metric(text, name, metric), policy="none", reuse=False, commit=False)
        again += time.perf_counter() - began
    return Round(asked, backfill, again, planned.plan.estimate, loaded, os.getloadavg()[0])


def settled() -> None:
    """Wait until a run process is on standby again, as it is where somebody reads what a run gave."""
    time.sleep(0.3)


class Nobody:
    """A sink for events that are not looked at."""

    def emit(self, events: Sequence[Any]) -> None:
        pass


def ran(workflow: str, text: str, *, policy: str, reuse: bool = True, commit: bool = True) -> None:
    """Run a text in the warm process, as a worker does; with ``commit`` as a version with its metrics."""
    import secrets

    from django.conf import settings

    from helixweb.jobs.warm import warm_server
    from metrics import services as runs
    from metrics.recorder import Recorder
    from versions import services as versions
    from workflows import services as workflows
    from workflows.events import RunFinished
    from workflows.execution import runner

    options: dict[str, Any] = {"reuse": reuse, "force": (), "policy": policy}
    prepared = workflows.prepare(workflow, text, **options)  # type: ignore[arg-type]
    places: dict[str, Any] = {
        "store": workflows.store(),
        "data_root": settings.DATA_ROOT,
        "limits": settings.LIMITS,
        "isolation": settings.ISOLATION,
        "warm": warm_server,
    }
    if not commit:
        result = runner.run(prepared, sink=Nobody(), **places)
        assert result.status == "succeeded", result.error
        return
    version = versions.commit(workflows.get(workflow), workflows.identify(text, ()))
    queued = runs.queue(version, reuse=reuse, force=())
    run = runs.claim(queued.id, owner=secrets.token_hex(16))
    assert run is not None

    class Rows:
        """Writes what the run tells, but for its end."""

        def __init__(self) -> None:
            self._recorder = Recorder(run)

        def emit(self, events: Sequence[Any]) -> None:
            told = [event for event in events if not isinstance(event, RunFinished)]
            if told:
                self._recorder.write(told)

    result = runner.run(prepared, sink=Rows(), **places)
    assert result.status == "succeeded", result.error
    runs.finish(run.id, run.lease_owner, "succeeded", seconds=result.seconds, message="")


if __name__ == "__main__":
    sys.exit(main())
