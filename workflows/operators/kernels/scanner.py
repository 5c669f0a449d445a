"""What scanners do: rows out of the bytes of a source, with names and types of columns learned once for all splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless
from workflows.operators.kernels.records import Format


class CSVScannerKernel(Stateless):
    """One text is parsed once, though its types and its rows are parts of their own."""

    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        source, layout = inputs["source"], _layout(call)
        scans = _scans(call, source, layout)
        _latest.put(source, layout, scans)
        return [*state, *(scan.types() for scan in scans)]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [types for state in states for types in state]

    def finish(self, call: Call, state: Any) -> Data:
        """Name of each column → its type, in order."""
        return {"types": delimited.unified(state)}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        source, layout = inputs["source"], _layout(call)
        scans = _latest.take(source, layout) or _scans(call, source, layout)
        table = pa.concat_tables([scan.table(state["types"]) for scan in scans])
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


class _Latest:
    """What types were learned from last, parsed, for the part that turns the same text into rows right afterwards."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[Mapping[str, Any], Format, list[delimited.Scan]] | None = None

    def put(self, source: Mapping[str, Any], layout: Format, scans: list[delimited.Scan]) -> None:
        with self._lock:
            self._kept = (source, layout, scans) if source.get("hash") is not None else None

    def take(self, source: Mapping[str, Any], layout: Format) -> list[delimited.Scan] | None:
        with self._lock:
            if self._kept is None or self._kept[:2] != (source, layout):
                return None
            (_, _, scans), self._kept = self._kept, None
            return scans


_latest = _Latest()


def _scans(call: Call, source: Mapping[str, Any], layout: Format) -> list[delimited.Scan]:
    return [delimited.scan(content, name, layout) for name, content in call.read(source)]


def _layout(call: Call) -> Format:
    params = call.params
    return Format(
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
