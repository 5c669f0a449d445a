"""Functions on rows: batch sizes are no part of the meaning, and a function for which they are is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, plain, rows
from workflows.execution.output import Output
from workflows.execution.protocol import Logged, Message, MetricLogged
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.functions import UserCodeFailed, WrongResult
from workflows.operators.kernels.rowwise import NotRowWise

N = 500
TABLE = rows(
    x=np.random.default_rng(3).normal(size=N),
    n=np.arange(N) % 7,
    t=[f"word{place % 11}" if place % 83 else None for place in range(N)],
    gap=pa.array([None if place == 321 else place % 13 for place in range(N)], pa.int64()),
    g=[f"g{place // 9}" for place in range(N)],
)

NOT_ROW_WISE: dict[str, Callable[[Any], Any]] = {
    "the mean of all rows": lambda batch: batch["x"] - batch["x"].mean(),
    "the mean where one row has a gap": lambda batch: batch["gap"].fillna(batch["gap"].mean()),
    "the largest of few values": lambda batch: batch["n"] / batch["n"].max(),
    "codes of the values at hand": lambda batch: batch["t"].astype("category").cat.codes,
    "the neighbour": lambda batch: batch["n"].shift(),
    "a running sum": lambda batch: batch["n"].cumsum(),
    "ranks": lambda batch: batch["x"].rank(),
    "the index": lambda batch: batch.index.to_series(),
    "the number of rows": lambda batch: [len(batch)] * len(batch),
    "whether it stood before": lambda batch: batch["n"].duplicated(),
    "filled from above": lambda batch: batch["gap"].ffill(),
    "random numbers": lambda batch: np.random.random(len(batch)),
    "columns of the values at hand": lambda batch: pd.get_dummies(batch["t"]),
    "another order": lambda batch: batch["x"][::-1],
}


@pytest.mark.parametrize("function", NOT_ROW_WISE.values(), ids=NOT_ROW_WISE)
def test_a_function_that_looks_at_other_rows_is_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(NotRowWise) as caught:
        apply("Extractor", {"rows": TABLE}, fn=function)
    assert 'each="split"' in caught.value.message
    assert caught.value.data["example"].startswith("{'x': ")
    assert len(apply("Extractor", {"rows": TABLE}, fn=function, each="split")) == N


ROW_WISE: dict[str, Callable[[Any], Any]] = {
    "rounding in vectorised loops": lambda batch: np.exp(batch["x"]) * np.log1p(np.abs(batch["x"])),
    "sums along a row": lambda batch: pd.concat([batch["x"] * k for k in range(1, 40)], axis=1).sum(axis=1),
    "products of matrices": lambda batch: (
        np.outer(batch["x"], np.arange(300.0)) @ np.sin(np.arange(600.0)).reshape(300, 2)
    ),
    "single precision": lambda batch: np.cos(batch["x"].astype("float32")),
    "vectors of single precision": lambda batch: np.outer(batch["x"], np.arange(5)).astype("float32"),
    "nulls": lambda batch: batch["gap"] * 2,
    "texts": lambda batch: batch["t"].str.upper(),
    "booleans": lambda batch: batch["x"] > 0,
    "several columns": lambda batch: pd.DataFrame({"a": batch["n"] // 2, "b": batch["t"]}),
    "infinities": lambda batch: np.where(batch["n"] == 0, np.inf, batch["x"]),
    "texts of whole numbers where one is missing": lambda batch: batch["gap"].astype(str),
    "dates": lambda batch: pd.to_datetime(batch["n"], unit="D"),
    "whole numbers that become floats where one is missing": lambda batch: batch["gap"].where(batch["gap"] > 3),
}


@pytest.mark.parametrize("function", ROW_WISE.values(), ids=ROW_WISE)
def test_a_row_wise_function_is_taken_as_it_is(function: Callable[[Any], Any]) -> None:
    assert len(apply("Extractor", {"rows": TABLE}, fn=function)) == N


@settings(max_examples=30)
@given(st.integers(0, 70), st.integers(0, 2**32))
def test_any_number_of_rows_can_be_replayed(count: int, seed: int) -> None:
    table = rows(x=pa.array(np.random.default_rng(seed).normal(size=count)))
    assert len(apply("Extractor", {"rows": table}, fn=lambda batch: batch["x"] * 2)) == count
    if count > 1:
        with pytest.raises(NotRowWise):
            apply("Extractor", {"rows": table}, fn=lambda batch: batch["x"].sum() + batch["x"])


def test_the_row_and_both_results_are_told() -> None:
    with pytest.raises(NotRowWise) as caught:
        apply("Map", {"rows": rows(x=[1, 2])}, fn=lambda batch: batch.assign(y=batch["x"].sum()))
    assert "in a batch of all 2 rows it gives 3 in `y`, in one of 1 " in caught.value.message
    with pytest.raises(NotRowWise, match=r"in a batch of 1 row it raises ValueError: two at least"):
        apply("Extractor", {"rows": rows(x=[1, 2, 3])}, fn=_two_at_least)
    with pytest.raises(NotRowWise, match=r"in a batch of 1 row: The function gave 3 values for 1 rows"):
        apply("Extractor", {"rows": rows(x=[1, 2, 3])}, fn=lambda _: [1, 2, 3])


def _two_at_least(batch: pd.DataFrame) -> Any:
    if len(batch) < 2:
        raise ValueError("two at least")
    return batch["x"]


@pytest.mark.parametrize("operator", ["Map", "Filter", "FlatMap", "Extractor"])
def test_every_operator_with_a_function_of_batches_replays_it(operator: str) -> None:
    above: Any = (lambda b: b["x"] > b["x"].mean()) if operator == "Filter" else lambda b: b.assign(x=b["x"].rank())
    with pytest.raises(NotRowWise):
        apply(operator, {"rows": TABLE}, fn=above)


def previous(batch: pd.DataFrame) -> Any:
    return batch.groupby("g", dropna=False)["n"].shift().fillna(-1).astype(int)


def test_a_group_is_whole_in_every_batch_wherever_its_rows_stand() -> None:
    table = rows(g=["a", "b", None, "a", None, "b", "a"], n=[0, 1, 2, 3, 4, 5, 6])
    result = apply("Extractor", {"rows": table}, fn=previous, each="group", by="g")
    assert plain(result) == [-1, -1, -1, 0, 2, 1, 3]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 9)), min_size=1, max_size=90))
def test_a_function_of_groups_gives_what_it_gives_group_by_group(values: list[tuple[str, int]]) -> None:
    table = rows(g=[group for group, _ in values], n=[number for _, number in values])
    expected = pd.DataFrame(values, columns=["g", "n"]).groupby("g")["n"].transform(lambda n: n - n.min()).tolist()

    def above(batch: pd.DataFrame) -> Any:
        return batch["n"] - batch.groupby("g")["n"].transform("min")

    assert plain(apply("Extractor", {"rows": table}, fn=above, each="group", by="g")) == expected
    mapped = apply("Map", {"rows": table}, fn=lambda batch: batch.assign(n=above(batch)), each="group", by="g")
    assert mapped["n"].to_pylist() == expected
    kept = apply("Filter", {"rows": table}, fn=lambda batch: above(batch) > 0, each="group", by="g")
    assert kept[ROW_ID].to_pylist() == [place for place, value in enumerate(expected) if value > 0]


def test_a_function_that_looks_beyond_its_groups_is_refused() -> None:
    with pytest.raises(NotRowWise, match="no function of whole groups"):
        apply("Extractor", {"rows": TABLE}, fn=lambda batch: batch["n"].shift(), each="group", by="g")
    with pytest.raises(NotRowWise, match="no function of whole groups"):
        apply("Filter", {"rows": TABLE}, fn=lambda b: b["x"] > b["x"].mean(), each="group", by="g")


def test_one_group_is_the_whole_split() -> None:
    table = rows(g=["a", "a"], n=[3, 4])
    assert plain(apply("Extractor", {"rows": table}, fn=lambda b: b["n"].cumsum(), each="group", by="g")) == [3, 7]


def test_flatmap_of_batches_goes_by_the_index_and_of_rows_by_lists() -> None:
    table = apply("Filter", {"rows": rows(t=["a b", "", "c", "d e f"])}, fn="t != ''")

    def words(batch: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"word": batch["t"].str.split(" ").explode()})

    by_batch = apply("FlatMap", {"rows": table}, fn=words)
    by_row = apply("FlatMap", {"rows": table}, fn=_words_of, each="row")
    assert by_batch["word"].to_pylist() == ["a", "b", "c", "d", "e", "f"]
    assert by_batch.to_pylist() == by_row.to_pylist()


def _words_of(row: Mapping[str, Any]) -> Any:
    for word in row["t"].split():
        yield {"word": word}


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.lists(st.integers(0, 5), max_size=20))
def test_ids_of_new_rows_are_distinct_and_other_rows_change_none(counts: list[int], more: list[int]) -> None:
    def repeat(batch: pd.DataFrame) -> pd.DataFrame:
        return batch.loc[batch.index.repeat(batch["n"])]

    before, after = (apply("FlatMap", {"rows": rows(n=pa.array(n))}, fn=repeat) for n in (counts, [*counts, *more]))
    ids = after[ROW_ID].to_pylist()
    assert len(set(ids)) == len(ids) == sum(counts) + sum(more)
    assert ids[: sum(counts)] == before[ROW_ID].to_pylist()
    halves = apply("FlatMap", {"rows": rows(n=pa.array([*counts, *more])).slice(len(counts))}, fn=repeat)
    assert ids[sum(counts) :] == halves[ROW_ID].to_pylist()


@pytest.mark.parametrize(
    ("function", "each", "problem"),
    [
        (lambda batch: batch["x"], "batch", "a DataFrame is needed"),
        (lambda batch: pd.concat([batch, batch], ignore_index=True), "batch", "with 5 in its index, of 3 rows"),
        (lambda batch: batch.set_index(pd.Index(["a", "b", "c"])), "batch", "index is of object"),
        (lambda _: None, "row", "is a `return` missing?"),
        (lambda row: row, "row", "a list of mappings is needed"),
        (lambda _: [3], "row", "a mapping of column to value is needed"),
        (lambda _: "ab", "row", "a list of mappings is needed"),
    ],
)
def test_what_flatmap_has_no_use_for_is_told(function: Any, each: str, problem: str) -> None:
    with pytest.raises(WrongResult) as caught:
        apply("FlatMap", {"rows": rows(x=[1, 2, 3])}, fn=function, each=each)
    assert problem in caught.value.message


def test_what_raises_while_rows_are_yielded_is_told_with_its_row() -> None:
    def broken(row: Mapping[str, Any]) -> Any:
        yield {"y": 1 / row["x"]}

    with pytest.raises(UserCodeFailed) as caught:
        apply("FlatMap", {"rows": rows(x=[1, 0])}, fn=broken, each="row")
    assert caught.value.data["example"] == "{'x': 0}"


def test_what_a_replayed_function_prints_or_records_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    sent: list[Message] = []
    output = Output(sent.append, 1_000_000)

    def talks(batch: pd.DataFrame) -> Any:
        output.write(f"{len(batch)} rows\n")
        output.log("rows", len(batch))
        return batch["x"]

    with output.of("node"):
        apply("Extractor", {"rows": TABLE}, fn=talks)
    assert [message.text for message in sent if isinstance(message, Logged)] == [f"{N} rows\n"]
    assert [message.value for message in sent if isinstance(message, MetricLogged)] == [float(N)]
    assert capfd.readouterr().out == ""


def test_a_function_that_takes_long_for_each_call_is_replayed_less_and_it_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.operators.kernels.rowwise._SECONDS", 0.0)
    monkeypatch.setattr("workflows.operators.kernels.rowwise._SHARE", 0.0)
    apply("Extractor", {"rows": TABLE}, fn=lambda batch: batch["x"])
    assert "was replayed in 1 of 7 batches" in capsys.readouterr().out


def test_what_a_function_waits_for_is_no_work_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(batch: pd.DataFrame) -> Any:
        time.sleep(0.03)
        return batch["x"]

    monkeypatch.setattr("workflows.operators.kernels.rowwise._SECONDS", 0.1)
    monkeypatch.setattr("workflows.operators.kernels.rowwise._WAIT", 1000)
    apply("Extractor", {"rows": TABLE}, fn=waits)
    monkeypatch.setattr("workflows.operators.kernels.rowwise._WAIT", 0)
    assert capsys.readouterr().out == ""
    apply("Extractor", {"rows": TABLE}, fn=waits)
    assert "was replayed in 1 of 7 batches" in capsys.readouterr().out


def test_what_a_function_writes_into_its_frame_changes_nothing_else() -> None:
    table = rows(x=[1.0, 2.0, 3.0], t=["a", "b", "a"], v=pa.FixedSizeListArray.from_arrays(pa.array([0.0] * 6), 2))
    before = table.to_pylist()

    def writes(batch: pd.DataFrame) -> Any:
        batch["x"] = batch["x"] + 1
        batch.loc[batch["t"] == "a", "t"] = "z"
        batch.columns = ["p", "q", "r"]
        return batch["q"]

    assert plain(apply("Extractor", {"rows": table}, fn=writes)) == ["z", "b", "z"]
    assert table.to_pylist() == before


@pytest.mark.parametrize(
    "write", [lambda b: b["x"].to_numpy().__setitem__(0, 9.0), lambda b: b["v"][0].__setitem__(0, 9.0)]
)
def test_what_is_written_into_buffers_is_refused(write: Callable[[pd.DataFrame], None]) -> None:
    table = rows(x=[1.0, 2.0], v=pa.FixedSizeListArray.from_arrays(pa.array([0.0] * 4), 2))

    def writes(batch: pd.DataFrame) -> Any:
        write(batch)
        return batch["x"]

    with pytest.raises(UserCodeFailed, match="read-only"):
        apply("Extractor", {"rows": table}, fn=writes)
