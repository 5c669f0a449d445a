"""Exact statistics that can be learned batch by batch, in any order, with the very same result.

Floating-point addition is not associative, so a plain sum would depend on batches and on the order of merging. Sums
here are rational numbers (a float is an integer times a power of two), rounded once at the end; quantiles come from
counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Counts: TypeAlias = "tuple[Floats, np.ndarray[Any, np.dtype[np.int64]]]"

_MANTISSA = 53


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, sum and sum of squares, exact."""

    count: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        return float(self.total / self.count)

    @property
    def deviation(self) -> float:
        """The population's standard deviation."""
        variance = self.squares / self.count - (self.total / self.count) ** 2
        return math.sqrt(variance)


def moments(values: Floats) -> Moments:
    """The moments of finite float64 values (n). Raises OverflowError or ValueError for what is not finite."""
    distinct, counts = counted(values)
    if len(distinct) > len(values) // 2:
        distinct, counts = values, np.ones(len(values), dtype=np.int64)
    mantissas, exponents = np.frexp(distinct)
    whole = np.ldexp(mantissas, _MANTISSA).astype(np.int64)
    total = squares = Fraction(0)
    for exponent in np.unique(exponents).tolist():
        chosen = exponents == exponent
        integers, times = whole[chosen].tolist(), counts[chosen].tolist()
        unit = Fraction(2) ** (exponent - _MANTISSA)
        weighted = list(map(int.__mul__, integers, times))
        total += sum(weighted) * unit
        squares += sum(map(int.__mul__, integers, weighted)) * unit * unit
    return Moments(len(values), total, squares)


def counted(values: Floats) -> Counts:
    """Distinct values, sorted, and how often each occurs."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct, counts.astype(np.int64)


def merged(states: Sequence[Counts]) -> Counts:
    """The counts of all values together."""
    if len(states) == 1:
        return states[0]
    distinct, inverse = np.unique(np.concatenate([values for values, _ in states]), return_inverse=True)
    counts = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(counts, inverse, np.concatenate([times for _, times in states]))
    return distinct, counts


def quantiles(counts: Counts, probabilities: Iterable[float]) -> list[float]:
    """Quantiles by linear interpolation between order statistics, as ``numpy.quantile`` (Hyndman and Fan, type 7)."""
    distinct, times = counts
    ends = np.cumsum(times)
    last = int(ends[-1]) - 1
    found = []
    for probability in probabilities:
        place = probability * last
        below = math.floor(place)
        low, high = (
            float(distinct[np.searchsorted(ends, rank, side="right")]) for rank in (below, min(below + 1, last))
        )
        found.append(low + (high - low) * (place - below))
    return found
