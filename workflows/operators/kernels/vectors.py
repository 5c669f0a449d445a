"""Vectors as columns: dense ones are lists of one size, sparse ones lists of (index, value); names go along."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from workflows.errors import HelixError
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow

_SIZE = b"size"
_NAMES = b"names"


def table(matrix: Any, names: tuple[str, ...] | None = None, column: str = "value") -> pa.Table:
    """A feature of one vector column out of an array or a sparse matrix (n × d), in float32 or float64."""
    array = _sparse(matrix) if sp.issparse(matrix) else _dense(np.asarray(matrix))
    metadata = {_SIZE: str(matrix.shape[1]).encode()}
    if names is not None:
        metadata[_NAMES] = json.dumps(names).encode()
    return pa.table([array], schema=pa.schema([pa.field(column, array.type, metadata=metadata)]))


def matrix(field: Arrow, array: Arrow) -> Any:
    """The vectors of a column as a C-ordered array or a CSR matrix (n × d). Raises HelixError where one is null."""
    if array.null_count:
        raise HelixError(f"{array.null_count} vectors of `{field.name}` are null: drop those rows with `Filter` first.")
    if pa.types.is_fixed_size_list(array.type):
        flat = array.flatten().to_numpy(zero_copy_only=False)
        return flat.reshape(len(array), array.type.list_size)
    pairs = array.flatten()
    offsets = array.offsets.to_numpy()
    return sp.csr_matrix(
        (pairs.field("value").to_numpy(), pairs.field("index").to_numpy(), (offsets - offsets[0]).astype(np.int32)),
        shape=(len(array), size(field)),
    )


def size(field: Arrow) -> int:
    """How long the vectors of a column are."""
    if pa.types.is_fixed_size_list(field.type):
        return int(field.type.list_size)
    return int((field.metadata or {})[_SIZE])


def given_names(field: Arrow) -> list[str] | None:
    """What the places of a vector are called; None where they are called by number."""
    given = (field.metadata or {}).get(_NAMES)
    return list(json.loads(given)) if given else None


def names(field: Arrow) -> list[str]:
    """What the places of a vector are called: by number where whatever made it named nothing."""
    return given_names(field) or [str(place) for place in range(size(field))]


def dense(table: pa.Table) -> Any:
    """All columns of a feature side by side as numbers: a C-ordered array, or CSR where one is sparse (n × d)."""
    blocks: list[Any] = []
    for field in table.schema:
        array = columns.single(table[field.name])
        if columns.kind(field.type) == "vector":
            blocks.append(matrix(field, array))
        else:
            blocks.append(columns.numbers(array, f"`{field.name}`")[:, None])
    if any(sp.issparse(block) for block in blocks):
        return sp.csr_matrix(sp.hstack(blocks, format="csr"))
    return np.ascontiguousarray(blocks[0] if len(blocks) == 1 else np.hstack(blocks))


def _dense(values: Any) -> Arrow:
    kept = values.astype(values.dtype if values.dtype in (np.float32, np.float64) else np.float64, copy=False)
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(kept).ravel()), values.shape[1])


def _sparse(values: Any) -> Arrow:
    csr = sp.csr_matrix(values)
    csr.sort_indices()
    kept = csr.data.astype(csr.data.dtype if csr.data.dtype in (np.float32, np.float64) else np.float64, copy=False)
    pairs = pa.StructArray.from_arrays([pa.array(csr.indices, pa.int32()), pa.array(kept)], ["index", "value"])
    return pa.ListArray.from_arrays(pa.array(csr.indptr, pa.int32()), pairs)
