"""Reads delimited text into columns: parsed by Arrow, typed by distinct values, whatever blocks and threads."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from workflows.errors import HelixError, nearest
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow
from workflows.operators.scanner import TYPES

_ARROW = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "str": pa.string()}
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = "none"  # the type of a column of nothing but nulls
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Format:
    """How the text is laid out; the meaning of each is that of CSVScanner's parameter of the same name."""

    columns: tuple[str, ...] | None = None
    header: bool = True
    sep: str = ","
    quote: str = '"'
    na: tuple[str, ...] = ("",)
    strip: bool = False
    comment: str | None = None
    encoding: str = "utf-8"
    types: tuple[tuple[str, str], ...] = ()


class ScanFailed(HelixError):
    """A file is not what its scanner expects. ``line`` counts from 1 in the file."""

    code = "scan-failed"

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        place = f"{path}, line {line}" if line else path
        super().__init__(f"{place}: {problem}", path=path, line=line)


@dataclass(frozen=True, slots=True)
class Column:
    """The distinct values of a column (nulls are not among them), and each row's place among them, −1 for null."""

    distinct: Arrow
    codes: columns.Codes


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
        unknown = next((name for name in asked if name not in self.names), None)
        if unknown is not None:
            raise ScanFailed(self.path, f"`types` names the column `{unknown}`; {_known(unknown, self.names)}")
        wrong = next((name for name, given in asked.items() if given not in TYPES), None)
        if wrong is not None:
            raise ScanFailed(
                self.path, f"`types` asks for `{asked[wrong]}` for `{wrong}`; there are {', '.join(TYPES)}."
            )
        return {name: asked.get(name) or _inferred(self.read[name].distinct) for name in self._wanted()}

    def table(self, types: Mapping[str, str]) -> pa.Table:
        """The columns of these names and types. Raises ScanFailed for a missing name or a value that does not fit."""
        missing = next((name for name in types if name not in self.names), None)
        if missing is not None:
            raise ScanFailed(self.path, f"there is no column `{missing}`; {_known(missing, self.names)}", 1)
        return pa.table({name: self._typed(name, given) for name, given in types.items()})

    def _wanted(self) -> tuple[str, ...]:
        """With a header, ``columns`` chooses among the file's; without one, it names them."""
        if not self.layout.header or self.layout.columns is None:
            return self.names
        missing = next((name for name in self.layout.columns if name not in self.names), None)
        if missing is not None:
            raise ScanFailed(self.path, f"there is no column `{missing}`; {_known(missing, self.names)}", 1)
        return self.layout.columns

    def _typed(self, name: str, given: str) -> Arrow:
        column = self.read[name]
        if given in ("str", _NOTHING):
            return columns.from_codes(column.codes, column.distinct)
        typed = _converted(column.distinct, given)
        if typed is None:
            place = next(
                place
                for place in range(len(column.distinct))
                if _converted(column.distinct[place : place + 1], given) is None
            )
            row = int(np.flatnonzero(column.codes == place)[0])
            raise ScanFailed(
                self.path,
                f"column `{name}` holds {column.distinct[place].as_py()!r}, which is no `{given}`: mend it, add it to "
                f'na=[…], or pass types={{"{name}": "str"}}.',
                self._line(row),
            )
        return _spread(typed, column.codes)

    def _line(self, row: int) -> int | None:
        """The line of the file on which a row begins."""
        skipped = int(self.layout.header)
        for place, (line, _) in enumerate(_rows(self.content, self.layout)):
            if place == row + skipped:
                return line
        return None


def scan(content: bytes, path: str, layout: Format) -> Scan:
    """A text, parsed; ``path`` is for messages, and its ending says whether it is compressed.

    Raises ScanFailed for another encoding, or a row of another length.
    """
    if path.endswith(".gz"):
        content = gzip.decompress(content)
    content = _utf8(content, path, layout.encoding)
    names, body = _names(_without_comments(content, layout.comment), path, layout)
    if body.strip():
        raw = _parsed(body, content, names, path, layout)
        read = {name: _cleaned(columns.single(raw[name]), layout) for name in names}
    else:
        read = {name: Column(pa.array([], pa.string()), np.empty(0, dtype=np.int32)) for name in names}
    return Scan(path, layout, content, tuple(names), read)


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


def _utf8(content: bytes, path: str, encoding: str) -> bytes:
    try:
        if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
            return content.decode(encoding).encode()
        if not content.isascii():
            content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScanFailed(
            path, f'this is not {encoding}; name the file\'s own, as in encoding="latin-1".', line
        ) from None
    except LookupError:
        raise ScanFailed(path, f"there is no encoding {encoding!r}.") from None
    return content.removeprefix(b"\xef\xbb\xbf")


def _without_comments(content: bytes, comment: str | None) -> bytes:
    if not comment:
        return content
    mark = comment.encode()
    if not content.startswith(mark) and b"\n" + mark not in content:
        return content
    return re.sub(rb"(?m)^" + re.escape(mark) + rb"[^\n]*(\n|\Z)", b"", content)


def _names(body: bytes, path: str, layout: Format) -> tuple[list[str], bytes]:
    """The names of the file's columns, and the body without its header line."""
    if not layout.header and layout.columns is not None:
        return list(layout.columns), body
    reader = _reader(body, layout)
    first = next((record for record in reader if record), None)
    if not layout.header:
        return [f"column_{place}" for place in range(1, len(first or ()) + 1)], body
    if first is None:
        raise ScanFailed(path, "the file is empty, and its first line should name the columns.")
    names = [name.strip() or f"column_{place}" for place, name in enumerate(first, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScanFailed(path, f"two columns are called `{twice}`; mend the header.", 1)
    offset = 0
    for _ in range(reader.line_num):
        end = body.find(b"\n", offset)
        offset = len(body) if end < 0 else end + 1
    return names, body[offset:]


def _reader(content: bytes, layout: Format) -> Any:
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    if not layout.quote:
        return csv.reader(text, delimiter=layout.sep, quoting=csv.QUOTE_NONE)
    return csv.reader(text, delimiter=layout.sep, quotechar=layout.quote)


def _rows(content: bytes, layout: Format) -> Iterator[tuple[int, list[str]]]:
    """The records of the file as it stands, header included, each with its first line: slow, for messages alone."""
    reader = _reader(content, layout)
    line = 1
    for record in reader:
        if record and not (layout.comment and record[0].startswith(layout.comment)):
            yield line, record
        line = reader.line_num + 1


def _known(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else f"the file has {', '.join(f'`{known}`' for known in names[:30])}."


def _parsed(body: bytes, content: bytes, names: list[str], path: str, layout: Format) -> pa.Table:
    quoted = bool(layout.quote) and layout.quote.encode() in body

    def parsed(block: int) -> pa.Table:
        return pyarrow.csv.read_csv(
            io.BytesIO(body),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=block),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=layout.sep, quote_char=layout.quote or False, newlines_in_values=quoted
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, columns.CATEGORY),
                null_values=[],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    try:
        try:
            return parsed(_BLOCK)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error):  # a record longer than a block
                raise
            return parsed(len(body) + 1)
    except pa.ArrowInvalid as error:
        raise _ragged(content, len(names), path, layout) or ScanFailed(path, f"{error}") from None


def _ragged(content: bytes, expected: int, path: str, layout: Format) -> ScanFailed | None:
    """The first row of another length."""
    line = 1
    try:
        for line, record in _rows(content, layout):
            if len(record) != expected:
                shown = layout.sep.join(record)[:120]
                return ScanFailed(path, f"{expected} values are expected, and here are {len(record)}: {shown}", line)
    except csv.Error as error:
        return ScanFailed(path, f"{error}", line)
    return None


def _cleaned(array: Arrow, layout: Format) -> Column:
    distinct, codes = array.dictionary, columns.codes(array)
    if layout.strip:
        trimmed = pc.utf8_trim_whitespace(distinct).dictionary_encode()
        distinct, codes = trimmed.dictionary, trimmed.indices.to_numpy()[codes]
    missing = pc.is_in(distinct, pa.array(list(layout.na), pa.string()))
    if missing.true_count:
        kept = np.flatnonzero(~missing.to_numpy(zero_copy_only=False))
        place = np.full(len(distinct), -1, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        distinct, codes = distinct.take(pa.array(kept)), place[codes]
    return Column(distinct, codes.astype(np.int32, copy=False))


def _spread(distinct: Arrow, codes: columns.Codes) -> Arrow:
    missing = codes < 0
    if not missing.any() and not pa.types.is_boolean(distinct.type):
        return pa.array(distinct.to_numpy()[codes])
    return distinct.take(pa.array(codes, mask=missing))


def _inferred(distinct: Arrow) -> str:
    if not len(distinct):
        return _NOTHING
    return next((name for name in ("int", "float", "bool") if _converted(distinct, name) is not None), "str")


def _converted(distinct: Arrow, given: str) -> Arrow | None:
    """The values in another type, None where one does not fit it."""
    words = pc.utf8_trim_whitespace(distinct)
    if given == "bool":
        truths = [_TRUTH.get(word) for word in words.to_pylist()] if len(words) <= len(_TRUTH) else [None]
        return None if None in truths else pa.array(truths, pa.bool_())
    pattern = r"^[+-]?\d+$" if given == "int" else r"^[+-]?(\d|\.\d|(?i:nan|inf))"
    if not pc.all(pc.match_substring_regex(words, pattern)).as_py():
        return None
    try:
        return pc.replace_substring_regex(words, r"^\+", "").cast(_ARROW[given])
    except pa.ArrowInvalid:
        return None
