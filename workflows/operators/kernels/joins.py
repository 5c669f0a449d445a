"""What Join and Union do: rows of several collections, side by side or one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, keys, rowids
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless

_NONE = 2**64 - 1  # stands for the row id of a partner that is not there


class JoinKernel(Stateless):
    """In the order of the left rows, and for each in that of its partners. A null key matches not even null."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        left, right, how = inputs["left"], inputs["right"], call.params["how"]
        names = call.names.get("left", "left"), call.names.get("right", "right")
        own, other = _keys(left, right, call.params["on"], names)
        matching = np.bincount(other + 1, minlength=int(own.max(initial=-1)) + 2)  # rows of each key, nulls first
        counts = np.where(own < 0, 0, matching[own + 1])
        if how in ("semi", "anti"):
            return left.filter(pa.array((counts > 0) == (how == "semi")))
        lefts, rights = _pairs(own, counts, keys.ordered(other + 1), matching, outer=how == "left")
        partners = np.append(rowids.ids(right), np.uint64(_NONE))[rights]
        one_side, other_side = _side_by_side(left, right, call, names)
        if not np.array_equal(lefts, np.arange(len(own))):
            one_side = one_side.take(pa.array(lefts))
        other_side = other_side.take(pa.array(rights, mask=rights < 0))
        result = pa.table(
            [*one_side.columns, *other_side.columns], names=[*one_side.column_names, *other_side.column_names]
        )
        return rowids.with_ids(result, rowids.derived(rowids.ids(left)[lefts], partners))


def _pairs(own: Any, counts: Any, order: Any, matching: Any, *, outer: bool) -> tuple[Any, Any]:
    """The places of the left and right row of each pair, −1 for a partner that is not there."""
    first = (np.cumsum(matching) - matching)[own + 1]
    pairs = np.maximum(counts, 1) if outer else counts
    lefts = np.repeat(np.arange(len(own)), pairs)
    within = np.arange(len(lefts)) - (np.cumsum(pairs) - pairs)[lefts]
    if not len(order):
        return lefts, np.full(len(lefts), -1)
    places = np.minimum(first[lefts] + within, len(order) - 1)
    return lefts, np.where(counts[lefts] > 0, order[places], -1)


def _side_by_side(left: pa.Table, right: pa.Table, call: Call, names: tuple[str, str]) -> tuple[pa.Table, pa.Table]:
    """The columns of each side that the result has, under the names that it gives them."""
    own, suffix = left.drop_columns([ROW_ID]), call.params["suffix"]
    other = right.drop_columns([ROW_ID, *call.params["on"]])
    shared = [name for name in other.column_names if name in own.column_names]
    if shared and suffix is None:
        raise HelixError(
            f'`{names[0]}` and `{names[1]}` both have a column `{shared[0]}`. Pass suffix="_{names[1]}" for those of '
            f"`{names[1]}`, or leave it out of one.",
            columns=shared,
        )
    renamed = [f"{name}{suffix}" if name in shared else name for name in other.column_names]
    twice = next((name for name in renamed if name in own.column_names or renamed.count(name) > 1), None)
    if twice is not None:
        raise HelixError(f"With suffix={suffix!r} there would be two columns `{twice}`. Pass another suffix=.")
    return own, other.rename_columns(renamed)


def _keys(left: pa.Table, right: pa.Table, on: Sequence[str], names: tuple[str, str]) -> tuple[Any, Any]:
    """A number for each row of both sides (−1 where a key is null): equal where all keys are."""
    parts = []
    for name in on:
        sides = [keys.comparable(columns.column(table, name), f"Join on `{name}`") for table in (left, right)]
        parts.append(keys.ranks(columns.single(pa.chunked_array(_alike(sides, name, names))))[0])
    together = keys.combined(parts)
    together = np.where(np.any([part < 0 for part in parts], axis=0), -1, together)
    return together[: left.num_rows], together[left.num_rows :]


def _alike(arrays: Sequence[Arrow], column: str, names: Sequence[str]) -> list[Arrow]:
    """The arrays in one type. Whole numbers and floats become floats where that is exact, other kinds do not mix; a
    column of nothing but nulls fits each. Raises HelixError, naming both."""
    known = [(array.type, name) for array, name in zip(arrays, names, strict=True) if array.null_count < len(array)]
    types = [data_type for data_type, _ in known] or [arrays[0].type]
    target = types[0]
    for place, data_type in enumerate(types):
        if data_type == target:
            continue
        if not all(pa.types.is_integer(one) or pa.types.is_floating(one) for one in (data_type, target)):
            kinds = columns.described(target), columns.described(data_type)
            raise HelixError(
                f"`{column}` has {kinds[0]} in `{known[0][1]}` and {kinds[1]} in `{known[place][1]}`. "
                "Make both the same: types= of a scanner, or a Map, does."
            )
        target = pa.int64() if pa.types.is_integer(data_type) and pa.types.is_integer(target) else pa.float64()
    try:
        return [
            array.cast(target) if array.null_count < len(array) else pa.nulls(len(array), target) for array in arrays
        ]
    except pa.ArrowInvalid as error:
        raise HelixError(f"`{column}` cannot be made one type: {error}") from None


class UnionKernel(Stateless):
    """The rows of each operand after those of the one before, in the columns of the first."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        tables: list[pa.Table] = inputs["rows"]
        names = [call.names.get(f"rows.{place}", f"rows {place + 1}") for place in range(len(tables))]
        first = [name for name in tables[0].column_names if name != ROW_ID]
        for table, name in zip(tables[1:], names[1:], strict=True):
            _check_columns(first, [one for one in table.column_names if one != ROW_ID], (names[0], name))
        united = {column: self._united([columns.column(table, column) for table in tables], column, names)
                  for column in first}  # fmt: skip
        made = np.concatenate([rowids.derived(rowids.ids(table), place) for place, table in enumerate(tables)])
        return rowids.with_ids(pa.table(united), made)

    @staticmethod
    def _united(arrays: list[Arrow], column: str, names: list[str]) -> Arrow:
        if len({array.type for array in arrays}) == 1:
            return columns.single(pa.chunked_array(arrays))
        plain = [array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in arrays]
        result = pa.concat_arrays(_alike(plain, column, names))
        return columns.encoded(result) if columns.is_text(result.type) else result


def _check_columns(first: Sequence[str], other: Sequence[str], names: tuple[str, str]) -> None:
    missing = [f"`{name}`" for name in first if name not in other]
    surplus = [f"`{name}`" for name in other if name not in first]
    if missing or surplus:
        parts = [f"{names[1]} lacks {', '.join(missing[:10])}"] if missing else []
        parts += [f"{names[1]} has {', '.join(surplus[:10])} more"] if surplus else []
        raise HelixError(f"Union needs equal columns: {' and '.join(parts)}, against {names[0]}.")
