"""Small workflows for the tests of the service: over a table of three rows, with functions that do as they are told."""

from __future__ import annotations

from pathlib import Path

DOUBLED = '''"""Doubles numbers."""
FACTOR = 2

data = FileSource("tiny.csv")
rows = CSVScanner(data)


def scaled(batch):
    return batch["x"] * FACTOR


def total(values):
    return {"total": float(values.iloc[:, 0].sum())}


y = Extractor(rows, scaled)
result = Reducer(y, total)
Output(result)
'''

GATED = '''"""Waits until a file is there."""
import time
from pathlib import Path

data = FileSource("tiny.csv")
rows = CSVScanner(data)


def gated(batch):
    print("at the gate", flush=True)
    while not Path(GATE).exists():
        time.sleep(0.02)
    return batch["x"]


def total(values):
    return float(values.iloc[:, 0].sum())


y = Extractor(rows, gated)
result = Reducer(y, total)
Output(result)
'''

FAILING = '''"""Fails at the second row."""
data = FileSource("tiny.csv")
rows = CSVScanner(data)


def picky(batch):
    if (batch["x"] == 2).any():
        raise ValueError("two is too much")
    return batch["x"]


y = Extractor(rows, picky)
z = Extractor(rows, lambda batch: batch["x"] + 1)


def total(values):
    return float(values.iloc[:, 0].sum())


bad = Reducer(y, total)
good = Reducer(z, total)
Output(bad, good)
'''
FAILING_LINE = 1 + FAILING[: FAILING.index("raise")].count("\n")


def write_table(folder: Path) -> None:
    """Put the table that these workflows read into a data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.csv").write_text("x\n1\n2\n3\n")


def gated(gate: Path) -> str:
    """A workflow that waits until the file ``gate`` is there."""
    return GATED.replace("GATE", repr(str(gate)))
