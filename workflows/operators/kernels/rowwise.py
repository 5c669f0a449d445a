"""Calls a user function on rows as ``each=`` says, and holds it to its word: what it makes of a row is that row's.

A function of batches is called once, with all rows of a split; batch sizes are no part of the meaning. So a sample is
replayed in other sizes, and a function that gives something else then is refused. ``each="group"`` is replayed with
some of the groups, each whole; ``row``, ``value`` and ``split`` have no other size.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, functions, rowids
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.functions import UserCodeFailed, WrongResult
from workflows.operators.kernels.quiet import trial

_SIZES = (32, 1, 1, 2, 4, 8, 16)  # rows (or groups) of the batches that are replayed; the first always is
_ROWS = sum(_SIZES)  # rows that are replayed at most; of groups, which are whole, a twentieth of all rows where more
_SECONDS, _SHARE = 0.5, 0.05  # how long: whichever is more, this or a share of what the first call took
_WAIT = 10  # by how much longer a function may wait, or a machine be busy, than compute
_EPSILONS = 64  # by how many units in the last place floats may differ


_RULES = (
    (
        "is not row-wise, what it makes of",
        'Write each="split" where it needs all rows at once, or each="group", by="column" where it needs those of its '
        "group; a Reducer makes one value of all rows.",
    ),
    ("is no function of whole groups, what it makes of", 'Write each="split" where it needs all groups at once.'),
)  # what a function breaks, and what to write instead: of rows, and of groups


class NotRowWise(HelixError):
    """A function gave something else for a row when other rows stood in the same batch."""

    code = "not-row-wise"


@dataclass(frozen=True, slots=True)
class Made:
    """What a function made of n rows: ``table`` (m rows), and ``of`` (m, rising): the place of the row each is of."""

    table: pa.Table
    of: Any


Read = Callable[[Any, int], Made]
"""Makes of a function's result, and of how many rows it was given, what it stands for. Raises WrongResult."""


def aligned(table: pa.Table) -> Made:
    """A row for each row."""
    return Made(table, np.arange(table.num_rows))


def made(function: Callable[..., Any], rows: pa.Table, params: Mapping[str, Any], read: Read) -> Made:
    """What the function makes of the rows. Raises UserCodeFailed, WrongResult or NotRowWise."""
    each, by = params["each"], params["by"]
    groups = None if each != "group" else _groups(rows, by)
    if each == "row":
        return read(functions.on_rows(function, rows), rows.num_rows)
    given = functions.frame(rows)
    began = time.monotonic()
    result = read(functions.on_frame(function, given, each), rows.num_rows)
    if each in ("batch", "group"):
        allowed = max(_SECONDS, _SHARE * (time.monotonic() - began))
        _Replay(function, rows, given, read, result, groups).run(allowed)
    return result


def _groups(rows: pa.Table, by: str) -> Any:
    """The number of each row's group (n): equal values of a column are a group, wherever they stand; null is one."""
    array = columns.column(rows, by)
    if columns.kind(array.type) == "vector":
        raise HelixError(f"`by=` needs a column of single values, and `{by}` holds vectors.")
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = columns.codes(encoded) + 1
    return (np.cumsum(np.bincount(codes) > 0) - 1)[codes]


class _Clock:
    """Says when seconds are over: of this thread's own work, or ten times as many of waiting."""

    def __init__(self, allowed: float) -> None:
        self.worked = time.thread_time() + allowed
        self.waited = time.monotonic() + _WAIT * allowed

    def is_over(self) -> bool:
        return time.thread_time() > self.worked or time.monotonic() > self.waited


class _Replay:
    def __init__(
        self,
        function: Callable[..., Any],
        rows: pa.Table,
        given: pd.DataFrame,
        read: Read,
        whole: Made,
        groups: Any | None,
    ) -> None:
        self.function = function
        self.rows = rows
        self.given = given
        self.read = read
        self.whole = whole
        self.groups: Any = groups

    def run(self, allowed: float) -> None:
        """Replay batch by batch while the time lasts, the first in any case. Says so where it does not last."""
        batches = self._batches()
        if not batches:
            return
        places = np.concatenate(batches)
        sample = self.given.iloc[places]  # of the same types as the whole
        before = _taken(self.whole, places)
        bounds = list(pairwise(accumulate(map(len, batches), initial=0)))
        clock = _Clock(allowed)
        for number, (start, end) in enumerate(bounds):
            if number and clock.is_over():
                print(
                    f"{functions.named(self.function)} was replayed in {number} of {len(batches)} batches of other "
                    "sizes: a call takes long, whatever the size."
                )
                return
            self._compare(sample.iloc[start:end].reset_index(drop=True), _part(before, start, end), batches[number])

    def _batches(self) -> list[Any]:
        """The places of the rows of each batch that is replayed, rising. Each is a part of all rows, never all."""
        count = self.rows.num_rows if self.groups is None else int(self.groups.max(initial=-1)) + 1
        if count < 2:
            return []
        first = min(_SIZES[0], count // 2)
        sample = _sample(self.rows, first) if self.groups is None else self._sampled_groups(count)
        cuts = pairwise(accumulate((first, *_SIZES[1:]), initial=0))
        parts = [sample[start:end] for start, end in cuts if start < len(sample)]
        return [np.sort(part) for part in parts] if self.groups is None else self._rows_of(parts, count)

    def _rows_of(self, parts: Sequence[Any], count: int) -> list[Any]:
        """The places of the rows of the groups of each part."""
        part_of = np.full(count, -1)
        for number, part in enumerate(parts):
            part_of[part] = number
        of_rows = part_of[self.groups]
        places = np.flatnonzero(of_rows >= 0)
        return [places[of_rows[places] == number] for number in range(len(parts))]

    def _sampled_groups(self, count: int) -> Any:
        """Groups in the order of a hash of their number, as many as the rows that may be replayed hold, but one."""
        order = np.argsort(rowids.mixed(np.arange(count).astype(np.uint64)), kind="stable")
        sizes = np.bincount(self.groups, minlength=count)[order]
        fit = np.searchsorted(np.cumsum(sizes), max(_ROWS, len(self.groups) // 20), side="right")
        return order[: max(1, min(int(fit), _ROWS))]

    def _compare(self, batch: pd.DataFrame, before: Made, places: Any) -> None:
        with trial():
            try:
                after = self.read(self.function(batch.copy(deep=False)), len(batch))
            except WrongResult as error:
                raise self._refused(places, 0, f"in a batch of {_rows(len(places))}: {error.message}") from None
            except Exception as error:  # user code may raise anything
                failed = UserCodeFailed(error).message
                raise self._refused(places, 0, f"in a batch of {_rows(len(places))} it raises {failed}.") from error
        if np.array_equal(before.of, after.of) and before.table.equals(_plain(after.table)):
            return
        rows = [_by_row(made, len(places)) for made in (before, after)]
        tolerances = _tolerances(self.whole.table.schema, rows[0])
        for number, (old, new) in enumerate(zip(*rows, strict=True)):
            name = _different(old, new, tolerances)
            if name is not None:
                whole = f"in a batch of all {_rows(self.rows.num_rows)} it gives {_given(old, name)}"
                raise self._refused(places, number, f"{whole}, in one of {len(places)} {_given(new, name)}.")

    def _refused(self, places: Any, number: int, difference: str) -> NotRowWise:
        place = int(places[number])
        row = {name: self.rows[name][place].as_py() for name in self.rows.column_names if name != ROW_ID}
        rule, instead = _RULES[self.groups is not None]
        return NotRowWise(
            f"{functions.named(self.function)} {rule} row {place + 1} depends on what else is in its batch: "
            f"{difference} {instead}",
            example=functions.shortened(row),
        )


def _sample(rows: pa.Table, first: int) -> Any:
    """Places of rows to replay (at most _ROWS), the same for the same rows, by a hash of the place. After the ``first``
    (those of a larger batch) stands for each column a row where it is null: there a function that looks at other rows
    is most likely to do so, and alone it finds none."""
    hashes = rowids.mixed(np.arange(rows.num_rows).astype(np.uint64))
    nulls: list[int] = []
    for array in rows.columns:
        if array.null_count and len(nulls) < _ROWS // 4:
            places = np.flatnonzero(array.is_null().to_numpy())
            nulls.append(int(places[np.argmin(hashes[places])]))
    size = min(_ROWS, rows.num_rows)
    chosen = np.argpartition(hashes, size - 1)[:size]
    others = [place for place in chosen[np.argsort(hashes[chosen])].tolist() if place not in nulls]
    return np.array([*others[:first], *dict.fromkeys(nulls), *others[first:]][:_ROWS])


def _taken(result: Made, places: Any) -> Made:
    """What was made of the rows at the places (in any order), as of rows 0, 1, …, in plain columns."""
    starts, ends = (np.searchsorted(result.of, places, side=side) for side in ("left", "right"))
    counts = ends - starts
    of = np.repeat(np.arange(len(places)), counts)
    taken = np.arange(len(of)) + (starts - np.cumsum(counts) + counts)[of]
    return Made(_plain(result.table.take(pa.array(taken))), of)


def _part(result: Made, start: int, end: int) -> Made:
    """What was made of the rows from ``start`` to ``end``, as of rows 0, 1, …"""
    first, last = np.searchsorted(result.of, (start, end))
    return Made(result.table.slice(first, last - first), result.of[first:last] - start)


def _plain(table: pa.Table) -> pa.Table:
    """The table with text as it is, so that equal texts are equal in whatever dictionary."""
    columns_of: dict[str, Any] = dict(zip(table.column_names, table.columns, strict=True))
    for name, column in columns_of.items():
        if pa.types.is_dictionary(column.type):
            columns_of[name] = column.cast(column.type.value_type)
    return pa.table(columns_of)


def _by_row(result: Made, count: int) -> list[list[dict[str, Any]]]:
    """What was made of each row."""
    made = result.table.to_pylist()
    bounds = np.searchsorted(result.of, np.arange(count + 1)).tolist()
    return [made[start:end] for start, end in pairwise(bounds)]


def _tolerances(schema: pa.Schema, made_of_rows: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, float]:
    """By how much numbers of a column may differ: rounding errors are as large as its largest number has them."""
    largest = dict.fromkeys(schema.names, 0.0)
    for rows in made_of_rows:
        for row in rows:
            for name, value in row.items():
                largest[name] = max(largest[name], _largest(value))
    single = {field.name for field in schema if _is_single(field.type)}
    epsilons = {name: np.finfo(np.float32 if name in single else np.float64).eps for name in largest}
    return {name: float(_EPSILONS * epsilons[name] * value) for name, value in largest.items()}


def _is_single(data_type: pa.DataType) -> bool:
    inner = data_type.value_type if pa.types.is_fixed_size_list(data_type) else data_type
    return bool(pa.types.is_float32(inner))


def _largest(value: Any) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return abs(value)
    if isinstance(value, list):
        return max(map(_largest, value), default=0.0)
    return _largest(value["value"]) if isinstance(value, dict) and "value" in value else 0.0


def _different(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], tolerances: Mapping[str, float]
) -> str | None:
    """The first column in which what was made of a row differs; "" where there are more rows or fewer."""
    if len(before) != len(after):
        return ""
    for old, new in zip(before, after, strict=True):
        for name in dict.fromkeys((*old, *new)):
            if name not in old or name not in new or not _same(old[name], new[name], tolerances[name]):
                return name
    return None


def _same(before: Any, after: Any, tolerance: float) -> bool:
    """Equal, null as null, NaN as NaN. Floats may differ in their last bits: a vectorised loop rounds the rows at the
    end of a batch, or sums along a row, by other instructions than those in its middle."""
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(_same(*pair, tolerance) for pair in zip(before, after, strict=True))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key], tolerance) for key in before)
    if isinstance(before, bool) != isinstance(after, bool):
        return False
    if isinstance(before, float) or isinstance(after, float):
        if not (isinstance(before, int | float) and isinstance(after, int | float)):
            return False
        if math.isnan(before) or math.isnan(after) or math.isinf(before) or math.isinf(after):
            return before == after or (math.isnan(before) and math.isnan(after))
        return abs(before - after) <= tolerance
    return bool(before == after)


def _given(made_of_row: Sequence[Mapping[str, Any]], name: str) -> str:
    if not name:
        return _rows(len(made_of_row))
    values = [row[name] for row in made_of_row if name in row]
    if not values:
        return f"no column `{name}`"
    shown = ", ".join(functions.shortened(value) for value in values)
    return shown if name == "value" else f"{shown} in `{name}`"


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"
