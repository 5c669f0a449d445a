"""Reads Parquet files, with the columns that ``train`` has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from workflows.operators.kernels import schemas
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import ScanFailed, known, unpacked


class ParquetScannerKernel(Stateless):
    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        """The columns alone, in a table of no rows: their types are written in the files."""
        return [*state, *((name, _table(file, name, _wanted(call), 0)) for name, file in _files(call, inputs))]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [table for state in states for table in state]

    def finish(self, call: Call, state: Any) -> Data:
        return {"schema": schemas.dumped(schemas.unified(state))}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        schema = schemas.loaded(state["schema"])
        tables = [
            schemas.conformed(_table(file, name, _wanted(call)), schema, name) for name, file in _files(call, inputs)
        ]
        table = pa.concat_tables(tables)
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


def _wanted(call: Call) -> tuple[str, ...] | None:
    columns = call.params["columns"]
    return None if columns is None else tuple(columns)


def _files(call: Call, inputs: Inputs) -> list[tuple[str, pa.parquet.ParquetFile]]:
    source: Mapping[str, Any] = inputs["source"]
    return [(name, _opened(unpacked(content, name), name)) for name, content in call.read(source)]


def _opened(content: bytes, path: str) -> pa.parquet.ParquetFile:
    try:
        return pa.parquet.ParquetFile(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise ScanFailed(path, f"this is no Parquet file, or it is damaged: {_first_line(error)}") from None


def _table(
    file: pa.parquet.ParquetFile, path: str, wanted: tuple[str, ...] | None, rows: int | None = None
) -> pa.Table:
    """The wanted columns, in types that columns have. Raises ScanFailed."""
    schema = schemas.flattened(file.schema_arrow.empty_table()).schema
    missing = next((name for name in wanted or () if name not in schema.names), None)
    if missing is not None:
        raise ScanFailed(path, f"there is no column `{missing}`; {known(missing, schema.names)}")
    if rows == 0:
        table = file.schema_arrow.empty_table()
    else:
        try:
            table = file.read(columns=None if wanted is None else list(wanted))
        except (pa.ArrowException, OSError) as error:
            raise ScanFailed(path, f"it is damaged: {_first_line(error)}") from None
    table = schemas.flattened(table)
    return schemas.normalised(table if wanted is None else table.select(list(wanted)), path)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
