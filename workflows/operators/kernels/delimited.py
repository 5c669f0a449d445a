"""Reads delimited text into columns: parsed by Arrow, typed by distinct values, whatever blocks and threads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID, Arrow
from workflows.operators.kernels.content import ScanFailed, known, unpacked, utf8
from workflows.operators.kernels.records import (
    Format,
    names_and_start,
    ragged,
    records,
    unclosed,
    without_comments,
)
from workflows.operators.scanner import TYPES

_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "str": pa.string()}
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = "none"  # the type of a column of nothing but nulls
_BLOCK = 1 << 20
_LARGE = 1 << 24  # bytes of a text
_PART, _LEAST, _NEARLY_ALL = 16, 1 << 16, 0.9  # of the text that is looked at first, its bytes, and what differs there
_VALUES = 1 << 16  # that are made numbers at once
_SOMETHING = re.compile(rb"\S")
_WHOLE = r"^[+-]?\d+$"


@dataclass(frozen=True, slots=True)
class Column:
    """The distinct values of a column (nulls are not among them), and each row's place among them, −1 for null.

    Of numbers that nearly all differ, equal ones may stand among them more than once (``repeated``).
    """

    distinct: Arrow
    codes: columns.Codes
    repeated: bool = False

    def text(self) -> Arrow:
        """The column as it was read, encoded."""
        if not self.repeated:
            return columns.from_codes(self.codes, self.distinct)
        once = self.distinct.dictionary_encode()
        return columns.from_codes(np.append(columns.codes(once), np.int32(-1))[self.codes], once.dictionary)


_EMPTY = Column(pa.array([], pa.string()), np.empty(0, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Scan:
    """A text, parsed but not yet typed."""

    path: str
    layout: Format
    content: bytes
    names: tuple[str, ...]
    read: Mapping[str, Column]

    def types(self) -> dict[str, str]:
        """Name of each wanted column → its type: asked for, else the first that holds every value."""
        asked = dict(self.layout.types)
        if ROW_ID in self.names:
            raise ScanFailed(self.path, f"a column may not be called `{ROW_ID}`; give it another name.", 1)
        unknown = next((name for name in asked if name not in self.names), None)
        if unknown is not None:
            raise ScanFailed(self.path, f"`types` names the column `{unknown}`; {known(unknown, self.names)}")
        wrong = next((name for name, given in asked.items() if given not in TYPES), None)
        if wrong is not None:
            raise ScanFailed(
                self.path, f"`types` asks for `{asked[wrong]}` for `{wrong}`; there are {', '.join(TYPES)}."
            )
        return {name: asked.get(name) or _inferred(self.read[name].distinct) for name in self._wanted()}

    def table(self, types: Mapping[str, str]) -> pa.Table:
        """The columns of these names and types. Raises ScanFailed for a missing name or a value that does not fit."""
        if not self.layout.header and len(self.names) > len(types):
            raise ScanFailed(self.path, f"{len(types)} columns are expected, and here are {len(self.names)}.", 1)
        if not self.names and types:  # an empty file, in which nothing names columns: it has those that were learned
            return replace(self, names=tuple(types), read=dict.fromkeys(types, _EMPTY)).table(types)
        missing = next((name for name in types if name not in self.names), None)
        if missing is not None:
            raise ScanFailed(self.path, f"there is no column `{missing}`; {known(missing, self.names)}", 1)
        return pa.table({name: self._typed(name, given) for name, given in types.items()})

    def _wanted(self) -> tuple[str, ...]:
        """With a header, ``columns`` chooses among the file's; without one, it names them."""
        if not self.layout.header or self.layout.columns is None:
            return self.names
        missing = next((name for name in self.layout.columns if name not in self.names), None)
        if missing is not None:
            raise ScanFailed(self.path, f"there is no column `{missing}`; {known(missing, self.names)}", 1)
        return self.layout.columns

    def _typed(self, name: str, given: str) -> Arrow:
        column = self.read[name]
        if given in ("str", _NOTHING):
            return column.text()
        typed = _converted(column.distinct, given)
        if typed is None:
            place = next(
                place
                for place in range(len(column.distinct))
                if _converted(column.distinct[place : place + 1], given) is None
            )
            row = int(np.flatnonzero(column.codes == place)[0])
            other = "float" if given == "int" and _converted(column.distinct, "float") is not None else "str"
            raise ScanFailed(
                self.path,
                f"column `{name}` holds {column.distinct[place].as_py()!r}, which is no `{given}`: mend it, add it to "
                f'na=[…], or pass types={{"{name}": "{other}"}}.',
                self._line(row),
            )
        return _spread(typed, column.codes)

    def _line(self, row: int) -> int | None:
        """The line of the file on which a row begins."""
        skipped = int(self.layout.header)
        for place, (line, _) in enumerate(records(self.content, self.layout)):
            if place == row + skipped:
                return line
        return None


def scan(content: bytes, path: str, layout: Format) -> Scan:
    """A text, parsed; ``path`` is for messages. What is compressed with gzip says so by its first bytes.

    Raises ScanFailed for another encoding, a row of another length, or a quote that is not closed.
    """
    content = utf8(unpacked(content, path), path, layout.encoding)
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    body = without_comments(content, layout)
    names, start = names_and_start(body, path, layout)
    if _SOMETHING.search(body, start):
        raw, read = _parsed(body, start, content, names, path, layout), {}
        _give_back(body)
        for name in names:  # so that never all columns are there in two forms, and what one took is given back
            read[name] = _cleaned(columns.single(raw.pop(name)), layout)
            _give_back(body)
    else:
        read = dict.fromkeys(names, _EMPTY)
    return Scan(path, layout, content, tuple(names), read)


def _give_back(text: bytes) -> None:
    """Have Arrow return the memory that it does not use, where ``text`` needs much: to get it again takes time."""
    if len(text) > _LARGE:
        pa.default_memory_pool().release_unused()


def unified(states: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The types that hold the values of every state."""
    types = dict(states[0])
    for state in states[1:]:
        for name, given in state.items():
            types[name] = _wider(types.get(name, _NOTHING), given)
    return types


def _wider(first: str, second: str) -> str:
    if first == second or second == _NOTHING:
        return first
    if first == _NOTHING:
        return second
    return "float" if {first, second} == {"int", "float"} else "str"


def _parsed(body: bytes, start: int, content: bytes, names: list[str], path: str, layout: Format) -> dict[str, Arrow]:
    quoted = bool(layout.quote) and body.find(layout.quote.encode(), start) >= 0
    buffer: Arrow = pa.py_buffer(body).slice(start)

    plain = _differing(buffer, names, layout, quoted=quoted)
    try:
        try:
            table = _read(buffer, names, layout, _BLOCK, quoted=quoted, plain=plain)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error):  # a record longer than a block
                raise
            table = _read(buffer, names, layout, buffer.size + 1, quoted=quoted, plain=plain)
    except pa.ArrowInvalid as error:
        raise (
            unclosed(content, path, layout) or ragged(content, len(names), path, layout) or ScanFailed(path, f"{error}")
        ) from None
    if quoted and _may_be_open(table, body, layout) and (problem := unclosed(content, path, layout)):
        raise problem
    return {name: table[name] for name in names}


def _read(
    buffer: Arrow, names: list[str], layout: Format, block: int, *, quoted: bool, plain: Collection[str] = ()
) -> pa.Table:
    """The columns as text, encoded but for those that are to be ``plain``. Raises pyarrow.ArrowInvalid."""
    return pyarrow.csv.read_csv(
        cast("Any", pa.BufferReader(buffer)),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=block),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=layout.sep, quote_char=layout.quote or False, newlines_in_values=quoted
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() if name in plain else columns.CATEGORY for name in names},
            null_values=[],
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def _differing(buffer: Arrow, names: list[str], layout: Format, *, quoted: bool) -> list[str]:
    """The columns that begin with numbers of which nearly all differ: to look for equal ones takes three times as
    much memory as the text. What comes after the beginning changes no result, but what it takes."""
    beginning = buffer[: min(_BLOCK, buffer.size // _PART)].to_pybytes()
    end = beginning.rfind(b"\n") + 1
    if end < _LEAST:
        return []
    try:
        table = _read(pa.py_buffer(beginning[:end]), names, layout, _BLOCK, quoted=quoted)
    except pa.ArrowInvalid:  # what is wrong is found again, and told, when everything is read
        return []
    read = {name: _cleaned(columns.single(table[name]), layout) for name in names}
    differing = [name for name in names if len(read[name].distinct) > _NEARLY_ALL * table.num_rows]
    return [name for name in differing if _inferred(read[name].distinct) in ("int", "float")]


def _may_be_open(table: pa.Table, body: bytes, layout: Format) -> bool:
    """Whether the last record could reach beyond the end: it holds a line end, or a quote stands in the last line."""
    end = len(body)
    while end and body[end - 1] in b"\r\n":
        end -= 1
    if body.find(layout.quote.encode(), body.rfind(b"\n", 0, end) + 1, end) >= 0:
        return True
    return any("\n" in table[name][-1].as_py() for name in table.column_names)


def _cleaned(array: Arrow, layout: Format) -> Column:
    repeated = not pa.types.is_dictionary(array.type)
    distinct: Arrow = array if repeated else array.dictionary
    codes = np.arange(len(array), dtype=np.int32) if repeated else columns.codes(array)
    if layout.strip:
        distinct = pc.utf8_trim_whitespace(distinct)
        if not repeated:
            once = distinct.dictionary_encode()
            distinct, codes = once.dictionary, columns.codes(once)[codes]
    missing: Arrow = pc.is_in(distinct, pa.array(list(layout.na), pa.string()))
    if missing.true_count:
        kept = np.flatnonzero(~missing.to_numpy(zero_copy_only=False))
        place = np.full(len(distinct), -1, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        distinct, codes = distinct.take(pa.array(kept)), place[codes]
    return Column(distinct, codes.astype(np.int32, copy=False), repeated)


def _spread(distinct: Arrow, codes: columns.Codes) -> Arrow:
    missing = codes < 0
    if not missing.any() and not pa.types.is_boolean(distinct.type):
        return pa.array(distinct.to_numpy()[codes])
    return distinct.take(pa.array(codes, mask=missing))


def _inferred(distinct: Arrow) -> str:
    if not len(distinct):
        return _NOTHING
    found = next((name for name in ("int", "float", "bool") if _converted(distinct, name) is not None), "str")
    if found == "float" and pc.all(pc.match_substring_regex(pc.utf8_trim_whitespace(distinct), _WHOLE)).as_py():
        return "str"  # whole numbers beyond 64 bits: identifiers, which as floats would fall together
    return found


def _converted(distinct: Arrow, given: str) -> Arrow | None:
    """The values in another type, None where one does not fit it."""
    parts: list[Arrow] = []
    for start in range(0, len(distinct), _VALUES):
        part = _converted_part(distinct[start : start + _VALUES], given)
        if part is None:
            return None
        parts.append(part)
    return pa.concat_arrays(parts) if parts else pa.array([], _ARROW[given])


def _converted_part(distinct: Arrow, given: str) -> Arrow | None:
    words = pc.utf8_trim_whitespace(distinct)
    if given == "bool":
        truths = [_TRUTH.get(word) for word in words.to_pylist()] if len(words) <= len(_TRUTH) else [None]
        return None if None in truths else pa.array(truths, pa.bool_())
    pattern = _WHOLE if given == "int" else r"^[+-]?(\d|\.\d|(?i:nan|inf))"
    if not pc.all(pc.match_substring_regex(words, pattern)).as_py():
        return None
    try:
        if pc.starts_with(words, "+").true_count:
            words = pc.replace_substring_regex(words, r"^\+", "")
        return words.cast(_ARROW[given])
    except pa.ArrowInvalid:
        return None
