"""What synthesizers do: rows out of rows."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.expression import parse
from workflows.operators.kernels import columns, expressions, functions
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless

_Uints = Any  # an array of uint64


class SplitKernel(Stateless):
    """Each row has a place in [0, 1) by a hash of the seed and its row id (or its group); shares are stretches of it.

    ``test`` is the first stretch, so that asking for ``validation`` moves no row of it. With ``stratify`` the places
    are the ranks of the hashes among the rows of equal value, so that shares are equal to within a row.
    """

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, params = inputs["rows"], call.params
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
    ids = columns.single(rows[ROW_ID]).to_numpy().astype(np.uint64)
    hashes = _mixed(ids ^ _mixed(np.array([call.seed], dtype=np.uint64)))
    if params["stratify"] is not None:
        return _ranks(columns.column(rows, params["stratify"]), hashes)
    return (hashes >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def _mixed(values: _Uints) -> _Uints:
    """SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits whose outputs look independent."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _of_groups(array: Arrow, seed: int) -> Any:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    key = seed.to_bytes(16, "little", signed=True)
    texts = [repr(value).encode() for value in [*encoded.dictionary.to_pylist(), None]]
    digests = [int.from_bytes(blake2b(text, key=key, digest_size=8).digest(), "little") >> 11 for text in texts]
    return (np.array(digests, dtype=np.float64) / float(1 << 53))[columns.codes(encoded)]


def _ranks(array: Arrow, hashes: _Uints) -> Any:
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    strata = columns.codes(encoded)
    places = np.empty(len(strata))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        order = np.argsort(hashes[members], kind="stable")
        places[members[order]] = (np.arange(len(members)) + 0.5) / len(members)
    return places


class MapKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, function = inputs["rows"], call.params["fn"]
        result = functions.on_batch(function, rows, call.params["each"])
        table = functions.as_table(result, rows.num_rows, functions.named(function))
        return table.add_column(0, ROW_ID, rows[ROW_ID])


class FilterKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, condition = inputs["rows"], call.params["fn"]
        if isinstance(condition, str):
            return rows.filter(expressions.chosen(parse(condition), rows))
        what = functions.named(condition)
        mask = functions.as_column(functions.on_batch(condition, rows, call.params["each"]), rows.num_rows, what)
        if not pa.types.is_boolean(mask.type) and mask.null_count < len(mask):
            raise functions.WrongResult(f"{what} gave {columns.described(mask.type)}, and True or False is needed.")
        return rows.filter(mask.cast(pa.bool_()) if mask.null_count == len(mask) else mask)
