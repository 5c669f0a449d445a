"""What synthesizers do: rows out of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workflows.operators.expression import parse
from workflows.operators.kernels import columns, expressions, functions, rowids, rowwise
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.rowids import mixed
from workflows.operators.kernels.rowwise import Made

_SAMPLE = 0x53616D706C65  # so that a Sample of a Split's rows goes by other numbers than the Split


class SplitKernel(Stateless):
    """Each row has a place in [0, 1) by a hash of the seed and its row id (or its group); shares are stretches of it.

    ``test`` is the first stretch, so that asking for ``validation`` moves no row of it. With ``stratify`` the places
    are the ranks of the hashes among the rows of equal value, so that shares are equal to within a row. With ``where``
    the rows that it is true for are ``test``.
    """

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, params = inputs["rows"], call.params
        if params["where"] is not None:
            test = holds(params["where"], rows, {"each": "batch", "by": None}).fill_null(False)
            return rows.filter(test if call.split == "test" else pc.invert(test))
        places = _places(rows, call)
        test = params["test"]
        validation = test + (params["validation"] or 0.0)
        chosen = {
            "test": places < test,
            "validation": (places >= test) & (places < validation),
            "train": places >= validation,
        }[call.split or "train"]
        return rows.filter(pa.array(chosen))


def _places(rows: pa.Table, call: Call) -> Any:
    params = call.params
    if params["group"] is not None:
        return _of_groups(columns.column(rows, params["group"]), call.seed)
    hashes = _hashes(rows, call.seed)
    if params["stratify"] is not None:
        return _ranks(columns.column(rows, params["stratify"]), hashes)
    return _fractions(hashes)


def _hashes(rows: pa.Table, seed: int) -> rowids.Ids:
    return mixed(rowids.ids(rows) ^ mixed(np.array([seed], dtype=np.uint64)))


def _fractions(hashes: rowids.Ids) -> Any:
    """A place in [0, 1) for each hash."""
    return (hashes >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _of_groups(array: Arrow, seed: int) -> Any:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    key = seed.to_bytes(16, "little", signed=True)
    texts = [repr(value).encode() for value in [*encoded.dictionary.to_pylist(), None]]
    digests = [int.from_bytes(blake2b(text, key=key, digest_size=8).digest(), "little") >> 11 for text in texts]
    return (np.array(digests, dtype=np.float64) / float(1 << 53))[columns.codes(encoded)]


def _ranks(array: Arrow, hashes: rowids.Ids) -> Any:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    strata = columns.codes(encoded)
    places = np.empty(len(strata))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        order = np.argsort(hashes[members], kind="stable")
        places[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    return places


class SampleKernel(Stateless):
    """The rows whose hash is below a fraction, or the ``n`` of the least hashes; in their order."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, size = inputs["rows"], call.params["n"]
        hashes = _hashes(rows, call.seed ^ _SAMPLE)
        if size is None:
            return rows.filter(pa.array(_fractions(hashes) < call.params["fraction"]))
        return rows.take(pa.array(np.sort(np.argsort(hashes, kind="stable")[:size])))


class MapKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, function = inputs["rows"], call.params["fn"]
        table = rowwise.made(function, rows, call.params, partial(_mapped, functions.named(function))).table
        return table.add_column(0, ROW_ID, rows[ROW_ID])


def _mapped(what: str, result: Any, rows: int) -> Made:
    return rowwise.aligned(functions.as_table(result, rows, what))


class FlatMapKernel(Stateless):
    """Rows made of a row stay together, in their order; their ids are of the row's id and their place among them."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, function = inputs["rows"], call.params["fn"]
        called = _listing(function) if call.params["each"] == "row" else function
        made = rowwise.made(called, rows, call.params, partial(_flattened, functions.named(function)))
        first = np.searchsorted(made.of, made.of)
        return rowids.with_ids(made.table, rowids.derived(rowids.ids(rows)[made.of], np.arange(len(first)) - first))


def _listing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with what it yields gathered, so that what raises on the way is told with its row."""

    @wraps(function)
    def call(row: Any) -> Any:
        result = function(row)
        return list(result) if isinstance(result, Iterable) and not isinstance(result, str | Mapping) else result

    return call


def _flattened(what: str, result: Any, rows: int) -> Made:
    if isinstance(result, list):  # of each="row": what it gave for each
        wrong = next((item for item in result if not isinstance(item, list)), None)
        if wrong is not None or None in result:
            kind = functions.kind_of(wrong)
            raise functions.WrongResult(
                f"{what} gave {kind} for a row, and a list of mappings is needed: one a new row."
            )
        of = np.repeat(np.arange(rows), [len(item) for item in result])
        return Made(functions.as_table([row for item in result for row in item], len(of), what), of)
    if not isinstance(result, pd.DataFrame):
        raise functions.WrongResult(f"{what} gave {functions.kind_of(result)}, and a DataFrame is needed.")
    of = np.asarray(result.index)
    if of.dtype.kind not in "iu" and len(of):
        raise functions.WrongResult(f"{what} gave a DataFrame whose index is of {of.dtype}. {_INDEX}")
    if len(of) and not 0 <= of.min() <= of.max() < rows:
        raise functions.WrongResult(f"{what} gave a DataFrame with {of.max()} in its index, of {rows} rows. {_INDEX}")
    order = np.argsort(of, kind="stable")
    ordered = result.iloc[order].reset_index(drop=True)
    return Made(functions.as_table(ordered, len(of), what), of[order].astype(np.int64))


_INDEX = "The index says which row of the batch each new row was made of, as `explode` keeps it."


class FilterKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, condition = inputs["rows"], call.params["fn"]
        return rows.filter(holds(condition, rows, call.params))


def holds(condition: Any, rows: pa.Table, params: Mapping[str, Any]) -> Arrow:
    """Which rows a condition (a function, or an expression as text) is true for (n; null where a function says so)."""
    if isinstance(condition, str):
        return expressions.chosen(parse(condition), rows)
    made = rowwise.made(condition, rows, params, partial(_judged, functions.named(condition)))
    return columns.single(made.table["value"])


def _judged(what: str, result: Any, rows: int) -> Made:
    mask = functions.as_column(result, rows, what)
    if not pa.types.is_boolean(mask.type) and mask.null_count < len(mask):
        raise functions.WrongResult(f"{what} gave {columns.described(mask.type)}, and True or False is needed.")
    return rowwise.aligned(pa.table({"value": mask.cast(pa.bool_()) if mask.null_count == len(mask) else mask}))
