"""Features without weight change no bit of what a linear model predicts, whatever finite values they have."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Perceptron,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier

from tests.workflows.operators.kernels.calls import apply
from workflows.operators.kernels.base import Matrix, Model
from workflows.operators.kernels.weights import LINEAR, weightless
from workflows.store.codecs import canonical

CLASSIFIERS: tuple[Any, ...] = (
    LogisticRegression(l1_ratio=1.0, solver="liblinear", C=0.05, random_state=0),
    LogisticRegression(l1_ratio=1.0, solver="liblinear", C=0.05, fit_intercept=False, random_state=0),
    LogisticRegression(l1_ratio=1.0, solver="saga", C=0.02, max_iter=50, random_state=0),
    LogisticRegression(max_iter=30),
    SGDClassifier(loss="log_loss", penalty="l1", alpha=0.05, max_iter=5, tol=None, random_state=0),
    SGDClassifier(loss="modified_huber", penalty="elasticnet", alpha=0.1, max_iter=5, tol=None, random_state=0),
    SGDClassifier(penalty="l1", alpha=0.05, max_iter=5, tol=None, average=True, random_state=0),
    Perceptron(penalty="l1", alpha=0.01, max_iter=5, tol=None, random_state=0),
    LinearSVC(penalty="l1", dual=False, C=0.01, random_state=0),
    RidgeClassifier(),
)
REGRESSORS: tuple[Any, ...] = (
    Lasso(alpha=0.2),
    Lasso(alpha=0.2, fit_intercept=False),
    ElasticNet(alpha=0.2),
    LinearRegression(),
    Ridge(),
    SGDRegressor(penalty="l1", alpha=0.1, max_iter=5, tol=None, random_state=0),
    LinearSVR(random_state=0, max_iter=50),
)
EXTREMES = np.array([0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-300, 1e300, -1e300, 1.7e308, 0.1, -7.0])
WIDTHS = (1, 3, 2, 1, 4)  # columns of each of five features
COLUMNS = tuple(f"{slot}[{place}]" for slot, width in enumerate(WIDTHS) for place in range(width))
SLOTS = np.repeat(np.arange(len(WIDTHS)), WIDTHS)


def fitted(estimator: Any, classes: int, seed: int, *, sparse: bool, dtype: Any = np.float64) -> Model:
    chance = np.random.default_rng(seed)
    x = (chance.normal(size=(60, len(SLOTS))) * (chance.random((60, len(SLOTS))) < 0.6)).astype(dtype)
    score = x[:, 0] - 2 * x[:, 4] + 0.1 * chance.normal(size=60)
    y = score if classes == 0 else np.digitize(score, np.quantile(score, np.arange(1, classes) / classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: the weights need not be good
        return Model(clone(estimator).fit(sp.csr_matrix(x) if sparse else x, y), COLUMNS)


def predicted(model: Model, x: Any) -> dict[str, bytes]:
    examples = canonical(Matrix(x, COLUMNS, None, None, np.arange(x.shape[0])))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of overflows, which both have
        table: pa.Table = apply("Predict", {"model": model, "examples": examples})
    return {name: table[name].to_numpy().tobytes() for name in table.column_names}


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(
    st.one_of(
        st.tuples(st.sampled_from(CLASSIFIERS), st.just(2)),
        st.tuples(st.sampled_from(CLASSIFIERS[2:]), st.just(3)),  # liblinear takes two classes alone
        st.tuples(st.sampled_from(REGRESSORS), st.just(0)),
    ),
    st.integers(0, 2**32 - 1),
    st.sets(st.integers(0, len(WIDTHS) - 1)),
    st.booleans(),
    st.booleans(),
    st.sampled_from([np.float64, np.float32]),
)
def test_zeros_in_the_place_of_what_has_no_weight_change_no_bit(
    case: tuple[Any, int], seed: int, cleared: set[int], fitted_sparse: bool, sparse: bool, dtype: Any
) -> None:
    model = fitted(*case, seed, sparse=fitted_sparse, dtype=dtype)
    chance = np.random.default_rng(seed + 1)
    clear = np.isin(SLOTS, list(cleared))
    weights = np.array(model.estimator.coef_)
    weights[..., clear] = chance.choice([0.0, -0.0], size=weights[..., clear].shape)
    model.estimator.coef_ = weights
    places = weightless(model)
    assert cleared <= set(places)
    for place in set(range(len(WIDTHS))) - set(places):
        assert np.any(weights[..., place == SLOTS] != 0.0)
    x = chance.normal(size=(40, len(SLOTS))) * (chance.random((40, len(SLOTS))) < 0.7)
    nothing = np.isin(SLOTS, places)
    largest = np.finfo(dtype).max
    x[:, nothing] = np.clip(chance.choice(EXTREMES, size=(40, int(nothing.sum()))), -largest, largest)
    x = x.astype(dtype)
    without = np.where(nothing, dtype(0.0), x)
    if sparse:
        assert predicted(model, sp.csr_matrix(without)) == predicted(model, sp.csr_matrix(x))
    else:
        assert predicted(model, without) == predicted(model, x)


@pytest.mark.parametrize("estimator", CLASSIFIERS[:1] + CLASSIFIERS[4:5] + REGRESSORS[:1], ids=str)
def test_strong_penalties_leave_features_without_weight(estimator: Any) -> None:
    model = fitted(estimator, 0 if estimator in REGRESSORS else 2, 3, sparse=True)
    assert set(weightless(model)) & {1, 2, 3, 4}


def test_only_known_linear_models_have_features_without_weight() -> None:
    class Mine(LogisticRegression):  # type: ignore[misc]
        pass

    x, y = np.zeros((4, len(COLUMNS))), [0, 1, 0, 1]
    for estimator in (Mine(), DecisionTreeClassifier(), make_pipeline(StandardScaler(), LogisticRegression())):
        assert weightless(Model(estimator.fit(x, y), COLUMNS)) == ()
    assert weightless(Model(LogisticRegression().fit(x, y), COLUMNS)) == (0, 1, 2, 3, 4)
    assert weightless({"no": "model"}) == ()


def test_an_intercept_of_negative_zero_keeps_all_features() -> None:
    model = fitted(Lasso(alpha=0.2), 0, 3, sparse=False)
    assert weightless(model)
    model.estimator.intercept_ = -0.0
    assert weightless(model) == ()


def test_every_linear_model_is_there_and_what_is_tried_is_among_them() -> None:
    from workflows.execution.usercode import imported

    assert all(isinstance(imported(path), type) for path in LINEAR)
    tried = {f"{type(each).__module__}.{type(each).__qualname__}" for each in (*CLASSIFIERS, *REGRESSORS)}
    assert tried <= LINEAR
    with_cross_validation = {path for path in LINEAR if path.endswith("CV")}
    assert LINEAR - tried == with_cross_validation  # which predict as those without


def test_places_are_told_of_all_kinds_of_columns() -> None:
    model = fitted(Lasso(alpha=0.2), 0, 3, sparse=False)
    model.estimator.coef_ = np.array([0.0, 0.0, 0.0, 1.0, 0.0, -0.0, 0.0, 2.0, 0.0, 0.0, 0.0])
    names = ("0=a", "0=3", "0 is null", "1", "2", "3.x=1", "3.y=2", "10[0]", "11.a[b]", "12[9]", "12[10]")
    assert weightless(replace(model, columns=names)) == (0, 2, 3, 11, 12)
