"""What a randomised suite is: cases by number, each of which follows from the seed and its number alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

SEED = 1


class Wrong(AssertionError):
    """A case that does not hold. ``reproduction`` is the least input found that shows it."""

    def __init__(self, message: str, reproduction: str = "") -> None:
        super().__init__(message)
        self.reproduction = reproduction


@dataclass(frozen=True, slots=True)
class Tried:
    """How a case that held ended: how many texts, edits, … it tried, and in how many seconds the slowest of them.

    ``seconds`` is None where how long the whole case took is what counts.
    """

    count: int = 1
    seconds: float | None = None


Case: TypeAlias = Callable[[int], Tried]


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite. ``open`` gives, for a folder of its own and a seed, the function that tries the case of a number.

    ``counts`` says what ``Tried.count`` counts; ``slice`` is how many cases ``make test`` tries (in 30 s at most), and
    ``cases`` how many the long form has.
    """

    name: str
    property: str
    counts: str
    slice: int
    cases: int
    open: Callable[[Path, int], AbstractContextManager[Case]]


def chance_of(seed: int, number: int, *more: object) -> random.Random:
    """The random numbers of a case."""
    return random.Random(" ".join(map(str, (seed, number, *more))))
