"""Columns as kernels see them: one chunk each, strings dictionary-encoded once and worked on by distinct value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workflows.errors import HelixError, nearest
from workflows.operators.kernels.base import ROW_ID, Arrow

CATEGORY = pa.dictionary(pa.int32(), pa.string())

TOKENS = pa.list_(CATEGORY)

ColumnKind: TypeAlias = Literal["number", "category", "vector", "tokens", "other"]
Codes: TypeAlias = "np.ndarray[Any, np.dtype[np.int32]]"
Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


class ColumnMissing(HelixError):
    """A column was named that the rows do not have."""

    code = "column-missing"

    def __init__(self, column: str, columns: Iterable[str]) -> None:
        names = [name for name in columns if name != ROW_ID]
        near = nearest(column, names)
        hint = f"did you mean `{near}`?" if near else f"they are {', '.join(f'`{name}`' for name in names[:20])}."
        super().__init__(f"There is no column `{column}`: {hint}", column=column, columns=names, nearest=near)


def column(table: pa.Table, name: str) -> Arrow:
    """The column of that name as one array. Raises ColumnMissing."""
    return single(table[field(table, name).name])


def field(table: pa.Table, name: str) -> Arrow:
    """The field of that name. Raises ColumnMissing."""
    if name not in table.column_names or name == ROW_ID:
        raise ColumnMissing(name, table.column_names)
    return table.schema.field(name)


def single(chunked: Arrow) -> Arrow:
    """The same values in one chunk."""
    if chunked.num_chunks == 1:
        return chunked.chunk(0)
    if pa.types.is_dictionary(chunked.type):
        chunked = chunked.unify_dictionaries()
    return pa.concat_arrays(chunked.chunks) if chunked.num_chunks else pa.array([], chunked.type)


def values(feature: pa.Table) -> Arrow:
    """The one column of a feature. Raises HelixError where it has several."""
    names = [name for name in feature.column_names if name != ROW_ID]
    if len(names) != 1:
        raise HelixError(f"One column is needed here, and this has {len(names)}: {', '.join(names[:10])}.")
    return single(feature[names[0]])


def kind(data_type: pa.DataType) -> ColumnKind:
    """How ``Examples`` encodes a column of this type. Columns of nothing but nulls count as categories."""
    if pa.types.is_integer(data_type) or pa.types.is_floating(data_type) or pa.types.is_decimal(data_type):
        return "number"
    if pa.types.is_dictionary(data_type):
        return kind(data_type.value_type)
    if is_text(data_type) or pa.types.is_boolean(data_type) or pa.types.is_null(data_type):
        return "category"
    if pa.types.is_fixed_size_list(data_type) or is_sparse(data_type):
        return "vector"
    return "tokens" if is_tokens(data_type) else "other"


def is_tokens(data_type: pa.DataType) -> bool:
    """A list of dictionary-encoded texts a row (``tokens``)."""
    return bool(pa.types.is_list(data_type) and data_type.value_type == CATEGORY)


def is_text(data_type: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(data_type) or pa.types.is_large_string(data_type) or pa.types.is_string_view(data_type)
    )


def is_text_or_null(data_type: pa.DataType) -> bool:
    """Text, encoded or not, or nothing but nulls: what may be text."""
    if pa.types.is_dictionary(data_type):
        data_type = data_type.value_type
    return is_text(data_type) or bool(pa.types.is_null(data_type))


def is_sparse(data_type: pa.DataType) -> bool:
    """A sparse vector is a list of (index, value) pairs; its length stands in the field's metadata (``vectors``)."""
    return bool(
        pa.types.is_list(data_type)
        and pa.types.is_struct(data_type.value_type)
        and [field.name for field in data_type.value_type] == ["index", "value"]
    )


def encoded(array: Arrow) -> Arrow:
    """Strings (or booleans, ``false`` and ``true``) as dictionary codes; what already is comes back as it is."""
    if pa.types.is_dictionary(array.type):
        if is_text(array.type.value_type):
            return array if array.type == CATEGORY else array.cast(CATEGORY)
        return encoded(array.dictionary_decode())
    if pa.types.is_boolean(array.type) or pa.types.is_null(array.type):
        array = array.cast(pa.string())
    return array.dictionary_encode().cast(CATEGORY)


def codes(array: Arrow) -> Codes:
    """The codes of a dictionary array (n), −1 for null."""
    indices = array.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int32)


def from_codes(indices: Codes, dictionary: Any) -> Arrow:
    """A dictionary array out of codes (−1: null) and the values they stand for."""
    distinct = dictionary if isinstance(dictionary, pa.Array) else pa.array(list(dictionary), pa.string())
    mask = indices < 0
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32(), mask=mask if mask.any() else None), distinct)


def numbers(array: Arrow, what: str) -> Floats:
    """The values as float64 (n), NaN for null. Raises HelixError where they are not numbers."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if kind(array.type) != "number":
        raise HelixError(f"{what} needs numbers, and was given {described(array.type)}.", type=str(array.type))
    return np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def described(data_type: pa.DataType) -> str:
    """The type as people call it."""
    if pa.types.is_dictionary(data_type):
        return described(data_type.value_type)
    if is_text(data_type):
        return "text"
    if pa.types.is_boolean(data_type):
        return "true and false"
    return {"number": "numbers", "vector": "vectors", "tokens": "tokens", "category": "nothing but nulls"}.get(
        kind(data_type), f"values of type {data_type}"
    )


def present(array: Arrow) -> tuple[list[str], bool]:
    """The values that do occur (a dictionary may hold more), unsorted, and whether null does."""
    indices = codes(array)
    counts = np.bincount(indices + 1, minlength=len(array.dictionary) + 1)
    used = np.flatnonzero(counts[1:])
    return array.dictionary.take(pa.array(used)).to_pylist(), bool(counts[0])


def by_value(array: Arrow, mapping: dict[str, int]) -> Codes:
    """Code of each row's value in ``mapping`` (n): −1 for null, −2 for a value it does not have."""
    table = np.array([mapping.get(value, -2) for value in array.dictionary.to_pylist()] + [-1], dtype=np.int32)
    return table[codes(array)]


def aligned(first: Any, second: Any, what: str) -> None:
    """Raises HelixError where two operands do not have as many rows."""
    if len(first) != len(second):
        raise HelixError(f"{what}: {len(first)} rows against {len(second)}.")


def is_null(array: Arrow) -> Arrow:
    """Null or NaN."""
    return pc.is_null(array, nan_is_null=pa.types.is_floating(array.type))
