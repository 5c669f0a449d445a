"""Measures what reads a long history: ``python -m benchmarks.histories``.

A workflow with 10,000 versions on two branches, each with a whole run that measured ten numbers (two metrics, and eight
slices of a third), in a database in a file of its own, beside a second workflow with as many. Each answer is asked for
as the page does, through the whole of the API in this process; then the pages are opened in Chromium, on the running
application. The least and the median of several.

The table is printed, and written to ``benchmarks/results/histories.json`` with the machine's load.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.histories_browser import shown

RESULTS = Path(__file__).resolve().parent / "results" / "histories.json"
SIZE = 10_000
SLICES = ("Male", "Female", "18-25", "26-35", "36-45", "46-55", "56-65", "66+")
FORK = 7_000  # from there on every fourth version is on the second branch
BOUNDS = {  # seconds
    **dict.fromkeys(("trends", "outline", "log", "log in the middle", "log, from another tab"), 0.5),
    "trend, from another tab": 1.0,
    "frame of scrolling": 0.033,
}
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Figure:
    """Seconds until the whole answer is there, and how large it is; or until it is painted."""

    answer: str
    least: float
    median: float
    bound: float | None
    bytes: int | None = None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.histories", description=__doc__)
    parser.add_argument("--versions", type=int, default=SIZE)
    parser.add_argument("--reps", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="histories-") as folder:
        home = Path(folder) / "var"
        opened(home)
        workflow = [made(name, options.versions) for name in ("another", "census")][-1]
        at, middle = f"/api/workflows/{workflow}", options.versions // 2
        addresses = {
            "trends": f"{at}/trends",
            "outline": f"{at}/outline",
            "log": f"{at}/versions",
            "log in the middle": f"{at}/versions?before={middle}",
            "best": f"{at}/best",
            "search": f"{at}/versions?text=feature_{middle}",
        }
        figures = [measured(name, address, options.reps) for name, address in addresses.items()]
        for name, times in shown(home, workflow, options.versions, options.reps).items():
            figures.append(Figure(name, min(times), statistics.median(times), BOUNDS.get(name)))
    print(f"{f'{options.versions:,} versions':24} {'least':>8} {'median':>8} {'size':>9}")
    for figure in figures:
        missed = figure.bound is not None and figure.median > figure.bound
        size = "" if figure.bytes is None else f"{figure.bytes / 1e6:6.2f} MB"
        print(f"{figure.answer:24} {figure.least:6.3f} s {figure.median:6.3f} s {size:9}{'  MISSED' if missed else ''}")
    told = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "versions": options.versions}
    found = {**told, "repetitions": options.reps, "figures": [asdict(figure) for figure in figures]}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if any(figure.bound is not None and figure.median > figure.bound for figure in figures) else 0


def opened(home: Path) -> None:
    """Have Django use a fresh database below the folder."""
    home.mkdir(mode=0o700)
    os.environ.update(HELIX_HOME=str(home), DJANGO_SETTINGS_MODULE="helixweb.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def made(name: str, size: int) -> str:
    """A workflow with ``size`` versions and what they measured; its id."""
    from django.db import transaction

    from metrics.models import MetricPoint, NodeRun, Run
    from versions.models import Branch, Version
    from workflows.models import Workflow

    draw = random.Random(name)
    with transaction.atomic():
        workflow = Workflow.objects.create(name=name, updated_at=BEGAN)
        versions = history_of(workflow, size)
        Version.objects.bulk_create(versions)
        side = versions[FORK::4]
        tips = {"main": versions[-1] if versions[-1] not in side else versions[-2], "ideas": (side or versions)[-1]}
        Branch.objects.bulk_create(Branch(workflow=workflow, name=each, version=tip) for each, tip in tips.items())
        runs = [
            Run(
                workflow=workflow,
                version=version,
                status="succeeded",
                queued_at=version.created_at,
                seconds=draw.lognormvariate(0.0, 1.0),
            )
            for version in versions
        ]
        Run.objects.bulk_create(runs)
        nodes = (("accuracy", "Accuracy"), ("loss", "LogLoss"), ("by_group", "Accuracy"))
        NodeRun.objects.bulk_create(
            NodeRun(run=run, name=node, place=place, operator=operator, action="compute", stale=True, estimate=0.1)
            for run in runs
            for place, (node, operator) in enumerate(nodes)
        )
        MetricPoint.objects.bulk_create(
            MetricPoint(run=run, node=node, name=metric, value=value)
            for place, run in enumerate(runs)
            for node, metric, value in values_of(place / size, draw)
        )
    return str(workflow.id)


def history_of(workflow: Any, size: int) -> list[Any]:
    """Versions, a minute apart: each follows the one before on its branch."""
    from versions.models import Version

    versions: list[Version] = []
    tips: dict[bool, Version | None] = {False: None, True: None}
    for place in range(size):
        aside = place >= FORK and (place - FORK) % 4 == 0
        parent = tips[aside] or tips[False]
        number = place + 1
        tips[aside] = Version(
            id=f"{hash((workflow.id, number)) & (1 << 160) - 1:040x}",
            workflow=workflow,
            number=number,
            tree=f"{number:040x}",
            message=f"model: C {number / 100} → {(number + 1) / 100}; + feature_{number}",
            author="ada",
            created_at=BEGAN + timedelta(minutes=number),
            parent=parent,
        )
        versions.append(tips[aside])
    return versions


def values_of(progress: float, draw: random.Random) -> list[tuple[str, str, float]]:
    """Nodes, names and values of a run's metrics, which get better as the work goes on."""
    accuracy = 0.7 + 0.2 * progress + draw.gauss(0, 0.01)
    slices = [("by_group", f"by_group.{name}", accuracy + draw.gauss(0, 0.03)) for name in SLICES]
    return [("accuracy", "accuracy", accuracy), ("loss", "loss", 1 - accuracy), *slices]


def measured(name: str, address: str, repetitions: int) -> Figure:
    """Ask for an address again and again, once before it counts."""
    from django.test import Client

    from helixweb import auth

    client = Client(headers={"host": "127.0.0.1:8000"})
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    times = []
    for _ in range(repetitions + 1):
        began = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.content
    return Figure(name, min(times[1:]), statistics.median(times[1:]), BOUNDS.get(name), len(answer.content))


if __name__ == "__main__":
    sys.exit(main())
