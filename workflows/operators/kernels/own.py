"""Reads files by a user function: a format of one's own, with the columns that ``train`` has."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workflows.operators.kernels import functions, schemas
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import unpacked


class NamedFile(io.BytesIO):
    """The bytes of a file, opened: with ``name`` as files on disk have it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


class ReadFailed(functions.UserCodeFailed):
    """The function raised while it read a file, which is named."""

    def __init__(self, error: BaseException, path: str) -> None:
        super().__init__(error, path)
        self.message = f"{path}: {self.message}"


class ScannerKernel(Stateless):
    """The function is called on each file of ``train`` twice: once for what columns there are, once for the rows.

    Keeping its first result would give another run than one in which the columns were learned before.
    """

    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        return [*state, *_tables(call, inputs["source"])]

    def merge(self, call: Call, states: Any) -> Any:
        return [table for state in states for table in state]

    def finish(self, call: Call, state: Any) -> Data:
        return {"schema": schemas.dumped(schemas.unified(state))}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        schema = schemas.loaded(state["schema"])
        tables = _tables(call, inputs["source"])
        table = pa.concat_tables([schemas.conformed(table, schema, name) for name, table in tables])
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


def _tables(call: Call, source: Mapping[str, Any]) -> list[tuple[str, pa.Table]]:
    function = call.params["fn"]
    return [(name, _table(function, name, unpacked(content, name))) for name, content in call.read(source)]


def _table(function: Callable[[NamedFile], Any], name: str, content: bytes) -> pa.Table:
    try:
        result = function(NamedFile(name, content))
        if isinstance(result, Iterable) and not isinstance(result, pd.DataFrame | Mapping | str | bytes):
            result = list(result)  # a generator's code runs here
    except Exception as error:  # user code may raise anything
        raise ReadFailed(error, name) from error
    rows = len(result) if isinstance(result, pd.DataFrame | list) else 0
    what = f"{functions.named(function)}, for {name},"
    return schemas.normalised(functions.as_table(result, rows, what), name)
