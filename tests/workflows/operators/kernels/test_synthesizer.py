"""Split, Map and Filter: rows of rows, their ids kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, rows
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.functions import UserCodeFailed, WrongResult

SPLITS = ("train", "validation", "test")


def ids(table: pa.Table) -> list[int]:
    return list(table[ROW_ID].to_pylist())


def split(table: pa.Table, **params: Any) -> dict[str, pa.Table]:
    return {name: apply("Split", {"rows": table}, split=name, **params) for name in SPLITS}


@settings(max_examples=25)
@given(st.integers(1, 300), st.floats(0.05, 0.5), st.sampled_from([None, 0.2]), st.integers(0, 2**40))
def test_every_row_is_in_exactly_one_split(count: int, test: float, validation: float | None, seed: int) -> None:
    parts = split(rows(x=np.arange(count)), test=test, validation=validation, seed=seed)
    assert sorted(row for part in parts.values() for row in ids(part)) == list(range(count))
    assert validation is not None or not ids(parts["validation"])


@settings(max_examples=25)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 9))
def test_added_rows_move_no_others(count: int, more: int, seed: int) -> None:
    before = split(rows(x=np.arange(count)), seed=seed)
    after = split(rows(x=np.arange(count + more)), seed=seed)
    for name in SPLITS:
        assert ids(before[name]) == [row for row in ids(after[name]) if row < count]


def test_shares_are_about_those_asked_for_and_differ_by_seed() -> None:
    table = rows(x=np.arange(20_000))
    first, second = (split(table, test=0.2, validation=0.1, seed=seed) for seed in (0, 1))
    assert len(ids(first["test"])) == pytest.approx(4000, rel=0.06)
    assert len(ids(first["validation"])) == pytest.approx(2000, rel=0.08)
    assert len(set(ids(first["test"])) & set(ids(second["test"]))) == pytest.approx(800, rel=0.15)


def test_asking_for_validation_moves_no_row_of_test() -> None:
    table = rows(x=np.arange(1000))
    assert ids(split(table)["test"]) == ids(split(table, validation=0.3)["test"])


def test_a_group_stays_in_one_split() -> None:
    groups = [f"g{number % 50}" for number in range(1000)]
    parts = split(rows(g=groups), test=0.3, validation=0.3, group="g")
    members = [set(part["g"].to_pylist()) for part in parts.values()]
    assert sum(len(group) for group in members) == 50
    assert all(members)


def test_stratified_shares_are_equal_to_within_a_row() -> None:
    values = ["rare"] * 37 + ["common"] * 963 + [None] * 10
    parts = split(rows(y=values), test=0.2, validation=0.3, stratify="y")
    for value in ("rare", "common", None):
        count = values.count(value)
        assert abs(parts["test"]["y"].to_pylist().count(value) - 0.2 * count) <= 1
        assert abs(parts["validation"]["y"].to_pylist().count(value) - 0.3 * count) <= 1


@pytest.mark.parametrize("where", ["x % 5 == 4", lambda batch: batch["x"] % 5 == 4], ids=["expression", "function"])
def test_the_rows_that_a_condition_holds_for_are_test_and_all_others_train(where: Any) -> None:
    table = rows(x=[0, 4, None, 8, 9])
    found = {name: apply("Split", {"rows": table}, split=name, where=where) for name in ("train", "test")}
    assert ids(found["test"]) == [1, 4]
    assert ids(found["train"]) == [0, 2, 3]


def test_map_makes_a_row_of_each_row_and_keeps_its_id() -> None:
    table = apply("Filter", {"rows": rows(x=[1, 2, 3])}, fn="x > 1")
    result = apply("Map", {"rows": table}, fn=lambda batch: batch.assign(y=batch["x"] * 2))
    assert result.to_pylist() == [{ROW_ID: 1, "x": 2, "y": 4}, {ROW_ID: 2, "x": 3, "y": 6}]


def test_map_of_each_row_is_given_mappings() -> None:
    def double(row: Mapping[str, Any]) -> dict[str, Any]:
        assert set(row) == {"x", "t"}
        return {"y": row["x"] * 2, "t": row["t"] and row["t"].upper()}

    result = apply("Map", {"rows": rows(x=[1, 2], t=["a", None])}, fn=double, each="row")
    assert result.to_pylist() == [{ROW_ID: 0, "y": 2, "t": "A"}, {ROW_ID: 1, "y": 4, "t": None}]


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda batch: batch.head(1), "gave 1 rows for 3"),
        (lambda _: None, "is a `return` missing?"),
        (lambda batch: batch.rename(columns={"x": 3}), "columns are named by text"),
        (lambda batch: pd.concat([batch, batch], axis=1), "two columns called `x`"),
    ],
)
def test_what_map_has_no_use_for_is_told(function: Any, problem: str) -> None:
    with pytest.raises(WrongResult) as caught:
        apply("Map", {"rows": rows(x=[1, 2, 3])}, fn=function)
    assert problem in caught.value.message


def test_filter_keeps_the_rows_a_function_is_true_for() -> None:
    table = rows(x=[1, 2, 3, None])
    assert ids(apply("Filter", {"rows": table}, fn=lambda batch: batch["x"] >= 2)) == [1, 2]
    assert ids(apply("Filter", {"rows": table}, fn=lambda row: row["x"] is None, each="row")) == [3]
    assert ids(apply("Filter", {"rows": table}, fn="x >= 2")) == [1, 2]


def test_filter_wants_true_or_false_for_each_row() -> None:
    with pytest.raises(WrongResult, match="True or False is needed"):
        apply("Filter", {"rows": rows(x=[1, 2])}, fn=lambda batch: batch["x"])
    with pytest.raises(WrongResult, match="gave 1 values for 2 rows"):
        apply("Filter", {"rows": rows(x=[1, 2])}, fn=lambda _: [True])


def test_a_function_that_raises_is_told_with_the_first_row_that_broke_it() -> None:
    def broken(batch: pd.DataFrame) -> pd.Series[Any]:
        return batch["x"].map({1: "a", 2: "b"}.__getitem__)

    with pytest.raises(UserCodeFailed) as caught:
        apply("Map", {"rows": rows(x=[1, 2, 1, 9, 2, 7], t=["p", "q", "r", "s", "t", "u"])}, fn=broken)
    assert caught.value.message == "KeyError: 9"
    assert caught.value.data["example"] == "{'x': 9, 't': 's'}"


def test_a_missing_column_names_the_nearest() -> None:
    with pytest.raises(HelixError, match="did you mean `target`"):
        split(rows(target=["a"]), stratify="targett")


@settings(max_examples=25)
@given(st.integers(1, 300), st.integers(1, 100), st.floats(0.1, 0.9), st.integers(0, 9))
def test_rows_that_are_added_move_no_others_of_a_sampled_fraction(n: int, more: int, share: float, seed: int) -> None:
    before, after = (apply("Sample", {"rows": rows(x=np.arange(k))}, fraction=share, seed=seed) for k in (n, n + more))
    assert ids(before) == [row for row in ids(after) if row < n]


def test_a_sample_of_a_number_of_rows_has_that_many_in_their_order() -> None:
    table = rows(x=np.arange(1000))
    few = ids(apply("Sample", {"rows": table}, n=100))
    assert len(few) == 100
    assert few == sorted(few)
    assert ids(apply("Sample", {"rows": table}, n=2000)) == list(range(1000))
    assert set(ids(apply("Sample", {"rows": table}, n=50))) < set(few)


def test_a_sample_of_a_split_goes_by_other_numbers_than_the_split() -> None:
    test = split(rows(x=np.arange(20_000)), test=0.2)["test"]
    assert len(ids(apply("Sample", {"rows": test}, fraction=0.1))) == pytest.approx(400, rel=0.2)
