"""What scanners do: rows out of the bytes of a source, with names and types of columns learned once for all splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless


class CSVScannerKernel(Stateless):
    """One text is parsed once, though its types and its rows are parts of their own."""

    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        scan = _scan(call, inputs)
        _latest.put(scan)
        return [*state, scan.types()]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [types for state in states for types in state]

    def finish(self, call: Call, state: Any) -> Data:
        """Name of each column → its type, in order."""
        return {"types": delimited.unified(state)}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        scan = _latest.take(inputs["source"], _layout(call)) or _scan(call, inputs)
        table = scan.table(state["types"])
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


class _Latest:
    """The scan that types were learned from last, for the part that turns the same text into rows right afterwards."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scan: delimited.Scan | None = None

    def put(self, scan: delimited.Scan) -> None:
        with self._lock:
            self._scan = scan if scan.source.get("hash") is not None else None

    def take(self, source: Mapping[str, Any], layout: delimited.Format) -> delimited.Scan | None:
        with self._lock:
            scan = self._scan
            if scan is None or scan.source != source or scan.layout != layout:
                return None
            self._scan = None
            return scan


_latest = _Latest()


def _scan(call: Call, inputs: Inputs) -> delimited.Scan:
    source = inputs["source"]
    return delimited.scan(call.read(source), source, _layout(call))


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
