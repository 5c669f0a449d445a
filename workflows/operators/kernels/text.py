"""Reads plain text: a line, or a whole file, is a row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import unpacked, utf8


class TextScannerKernel(Stateless):
    """Columns ``text`` (without the line's end), ``path``, and, of a line, ``line`` from 1. Nothing is learned."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        encoding, lines = call.params["encoding"], call.params["each"] == "line"
        texts: list[Arrow] = []
        names: list[str] = []
        for name, content in call.read(inputs["source"]):
            text = utf8(unpacked(content, name), name, encoding)
            texts.append(_lines(text) if lines else pa.array([text], pa.binary()).cast(pa.string()))
            names.append(name)
        counts = [len(text) for text in texts]
        files = np.repeat(np.arange(len(names), dtype=np.int32), counts)
        arrays = {
            ROW_ID: pa.array(np.arange(sum(counts))),
            "text": columns.encoded(pa.concat_arrays(texts)),
            "path": columns.from_codes(files, names),
        }
        if lines:
            arrays["line"] = pa.array(np.concatenate([np.arange(1, count + 1) for count in counts]), pa.int64())
        return pa.table(arrays)


def _lines(text: bytes) -> Arrow:
    """The lines of a text in UTF-8 without their ends; what follows the last end is a line where there is anything."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = text.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return pa.array(lines, pa.binary()).cast(pa.string())
