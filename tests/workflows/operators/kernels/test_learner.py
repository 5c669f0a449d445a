"""Learners and predictions are those of the estimator called by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from sklearn.cluster import DBSCAN, KMeans, MiniBatchKMeans
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

from tests.workflows.operators.kernels.calls import apply, learn
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID, Matrix
from workflows.store.codecs import canonical

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 3))
Y = (X[:, 0] + 0.3 * RANDOM.normal(size=80) > 0).astype("int8")


def matrix(x: Any = X, label: Any = Y, weight: Any = None) -> Matrix:
    columns = tuple(map(str, range(x.shape[1])))
    found = canonical(Matrix(x, columns, label, weight, np.arange(x.shape[0])))
    assert isinstance(found, Matrix)
    return found


def predicted(estimator: Any, examples: Matrix | None = None) -> pa.Table:
    made = examples or matrix()
    model = learn("Learner", [{"examples": made}], estimator=estimator)
    return apply("Predict", {"model": model, "examples": made})


@pytest.mark.parametrize("x", [X, sp.csr_matrix(X)], ids=["dense", "sparse"])
def test_probabilities_are_the_scores(x: Any) -> None:
    found = predicted(LogisticRegression(), matrix(x))
    theirs = LogisticRegression().fit(x, Y)
    assert found.column_names == [ROW_ID, "label", "prediction", "score[0]", "score[1]"]
    np.testing.assert_array_equal(found["prediction"].to_numpy(), theirs.predict(x))
    np.testing.assert_array_equal(found["score[1]"].to_numpy(), theirs.predict_proba(x)[:, 1])
    assert found["label"].to_pylist() == Y.tolist()


@pytest.mark.parametrize("estimator", [LinearSVC(random_state=0), RidgeClassifier()])
def test_decision_values_are_the_scores_where_there_are_no_probabilities(estimator: Any) -> None:
    found = predicted(estimator)
    np.testing.assert_array_equal(found["score[1]"].to_numpy(), estimator.fit(X, Y).decision_function(X))
    np.testing.assert_array_equal(found["score[0]"].to_numpy(), -found["score[1]"].to_numpy())


def test_labels_may_be_texts() -> None:
    words = np.array(["no", "yes"], dtype=object)[Y]
    found = predicted(LogisticRegression(), matrix(label=words))
    assert found.column_names[-2:] == ["score[no]", "score[yes]"]
    assert set(found["prediction"].to_pylist()) == {"no", "yes"}


def test_a_regressor_gives_no_scores() -> None:
    assert predicted(LinearRegression(), matrix(label=X[:, 0] * 2)).column_names == [ROW_ID, "label", "prediction"]


def test_a_clusterer_needs_no_label() -> None:
    found = predicted(KMeans(2, random_state=0, n_init=1), matrix(label=None))
    assert found.column_names == [ROW_ID, "prediction"]
    assert set(found["prediction"].to_pylist()) == {0, 1}


def test_weights_reach_the_estimator() -> None:
    weight = np.where(Y == 1, 50.0, 1.0)
    model = learn("Learner", [{"examples": matrix(weight=weight)}], estimator=LogisticRegression())
    theirs = LogisticRegression().fit(X, Y, sample_weight=weight)
    np.testing.assert_array_equal(model.estimator.coef_, theirs.coef_)


def test_an_estimator_that_refuses_immutable_arrays_gets_a_copy() -> None:
    examples = matrix(sp.csr_matrix(X), None)
    before = examples.x.copy()
    estimator = MiniBatchKMeans(2, random_state=0, n_init=1)
    assert predicted(estimator, examples).num_rows == 80
    assert (examples.x != before).nnz == 0


def test_an_estimator_without_predict_is_told() -> None:
    with pytest.raises(HelixError, match="DBSCAN cannot predict"):
        predicted(DBSCAN(), matrix(label=None))


def test_examples_of_other_columns_are_refused() -> None:
    model = learn("Learner", [{"examples": matrix()}], estimator=LogisticRegression())
    with pytest.raises(HelixError, match="other columns"):
        apply("Predict", {"model": model, "examples": matrix(X[:, :2])})


def test_no_rows_teach_nothing() -> None:
    with pytest.raises(HelixError, match="`train` is empty"):
        learn("Learner", [{"examples": matrix(X[:0], Y[:0])}], estimator=LogisticRegression())


def test_no_rows_are_predicted_as_no_rows() -> None:
    model = learn("Learner", [{"examples": matrix()}], estimator=LogisticRegression())
    assert apply("Predict", {"model": model, "examples": matrix(X[:0], Y[:0])}).num_rows == 0
