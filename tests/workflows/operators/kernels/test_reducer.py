"""Metrics are those of scikit-learn; a Reducer makes JSON of what a function gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from tests.workflows.operators.kernels.calls import apply, encoded, feature, rows
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID, Matrix, Model
from workflows.operators.kernels.functions import WrongResult
from workflows.operators.kernels.reducer import jsonable


def predictions(label: Any, prediction: Any, scores: dict[str, Any] | None = None) -> pa.Table:
    named = {f"score[{name}]": pa.array(values) for name, values in (scores or {}).items()}
    columns = {ROW_ID: pa.array(range(len(label))), "label": encoded(label), "prediction": encoded(prediction), **named}
    return pa.table(columns)


def binary(count: int = 200) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, count)
    score = np.clip(random.normal(0.4 + 0.2 * label, 0.2), 0, 1)
    return label, (score > 0.5).astype(int), score


pairs = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


@settings(max_examples=50)
@given(pairs, st.booleans())
def test_accuracy_and_f1_are_those_of_scikit_learn(values: list[tuple[str, str]], as_numbers: bool) -> None:
    label, predicted = (np.array(side) for side in zip(*values, strict=True))
    if as_numbers:
        label, predicted = (np.array([ord(value) for value in side]) for side in (label, predicted))
    made = {"predictions": predictions(label, predicted)}
    assert apply("Accuracy", made) == accuracy_score(label, predicted)
    for average in ("macro", "micro", "weighted"):
        expected = f1_score(label, predicted, average=average, zero_division=0.0)
        assert apply("F1", made, average=average) == expected


def test_f1_of_two_classes_counts_the_greater_as_positive_unless_told() -> None:
    label, predicted, score = binary()
    made = {"predictions": predictions(label, predicted, {"0": 1 - score, "1": score})}
    assert apply("F1", made) == f1_score(label, predicted)
    assert apply("F1", made, positive=0) == f1_score(label, predicted, pos_label=0)


def test_f1_of_a_slice_without_positives_is_zero() -> None:
    made = {"predictions": predictions([0, 0], [0, 0], {"0": [0.9, 0.8], "1": [0.1, 0.2]})}
    assert apply("F1", made) == 0.0


def test_f1_of_an_unknown_class_is_told() -> None:
    with pytest.raises(HelixError, match="positive='z' is no class; they are 'a', 'b'"):
        apply("F1", {"predictions": predictions(["a", "b"], ["a", "a"])}, positive="z")


def test_roc_auc_of_two_classes_is_that_of_scikit_learn() -> None:
    label, predicted, score = binary()
    made = {"predictions": predictions(label, predicted, {"0": 1 - score, "1": score})}
    assert apply("RocAuc", made) == roc_auc_score(label, score)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_roc_auc_of_more_classes_is_one_against_the_rest(average: str) -> None:
    random = np.random.default_rng(1)
    label = random.choice(["a", "b", "c"], 90)
    scores = random.dirichlet([1, 1, 1], 90)
    made = {"predictions": predictions(label, label, dict(zip("abc", scores.T, strict=True)))}
    expected = roc_auc_score(label, scores, multi_class="ovr", average=average)
    assert apply("RocAuc", made, average=average) == pytest.approx(expected, rel=1e-12)


def test_roc_auc_without_scores_or_without_both_classes_is_told() -> None:
    with pytest.raises(HelixError, match="RocAuc needs scores"):
        apply("RocAuc", {"predictions": predictions([0, 1], [0, 1])})
    with pytest.raises(HelixError, match="labels of both classes"):
        apply("RocAuc", {"predictions": predictions([1, 1], [1, 1], {"0": [0.1, 0.2], "1": [0.9, 0.8]})})


def test_a_metric_by_a_feature_is_one_value_a_group() -> None:
    made = {"predictions": predictions([1, 1, 0, 0], [1, 0, 0, 0]), "by": feature(["x", "x", "y", None])}
    assert apply("Accuracy", made) == {"null": 1.0, "x": 0.5, "y": 1.0}


def test_a_metric_by_numbers_names_groups_by_their_text() -> None:
    made = {"predictions": predictions([1, 1], [1, 0]), "by": feature([10, 20])}
    assert apply("Accuracy", made) == {"10": 1.0, "20": 0.0}


def test_a_metric_without_labels_or_rows_is_told() -> None:
    with pytest.raises(HelixError, match="no label to compare with"):
        apply("Accuracy", {"predictions": pa.table({ROW_ID: [0], "prediction": [1]})})
    with pytest.raises(HelixError, match="the split is empty"):
        apply("Accuracy", {"predictions": predictions([1], [1]).slice(0, 0)})


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


def test_a_group_that_has_no_metric_is_named() -> None:
    table = predictions([0, 1, 0], [0, 1, 1], {"0": [0.9, 0.2, 0.4], "1": [0.1, 0.8, 0.6]})
    with pytest.raises(HelixError, match="In the group 'b': RocAuc needs labels of both classes"):
        apply("RocAuc", {"predictions": table, "by": feature(["a", "a", "b"])})
