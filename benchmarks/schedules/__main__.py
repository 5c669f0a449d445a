"""Measures every policy on the four schedules beside the oracle: ``python -m benchmarks.schedules``.

Each repetition goes through all ways in turns, so that what else the machine does falls on all of them alike; each way
starts from an empty store. What the versions want is the same, exactly, in every way. Tables on standard output, and
all of it in ``benchmarks/results/schedules.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.schedules import EDITS, engine, versions
from benchmarks.schedules.engine import Iteration
from tests.data import data_folder
from workflows.execution.warmserver import WarmServer, clean_environment
from workflows.optimizer.materialize import POLICIES, Policy

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "schedules.json"
ORACLE = "oracle"
COMPARED = tuple(policy for policy in POLICIES if policy != "outputs")  # which is how loads are audited
LEAN, HALF = ("mentions", "digits"), 0.5  # where ``adaptive`` is to store at most this share of what ``all`` does
FACTOR, ALLOWED = 1.10, 0.050  # of the oracle's seconds, and seconds an iteration more: what the engine may take

Runs = Mapping[str, Sequence[Sequence[Iteration]]]
"""Way → repetitions → versions."""


def main() -> int:
    options = arguments()
    data = data_folder()
    told: dict[str, Any] = {"cores": os.cpu_count(), "load": [os.getloadavg()[0]], "repetitions": options.reps}
    held = True
    with WarmServer() as warm:
        for workflow in options.workloads:
            runs = measured(workflow, options.policies, options.reps, data, warm)
            held &= report(workflow, runs)
            told[workflow] = {way: [[one.told() for one in repetition] for repetition in runs[way]] for way in runs}
    told["load"].append(os.getloadavg()[0])
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(told, indent=1) + "\n")
    return 0 if held else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.schedules", description=__doc__)
    parser.add_argument("--workloads", nargs="+", choices=[*EDITS], default=[*EDITS], help="all unless given")
    parser.add_argument("--policies", nargs="+", choices=COMPARED, default=[*COMPARED], help="all unless given")
    parser.add_argument("--reps", type=int, default=5, help="repetitions; medians are told")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the JSON")
    return parser.parse_args()


def measured(workflow: str, policies: Sequence[Policy], repetitions: int, data: Path, warm: WarmServer) -> Runs:
    texts = versions(workflow)
    ways: list[Policy | None] = [*policies, None]  # None is the oracle
    runs: dict[str, list[list[Iteration]]] = defaultdict(list)
    for repetition in range(repetitions):
        for place in range(len(ways)):
            way = ways[(place + repetition) % len(ways)]
            if way is None:
                found = oracle(workflow, data)
            else:
                with tempfile.TemporaryDirectory(prefix="schedule-") as folder:
                    found = list(engine.iterations(workflow, texts, data, Path(folder), warm, way))
            name = way or ORACLE
            runs[name].append(found)
            total = sum(one.seconds for one in found)
            print(
                f"{time.strftime('%H:%M:%S')}  {workflow}  {repetition + 1}  {name:9} {total:7.2f} s", file=sys.stderr
            )
            check_same(workflow, name, found, next(iter(runs.values()))[0])
    return runs


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


def oracle(workflow: str, data: Path) -> list[Iteration]:
    command = [sys.executable, "-m", "benchmarks.schedules.oracle", workflow, str(data)]
    lines = subprocess.check_output(command, env=clean_environment(), cwd=ROOT, text=True).splitlines()
    return [Iteration(one["seconds"], one["seconds"], one["seconds"], one["outputs"]) for one in map(json.loads, lines)]


def check_same(workflow: str, way: str, found: Sequence[Iteration], first: Sequence[Iteration]) -> None:
    for number, (one, other) in enumerate(zip(found, first, strict=True), 1):
        mine, theirs = (json.dumps(iteration.outputs, sort_keys=True) for iteration in (one, other))
        assert mine == theirs, f"{workflow}, version {number}, {way}: {mine} where it was {theirs}"


def medians(repetitions: Sequence[Sequence[Iteration]]) -> list[float]:
    """Of each version's engine seconds."""
    return [statistics.median(one.seconds for one in same) for same in zip(*repetitions, strict=True)]


def total(repetitions: Sequence[Sequence[Iteration]]) -> float:
    """The median of the seconds of all versions together."""
    return statistics.median(sum(one.seconds for one in repetition) for repetition in repetitions)


def report(workflow: str, runs: Runs) -> bool:
    """Print the tables of a workflow. Whether every policy but ``none`` is as near to the oracle as it must be."""
    ways = list(runs)
    by_version = {way: medians(runs[way]) for way in ways}
    print(f"\n{workflow}: engine seconds, medians of {len(runs[ways[0]])}")
    print(f"{'':42}" + "".join(f"{way:>10}" for way in ways))
    for number, version in enumerate(versions(workflow)):
        row = "".join(f"{by_version[way][number]:10.3f}" for way in ways)
        print(f"{number + 1:2} {version.kind:3} {version.what:36}{row}")
    totals = {way: total(runs[way]) for way in ways}
    stored = {way: statistics.median(repetition[-1].stored for repetition in runs[way]) / 1e6 for way in ways}
    bound = FACTOR * totals[ORACLE] + ALLOWED * len(by_version[ORACLE])
    table = {
        "all ten": [f"{totals[way]:.2f}" for way in ways],
        "of the oracle": [f"{totals[way] / totals[ORACLE]:.2f}" for way in ways],
        "MB stored": [f"{stored[way]:.1f}" for way in ways],
    }
    if "none" in totals:
        table["times as fast as none"] = [f"{totals['none'] / totals[way]:.2f}" for way in ways]
    for what, cells in table.items():
        print(f"       {what:36}" + "".join(f"{cell:>10}" for cell in cells))
    lean = (
        workflow not in LEAN or not {"adaptive", "all"} <= stored.keys() or stored["adaptive"] <= HALF * stored["all"]
    )
    if not lean:
        print(f"       MISSED: adaptive stores at most {HALF} of what all does")
    late = [way for way in ways if way != "none" and totals[way] > bound]
    verdict = f"MISSED by {', '.join(late)}" if late else "held"
    print(f"       ≤ {FACTOR:.2f} × oracle + {ALLOWED * 1000:.0f} ms an iteration = {bound:.2f}: {verdict}", flush=True)
    return lean and not late


if __name__ == "__main__":
    sys.exit(main())
