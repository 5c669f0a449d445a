"""The columns of JSON records: the type of each by what all its values are, and their values in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow
from workflows.operators.kernels.content import ScanFailed

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


def types_of(records: Records, asked: Mapping[str, str], wanted: Sequence[str] | None = None) -> dict[str, str]:
    """Name of each wanted column → its type: asked for, else the one that all its values have.

    Raises ScanFailed where they have more than one.
    """
    types = {
        name: asked[name] if name in asked else _type(records, name, values)
        for name, values in records.columns.items()
        if wanted is None or name in wanted
    }
    # ``null`` where other records have an object: that is the object's columns being null.
    prefixes = {name[:place] for name in records.columns for place, letter in enumerate(name) if letter == "."}
    clash = next((name for name, given in types.items() if name in prefixes and given != _NOTHING), None)
    if clash is not None:
        row, value = next((row, value) for row, value in enumerate(records.columns[clash]) if value is not None)
        raise records.failed(
            row,
            f"column `{clash}` holds {shown(value)} here and an object elsewhere: make them alike, or pass "
            f'types={{"{clash}": "str"}}.',
        )
    return {name: given for name, given in types.items() if wanted or given != _NOTHING or name not in prefixes}


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
        f"column `{name}` holds {shown(values[row])} here and {shown(example)} elsewhere: make them alike, or pass "
        f'types={{"{name}": "str"}}.',
    )


def _type_of_integers(values: Sequence[Any]) -> str:
    """Whole numbers beyond 64 bits are identifiers, which as floats would fall together."""
    return "int" if all(value is None or -(1 << 63) <= value < 1 << 63 for value in values) else "str"


def _type_of_lists(values: Sequence[list[Any]]) -> str:
    """A vector where all are numbers and as many, tokens where all are texts, else the JSON text."""
    length = len(values[0])
    if length and all(len(value) == length and all_of(value, int, float) for value in values):
        return f"vector of {length}"
    return "tokens" if all(all_of(value, str) for value in values) else "str"


def all_of(values: Sequence[Any], *kinds: type) -> bool:
    return all(type(value) in kinds for value in values)


def together(first: Mapping[str, str], second: Mapping[str, str], records: Records | None) -> dict[str, str]:
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
                f"column `{name}` holds {shown(value)}, which is no {_word(given)}: mend it, or pass "
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
    if not isinstance(value, list) or len(value) != length or not all_of(value, int, float):
        raise ValueError(value)
    return [float(item) for item in value]


def _tokens(value: Any) -> list[str]:
    if not isinstance(value, list) or not all_of(value, str):
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


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
