"""SQL: one query over the given rows, the same in every run, with nothing else in reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, rows
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.sql import BadQuery

TABLE = rows(a=[1, 2, 3, 4], t=["x", "y", None, "x"], f=[1.5, 2.5, None, 0.0], b=[True, None, False, True])


def query(text: str, **tables: pa.Table) -> pa.Table:
    return apply("SQL", {f"tables.{name}": table for name, table in (tables or {"rows": TABLE}).items()}, query=text)


def plain(result: pa.Table) -> list[dict[str, Any]]:
    return list(result.drop_columns([ROW_ID]).to_pylist())


def test_a_query_sees_columns_as_they_are_and_no_row_id() -> None:
    found = query("select * from rows")
    assert plain(found) == plain(TABLE)
    assert found.schema == TABLE.schema
    with pytest.raises(BadQuery, match="__row_id"):
        query("select __row_id from rows")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-9, 9)), min_size=1, max_size=50), st.integers(1, 9))
def test_a_query_gives_what_pandas_gives_whatever_the_chunks(values: list[Any], size: int) -> None:
    table = rows(g=[g for g, _ in values], x=[x for _, x in values])
    chunks = pa.concat_tables([table.slice(start, size) for start in range(0, len(values), size)])
    text = "select g, sum(x) as total, count(*) as n from rows where x > 0 group by g order by total desc, g"
    frame = pd.DataFrame(values, columns=["g", "x"]).query("x > 0")
    expected = frame.groupby("g").agg(total=("x", "sum"), n=("x", "size")).reset_index()
    expected = expected.sort_values(["total", "g"], ascending=[False, True])
    assert plain(query(text, rows=chunks)) == expected.to_dict("records")
    unordered = "select g, count(*) n, avg(x) m from rows group by g"
    assert query(unordered, rows=chunks).equals(query(unordered, rows=table))
    assert plain(query("select x from rows where x > 0", rows=chunks)) == frame[["x"]].to_dict("records")


def test_several_tables_are_joined_by_their_names() -> None:
    found = query("select p.a, j.w from people p join jobs j on p.t = j.t order by a", people=TABLE,
                  jobs=rows(t=["x"], w=[7]))  # fmt: skip
    assert plain(found) == [{"a": 1, "w": 7}, {"a": 4, "w": 7}]


def test_a_result_has_types_that_columns_have() -> None:
    found = query(
        "select sum(a) s, sum(a) * 1e30::hugeint big, a::decimal(9, 2) d, date '2020-01-01' as day from rows group by a"
    )
    assert [str(found.schema.field(name).type) for name in ("s", "big", "d")] == ["int64", "double", "double"]
    with pytest.raises(HelixError, match="column `l`, gave values of type list"):
        query("select [1, 2] as l")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("selec 1", "LINE 1: selec 1"),
        ("select ag from rows", "LINE 1: select ag from rows"),
        ("select * from rowz", 'Did you mean "rows"?'),
        ("select a, a from rows", "two columns `a`"),
        ("select 1; select 2", "one SELECT"),
        ("create table x as select 1", "one SELECT"),
        ("set threads = 4", "one SELECT"),
        ("attach 'x.db'", "one SELECT"),
        ("select random()", "`random`"),
        ("select a from rows where a > (select max(a) from rows) * random()", "`random`"),
        ("select now()", "`now`"),
        ("select current_date", "`current_date`"),
        ("select a from rows using sample 2", "`sample`"),
        ("select getenv('HOME')", "`getenv`"),
        ("select * from duckdb_settings()", "`duckdb_settings`"),
        ("select a / 0 + 'x'::int from rows", "Conversion Error"),
    ],
)
def test_what_is_wrong_with_a_query_is_told(text: str, problem: str) -> None:
    with pytest.raises(BadQuery) as caught:
        query(text)
    assert problem in caught.value.message


def test_a_query_reaches_no_file_and_no_variable(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    frame = pd.DataFrame({"a": [1]})
    for source in (f"read_csv('{secret}')", f"'{secret}'", "frame", f"glob('{tmp_path}/*')"):
        with pytest.raises(BadQuery, match="fails"):
            query(f"select * from {source}")
    with pytest.raises(BadQuery, match="one SELECT"):
        query(f"copy rows to '{tmp_path}/out.csv'")
    assert sorted(tmp_path.iterdir()) == [secret]
    assert len(frame) == 1


def test_a_column_may_be_called_as_a_function_is() -> None:
    assert plain(query("select today from rows", rows=rows(today=[5]))) == [{"today": 5}]
