"""Reads delimited text record by record: its header and comments, and where it is broken, which is slow."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from workflows.operators.kernels.content import LINE_END, ScanFailed


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


def without_comments(content: bytes, layout: Format) -> bytes:
    if not layout.comment:
        return content
    mark = layout.comment.encode()
    if mark not in content or not (content.startswith(mark) or b"\n" + mark in content):  # a byte is found fast
        return content
    if not layout.quote or layout.quote.encode() not in content:
        return re.sub(rb"(?m)^" + re.escape(mark) + rb"[^\n]*(\n|\Z)", b"", content)
    kept: list[str] = []
    begins = True  # a line within a quoted value may begin as a comment does, and is none

    def lines() -> Iterator[str]:
        nonlocal begins
        for line in io.StringIO(content.decode(), newline="\n"):
            if not (begins and line.startswith(layout.comment or "")):
                begins = False
                kept.append(line)
                yield line

    for _ in _reader(lines(), layout):
        begins = True
    return "".join(kept).encode()


def names_and_start(body: bytes, path: str, layout: Format) -> tuple[list[str], int]:
    """The names of the file's columns, and where its first row begins."""
    if not layout.header and layout.columns is not None:
        return list(layout.columns), 0
    reader = _reader(_lines(body), layout)
    first = next((record for record in reader if record), None)
    if not layout.header:
        return [f"column_{place}" for place in range(1, len(first or ()) + 1)], 0
    if first is None:
        raise ScanFailed(path, "the file is empty, and its first line should name the columns.")
    names = [name.strip() or f"column_{place}" for place, name in enumerate(first, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScanFailed(path, f"two columns are called `{twice}`; mend the header.", 1)
    offset = 0
    for _ in range(reader.line_num):
        end = LINE_END.search(body, offset)
        offset = len(body) if end is None else end.end()
    return names, offset


def _lines(content: bytes) -> Iterable[str]:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")


def _reader(lines: Iterable[str], layout: Format) -> Any:
    if not layout.quote:
        return csv.reader(lines, delimiter=layout.sep, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=layout.sep, quotechar=layout.quote)


def records(content: bytes, layout: Format) -> Iterator[tuple[int, list[str]]]:
    """The records of the file as it stands, header included, each with its first line: slow, for messages alone."""
    reader = _reader(_lines(content), layout)
    line = 1
    for record in reader:
        if record and not (layout.comment and record[0].startswith(layout.comment)):
            yield line, record
        line = reader.line_num + 1


def unclosed(content: bytes, path: str, layout: Format) -> ScanFailed | None:
    """A quote that is open at the end of the file, by the line on which its record begins: slow."""
    if not layout.quote:
        return None
    end = "end\n"
    reader = _reader(chain(_lines(content.rstrip(b"\r\n") + b"\n"), [end]), layout)
    last: list[str] = []
    begins = line = 1
    try:
        for record in reader:
            last, begins, line = record, line, reader.line_num + 1
    except csv.Error:  # a value longer than the module takes
        return None
    if last == [end.strip()]:
        return None
    return ScanFailed(
        path,
        f'a value here begins with {layout.quote} and never ends; close it, or pass quote="" where that is a '
        "character as any other.",
        begins,
    )


def ragged(content: bytes, expected: int, path: str, layout: Format) -> ScanFailed | None:
    """The first row of another length."""
    line = 1
    try:
        for line, record in records(content, layout):
            if len(record) != expected:
                shown = layout.sep.join(record)[:120]
                return ScanFailed(path, f"{expected} values are expected, and here are {len(record)}: {shown}", line)
    except csv.Error as error:
        return ScanFailed(path, f"{error}", line)
    return None
