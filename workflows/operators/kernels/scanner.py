"""What scanners do: rows out of the bytes of a source, with names and types of columns learned once for all splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless


class CSVScannerKernel(Stateless):
    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        source = inputs["source"]
        return [*state, delimited.scan(call.read(source), source, _layout(call)).types()]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [types for state in states for types in state]

    def finish(self, call: Call, state: Any) -> Data:
        """Name of each column → its type, in order."""
        return {"types": delimited.unified(state)}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        source = inputs["source"]
        table = delimited.scan(call.read(source), source, _layout(call)).table(state["types"])
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


def _layout(call: Call) -> delimited.Format:
    params = call.params
    return delimited.Format(
        columns=params["columns"],
        header=params["columns"] is None if params["header"] is None else params["header"],
        sep=params["sep"],
        quote=params["quote"],
        na=tuple(params["na"]),
        strip=params["strip"],
        comment=params["comment"],
        encoding=params["encoding"],
        types=tuple(params["types"].items()),
    )
