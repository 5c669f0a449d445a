"""Kills of a program that stores results: what was stored is there and whole, in its catalog and in one rebuilt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.suite import Case, Suite, Tried, chance_of
from tests.workflows.store.test_crash import kill_at_random


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Case]:
    def case(number: int) -> Tried:
        root = folder / "store"
        root.mkdir()
        try:
            return Tried(kill_at_random(root, chance_of(seed, number)))
        finally:
            shutil.rmtree(root)

    yield case


SUITE = Suite(
    "stores",
    "A kill at any moment while results are stored loses none that was complete, and none is served torn.",
    "batches",
    3,
    300,
    opened,
)
