"""Measures interaction snapshots: ``python -m benchmarks.exploring`` (14 minutes; ``--quick``: four).

``worker``: a histogram in the explorer's own process, against DuckDB asked directly and NumPy. ``application``: from a
question, of which nothing is stored, to its figure on the socket; beside a training run; and ten people at once.
``drags``: in Chromium, what a drag takes to respond, and a histogram from the release to its picture. ``task``: there,
twenty interactions on our page, on one that blocks and on one that is updated in place, with answers that come late.

Without a name all four. The table is also written to ``benchmarks/results/exploring.json``. Exit status 1 where a
bound is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.exploring import Measured, application, browser, worker

RESULTS = Path(__file__).resolve().parent.parent / "results" / "exploring.json"
PARTS: dict[str, Callable[..., list[Measured]]] = {
    "worker": worker.measure,
    "application": application.measure,
    "drags": browser.measure_drags,
    "task": browser.measure_task,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exploring", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; none for all")
    parser.add_argument("--quick", action="store_true", help="without 10 M rows, and with two latencies")
    options = parser.parse_args()
    if not set(options.parts) <= PARTS.keys():
        parser.error(f"parts are {', '.join(PARTS)}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    missed = 0
    for part in options.parts or PARTS:
        load = os.getloadavg()[0]
        figures = PARTS[part](quick=options.quick)
        missed += sum(not each.held for each in figures)
        print("\n".join([part, *(each.line() for each in figures)]), flush=True)
        results[part] = {
            "cores": len(os.sched_getaffinity(0)),
            "load": load,
            "quick": options.quick,
            "measured": [asdict(each) | {"held": each.held} for each in figures],
        }
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
