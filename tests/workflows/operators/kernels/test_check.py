"""Check: passes with its counts, or fails with the rows that break it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, rows
from workflows.operators.kernels.check import CheckFailed
from workflows.operators.kernels.rowwise import NotRowWise

TABLE = rows(age=[20, 150, None, 40], t=["a", "b", "c", "d"])


def check(*tables: pa.Table, splits: tuple[str, ...] = ("all",), **params: Any) -> Any:
    return apply("Check", {"rows": list(tables)}, splits=splits, **params)


def test_a_check_that_holds_counts_rows_by_split() -> None:
    found = check(TABLE, TABLE.slice(0, 1), splits=("train", "test"), condition="age is null or age > 0")
    assert found == {
        "train": {"rows": 4, "broken": 0, "share": 1.0},
        "test": {"rows": 1, "broken": 0, "share": 1.0},
    }
    assert check(TABLE.slice(0, 0), condition="age > 0") == {"all": {"rows": 0, "broken": 0, "share": 1.0}}


def test_a_check_that_fails_shows_the_rows_and_their_share() -> None:
    with pytest.raises(CheckFailed) as caught:
        check(TABLE, condition="age between 0 and 120")
    assert caught.value.message == (
        '"age between 0 and 120": of 4 rows of `all` it is not true for 2 (50.00%); it must be for all.'
    )
    assert caught.value.data["example"] == "all, row 2: {'age': 150}\nall, row 3: {'age': None}"
    with pytest.raises(CheckFailed, match=r"`test` it is not true for 2 .*; at_least=0.6 must hold"):
        check(TABLE.slice(0, 1), TABLE, splits=("train", "test"), condition="age < 120", at_least=0.6)


def test_a_function_may_check_and_shows_whole_rows() -> None:
    with pytest.raises(CheckFailed) as caught:
        check(TABLE, condition=lambda batch: batch["age"] < 100, at_least=0.9)
    assert caught.value.data["example"].splitlines()[0] == "all, row 2: {'age': 150, 't': 'b'}"
    assert check(TABLE, condition=lambda row: row["t"] != "", each="row")["all"]["broken"] == 0
    with pytest.raises(NotRowWise):
        check(TABLE, condition=lambda batch: batch["age"] == batch["age"].max())


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_check_holds_where_the_share_is_reached(values: list[bool], least: float) -> None:
    share = sum(values) / len(values)
    if share >= least:
        assert check(rows(ok=values), condition="ok", at_least=least)["all"]["share"] == share
    else:
        with pytest.raises(CheckFailed):
            check(rows(ok=values), condition="ok", at_least=least)
