"""Reads JSON: finds the records of a document, or one in each line, and flattens what is nested in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import nearest
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import ScanFailed, known, unpacked, utf8
from workflows.operators.kernels.fields import Records, all_of, shown, table, together, types_of


class JSONScannerKernel(Stateless):
    """What is learned is the type of each column, in the order in which columns are first met."""

    whole = True

    def init(self, call: Call) -> Any:
        return {}

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        wanted, asked = call.params["columns"], call.params["types"]
        read = _records(call, inputs["source"])
        names = list(dict.fromkeys(name for records in read for name in records.columns))
        for what, given in (("columns", wanted or ()), ("types", asked)):
            missing = next((name for name in given if name not in names), None)
            if missing is not None:
                raise ScanFailed(read[0].path, f"`{what}` names `{missing}`; {known(missing, names)}")
        for records in read:
            state = together(state, types_of(records, asked, wanted), records)
        return state

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        merged: Mapping[str, str] = {}
        for state in states:
            merged = together(merged, state, None)
        return merged

    def finish(self, call: Call, state: Any) -> Data:
        """Name of each column → its type, in order."""
        return {"types": {name: state[name] for name in (call.params["columns"] or state)}}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        asked = call.params["types"]
        read = _records(call, inputs["source"])
        joined = pa.concat_tables([table(records, state["types"], asked) for records in read])
        row_id = pa.array(np.arange(sum(records.rows for records in read)))
        cells: dict[str, Arrow] = {name: joined[name] for name in joined.column_names}
        return pa.table({ROW_ID: row_id, **cells})


def _records(call: Call, source: Mapping[str, Any]) -> list[Records]:
    params = call.params
    kept = frozenset(name for name, given in params["types"].items() if given == "str")
    return [
        records(content, name, params["records"], params["lines"], params["encoding"], kept)
        for name, content in call.read(source)
    ]


def records(
    content: bytes,
    path: str,
    place: str | None = None,
    lines: bool | None = None,
    encoding: str = "utf-8",
    kept: frozenset[str] = frozenset(),
) -> Records:
    """The records of a file. ``kept`` are the names under which an object is a value, and not flattened.

    Raises ScanFailed for what is no JSON, by line and column, and where the records are not at ``place``.
    """
    text = utf8(unpacked(content, path), path, encoding).decode()
    found, numbers = _found(text, path, place, lines)
    flat: list[dict[str, Any]] = []
    for row, record in enumerate(found):
        if not isinstance(record, dict):
            where = Records(path, {}, len(found), numbers)
            raise where.failed(row, f"an object is expected, and this is {shown(record)}.")
        flat.append(record if _is_flat(record) else dict(_flattened(record, "", kept)))
    names = dict.fromkeys(name for record in flat for name in record)
    if ROW_ID in names:
        raise ScanFailed(path, f"a column may not be called `{ROW_ID}`; give it another name.")
    return Records(path, {name: [record.get(name) for record in flat] for name in names}, len(flat), numbers)


def _found(text: str, path: str, place: str | None, lines: bool | None) -> tuple[Sequence[Any], Sequence[int] | None]:
    if not text.strip():
        return [], None
    if lines or (lines is None and place is None and _looks_like_lines(text)):
        return _of_lines(text, path)
    document = _parsed(text, path, 1)
    return _at(document, path, place), None


def _looks_like_lines(text: str) -> bool:
    """Whether there are several lines of which the first is an object by itself, as in no document."""
    first, _, rest = text.strip().partition("\n")
    if not rest or not first.startswith("{"):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _of_lines(text: str, path: str) -> tuple[list[Any], list[int]]:
    found: list[Any] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isspace() and line:
            found.append(_parsed(line, path, number))
            numbers.append(number)
    return found, numbers


def _parsed(text: str, path: str, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        several = error.msg == "Extra data" and line == 1
        hint = " Where each line is an object of its own, pass lines=True." if several else ""
        where = f"column {error.colno}: this is no JSON: {error.msg}.{hint}"
        raise ScanFailed(path, where, line + error.lineno - 1) from None
    except RecursionError:
        raise ScanFailed(path, "it is nested too deeply to be read.", line) from None
    except ValueError as error:  # a number of thousands of digits
        raise ScanFailed(path, f"{error}.", line) from None


def _at(document: Any, path: str, place: str | None) -> Sequence[Any]:
    """The array of records: the document, or what is at ``place`` in it. An object by itself is one record."""
    found = document
    for step in place.split(".") if place else ():
        if not isinstance(found, dict) or step not in found:
            names = list(found) if isinstance(found, dict) else []
            near = nearest(step, names)
            hint = f"did you mean `{near}`?" if near else f"the document has {', '.join(names[:20]) or 'none'}."
            raise ScanFailed(path, f'there is no `{step}`, which records="{place}" names: {hint}')
        found = found[step]
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        arrays = [name for name, value in found.items() if isinstance(value, list) and value and all_of(value, dict)]
        if not arrays:
            return [found]
        inner = f"{place}.{arrays[0]}" if place else arrays[0]
        raise ScanFailed(path, f'the document is one object; for the records in it, pass records="{inner}".')
    raise ScanFailed(path, f"an array of objects is expected, and this is {shown(found)}.")


def _is_flat(record: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, dict) for value in record.values())


def _flattened(record: Mapping[str, Any], prefix: str, kept: frozenset[str]) -> Iterable[tuple[str, Any]]:
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, dict) and name not in kept:
            yield from _flattened(value, f"{name}.", kept)
        else:
            yield name, value
