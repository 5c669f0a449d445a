"""Parquet files become the rows that were written, in types that columns have, or a clear error."""

from __future__ import annotations

import datetime
import decimal
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.workflows.operators.kernels.calls import call
from workflows.operators.kernels.base import ROW_ID, Call
from workflows.operators.kernels.columns import CATEGORY, TOKENS
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs import canonical

KERNEL = KERNELS["ParquetScanner"]


def written(data: Any) -> bytes:
    buffer = io.BytesIO()
    if isinstance(data, pd.DataFrame):
        data.to_parquet(buffer)
    else:
        pq.write_table(data if isinstance(data, pa.Table) else pa.table(data), buffer)
    return buffer.getvalue()


def calling(files: tuple[Any, ...], params: dict[str, Any]) -> Call:
    contents = [file if isinstance(file, bytes) else written(file) for file in files]
    named = [(f"{number}.parquet", content) for number, content in enumerate(contents)]
    return Call(call("ParquetScanner", params).params, 0, lambda _: named, {})


def learned(*files: Any, **params: Any) -> Any:
    made = calling(files, params)
    return canonical(KERNEL.finish(made, KERNEL.update(made, KERNEL.init(made), {"source": {}})))


def read(*files: Any, state: Any = None, **params: Any) -> pa.Table:
    state = learned(*files, **params) if state is None else state
    return canonical(KERNEL.apply(calling(files, params), {"source": {}}, state))


def test_a_frame_that_pandas_wrote_is_read_value_for_value() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "n": random.integers(0, 9, 50),
            "small": random.integers(0, 9, 50).astype("uint8"),
            "x": np.where(random.random(50) < 0.2, np.nan, random.random(50)),
            "single": random.random(50).astype("float32"),
            "word": random.choice(["a", "bé", "", None], 50),
            "kind": pd.Categorical(random.choice(["u", "v"], 50)),
            "yes": random.random(50) < 0.5,
            "maybe": pd.array(random.choice([True, False, None], 50), dtype="boolean"),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 10**6, 50), unit="s"),
            "odd name, $": 1,
        }
    )
    table = read(frame)
    assert table.column_names == [ROW_ID, *frame.columns]
    assert table[ROW_ID].to_pylist() == list(range(50))
    for name in frame.columns:
        wanted = frame[name].astype(object).where(frame[name].notna(), None).tolist()
        assert table[name].to_pylist() == wanted, name
    assert table.schema.field("kind").type == table.schema.field("word").type == CATEGORY


def test_nested_and_exact_types_become_those_of_columns() -> None:
    day = datetime.date(2026, 5, 1)
    table = read(
        {
            "at": pa.array([{"city": "A", "place": {"x": 1}}, None]),
            "price": pa.array([decimal.Decimal("1.25"), None]),
            "day": pa.array([day, None]),
            "words": pa.array([["a", "b"], []]),
            "vector": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)),
        }
    )
    assert table.column_names == [ROW_ID, "at.city", "at.place.x", "price", "day", "words", "vector"]
    assert table.schema.field("words").type == TOKENS
    assert table.drop_columns([ROW_ID]).to_pylist() == [
        {"at.city": "A", "at.place.x": 1, "price": 1.25, "day": day, "words": ["a", "b"], "vector": [1.0, 2.0]},
        {"at.city": None, "at.place.x": None, "price": None, "day": None, "words": [], "vector": [3.0, 4.0]},
    ]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([b"x"]),
        pa.array([[1, 2]]),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        pa.array([[{"a": 1}]]),
    ],
)
def test_a_type_that_no_column_holds_is_refused_by_name_and_may_be_left_out(values: Any) -> None:
    data = {"a": pa.array([1]), "bad": values}
    with pytest.raises(ScanFailed, match=r"0\.parquet: column `bad` holds values of type .*`columns=`"):
        read(data)
    assert read(data, columns=("a",))["a"].to_pylist() == [1]


def test_columns_choose_in_their_order_and_inside_structs() -> None:
    data = {"at": pa.array([{"b": 1, "c": 2}]), "a": pa.array([3]), "x.y": pa.array([4])}
    table = read(data, columns=("a", "at.c", "x.y"))
    assert table.drop_columns([ROW_ID]).to_pylist() == [{"a": 3, "at.c": 2, "x.y": 4}]
    with pytest.raises(ScanFailed, match=r"there is no column `at\.d`; did you mean `at\.c`"):
        read(data, columns=("at.d",))


def test_several_files_are_one_after_the_other_in_the_wider_type() -> None:
    table = read({"a": [1, 2]}, {"a": [1.5]}, {"a": pa.array([], pa.int64())})
    assert table["a"].to_pylist() == [1.0, 2.0, 1.5]


def test_several_files_that_do_not_mix_are_told() -> None:
    with pytest.raises(ScanFailed, match=r"1\.parquet: column `a` holds text, and numbers \(int64\) before"):
        read({"a": [1]}, {"a": ["x"]})


def test_other_splits_have_the_columns_and_types_of_train_alone() -> None:
    state = learned({"a": [1, 2], "b": ["x", None]})
    before = json.dumps(state)
    other = {"b": pa.nulls(1), "more": [1], "a": [3.0]}
    assert read(other, state=state).schema == read({"a": [1], "b": ["x"]}, state=state).schema
    assert read({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}, state=state).num_rows == 0
    with pytest.raises(ScanFailed, match=r"column `a` holds numbers \(double\), and in `train` numbers \(int64\)"):
        read({"a": [1.5], "b": ["x"]}, state=state)
    with pytest.raises(ScanFailed, match="there is no column `b`, which `train` has"):
        read({"a": [1]}, state=state)
    assert json.dumps(state) == before


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", written({"a": [1]})[:-7]])
def test_what_is_no_parquet_file_is_told(content: bytes) -> None:
    with pytest.raises(ScanFailed, match=r"0\.parquet: this is no Parquet file, or it is damaged"):
        read(content)


def test_the_name_of_the_row_id_and_a_name_twice_are_refused() -> None:
    with pytest.raises(ScanFailed, match="`__row_id`"):
        read({ROW_ID: [1]})
    with pytest.raises(ScanFailed, match=r"two columns are called `a\.b`"):
        read({"a": pa.array([{"b": 1}]), "a.b": pa.array([2])})
