"""Metrics are those of scikit-learn, of a split and of each group of it; what has none says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from tests.workflows.operators.kernels.calls import apply, encoded, feature
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.metrics import label_names

RANDOM = np.random.default_rng(5)
OF_CLASSES = {"Precision": metrics.precision_score, "Recall": metrics.recall_score, "F1": metrics.f1_score}
OF_NUMBERS = {
    "RMSE": metrics.root_mean_squared_error,
    "MAE": metrics.mean_absolute_error,
    "R2": metrics.r2_score,
}


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


def test_a_group_that_has_no_metric_is_named() -> None:
    table = predictions([0, 1, 0], [0, 1, 1], {"0": [0.9, 0.2, 0.4], "1": [0.1, 0.8, 0.6]})
    with pytest.raises(HelixError, match="In the group 'b': RocAuc needs labels of both classes"):
        apply("RocAuc", {"predictions": table, "by": feature(["a", "a", "b"])})


@pytest.mark.parametrize("operator", OF_CLASSES)
@settings(max_examples=40)
@given(values=pairs, kind=st.sampled_from(["text", "integer", "boolean"]))
def test_scores_of_classes_are_those_of_scikit_learn(operator: str, values: list[tuple[str, str]], kind: str) -> None:
    label, predicted = (np.array(side) for side in zip(*values, strict=True))
    if kind != "text":
        label, predicted = (
            np.array([ord(value) for value in side]) if kind == "integer" else side == "a"
            for side in (label, predicted)
        )
    made = {"predictions": predictions(label, predicted)}
    score = OF_CLASSES[operator]
    for average in ("macro", "micro", "weighted"):
        assert apply(operator, made, average=average) == score(label, predicted, average=average, zero_division=0.0)
    classes = np.unique(np.concatenate([label, predicted])).tolist()
    if len(classes) == 2:
        for positive in classes:
            expected = score(label == positive, predicted == positive, zero_division=0.0)
            assert apply(operator, made, positive=positive) == expected
        assert apply(operator, made) == score(label == classes[1], predicted == classes[1], zero_division=0.0)
    elif len(classes) > 2:
        assert apply(operator, made) == score(label, predicted, average="macro", zero_division=0.0)


@pytest.mark.parametrize("operator", OF_CLASSES)
def test_groups_are_averaged_as_their_split_is_though_they_have_fewer_classes(operator: str) -> None:
    label, predicted = np.array(list("abcabb")), np.array(list("abcbba"))
    group = np.array(list("xxxyyy"))
    found = apply(operator, {"predictions": predictions(label, predicted), "by": feature(group)})
    for name in "xy":
        chosen = group == name
        expected = OF_CLASSES[operator](label[chosen], predicted[chosen], average="macro", zero_division=0.0)
        assert found[name] == expected


@pytest.mark.parametrize("operator", OF_CLASSES)
def test_each_class_may_have_a_value_of_its_own(operator: str) -> None:
    label, predicted = np.array([1, 2, 3, 1, 2, 2]), np.array([1, 2, 2, 1, 3, 2])
    made = {"predictions": predictions(label, predicted)}
    expected = OF_CLASSES[operator](label, predicted, average=None, zero_division=0.0)
    assert apply(operator, made, average="each") == dict(zip("123", expected, strict=True))
    group = feature(["x", "x", "y", "y", "y", "y"])
    assert set(apply(operator, {**made, "by": group}, average="each")["x"]) == {"1", "2", "3"}


def test_average_binary_of_more_classes_is_told() -> None:
    with pytest.raises(HelixError, match='average="binary" needs two classes, and there are 3; pass average="macro"'):
        apply("F1", {"predictions": predictions(["a", "b", "c"], ["a", "b", "c"])}, average="binary")


@pytest.mark.parametrize("operator", OF_NUMBERS)
def test_scores_of_numbers_are_those_of_scikit_learn(operator: str) -> None:
    label = RANDOM.normal(size=100)
    predicted = label + RANDOM.normal(size=100)
    group = RANDOM.choice(["x", "y"], 100)
    made = {"predictions": predictions(label, predicted)}
    assert apply(operator, made) == pytest.approx(OF_NUMBERS[operator](label, predicted), rel=1e-12)
    by = apply(operator, {**made, "by": feature(group)})
    for name in ("x", "y"):
        expected = OF_NUMBERS[operator](label[group == name], predicted[group == name])
        assert by[name] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
def test_log_loss_is_that_of_scikit_learn(classes: int) -> None:
    names = list("abcd")[:classes]
    scores = RANDOM.dirichlet([1] * classes, 60)
    scores[0] = np.eye(classes)[0]
    label = np.array(["b", *RANDOM.choice(names, 59)])
    made = {"predictions": predictions(label, label, dict(zip(names, scores.T, strict=True)))}
    assert apply("LogLoss", made) == pytest.approx(metrics.log_loss(label, scores, labels=names), rel=1e-12)
    one = {"predictions": made["predictions"].filter(pa.array(label == "b"))}
    expected = metrics.log_loss(label[label == "b"], scores[label == "b"], labels=names)
    assert apply("LogLoss", one) == pytest.approx(expected, rel=1e-12)


def test_log_loss_of_what_is_no_probability_or_no_class_of_the_model_is_told() -> None:
    with pytest.raises(HelixError, match="LogLoss needs probabilities, and the model gives other scores"):
        apply("LogLoss", {"predictions": predictions([0, 1], [0, 1], {"0": [-1.5, 2.0], "1": [1.5, -2.0]})})
    with pytest.raises(HelixError, match="'2' is no class of the model, as it is not in `train`"):
        apply("LogLoss", {"predictions": predictions([0, 2], [0, 1], {"0": [0.5, 0.5], "1": [0.5, 0.5]})})
    with pytest.raises(HelixError, match="LogLoss needs scores"):
        apply("LogLoss", {"predictions": predictions([0, 1], [0, 1])})


@pytest.mark.parametrize("operator", ["Accuracy", *OF_CLASSES, "ConfusionMatrix"])
def test_numbers_with_fractions_are_no_classes(operator: str) -> None:
    with pytest.raises(HelixError, match="counts classes, and these are numbers with fractions: use RMSE, MAE or R2"):
        apply(operator, {"predictions": predictions([0.5, 1.0], [0.4, 1.0])})


@pytest.mark.parametrize("operator", ["Accuracy", *OF_CLASSES, "ConfusionMatrix"])
def test_text_is_not_compared_with_numbers(operator: str) -> None:
    with pytest.raises(HelixError, match="the label holds text where predictions are numbers"):
        apply(operator, {"predictions": predictions(["spam", "ham"], [0, 1])})


@pytest.mark.parametrize("operator", OF_NUMBERS)
def test_text_is_no_number(operator: str) -> None:
    with pytest.raises(HelixError, match="compares numbers, and the label holds text: use Accuracy, F1"):
        apply(operator, {"predictions": predictions(["a", "b"], ["a", "b"])})


def test_r2_of_one_row_is_told() -> None:
    with pytest.raises(HelixError, match=r"In the group 'b': R2 needs 2 rows at least, and there is 1\."):
        apply("R2", {"predictions": predictions([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), "by": feature(["a", "a", "b"])})


EVERY = ["Accuracy", *OF_CLASSES, *OF_NUMBERS, "RocAuc", "LogLoss", "ConfusionMatrix", "RocCurve"]


@pytest.mark.parametrize("operator", EVERY)
def test_missing_predictions_and_an_empty_split_are_told(operator: str) -> None:
    table = predictions([1, 0, 1], [1.0, None, 0.0], {"0": [0.1, 0.5, 0.9], "1": [0.9, 0.5, 0.1]})
    with pytest.raises(HelixError, match="1 predictions are missing"):
        apply(operator, {"predictions": table})
    with pytest.raises(HelixError, match=r"the split is empty\. Name another with split="):
        apply(operator, {"predictions": table.slice(0, 0)})
    with pytest.raises(HelixError, match="no label to compare with: pass label="):
        apply(operator, {"predictions": table.drop_columns(["label"])})


@pytest.mark.parametrize("operator", EVERY)
@pytest.mark.parametrize("label", [[1, 1], [True, True], ["a", "a"], [1.0, 1.0]], ids=str)
def test_one_class_alone_gives_a_number_or_a_reason_and_no_warning(operator: str, label: list[Any]) -> None:
    table = predictions(label, label, {str(label[0]): [1.0, 1.0]})
    assert outcome(operator, {"predictions": table}) in ("value", "reason")


def outcome(operator: str, inputs: dict[str, Any]) -> str:
    """Whether there is a value, or an error of ours that names the operator. Warnings are errors (pyproject.toml)."""
    try:
        apply(operator, inputs)
    except HelixError as error:
        return "reason" if operator in error.message else error.message
    return "value"


def test_vectors_make_no_groups() -> None:
    vector = pa.table({"value": pa.FixedSizeListArray.from_arrays(pa.array([1.0, 2.0]), 1)})
    with pytest.raises(HelixError, match="`by` needs categories or numbers, and was given vectors"):
        apply("Accuracy", {"predictions": predictions([1, 1], [1, 0]), "by": vector})


@pytest.mark.parametrize(
    "labels",
    [
        pa.array(["a", "b", "a", None]),
        pa.array(["a", "b", "a"]).dictionary_encode(),
        pa.array([3, -1, 3, None]),
        pa.array([True, False, None]),
        pa.array([0.0, -0.0, 1.5, float("nan"), None]),
        pa.array([None, None]),
        pa.array([], pa.int64()),
    ],
    ids=lambda array: str(array.type),
)
def test_labels_are_named_as_python_writes_them(labels: Any) -> None:
    named = label_names(pa.table({"label": labels}))
    assert named.tolist() == [str(value) for value in labels.to_pylist()]
