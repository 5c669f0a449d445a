"""Kills in the middle of runs: each case kills one part of the running application, and ``tests.chaos`` looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from tests.chaos import VICTIMS, Series, damaged
from tests.data import data_folder
from tests.processes import alive
from tests.soak.suite import Case, Suite, Tried, Wrong
from tests.stack import Stack, until

STEPS = 6  # of each function of the workflow: as many as it takes for a run to last about two seconds


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Case]:
    stack = Stack(folder / "var", data_folder(), environment={"HELIX_LEASE_SECONDS": "5"})
    try:
        series = Series(stack, steps=STEPS)
        yield lambda number: case(series, seed, number)
        family = stack.family()
    finally:
        stack.stop()
    until(lambda: [pid for pid in family if alive(pid)], lambda left: not left)


def case(series: Series, seed: int, number: int) -> Tried:
    outcome = series.chaos(VICTIMS[number % len(VICTIMS)], seed * 1000 + number)
    if faults := [*outcome.faults, *damaged(series.stack.home)]:
        raise Wrong("; ".join(faults), str(asdict(outcome)))
    return Tried(seconds=outcome.seconds)


SUITE = Suite(
    "kills",
    "A run whose worker, run process, warm server, Redis or web server is killed in its middle succeeds after all or "
    "fails with a reason within 60 s; its events tell of it once, nothing is left behind, and what is stored is whole.",
    "kills",
    len(VICTIMS),
    10 * len(VICTIMS),
    opened,
)
