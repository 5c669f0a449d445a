"""Keys of rows: equal values in one or several columns as equal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workflows.errors import HelixError
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow

Numbers = Any  # an array of int64 (n)


def comparable(array: Arrow, what: str) -> Arrow:
    """The column with text encoded and nothing else, NaN as null and −0.0 as 0.0. Raises HelixError for vectors and the
    like."""
    if pa.types.is_dictionary(array.type) and (
        array.dictionary.null_count or not columns.is_text(array.type.value_type)
    ):
        array = array.dictionary_decode()
    if columns.is_text_or_null(array.type):
        return columns.encoded(array)
    if columns.kind(array.type) in ("vector", "other") and not pa.types.is_temporal(array.type):
        raise HelixError(f"{what} needs a column of single values, and has {columns.described(array.type)}.")
    if pa.types.is_floating(array.type):
        array = pc.add(array, pa.scalar(0.0, array.type))
        return pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    return array


def ranks(array: Arrow) -> tuple[Numbers, Arrow]:
    """The rank of each row's value among the distinct ones (n, −1 for null), and those in rising order. Of text there
    may be values among them that no row has."""
    if pa.types.is_dictionary(array.type):
        places, distinct = ranks(array.dictionary)
        return np.append(places, -1)[columns.codes(array)], distinct
    encoded = array.dictionary_encode()
    distinct = encoded.dictionary
    sortable = distinct.cast(pa.int8()) if pa.types.is_boolean(distinct.type) else distinct
    order = pc.sort_indices(sortable).to_numpy()
    places = np.full(len(distinct) + 1, -1, dtype=np.int64)
    places[order] = np.arange(len(order))
    return places[columns.codes(encoded)], distinct.take(pa.array(order, pa.int64()))


def combined(parts: Sequence[Numbers]) -> Numbers:
    """One number ≥ 0 for each combination (n), in the order of the first, then the second, …; parts are ≥ −1, and
    a single one stays as it is."""
    result = np.asarray(parts[0])
    for part in parts[1:]:
        result = np.unique(result * (int(part.max(initial=-1)) + 2) + part + 1, return_inverse=True)[1]
    return result


def ordered(numbers: Numbers) -> Any:
    """The places of the rows (n) in the order of their numbers, from 0 up to some n; equal ones in their own order."""
    count = len(numbers)
    return np.sort(numbers * count + np.arange(count)) % max(count, 1)
