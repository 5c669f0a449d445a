"""Blocks: a part's data cut by rows, each block a file that the run process and the executors see under one path.

A block is in the store's own encoding, so that what a kernel is given is what the local engine would give it of these
rows, bit for bit: no type of Spark's stands between. Blocks in their order, one after another, are the data.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp

from workflows.hashing import fingerprint
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow, Data, Matrix
from workflows.store.codecs import canonical, decode, encode


@dataclass(frozen=True, slots=True)
class Block:
    """One file: its ``path``, codec, rows, and size in bytes. Blocks of one result have one ``form``: types and names.

    ``loose``: whether it holds a column that pandas reads otherwise where no value is missing (integers, true and false
    with nulls among them). A function that is given a block without nulls then sees other types than with all rows.
    """

    path: Path
    codec: str
    rows: int
    bytes: int
    form: str
    loose: bool


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Blocks:
    """A part's data in the order of its rows; none of the blocks is empty. The files live as long as this does."""

    blocks: tuple[Block, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Rows of each block."""
        return tuple(block.rows for block in self.blocks)

    @property
    def bytes(self) -> int:
        return sum(block.bytes for block in self.blocks)

    @property
    def loose(self) -> bool:
        return any(block.loose for block in self.blocks)


def rows_of(data: Data) -> int | None:
    """How many rows data have; None where they are none of rows."""
    match data:
        case Blocks():
            return sum(data.lengths)
        case pa.Table():
            return int(data.num_rows)
        case Matrix():
            return len(data.row_id)
    return None


def equal_lengths(rows: int, count: int) -> tuple[int, ...]:
    """Rows of each of at most ``count`` blocks, none of them empty."""
    bounds = [rows * place // count for place in range(count + 1)]
    return tuple(end - start for start, end in pairwise(bounds) if end > start)


def cut(table: pa.Table, lengths: Sequence[int]) -> list[pa.Table]:
    """The table in blocks of these lengths, each with all values of its dictionaries."""
    return [table.slice(start, length) for start, length in zip(accumulate(lengths, initial=0), lengths, strict=False)]


def write(data: Data, path: Path) -> Block:
    """Write a block, whole or not at all: an executor that is tried again writes the same once more."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        encoded = encode(data, file)
    temporary.rename(path)
    rows = rows_of(data)
    assert rows is not None
    loose = isinstance(data, pa.Table) and _is_loose(data)
    return Block(path, encoded.codec, rows, encoded.bytes, fingerprint("form", _form(data)), loose)


def kept(made: Sequence[Block], folder: Path) -> Blocks:
    """Blocks in a folder of their own, which goes when they are needed no more."""
    result = Blocks(tuple(made))
    weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def read(block: Block) -> Data:
    """A block's data, mapped into memory."""
    return decode(block.codec, block.path)


def joined(made: Blocks) -> Data:
    """The data that blocks are, in canonical form."""
    data = [read(block) for block in made.blocks]
    return canonical(_joined_matrices(data) if isinstance(data[0], Matrix) else _joined_tables(data))


def _joined_tables(made: Sequence[pa.Table]) -> pa.Table:
    table = pa.concat_tables(made)
    joined_columns = [_joined_codes(each) if each.type == columns.CATEGORY else each for each in table.columns]
    return pa.table(joined_columns, schema=table.schema)


def _joined_codes(column: Arrow) -> Arrow:
    """A dictionary column with one dictionary: values in the order in which they come. Arrow's own way would give the
    same, but for what lies under nulls, which is no value, and yet among the bytes that have a digest."""
    first, *others = [chunk.dictionary for chunk in column.chunks]
    if all(first.equals(other) for other in others):
        return column
    distinct = pa.concat_arrays([first, *others]).unique()
    chunks = []
    for chunk in column.chunks:
        given = chunk.indices
        codes = np.frombuffer(given.buffers()[1], dtype=np.int32)[given.offset : given.offset + len(given)]
        places = pc.index_in(chunk.dictionary, distinct).to_numpy()
        valid = chunk.is_valid().to_numpy(zero_copy_only=False)
        moved = np.where(valid, places[np.where(valid, codes, 0)], codes) if len(places) else codes
        indices: Arrow = pa.array(moved.astype(np.int32), mask=None if valid.all() else ~valid)
        chunks.append(pa.DictionaryArray.from_arrays(indices, distinct))
    return pa.chunked_array(chunks)


def _joined_matrices(made: Sequence[Matrix]) -> Matrix:
    x: Any = [each.x for each in made]
    return Matrix(
        x=sp.vstack(x, format="csr") if sp.issparse(x[0]) else np.concatenate(x),
        columns=made[0].columns,
        label=_joined_arrays([each.label for each in made]),
        weight=_joined_arrays([each.weight for each in made]),
        row_id=np.concatenate([each.row_id for each in made]),
    )


def _joined_arrays(arrays: Sequence[Any]) -> Any:
    return None if arrays[0] is None else np.concatenate(arrays)


def _form(data: Data) -> str:
    if isinstance(data, pa.Table):
        return repr([(field.name, str(field.type), field.metadata) for field in data.schema])
    arrays = (data.x, data.label, data.weight)
    return repr((data.columns, sp.issparse(data.x), [None if array is None else str(array.dtype) for array in arrays]))


def _is_loose(table: pa.Table) -> bool:
    return any(_is_loose_array(chunk) for column in table.columns for chunk in column.chunks)


def _is_loose_array(array: Arrow) -> bool:
    if pa.types.is_list(array.type) or pa.types.is_fixed_size_list(array.type):
        return bool(array.null_count) or _is_loose_array(array.values)
    return bool(array.null_count) and (pa.types.is_integer(array.type) or pa.types.is_boolean(array.type))
