"""GroupBy: what pandas and DuckDB make of the same groups, the same whatever the order and the chunks of the rows."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, rows
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID

ALL = ("sum", "mean", "std", "min", "max", "median", "count", "distinct")
VALUE = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-6))
ROW = st.tuples(st.one_of(st.none(), st.sampled_from("xyz")), st.one_of(st.none(), st.integers(0, 3)), VALUE)


def table(values: list[Any]) -> pa.Table:
    g, h, x = zip(*values, strict=True)
    return rows(g=pa.array(g, pa.string()), h=pa.array(h, pa.int64()), x=pa.array(x, pa.float64()))


def grouped(rows: pa.Table, by: tuple[str, ...] = ("g",), **aggregates: str) -> pa.Table:
    return apply("GroupBy", {"rows": rows}, by=by, aggregates=aggregates)


def plain(result: pa.Table) -> list[dict[str, Any]]:
    return list(result.drop_columns([ROW_ID]).to_pylist())


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=60), st.sampled_from([("g",), ("h",), ("g", "h"), ("h", "g")]))
def test_statistics_are_those_of_pandas(values: list[Any], by: tuple[str, ...]) -> None:
    found = plain(grouped(table(values), by, n="count()", **{name: f"{name}(x)" for name in ALL}))
    frame = pd.DataFrame(values, columns=["g", "h", "x"]).astype({"x": "float64"})
    frame["g"] = frame["g"].astype(object)
    by_pandas = frame.groupby(list(by), dropna=False, sort=True)["x"]
    expected = by_pandas.agg(["sum", "mean", "std", "min", "max", "median", "count", "nunique", "size"])
    assert len(found) == len(expected)
    for row, (_, wanted) in zip(found, expected.iterrows(), strict=True):
        assert (row["n"], row["count"], row["distinct"]) == (wanted["size"], wanted["count"], wanted["nunique"])
        for name in ("sum", "mean", "std", "min", "max", "median"):
            if row["count"] == 0 or (name == "std" and row["count"] == 1):
                assert row[name] is None
            else:
                assert row[name] == pytest.approx(wanted[name], rel=1e-9, abs=1e-6)


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=60))
def test_groups_and_their_order_are_those_of_sql(values: list[Any]) -> None:
    source = pa.table(
        table(values).cast(pa.schema([(ROW_ID, "int64"), ("g", "string"), ("h", "int64"), ("x", "double")]))
    )
    with duckdb.connect() as connection:
        connection.register("t", source)
        expected = connection.sql(
            "select g, h, count(*) n, min(x) lo, max(x) hi, median(x) mid from t group by g, h "
            "order by g nulls last, h nulls last"
        ).to_arrow_table()
    found = grouped(table(values), ("g", "h"), n="count()", lo="min(x)", hi="max(x)", mid="median(x)")
    assert plain(found) == expected.to_pylist()


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=60), st.randoms(use_true_random=False), st.integers(1, 9))
def test_neither_the_order_nor_the_chunks_of_rows_change_a_bit(values: list[Any], random: Any, size: int) -> None:
    aggregates = {name: f"{name}(x)" for name in ALL}
    first = grouped(table(values), ("g", "h"), **aggregates)
    order = list(range(len(values)))
    random.shuffle(order)
    shuffled = table(values).take(order)
    chunked = pa.concat_tables([shuffled.slice(start, size) for start in range(0, len(values), size)])
    assert grouped(chunked, ("g", "h"), **aggregates).to_pylist() == first.to_pylist()


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=60), st.lists(ROW, max_size=20))
def test_ids_of_groups_are_distinct_and_other_groups_change_none(values: list[Any], more: list[Any]) -> None:
    def ids(found: pa.Table) -> dict[Any, int]:
        return {(row["g"], row["h"]): row[ROW_ID] for row in found.to_pylist()}

    before, after = (ids(grouped(table(rows), ("g", "h"), n="count()")) for rows in (values, values + more))
    assert len(set(after.values())) == len(after)
    assert before.items() <= after.items()


def test_whole_numbers_are_summed_exactly_and_floats_rounded_once() -> None:
    big = 2**53 + 1
    found = plain(grouped(rows(g=["a"] * 3, n=[big, 1, 1], x=[1e16, 1.0, -1e16], b=[True, None, False]),
                          n="sum(n)", x="sum(x)", b="sum(b)", share="mean(b)", dev="std(n)"))  # fmt: skip
    assert found == [{"g": "a", "n": big + 2, "x": 1.0, "b": 1, "share": 0.5, "dev": pytest.approx(big / math.sqrt(3))}]
    infinite = plain(grouped(rows(g=["a", "a", "b"], x=[np.inf, 1.0, 2.0]), x="sum(x)", m="max(x)"))
    assert infinite == [{"g": "a", "x": np.inf, "m": np.inf}, {"g": "b", "x": 2.0, "m": 2.0}]


def test_the_least_and_greatest_are_of_any_kind_of_value() -> None:
    days = pa.array([3, 1, None], pa.timestamp("us"))
    found = grouped(
        rows(g=[1, 1, 1], t=["b", None, "a"], d=days, b=[True, False, None]), lo="min(t)", hi="max(d)", b="min(b)"
    )
    assert plain(found) == [{"g": 1, "lo": "a", "hi": days[0].as_py(), "b": False}]
    assert pa.types.is_dictionary(found.schema.field("lo").type)


def test_no_rows_make_no_groups() -> None:
    found = grouped(rows(g=["a"], x=[1]).slice(0, 0), n="count()", x="sum(x)", lo="min(g)")
    assert found.num_rows == 0
    assert found.column_names == [ROW_ID, "g", "n", "x", "lo"]


@pytest.mark.parametrize(
    ("aggregates", "problem"),
    [
        ({"m": "mean(t)"}, "`mean(t)` needs numbers, and `t` has text"),
        ({"m": "mean(xx)"}, "no column `xx`"),
        ({"m": "sum(n)"}, "larger than a whole number can be"),
        ({"m": "max(v)"}, "max(v) needs a column of single values, and has vectors"),
    ],
)
def test_what_cannot_be_summed_up_is_told(aggregates: dict[str, str], problem: str) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array([0.0] * 4), 2)
    with pytest.raises(HelixError) as caught:
        grouped(rows(g=["a", "a"], t=["b", "c"], n=[2**62, 2**62], v=vectors), **aggregates)
    assert problem in caught.value.message
