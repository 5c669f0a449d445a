"""Peak memory of versions of a workflow, computed as a whole by the command line."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.schedules import versions
from benchmarks.workflows import finished

FACTOR, ALLOWED = 1.1, 100.0  # of what the same calls take by hand, and MB more: what the engine may take


def peaks(workload: str, numbers: Sequence[int], data: Path) -> list[float]:
    """MB of the largest process of a run that computes and keeps everything, for each numbered version (from 1)."""
    found = []
    helixweb = str(Path(sys.executable).with_name("helixweb"))
    for number in numbers:
        with tempfile.TemporaryDirectory(prefix="memory-") as folder:
            text = Path(folder) / f"{workload}.py"
            text.write_text(versions(workload)[number - 1].text)
            options = ["--json", "--policy", "all", "--store", f"{folder}/store", "--data", str(data)]
            _, _, peak = finished([helixweb, "run", str(text), *options], os.environ)
        found.append(peak)
    return found


def allowed(by_hand: float) -> float:
    """MB that the engine may take where the same calls by hand take so many."""
    return FACTOR * by_hand + ALLOWED
