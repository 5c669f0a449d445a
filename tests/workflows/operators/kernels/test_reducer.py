"""A Reducer is given each node as people know it, and makes JSON of what its function gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workflows.operators.kernels.calls import apply, feature, rows
from tests.workflows.operators.kernels.test_metrics import predictions
from workflows.operators.kernels.base import Matrix, Model
from workflows.operators.kernels.functions import WrongResult
from workflows.operators.kernels.reducer import jsonable


def test_a_reducer_is_given_each_node_as_people_know_it() -> None:
    seen: list[Any] = []

    def look(*operands: Any) -> int:
        seen.extend(operands)
        return len(operands)

    matrix = Matrix(np.eye(2), ("a", "b"), None, None, np.arange(2))
    nodes = [rows(x=[1, 2]), predictions([1], [0]), feature(["a"]), matrix, Model("estimator", ()), {"v": 1}]
    assert apply("Reducer", {"nodes": nodes}, fn=look) == 6
    assert list(seen[0].columns) == ["x"]
    assert list(seen[1].columns) == ["label", "prediction"]
    assert isinstance(seen[2], pd.DataFrame)
    assert seen[3] is matrix
    assert seen[4:] == ["estimator", {"v": 1}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ((1, "a", None), [1, "a", None]),
        ({"b", "a"}, ["a", "b"]),
        ({1: np.float32(0.5), "k": [np.int64(2)]}, {"1": 0.5, "k": [2]}),
        (pd.Series([1, 2], index=["a", "b"]), {"a": 1, "b": 2}),
        (pd.DataFrame({"a": [1], 2: ["x"]}), {"columns": ["a", "2"], "rows": [[1, "x"]]}),
    ],
)
def test_values_become_json(value: Any, expected: Any) -> None:
    assert jsonable(value, "it") == expected


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(WrongResult, match="`f` gave a value of type object"):
        jsonable(object(), "`f`")


def test_a_set_becomes_a_list_in_one_order_whatever_is_in_it() -> None:
    assert jsonable({"b", 2, "a", 1.5}, "it") == [1.5, 2, "a", "b"]


def test_a_value_that_holds_itself_is_told() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(WrongResult, match="`endless` gave a value that is nested too deeply, or holds itself"):
        apply("Reducer", {"nodes": [1]}, fn=endless(loop))


def endless(loop: list[Any]) -> Any:
    def endless(_: Any) -> Any:
        return loop

    return endless
