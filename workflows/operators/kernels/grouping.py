"""What GroupBy does: a row for each group of rows, of statistics that are exact and independent of the rows' order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.aggregate import Aggregate, parse
from workflows.operators.kernels import columns, keys, rowids
from workflows.operators.kernels.base import Arrow, Call, Data, Inputs, Stateless

_LARGEST = 2**63 - 1


class GroupByKernel(Stateless):
    """Groups in the order of their keys, null last; a null key is a group. Nulls count in no statistic but ``count()``;
    where a group has nothing else, that is null. Sums of whole numbers are exact, of floats rounded once (``fsum``)."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, by = inputs["rows"], call.params["by"]
        sides = [keys.ranks(keys.comparable(columns.column(rows, name), f"GroupBy by `{name}`")) for name in by]
        last = [np.where(ranks < 0, len(distinct), ranks) for ranks, distinct in sides]
        _, first, groups = np.unique(keys.combined(last), return_index=True, return_inverse=True)
        made = {name: columns.column(rows, name).take(pa.array(first)) for name in by}
        for name, text in call.params["aggregates"].items():
            aggregate = parse(text)
            made[name] = _aggregated(rows, aggregate, groups, len(first))
        return rowids.with_ids(pa.table(made), _ids([made[name].to_pylist() for name in by], len(first)))


def _ids(values: Sequence[Sequence[Any]], count: int) -> rowids.Ids:
    texts = [repr([column[group] for column in values]).encode() for group in range(count)]
    digests = [int.from_bytes(blake2b(text, digest_size=8).digest(), "little") for text in texts]
    return np.array(digests, dtype=np.uint64)


def _aggregated(rows: pa.Table, aggregate: Aggregate, groups: Any, count: int) -> Arrow:
    if aggregate.column is None:
        return pa.array(np.bincount(groups, minlength=count))
    array = columns.column(rows, aggregate.column)
    plain = keys.comparable(array, str(aggregate))
    present = ~plain.is_null().to_numpy(zero_copy_only=False)
    groups = groups[present]
    match aggregate.function:
        case "count":
            return pa.array(np.bincount(groups, minlength=count))
        case "distinct":
            pairs = np.unique(keys.combined([groups, keys.ranks(plain)[0][present]]), return_index=True)[1]
            return pa.array(np.bincount(groups[pairs], minlength=count))
        case "min" | "max":
            return _extreme(plain, present, groups, count, least=aggregate.function == "min")
    if columns.kind(plain.type) != "number" and not pa.types.is_boolean(plain.type):
        raise HelixError(f"`{aggregate}` needs numbers, and `{aggregate.column}` has {columns.described(array.type)}.")
    values = plain.filter(pa.array(present))
    if not pa.types.is_integer(values.type):
        values = values.cast(pa.int64() if pa.types.is_boolean(values.type) else pa.float64())
    return _of_numbers(aggregate, values.to_numpy(), groups, count)


def _extreme(plain: Arrow, present: Any, groups: Any, count: int, *, least: bool) -> Arrow:
    ranks, distinct = keys.ranks(plain)
    best = np.full(count, len(distinct) if least else -1, dtype=np.int64)
    (np.minimum if least else np.maximum).at(best, groups, ranks[present])
    found = distinct.take(pa.array(best, mask=(best < 0) | (best == len(distinct))))
    return columns.encoded(found) if columns.is_text(found.type) else found


def _of_numbers(aggregate: Aggregate, values: Any, groups: Any, count: int) -> Arrow:
    """A statistic of the numbers of each group: whole numbers or floats, with no null among them."""
    function = _STATISTICS[aggregate.function]
    ordered = values[np.argsort(groups, kind="stable")].tolist()
    ends = np.cumsum(np.bincount(groups, minlength=count)).tolist()
    bounds = pairwise([0, *ends])
    results = [function(ordered[start:end]) if end > start else None for start, end in bounds]
    if any(isinstance(result, int) and abs(result) > _LARGEST for result in results):
        raise HelixError(f"`{aggregate}` is larger than a whole number can be; make floats of the column first.")
    return pa.array(results, pa.int64() if aggregate.function == "sum" and values.dtype.kind in "iu" else pa.float64())


def _total(values: Sequence[float]) -> Any:
    if not values or isinstance(values[0], int):
        return sum(values)
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):  # of infinities, or beyond what a float holds
        return float(np.sum(np.array(sorted(values))))


def _mean(values: Sequence[float]) -> float:
    return _total(values) / len(values)  # type: ignore[no-any-return]


def _deviation(values: Sequence[float]) -> float | None:
    """The sample's standard deviation; null of one value."""
    if len(values) < 2:
        return None
    mean = _mean(values)
    return math.sqrt(_total([float(value - mean) ** 2 for value in values]) / (len(values) - 1))


def _median(values: Sequence[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return float(ordered[middle]) if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


_STATISTICS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": _total,
    "mean": _mean,
    "std": _deviation,
    "median": _median,
}
