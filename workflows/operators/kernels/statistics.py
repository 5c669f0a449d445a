"""Statistics of the numbers of many groups at once: exact, rounded once, so in whatever order the numbers stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from workflows.operators.kernels import keys
from workflows.operators.kernels.exact import Floats

_WHOLE = 2**53  # up to here floats hold every whole number
_LARGE = 2.0**480  # below it, neither squares nor their sums are too large for a float


def of_groups(function: str, values: Any, counts: Any) -> Any:
    """A statistic of each group: a value, or None for the ``std`` of a single number.

    Args:
        function: ``sum``, ``mean``, ``std`` (of a sample) or ``median``.
        values: Whole numbers or floats (n), none of them NaN; those of a group stand together.
        counts: How many each group has (g), none of them 0.
    """
    if not len(counts):
        return []
    floats = _as_floats(values, counts)
    if floats is None:
        ends = np.cumsum(counts).tolist()
        numbers, one = values.tolist(), _OF_ONE[function]
        return [one(numbers[start:end]) for start, end in pairwise([0, *ends])]
    found = _OF_ALL[function](floats, counts)
    if function == "sum" and values.dtype.kind in "iu":
        return found.astype(np.int64)
    if function == "std":
        found = found.astype(object)
        found[counts < 2] = None
    return found


def _as_floats(values: Any, counts: Any) -> Floats | None:
    """The values as floats, where sums of them are exact or can be made so."""
    largest = max(abs(values.max().item()), abs(values.min().item()))
    fits = largest * int(counts.max()) <= _WHOLE if values.dtype.kind in "iu" else largest < _LARGE
    return values.astype(np.float64, copy=False) if fits else None


def totals(values: Floats, counts: Any) -> Floats:
    """The sum of each group, as ``math.fsum`` has it.

    The leading bits of all values are summed, then the next ones, until nothing is left: as multiples of a power of
    two so large that no sum of so many is rounded (Rump, Ogita and Oishi, "Accurate floating-point summation", 2008).
    """
    starts = np.cumsum(counts) - counts
    bits = int(counts.max()).bit_length()
    sums, rest = [], values
    while largest := float(np.abs(rest).max()):
        grid = math.ldexp(1.5, math.frexp(largest)[1] + bits)
        part = (rest + grid) - grid
        sums.append(np.add.reduceat(part, starts))
        rest = rest - part
    if len(sums) < 2:
        return sums[0] if sums else np.zeros(len(counts))
    return np.array(list(map(math.fsum, zip(*(part.tolist() for part in sums), strict=True))))


def _means(values: Floats, counts: Any) -> Any:
    return totals(values, counts) / counts


def _deviations(values: Floats, counts: Any) -> Any:
    apart = values - np.repeat(_means(values, counts), counts)
    return np.sqrt(totals(apart * apart, counts) / np.maximum(counts - 1, 1))


def _medians(values: Floats, counts: Any) -> Any:
    order = np.argsort(values)
    groups = np.repeat(np.arange(len(counts)), counts)
    ordered = values[order][keys.ordered(groups[order])]
    starts = np.cumsum(counts) - counts
    return (ordered[starts + (counts - 1) // 2] + ordered[starts + counts // 2]) / 2


_OF_ALL: dict[str, Callable[[Floats, Any], Any]] = {
    "sum": totals,
    "mean": _means,
    "std": _deviations,
    "median": _medians,
}


def _total(values: Sequence[float]) -> Any:
    if isinstance(values[0], int):
        return sum(values)
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # of infinities, or beyond what a float holds
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sum(np.array(sorted(values))))


def _mean(values: Sequence[float]) -> float:
    return _total(values) / len(values)  # type: ignore[no-any-return]


def _deviation(values: Sequence[float]) -> float | None:
    """The sample's standard deviation; null of one value."""
    if len(values) < 2:
        return None
    mean = _mean(values)
    apart = [float(value - mean) for value in values]
    return math.sqrt(_total([value * value for value in apart]) / (len(values) - 1))


def _median(values: Sequence[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return float(ordered[middle]) if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


_OF_ONE: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": _total,
    "mean": _mean,
    "std": _deviation,
    "median": _median,
}
