"""The ``arrow`` codec: tables as Arrow IPC files, memory-mapped when read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from workflows.hashing import Digest
from workflows.store.codecs import Source, Write

_PANDAS = b"pandas"  # metadata of pandas: its version would differ where the table does not


def canonical(data: pa.Table) -> pa.Table:
    """The table in one record batch (each column one chunk at offset 0), types and dictionaries as they are.

    A column without nulls has no validity bitmap; metadata of pandas are dropped, other metadata kept. Where a column
    of strings exceeds 2 GB, Arrow needs several batches, and they are kept.
    """
    table = _without_pandas(data)
    if _clean(table):
        return table
    table = _combined(table)
    if _clean(table):
        return table
    sink = pa.BufferOutputStream()
    _write(table, sink)
    return pa.ipc.open_file(sink.getvalue()).read_all()


def encode(data: pa.Table, write: Write) -> Digest | None:
    table = _without_pandas(data)
    with pa.PythonFile(_Sink(write), mode="w") as sink:
        _write(table if _clean(table) else _combined(table), sink)
    return None


def decode(source: Source) -> pa.Table:
    opened = pa.memory_map(str(source)) if isinstance(source, Path) else pa.BufferReader(source)
    return pa.ipc.open_file(opened).read_all()


def _without_pandas(table: pa.Table) -> pa.Table:
    metadata = table.schema.metadata
    if not metadata or _PANDAS not in metadata:
        return table
    kept = {key: value for key, value in metadata.items() if key != _PANDAS}
    return table.replace_schema_metadata(kept or None)


def _combined(table: pa.Table) -> pa.Table:
    return table.unify_dictionaries().combine_chunks()


def _write(table: pa.Table, sink: pa.NativeFile) -> None:
    batches = table.to_batches() or [pa.RecordBatch.from_arrays([_empty(f) for f in table.schema], schema=table.schema)]
    with pa.ipc.new_file(sink, table.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _clean(table: pa.Table) -> bool:
    """Whether the table is surely what reading it back would give: nested columns, for one, may be sliced inside."""
    return all(_clean_column(column) for column in table.columns)


def _clean_column(column: pa.ChunkedArray[Any]) -> bool:
    if column.num_chunks != 1 or pa.types.is_nested(column.type) or isinstance(column.type, pa.BaseExtensionType):
        return False
    chunk = cast("pa.Array[Any]", column.chunk(0))
    if isinstance(chunk, pa.DictionaryArray) and chunk.dictionary.offset != 0:
        return False
    return chunk.offset == 0 and (chunk.null_count > 0 or chunk.buffers()[0] is None)


def _empty(field: pa.Field[Any]) -> pa.Array[Any]:
    return cast("pa.Array[Any]", pa.array([], type=field.type))


class _Sink(io.RawIOBase):
    """A file that hands on what it is given: Arrow writes to it, the codec's ``write`` hashes and keeps it."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        view = memoryview(chunk)
        self._write(view)
        return view.nbytes
