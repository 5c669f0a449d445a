"""Text becomes rows as the plain way reads it, whatever its line ends, encoding and compression."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, call
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.registry import KERNELS


def read(content: bytes, path: str = "a.txt", **params: Any) -> pa.Table:
    return apply("TextScanner", {"source": {"path": path, "hash": None}}, files={path: content}, **params)


def test_each_line_is_a_row_with_its_number_and_file() -> None:
    table = read(b"one\n\ntwo")
    assert table.column_names == [ROW_ID, "text", "path", "line"]
    assert table.to_pydict() == {
        ROW_ID: [0, 1, 2],
        "text": ["one", "", "two"],
        "path": ["a.txt"] * 3,
        "line": [1, 2, 3],
    }


@given(st.text(alphabet="ab \t\n\r\x0b\x0c\x1c\x85\u2028\"'é,", max_size=40))
def test_lines_are_those_that_python_reads_from_a_file(text: str) -> None:
    expected = [line.rstrip("\n") for line in io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")]
    assert read(text.encode())["text"].to_pylist() == expected


@given(st.text(max_size=40))
def test_a_whole_file_is_a_row_as_it_stands(text: str) -> None:
    table = read(text.encode(), each="file")
    assert table.column_names == [ROW_ID, "text", "path"]
    assert table["text"].to_pylist() == [text.removeprefix("\ufeff")]


def test_an_empty_file_has_no_lines_and_is_one_file() -> None:
    assert read(b"").num_rows == 0
    assert read(b"", each="file")["text"].to_pylist() == [""]
    assert read(b"").schema == read(b"x").schema


def test_gzip_is_unpacked_and_a_byte_order_mark_is_no_text() -> None:
    assert read(gzip.compress(b"\xef\xbb\xbfa\r\nb\r\n"))["text"].to_pylist() == ["a", "b"]
    with pytest.raises(ScanFailed, match="damaged"):
        read(gzip.compress(b"a\n")[:-3])


def test_another_encoding_is_told_by_line_and_byte_and_read_where_it_is_named() -> None:
    content = "first\r\nzweite\r\ncafé".encode("latin-1")
    with pytest.raises(ScanFailed, match=r'a\.txt, line 3: .*byte 18 of the file is 0xe9.*encoding="latin-1"'):
        read(content)
    assert read(content, encoding="latin-1")["text"].to_pylist() == ["first", "zweite", "café"]


def test_several_files_number_their_own_lines() -> None:
    made = call("TextScanner", {})
    files = [("a", b"1\n2\n"), ("b", b""), ("c", b"3")]
    several = type(made)(made.params, 0, lambda _: files, {})
    table = KERNELS["TextScanner"].apply(several, {"source": {}}, None)
    assert table.drop_columns([ROW_ID]).to_pylist() == [
        {"text": "1", "path": "a", "line": 1},
        {"text": "2", "path": "a", "line": 2},
        {"text": "3", "path": "c", "line": 1},
    ]
