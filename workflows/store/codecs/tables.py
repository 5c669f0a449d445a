"""The ``arrow`` codec: tables as Arrow IPC files, memory-mapped when read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa

from workflows.hashing import Digest
from workflows.store.codecs import Source, Write

_PIECE = 64 * 1024  # bytes that are handed on at once, at the least
_OPTIONS = pa.ipc.IpcWriteOptions()  # whatever the environment says
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
    with pa.BufferedOutputStream(pa.PythonFile(_Sink(write), mode="w"), _PIECE) as sink:
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
    with pa.ipc.new_file(sink, table.schema, options=_OPTIONS) as writer:
        for batch in table.to_batches() or [_nothing(table.schema)]:
            writer.write_batch(batch)


def _nothing(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def _clean(table: pa.Table) -> bool:
    """Whether the table is surely what reading it back would give, so that large vectors need no copy."""
    return all(column.num_chunks == 1 and _clean_array(column.chunk(0)) for column in table.columns)


def _clean_array(array: Any) -> bool:
    """Whether an array begins where its buffers do, and says of no value that it is there where all are."""
    data_type = array.type
    if array.offset != 0 or (array.null_count == 0 and array.buffers()[0] is not None):
        return False
    if isinstance(data_type, pa.DictionaryType):
        return bool(array.dictionary.offset == 0)
    if not data_type.num_fields:
        return not isinstance(data_type, pa.BaseExtensionType)
    if pa.types.is_fixed_size_list(data_type):
        return len(array.values) == len(array) * data_type.list_size and _clean_array(array.values)
    if pa.types.is_list(data_type):
        first, last = (array.offsets[place].as_py() for place in (0, len(array)))
        return first == 0 and last == len(array.values) and _clean_array(array.values)
    if pa.types.is_struct(data_type):
        fields = [array.field(place) for place in range(data_type.num_fields)]
        return all(len(field) == len(array) and _clean_array(field) for field in fields)
    return False


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
