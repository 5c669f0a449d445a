"""Reads JSON into columns: nested objects as dotted names, types by what all values of a column are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import nearest
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import ScanFailed, known, unpacked, utf8

_NOTHING = "none"  # the type of a column of nothing but nulls
_NAMES = {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "object"}
_TRUTH = {"true": True, "false": False}
_LONGEST = 60  # characters shown of a value


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file, flattened, and for each column what it holds by row (None where it has no value).

    ``lines``: a record is a line, so that a row is named by its line.
    """

    path: str
    columns: Mapping[str, list[Any]]
    rows: int
    lines: Sequence[int] | None

    def failed(self, row: int, problem: str) -> ScanFailed:
        if self.lines is not None:
            return ScanFailed(self.path, problem, self.lines[row])
        return ScanFailed(f"{self.path}, record {row + 1}", problem)


class JSONScannerKernel(Stateless):
    """What is learned is the type of each column, in the order in which columns are first met."""

    whole = True

    def init(self, call: Call) -> Any:
        return {}

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        found = [(found, types_of(found, call.params["types"])) for found in _records(call, inputs["source"])]
        for records, types in found:
            state = _together(state, types, records)
        return state

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        merged: Mapping[str, str] = {}
        for state in states:
            merged = _together(merged, state, None)
        return merged

    def finish(self, call: Call, state: Any) -> Data:
        """Name of each column → its type, in order. Raises ScanFailed for a name of ``columns`` that is not there."""
        wanted = call.params["columns"]
        for what, names in (("columns", wanted or ()), ("types", call.params["types"])):
            missing = next((name for name in names if name not in state), None)
            if missing is not None:
                raise ScanFailed("the files", f"`{what}` names `{missing}`; {known(missing, list(state))}")
        return {"types": {name: state[name] for name in (wanted or state)}}

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
            raise where.failed(row, f"an object is expected, and this is {_shown(record)}.")
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
        arrays = [name for name, value in found.items() if isinstance(value, list) and value and _all(value, dict)]
        if not arrays:
            return [found]
        inner = f"{place}.{arrays[0]}" if place else arrays[0]
        raise ScanFailed(path, f'the document is one object; for the records in it, pass records="{inner}".')
    raise ScanFailed(path, f"an array of objects is expected, and this is {_shown(found)}.")


def _is_flat(record: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, dict) for value in record.values())


def _flattened(record: Mapping[str, Any], prefix: str, kept: frozenset[str]) -> Iterable[tuple[str, Any]]:
    for key, value in record.items():
        name = prefix + key
        if isinstance(value, dict) and name not in kept:
            yield from _flattened(value, f"{name}.", kept)
        else:
            yield name, value


# Types


def types_of(records: Records, asked: Mapping[str, str]) -> dict[str, str]:
    """Name of each column → its type: asked for, else the one that all its values have. Raises ScanFailed for more."""
    types = {
        name: asked[name] if name in asked else _type(records, name, values) for name, values in records.columns.items()
    }
    # ``null`` where other records have an object: that is the object's columns being null.
    prefixes = {name[:place] for name in types for place, letter in enumerate(name) if letter == "."}
    clash = next((name for name, given in types.items() if name in prefixes and given != _NOTHING), None)
    if clash is not None:
        row, value = next((row, value) for row, value in enumerate(records.columns[clash]) if value is not None)
        raise records.failed(
            row,
            f"column `{clash}` holds {_shown(value)} here and an object elsewhere: make them alike, or pass "
            f'types={{"{clash}": "str"}}.',
        )
    return {name: given for name, given in types.items() if given != _NOTHING or name not in prefixes}


def _type(records: Records, name: str, values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values} - {type(None)}
    if not kinds:
        return _NOTHING
    if kinds == {list}:
        return _type_of_lists([value for value in values if value is not None])
    if kinds <= {int, float}:
        return "float" if float in kinds else _type_of_integers(values)
    if len(kinds) == 1:
        return _NAMES[kinds.pop()]
    usual = max(kinds, key=lambda kind: sum(type(value) is kind for value in values))
    row = next(row for row, value in enumerate(values) if value is not None and type(value) is not usual)
    example = next(value for value in values if type(value) is usual)
    raise records.failed(
        row,
        f"column `{name}` holds {_shown(values[row])} here and {_shown(example)} elsewhere: make them alike, or pass "
        f'types={{"{name}": "str"}}.',
    )


def _type_of_integers(values: Sequence[Any]) -> str:
    """Whole numbers beyond 64 bits are identifiers, which as floats would fall together."""
    return "int" if all(value is None or -(1 << 63) <= value < 1 << 63 for value in values) else "str"


def _type_of_lists(values: Sequence[list[Any]]) -> str:
    """A vector where all are numbers and as many, tokens where all are texts, else the JSON text."""
    length = len(values[0])
    if length and all(len(value) == length and _all(value, int, float) for value in values):
        return f"vector of {length}"
    return "tokens" if all(_all(value, str) for value in values) else "str"


def _all(values: Sequence[Any], *kinds: type) -> bool:
    return all(type(value) in kinds for value in values)


def _together(first: Mapping[str, str], second: Mapping[str, str], records: Records | None) -> dict[str, str]:
    """The types that hold the values of both. Raises ScanFailed where there is none."""
    types = dict(first)
    for name, given in second.items():
        earlier = types.get(name, _NOTHING)
        if given in (earlier, _NOTHING):
            types.setdefault(name, given)
        elif earlier == _NOTHING:
            types[name] = given
        elif {earlier, given} == {"int", "float"}:
            types[name] = "float"
        else:
            path = "the files" if records is None else records.path
            raise ScanFailed(
                path,
                f"column `{name}` holds {_word(given)}, and {_word(earlier)} in a file before it: make them alike, or "
                f'pass types={{"{name}": "str"}}.',
            )
    return types


# Columns


def table(records: Records, types: Mapping[str, str], asked: Iterable[str] = ()) -> pa.Table:
    """The columns of these names and types; one that no record has is null, others are left out.

    ``asked`` are the columns whose type was asked for: only there is text read as a number.
    """
    nothing = [None] * records.rows
    return pa.table(
        {
            name: _column(records, name, records.columns.get(name, nothing), given, text=name in asked)
            for name, given in types.items()
        }
    )


def _column(records: Records, name: str, values: list[Any], given: str, *, text: bool) -> Arrow:
    convert, data_type = _conversion(given)
    converted: list[Any] = []
    for row, value in enumerate(values):
        try:
            if isinstance(value, str) and not text and given in ("int", "float", "bool"):
                raise TypeError
            converted.append(None if value is None else convert(value))
        except (ValueError, OverflowError, TypeError):
            raise records.failed(
                row,
                f"column `{name}` holds {_shown(value)}, which is no {_word(given)}: mend it, or pass "
                f'types={{"{name}": "{_wider(value, given)}"}}.',
            ) from None
    try:
        array = pa.array(converted, data_type)
    except UnicodeEncodeError:
        raise ScanFailed(records.path, f"column `{name}` holds a half of a character (a lone surrogate).") from None
    return columns.encoded(array) if data_type == pa.string() else array


def _conversion(given: str) -> tuple[Callable[[Any], Any], pa.DataType]:
    if given.startswith("vector"):
        length = int(given.split()[-1])
        return lambda value: _vector(value, length), pa.list_(pa.float64(), length)
    return {
        "int": (_whole, pa.int64()),
        "float": (_number, pa.float64()),
        "bool": (_truth, pa.bool_()),
        "tokens": (_tokens, columns.TOKENS),
    }.get(given, (_text, pa.string()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _whole(value: Any) -> int:
    if isinstance(value, bool | list | dict) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    found = int(value)
    if not -(1 << 63) <= found < 1 << 63:
        raise OverflowError
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUTH:
        return _TRUTH[value.lower()]
    raise ValueError(value)


def _vector(value: Any, length: int) -> list[float]:
    if not isinstance(value, list) or len(value) != length or not _all(value, int, float):
        raise ValueError(value)
    return [float(item) for item in value]


def _tokens(value: Any) -> list[str]:
    if not isinstance(value, list) or not _all(value, str):
        raise ValueError(value)
    return value


def _wider(value: Any, given: str) -> str:
    return "float" if given == "int" and isinstance(value, float) else "str"


def _word(given: str) -> str:
    words = {
        "str": "text",
        "bool": "true or false",
        "int": "whole number",
        "float": "number",
        "tokens": "array of texts",
    }
    return words.get(given, given)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
