"""Measures the four example workflows on their full data, each beside the same work by hand, one after the other.

By hand is ``plain_NAME.py``: a script that calls pandas and scikit-learn. A workflow runs by the command line, from an
empty store and then unchanged. Seconds are those after imports, as the script and the command report them; processor
seconds and peak memory (of the largest process) are the whole process tree's, imports included, as the kernel counts
them. Each figure is the least of several repeats, as what else the machine does only adds to it. The table is printed,
and written to ``benchmarks/results/workflows.json`` with the machine's load before and after (processes that want a
core: beside other work, seconds tell little). Arguments name the workflows to measure; all when there are none.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.data import data_folder

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "workflows.json"
WORKFLOWS = ("census", "mentions", "digits", "topics")
REPEATS = int(os.environ.get("REPEATS", "3"))
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Figure:
    """What one way of doing a workflow's work took."""

    seconds: float
    processor_seconds: float
    peak_megabytes: float

    def least(self, other: Figure) -> Figure:
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return Figure(*(min(pair) for pair in pairs))


def main(names: Sequence[str]) -> int:
    data = data_folder()
    found: dict[str, Any] = {}
    load = [os.getloadavg()[0]]
    print(f"{'':10} {'':12} {'seconds':>10} {'processor':>10} {'peak MB':>9}   ratio to by hand: seconds, peak")
    for name in names or WORKFLOWS:
        ways = measured(name, data)
        by_hand = ways["by hand"]
        for way, figure in ways.items():
            ratios = f"{figure.seconds / by_hand.seconds:.2f}, {figure.peak_megabytes / by_hand.peak_megabytes:.2f}"
            print(
                f"{name:10} {way:12} {figure.seconds:10.3f} {figure.processor_seconds:10.2f} "
                f"{figure.peak_megabytes:9.0f}   {ratios}",
                flush=True,
            )
        found[name] = {way: asdict(figure) for way, figure in ways.items()}
    if not names:
        load.append(os.getloadavg()[0])
        told = {"cores": os.cpu_count(), "load": load, "repeats": REPEATS, "workflows": found}
        RESULTS.write_text(json.dumps(told, indent=2) + "\n")
    return 0


def measured(name: str, data: Path) -> dict[str, Figure]:
    """The workflow by hand, from an empty store and unchanged, in turns."""
    ways: dict[str, Figure] = {}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as store:
            turn = {"by hand": by_hand(name, data), "empty store": run(name, data, store)}
            turn["unchanged"] = run(name, data, store)
        ways = {way: figure.least(ways.get(way, figure)) for way, figure in turn.items()}
    return ways


def by_hand(name: str, data: Path) -> Figure:
    command = [sys.executable, str(ROOT / "benchmarks" / f"plain_{name}.py"), str(data)]
    answer, processor, peak = finished(command, os.environ | ONE_THREAD)
    return Figure(float(answer.split()[0]), processor, peak)


def run(name: str, data: Path, store: str) -> Figure:
    helixweb = Path(sys.executable).with_name("helixweb")
    command = [str(helixweb), "run", str(ROOT / "examples" / f"{name}.py"), "--json", "--store", store]
    answer, processor, peak = finished([*command, "--data", str(data)], os.environ)
    told = json.loads(answer)
    assert told["status"] == "succeeded", told
    return Figure(float(told["seconds"]), processor, peak)


def finished(command: Sequence[str], environment: Any) -> tuple[str, float, float]:
    """What a command prints, its processor seconds, and its peak memory in MB, with all that it started."""
    with tempfile.TemporaryFile() as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        process = os.posix_spawn(command[0], list(command), environment, file_actions=actions)
        _, status, usage = os.wait4(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0, command
        output.seek(0)
        return output.read().decode(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
