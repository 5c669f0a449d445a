"""Does a run compute the very nodes that an edit demands? ``python -m benchmarks.probe``.

Fifteen edits of a chain of five functions with a helper, a constant and a module in ``lib/``. For each: an empty store,
a run, the edit, a run in a fresh process. A *false hit* is a result other than that of a run without reuse; *needless*
is a node that was computed though its result was known. The table is printed, and written to
``benchmarks/results/probe.json``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results" / "probe.json"
OUTPUT = "m_out"

# Functions sleep, so that loading is cheaper than computing: what is computed is then what could not be loaded.
TEXT = '''\
"""Probe."""
import time

import numpy as np
import pandas as pd

import other

FACTOR = 3


def _half(values):
    time.sleep(0.02)
    return values / 2


def read(file):
    time.sleep(0.02)
    return pd.DataFrame({"v": np.array([float(line) for line in file])})


def halved(batch):
    return pd.DataFrame({"v": _half(batch["v"])})


def more(batch):
    time.sleep(0.02)
    return pd.DataFrame({"v": other.plus(batch["v"] * FACTOR)})


def total(rows):
    time.sleep(0.02)
    return float(rows["v"].sum())


def next_one(value):
    time.sleep(0.02)
    return value + 1


data = FileSource("in.txt")
raw = Scanner(data, read)
a = Map(raw, halved, each="split")
b = Map(a, more, each="split")
c = Reducer(b, total)
m_out = Reducer(c, next_one)
Output(m_out)
'''
OTHER = "def plus(values):\n    return values + 1\n"
DATA = "1\n2\n3\n"


@dataclass(frozen=True)
class State:
    """A workspace: the text, the module in ``lib/``, the file of data, and whether its time stamps are kept."""

    text: str = TEXT
    other: str = OTHER
    data: str | None = None  # None: the file is not touched
    keep_times: bool = False

    def write(self, folder: Path) -> None:
        """Makes the workspace so."""
        (folder / "lib").mkdir(exist_ok=True)
        (folder / "probe.py").write_text(self.text)
        (folder / "lib" / "other.py").write_text(self.other)
        file = folder / "in.txt"
        if self.data is None and file.exists():
            return
        times = file.stat() if self.keep_times else None
        file.write_text(DATA if self.data is None else self.data)
        if times is not None:
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@dataclass(frozen=True)
class Case:
    """An edit. ``stale``: the nodes whose results it leaves unknown; ``executed``: those that a run must compute, fewer
    where a result turns out to be the same. ``between`` is run before the edit."""

    state: State
    stale: frozenset[str] = frozenset()
    executed: frozenset[str] = frozenset()
    between: State | None = None


def _edited(old: str, new: str) -> State:
    assert old in TEXT
    return State(TEXT.replace(old, new))


def _follows(*nodes: str) -> dict[str, Any]:
    return {"stale": frozenset(nodes), "executed": frozenset(nodes)}


_CALL = '    return pd.DataFrame({"v": _half(batch["v"])})\n'
_RENAMED = TEXT.replace("a = Map(raw", "a_new = Map(raw").replace("b = Map(a,", "b = Map(a_new,")
_OTHERWISE = TEXT.replace("values / 2", "values / 2 + 5").replace("* FACTOR", "* FACTOR - 7")

CASES = {
    "0 nothing changes": Case(State()),
    "i-a comment inside a node": Case(_edited(_CALL, f"    # halve\n{_CALL}")),
    "i-b blank line inside a node": Case(_edited(_CALL, f"\n{_CALL}")),
    "i-c expression reformatted in a node": Case(_edited('_half(batch["v"])', "_half( batch['v'] )")),
    "i-d docstring added to a node": Case(_edited(_CALL, f'    """Halve."""\n{_CALL}')),
    "i-e comment line above a node (lines shift)": Case(_edited("def halved", "# about a\n\n\ndef halved")),
    "ii-a helper in the same file changes": Case(
        _edited("values / 2", "values / 4"), **_follows("a", "b", "c", OUTPUT)
    ),
    "ii-b helper in an imported own module changes": Case(
        State(other=OTHER.replace("+ 1", "+ 2")), **_follows("b", "c", OUTPUT)
    ),
    "iii module constant changes": Case(_edited("FACTOR = 3", "FACTOR = 4"), **_follows("b", "c", OUTPUT)),
    "iv-a file content changes, same path": Case(State(data="1\n2\n40\n"), **_follows("raw", "a", "b", "c", OUTPUT)),
    "iv-b file content changes, same size and mtime": Case(
        State(data="1\n2\n4\n", keep_times=True), **_follows("raw", "a", "b", "c", OUTPUT)
    ),
    "iv-c file touched, same content": Case(State(data=DATA)),
    "v node renamed": Case(State(_RENAMED)),
    "vi rollback (edit a and b, then undo)": Case(State(), between=State(_OTHERWISE)),
    "vii node rewritten, same value": Case(
        _edited('_half(batch["v"])', '_half(batch["v"]) * 1'),
        stale=frozenset(("a", "b", "c", OUTPUT)),
        executed=frozenset("a"),
    ),
}


def computed(answer: dict[str, Any]) -> frozenset[str]:
    """The nodes that a run computed; a source of files computes nothing."""
    nodes = [node["name"] for node in answer["nodes"] if node["action"] == "compute"]
    return frozenset(nodes) - {"data"}


def _run(folder: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "helixweb.cli", "run", str(folder / "probe.py"), "--json", "--data", str(folder)]
    ended = subprocess.run(
        [*command, "--policy", "all", *options], capture_output=True, text=True, check=False, cwd=folder
    )
    if ended.returncode:
        raise SystemExit(f"{ended.stdout}\n{ended.stderr}")
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def probed(case: Case) -> dict[str, Any]:
    """What came of a case, each run in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = ("--store", str(folder / "store"))
        State(data=DATA).write(folder)
        _run(folder, *store)
        if case.between is not None:
            case.between.write(folder)
            _run(folder, *store)
        case.state.write(folder)
        answer = _run(folder, *store)
        truth = _run(folder, "--store", str(folder / "other"), "--no-reuse")
    ran = frozenset(node.removesuffix("_new") for node in computed(answer))
    return {
        "computed": sorted(ran),
        "false_hit": answer["outputs"] != truth["outputs"],
        "needless": sorted(ran - case.executed),
    }


def main() -> int:
    found = {}
    print(f"{'edit':48} {'result':10} {'computed':16} needless")
    for title, case in CASES.items():
        row = found[title] = probed(case)
        told = "FALSE HIT" if row["false_hit"] else "right"
        print(
            f"{title:48} {told:10} {' '.join(row['computed']) or '-':16} {' '.join(row['needless']) or '-'}", flush=True
        )
    false_hits = sum(row["false_hit"] for row in found.values())
    needless = sum(bool(row["needless"]) for row in found.values())
    print(f"{len(found)} edits: {false_hits} false hits, {needless} with needless computations")
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    return 1 if false_hits or needless else 0


if __name__ == "__main__":
    sys.exit(main())
