"""The confusion matrix, the ROC curve and the silhouette are those of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import auc, confusion_matrix, roc_curve, silhouette_score

from tests.workflows.operators.kernels.calls import apply, feature, learn
from tests.workflows.operators.kernels.test_metrics import pairs, predictions
from workflows.errors import HelixError
from workflows.operators.kernels import vectors
from workflows.operators.kernels.base import ROW_ID, Matrix

RANDOM = np.random.default_rng(3)


@pytest.mark.filterwarnings("ignore:A single label was found")  # theirs says so; ours has it in `labels`
@settings(max_examples=40)
@given(pairs, st.booleans())
def test_the_confusion_matrix_is_that_of_scikit_learn(values: list[tuple[str, str]], as_numbers: bool) -> None:
    label, predicted = (np.array(side) for side in zip(*values, strict=True))
    if as_numbers:
        label, predicted = (np.array([ord(value) for value in side]) for side in (label, predicted))
    found = apply("ConfusionMatrix", {"predictions": predictions(label, predicted)})
    assert found["labels"] == sorted({*label.tolist(), *predicted.tolist()})
    assert found["matrix"] == confusion_matrix(label, predicted, labels=found["labels"]).tolist()


def test_confusion_matrices_of_groups_have_the_classes_of_the_whole_split() -> None:
    made = {"predictions": predictions(["a", "b", "c"], ["a", "a", "c"]), "by": feature(["x", "x", "y"])}
    found = apply("ConfusionMatrix", made)
    assert found["x"] == {"labels": ["a", "b", "c"], "matrix": [[1, 0, 0], [1, 0, 0], [0, 0, 0]]}
    assert found["y"]["matrix"] == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_a_confusion_matrix_of_too_many_classes_is_told() -> None:
    with pytest.raises(HelixError, match="1000 classes at most, and there are 2000"):
        apply("ConfusionMatrix", {"predictions": predictions(range(2000), range(2000))})


def scored(count: int) -> tuple[Any, Any, pa.Table]:
    label = RANDOM.integers(0, 2, count)
    score = RANDOM.normal(label, 1.0)
    return label, score, predictions(label, label, {"0": -score, "1": score})


def test_the_roc_curve_is_that_of_scikit_learn() -> None:
    label, score, table = scored(60)
    found = apply("RocCurve", {"predictions": table})
    false, true, thresholds = roc_curve(label, score)
    assert found["false_positive_rate"] == false.tolist()
    assert found["true_positive_rate"] == true.tolist()
    assert found["threshold"] == [None, *thresholds[1:].tolist()]
    assert found["area"] == auc(false, true)
    other = apply("RocCurve", {"predictions": table}, positive=0)
    assert other["true_positive_rate"] == roc_curve(label == 0, -score)[1].tolist()


def test_a_long_roc_curve_keeps_its_ends_its_area_and_at_most_as_many_points_as_asked_for() -> None:
    label, score, table = scored(20_000)
    found = apply("RocCurve", {"predictions": table}, points=50)
    assert len(found["threshold"]) == len(found["true_positive_rate"]) <= 50
    assert (found["false_positive_rate"][0], found["true_positive_rate"][0]) == (0.0, 0.0)
    assert (found["false_positive_rate"][-1], found["true_positive_rate"][-1]) == (1.0, 1.0)
    assert found["area"] == auc(*roc_curve(label, score)[:2])
    assert auc(found["false_positive_rate"], found["true_positive_rate"]) == pytest.approx(found["area"], abs=0.002)


def test_a_roc_curve_of_more_classes_asks_for_one() -> None:
    label = RANDOM.choice(list("abc"), 90)
    scores = RANDOM.dirichlet([1, 1, 1], 90)
    table = predictions(label, label, dict(zip("abc", scores.T, strict=True)))
    with pytest.raises(HelixError, match="one class against the rest, and there are 3: pass positive='a', or another"):
        apply("RocCurve", {"predictions": table})
    found = apply("RocCurve", {"predictions": table}, positive="b")
    assert found["true_positive_rate"] == roc_curve(label == "b", scores[:, 1])[1].tolist()
    with pytest.raises(HelixError, match="positive='z' is no class"):
        apply("RocCurve", {"predictions": table}, positive="z")


def test_a_roc_curve_of_one_class_is_told() -> None:
    with pytest.raises(HelixError, match="RocCurve needs labels of both classes"):
        apply("RocCurve", {"predictions": predictions([1, 1], [1, 1], {"0": [0.1, 0.2], "1": [0.9, 0.8]})})


X = np.concatenate([RANDOM.normal(place, 1.0, (70, 3)) for place in (-2.0, 0.0, 3.0)])


def clustered(x: Any = X) -> tuple[pa.Table, Matrix]:
    matrix = Matrix(x, tuple("abc"), None, None, np.arange(x.shape[0]))
    model = learn("Learner", [{"examples": matrix}], estimator=KMeans(3, random_state=0))
    return apply("Predict", {"model": model, "examples": matrix}), matrix


@pytest.mark.parametrize("x", [X, sp.csr_matrix(np.where(X > 0, X, 0))], ids=["dense", "sparse"])
@pytest.mark.parametrize("distance", ["euclidean", "manhattan", "cosine"])
def test_the_silhouette_is_that_of_scikit_learn(x: Any, distance: str) -> None:
    found, matrix = clustered(x)
    expected = silhouette_score(x, found["prediction"].to_numpy(), metric=distance)
    assert found.column_names == [ROW_ID, "prediction"]
    made = {"predictions": found, "examples": matrix}
    assert apply("Silhouette", made, distance=distance) == pytest.approx(expected, rel=1e-12)


def test_a_sample_is_drawn_by_the_seed() -> None:
    found, matrix = clustered()
    labels = found["prediction"].to_numpy()
    for seed in (0, 7):
        expected = silhouette_score(X, labels, sample_size=60, random_state=seed)
        made = {"predictions": found, "examples": matrix}
        assert apply("Silhouette", made, sample=60, seed=seed) == pytest.approx(expected, rel=1e-12)


def test_a_silhouette_may_be_over_a_feature() -> None:
    found, matrix = clustered()
    of_feature = apply("Silhouette", {"predictions": found, "examples": vectors.table(X)})
    assert of_feature == apply("Silhouette", {"predictions": found, "examples": matrix})


@pytest.mark.parametrize(
    ("clusters", "what"), [([0, 0, 0], "one alone"), ([0, 1, 2], "one for each row"), ([], "no row at all")]
)
def test_clusters_that_have_no_silhouette_are_told(clusters: list[int], what: str) -> None:
    table = pa.table({ROW_ID: pa.array(range(len(clusters))), "prediction": pa.array(clusters, pa.int32())})
    with pytest.raises(HelixError, match=f"more rows than clusters; there is {what}. Ask the estimator"):
        apply("Silhouette", {"predictions": table, "examples": vectors.table(X[: len(clusters)])})
