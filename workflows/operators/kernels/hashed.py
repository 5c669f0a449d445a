"""What Hash does: features as one sparse vector of fixed length, each distinct value hashed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from workflows.errors import HelixError
from workflows.operators.kernels import columns, vectors
from workflows.operators.kernels.base import Call, Data, Inputs, Stateless
from workflows.operators.kernels.examples import Column, columns_of, numbers_of
from workflows.operators.kernels.tokens import tokens

_ROWS = 4096  # that are put together at once: what they take stays in the processor's cache


class HashKernel(Stateless):
    """The hashing trick (Weinberger et al. 2009) as scikit-learn's FeatureHasher has it, over pairs of slot and value.

    A category, and each token, is ``0=value`` and counts 1; a number is ``0`` and counts as much as it is; a null
    category nothing. What meets in one place is summed, with signs that let collisions cancel on average.
    """

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        size, rows = call.params["size"], len(inputs["features"][0])
        single: list[_Entries] = []
        matrices: list[sp.csr_matrix] = []
        for column in columns_of(call, inputs):
            columns.aligned(column.array, inputs["features"][0], "Hash needs features of the same rows")
            match columns.kind(column.field.type):
                case "tokens":
                    matrices.append(_of_tokens(column, size))
                case "category":
                    single.append(_of_category(column, size))
                case "number":
                    single.append(_of_number(column, size))
                case _:
                    raise HelixError(
                        f"Hash takes categories, numbers and tokens, and `{column.feature}` holds "
                        f"{columns.described(column.field.type)}: pass it to `Examples` as it is."
                    )
        if single:
            matrices.append(_assembled(single, rows, size))
        matrix = matrices[0] if len(matrices) == 1 else sp.csr_matrix(sum(matrices[1:], matrices[0]))
        return vectors.table(matrix)


@dataclass(frozen=True, slots=True)
class _Entries:
    """One entry a row, or none: of distinct value v the place ``places[v]`` (−1: none) and the number ``values[v]``;
    ``codes`` say which distinct value a row has."""

    places: Any
    values: Any
    codes: Any


def _of_category(column: Column, size: int) -> _Entries:
    encoded = columns.encoded(column.array)
    places, signs = _hashed([f"{column.name}={value}" for value in encoded.dictionary.to_pylist()], size)
    # −1, a null, takes the last of each, which stands for it.
    return _Entries(np.append(places, np.int32(-1)), np.append(signs, 0.0), columns.codes(encoded))


def _of_number(column: Column, size: int) -> _Entries:
    values = numbers_of(column)
    places, signs = _hashed([column.name], size)
    return _Entries(np.where(values != 0.0, places[0], np.int32(-1)), values * signs[0], np.arange(len(values)))


def _of_tokens(column: Column, size: int) -> sp.csr_matrix:
    given = tokens(pa.table([column.array], names=["value"]), "Hash")
    places, signs = _hashed([f"{column.name}={word}" for word in given.words], size)
    matrix = sp.csr_matrix(
        (signs[given.codes], places[given.codes], given.offsets.astype(np.int32)), shape=(len(column.array), size)
    )
    matrix.sum_duplicates()
    return matrix


def _assembled(single: list[_Entries], rows: int, size: int) -> sp.csr_matrix:
    """The entries of each row side by side, and summed where places are equal."""
    places = np.empty((rows, len(single)), dtype=np.int32)
    values = np.empty((rows, len(single)))
    for start in range(0, rows, _ROWS):
        block = slice(start, start + _ROWS)
        for column, entries in enumerate(single):
            codes = entries.codes[block]
            places[block, column] = entries.places[codes]
            values[block, column] = entries.values[codes]
    filled = places >= 0
    if filled.all():
        offsets = np.arange(0, places.size + 1, len(single), dtype=np.int32)
        matrix = sp.csr_matrix((values.ravel(), places.ravel(), offsets), shape=(rows, size))
    else:
        offsets = np.zeros(rows + 1, dtype=np.int32)
        np.cumsum(np.count_nonzero(filled, axis=1), out=offsets[1:])
        matrix = sp.csr_matrix((values[filled], places[filled], offsets), shape=(rows, size))
    matrix.sum_duplicates()
    return matrix


def _hashed(texts: list[str], size: int) -> tuple[Any, Any]:
    """Place (int32) and sign (float64) of each text, by MurmurHash3 of its UTF-8 bytes."""
    from sklearn.utils import murmurhash3_32

    hashes = np.array([murmurhash3_32(text.encode("utf-8", "surrogatepass")) for text in texts], dtype=np.int64)
    return (np.abs(hashes) % size).astype(np.int32), np.where(hashes >= 0, 1.0, -1.0)
