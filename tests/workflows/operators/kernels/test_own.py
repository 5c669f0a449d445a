"""A user function reads a format of one's own; what it gives has the columns that were learned, or a clear error."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.workflows.operators.kernels.calls import call
from workflows.operators.kernels.base import ROW_ID, Call
from workflows.operators.kernels.columns import CATEGORY
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.functions import UserCodeFailed, WrongResult
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs import canonical


def calling(function: Callable[..., Any], *contents: bytes) -> Call:
    made = call("Scanner", {"fn": function})
    files = [(f"{number}.log", content) for number, content in enumerate(contents)]
    return Call(made.params, 0, lambda _: files, {})


def learned(function: Callable[..., Any], *contents: bytes) -> Any:
    kernel, made = KERNELS["Scanner"], calling(function, *contents)
    return canonical(kernel.finish(made, kernel.update(made, kernel.init(made), {"source": {}})))


def read(function: Callable[..., Any], *contents: bytes, state: Any = None) -> pa.Table:
    state = learned(function, *contents) if state is None else state
    return canonical(KERNELS["Scanner"].apply(calling(function, *contents), {"source": {}}, state))


def pairs(file: Any) -> Iterator[dict[str, Any]]:
    for line in file:
        word, number = line.decode().split()
        yield {"word": word, "number": int(number) if number != "-" else None}


def test_mappings_and_frames_are_rows() -> None:
    expected = {ROW_ID: [0, 1, 2], "word": ["a", "b", "a"], "number": [1, None, 3]}
    assert read(pairs, b"a 1\nb -\n", b"a 3\n").to_pydict() == expected
    frame = read(lambda file: pd.DataFrame(pairs(file)).convert_dtypes(), b"a 1\nb -\n", b"a 3\n")
    assert frame.to_pydict() == expected
    assert frame.schema.field("word").type == CATEGORY


def test_the_file_is_open_unpacked_and_has_its_name() -> None:
    table = read(lambda file: [{"name": file.name, "size": len(file.read())}], gzip.compress(b"12345"))
    assert table.drop_columns([ROW_ID]).to_pylist() == [{"name": "0.log", "size": 5}]


def test_other_splits_are_brought_into_the_columns_of_train() -> None:
    state = learned(pairs, b"a 1\n", b"b -\n")
    assert read(pairs, b"c -\n", state=state).schema == read(pairs, b"a 1\n", state=state).schema
    wider = read(lambda file: [{**row, "more": 1} for row in pairs(file)], b"c 2\n", state=state)
    assert wider.column_names == [ROW_ID, "word", "number"]
    assert read(lambda _: [], b"", state=state).schema == wider.schema


def test_what_is_learned_is_of_the_files_of_train_alone() -> None:
    state = learned(pairs, b"a 1\n")
    before = dict(state)
    read(pairs, b"zzz 99999999999\n", state=state)
    assert state == before == learned(pairs, b"a 1\n")


def test_columns_that_differ_are_told_with_the_file() -> None:
    state = learned(pairs, b"a 1\n")
    with pytest.raises(ScanFailed, match=r"0\.log: there is no column `number`, which `train` has"):
        read(lambda _: [{"word": "a"}], b"", state=state)
    with pytest.raises(ScanFailed, match=r"column `number` holds text, and in `train` numbers \(int64\)"):
        read(lambda _: [{"word": "a", "number": "one"}], b"", state=state)
    with pytest.raises(ScanFailed, match=r"1\.log: column `x` holds text, and numbers \(int64\) before"):
        read(lambda file: [{"x": 1 if file.name == "0.log" else "one"}], b"", b"")


def test_numbers_take_the_wider_type_of_train() -> None:
    table = read(lambda file: [{"x": float(file.read())}] if file.name[0] == "0" else [{"x": 2}], b"1.5", b"")
    assert table["x"].to_pylist() == [1.5, 2.0]


def test_an_error_of_the_function_tells_the_file() -> None:
    with pytest.raises(UserCodeFailed) as caught:
        read(pairs, b"a 1\n", b"broken\n")
    assert "ValueError" in caught.value.message
    assert "1.log" in caught.value.message


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (None, r"for 0\.log, gave nothing \(is a `return` missing\?\)"),
        ("text", "gave a value of type str"),
        ([1], "gave a value of type int for a row"),
        ([{"x": 1}, {"x": "a"}], "values of more than one type"),
    ],
)
def test_what_is_no_table_is_told(result: Any, problem: str) -> None:
    with pytest.raises(WrongResult, match=problem):
        read(lambda _: result, b"")
