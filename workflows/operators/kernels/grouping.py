"""What GroupBy does: a row for each group of rows, of statistics that are exact and independent of the rows' order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.aggregate import Aggregate, parse
from workflows.operators.kernels import columns, keys, rowids, statistics
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
        groups = _Groups.of_rows(keys.combined(last))
        first = pa.array(groups.order[groups.starts])
        made = {name: columns.column(rows, name).take(first) for name in by}
        for name, text in call.params["aggregates"].items():
            made[name] = _aggregated(rows, parse(text), groups)
        return rowids.with_ids(pa.table(made), _ids([made[name].to_pylist() for name in by], len(first)))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows by group. ``counts`` (g): how many each group has. ``order`` (n): the places of the rows, group by group."""

    counts: Any
    order: Any

    @classmethod
    def of_rows(cls, numbers: keys.Numbers) -> _Groups:
        counts = np.bincount(numbers)
        return cls(counts[counts > 0], keys.ordered(numbers))

    @property
    def starts(self) -> Any:
        return np.cumsum(self.counts) - self.counts

    def only(self, present: Any) -> _Groups:
        """The groups of some of the rows (n, whether each is one); they may be empty."""
        kept = present[self.order]
        if kept.all():
            return self
        number = np.repeat(np.arange(len(self.counts)), self.counts)
        return _Groups(np.bincount(number[kept], minlength=len(self.counts)), self.order[kept])


def _ids(values: Sequence[Sequence[Any]], count: int) -> rowids.Ids:
    texts = [repr([column[group] for column in values]).encode() for group in range(count)]
    digests = [int.from_bytes(blake2b(text, digest_size=8).digest(), "little") for text in texts]
    return np.array(digests, dtype=np.uint64)


def _aggregated(rows: pa.Table, aggregate: Aggregate, groups: _Groups) -> Arrow:
    if aggregate.column is None:
        return pa.array(groups.counts)
    array = columns.column(rows, aggregate.column)
    plain = keys.comparable(array, str(aggregate))
    groups = groups.only(~plain.is_null().to_numpy(zero_copy_only=False))
    match aggregate.function:
        case "count":
            return pa.array(groups.counts)
        case "distinct":
            return pa.array(_distinct(keys.ranks(plain)[0], groups))
        case "min":
            return _extreme(np.minimum.reduceat, plain, groups)
        case "max":
            return _extreme(np.maximum.reduceat, plain, groups)
    if columns.kind(plain.type) != "number" and not pa.types.is_boolean(plain.type):
        raise HelixError(f"`{aggregate}` needs numbers, and `{aggregate.column}` has {columns.described(array.type)}.")
    values = plain.take(pa.array(groups.order))
    if not pa.types.is_integer(values.type):
        values = values.cast(pa.int64() if pa.types.is_boolean(values.type) else pa.float64())
    return _of_numbers(aggregate, values.to_numpy(), groups.counts)


def _distinct(ranks: keys.Numbers, groups: _Groups) -> Any:
    width = int(ranks.max(initial=0)) + 1
    pairs = np.sort(np.repeat(np.arange(len(groups.counts)), groups.counts) * width + ranks[groups.order])
    return np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] // width, minlength=len(groups.counts))


def _extreme(function: Callable[..., Any], plain: Arrow, groups: _Groups) -> Arrow:
    if columns.kind(plain.type) != "number":
        ranks, distinct = keys.ranks(plain)
        found = distinct.take(_extreme(function, pa.array(ranks), groups))
        return columns.encoded(found) if columns.is_text(found.type) else found
    filled = groups.counts > 0
    best = np.zeros(len(filled), dtype=plain.type.to_pandas_dtype())
    best[filled] = function(plain.take(pa.array(groups.order)).to_numpy(), groups.starts[filled])
    return pa.array(best, plain.type, mask=~filled)


def _of_numbers(aggregate: Aggregate, values: Any, counts: Any) -> Arrow:
    """A statistic of the numbers of each group: whole numbers or floats, with no null among them."""
    results = np.full(len(counts), None)
    results[counts > 0] = statistics.of_groups(aggregate.function, values, counts[counts > 0])
    if any(isinstance(result, int) and abs(result) > _LARGEST for result in results):
        raise HelixError(f"`{aggregate}` is larger than a whole number can be; make floats of the column first.")
    return pa.array(results, pa.int64() if aggregate.function == "sum" and values.dtype.kind in "iu" else pa.float64())
