"""What is learned on several cores is what is learned on one, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Perceptron, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from tests.workflows.operators.kernels.calls import call
from workflows.operators.kernels.base import Matrix
from workflows.operators.kernels.parallel import on_cores
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs.state import state_of

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(400, 6))
Y = np.array(["a", "b", "c", "d"], dtype=object)[(X[:, 0] > 0).astype(int) + 2 * (X[:, 1] + X[:, 2] > 0)]
SAME = [
    SGDClassifier(random_state=0),
    SGDClassifier(loss="log_loss", average=10, early_stopping=True, random_state=0),
    SGDClassifier(loss="modified_huber", class_weight="balanced", random_state=3),
    Perceptron(random_state=0),
    RandomForestClassifier(20, random_state=0, oob_score=True),
    ExtraTreesClassifier(20, random_state=0),
    make_pipeline(StandardScaler(with_mean=False), RandomForestClassifier(10, random_state=1, max_samples=0.5)),
]


def learned(estimator: Any, x: Any, y: Any, cores: int) -> Any:
    kernel, made = KERNELS["Learner"], replace(call("Learner", {"estimator": clone(estimator)}), cores=cores)
    matrix = Matrix(x, tuple(map(str, range(x.shape[1]))), y, None, np.arange(x.shape[0]))
    state = state_of(kernel.finish(made, kernel.update(made, kernel.init(made), {"examples": matrix})).estimator)
    assert state is not None
    return state.digest


@pytest.mark.parametrize("estimator", SAME, ids=str)
@pytest.mark.parametrize("x", [X, sp.csr_matrix(X)], ids=["dense", "sparse"])
def test_a_classifier_learns_the_same_on_one_core_as_on_several(estimator: Any, x: Any) -> None:
    assert len({learned(estimator, x, Y, cores) for cores in (1, 2, 3, 7)}) == 1


@pytest.mark.parametrize(
    "estimator", [RandomForestRegressor(15, random_state=0), ExtraTreesRegressor(15, bootstrap=True, random_state=0)]
)
def test_a_regressor_learns_the_same_on_one_core_as_on_several(estimator: Any) -> None:
    assert len({learned(estimator, X, X[:, 0] * 2, cores) for cores in (1, 2, 3, 7)}) == 1


class Curious(BaseEstimator):
    """Tells how many threads it is fitted with."""

    def __init__(self, n_jobs: int | None = None) -> None:
        self.n_jobs = n_jobs


@pytest.mark.parametrize("estimator", SAME, ids=str)
def test_what_is_known_to_be_the_same_may_use_the_cores(estimator: Any) -> None:
    with on_cores(estimator, 3):
        assert joblib.parallel.get_active_backend()[1] == 3
    with on_cores(estimator, 1):
        assert joblib.parallel.get_active_backend()[1] is None


@pytest.mark.parametrize(
    "estimator",
    [
        BaggingClassifier(random_state=0),
        Curious(),
        OneVsRestClassifier(LinearSVC()),  # draws its numbers from one generator of the process
        make_pipeline(StandardScaler(), Curious()),
        make_pipeline(StandardScaler(), BaggingClassifier()),
        SGDClassifier,
        None,
    ],
    ids=str,
)
def test_all_else_has_one(estimator: Any) -> None:
    with on_cores(estimator, 3):
        assert joblib.parallel.get_active_backend()[1] is None


@pytest.mark.parametrize(
    ("classes", "cores", "threads"), [(2, 2, 2), (3, 2, 3), (4, 2, 2), (7, 2, 7), (8, 2, 2), (9, 2, 2), (5, 4, 5)]
)
def test_few_classes_that_do_not_divide_have_a_thread_each(classes: int, cores: int, threads: int) -> None:
    with on_cores(SGDClassifier(), cores, np.arange(100) % classes):
        assert joblib.parallel.get_active_backend()[1] == threads
    with on_cores(RandomForestClassifier(), cores, np.arange(100) % classes):
        assert joblib.parallel.get_active_backend()[1] == cores


@pytest.mark.parametrize("label", [[1, "a", None], [[1], [2], [1]], [0.5, float("nan"), 0.5]], ids=str)
def test_labels_that_cannot_be_learned_are_left_to_the_estimator_to_refuse(label: list[Any]) -> None:
    refused = np.empty(len(label), dtype=object)
    refused[:] = label
    with on_cores(SGDClassifier(), 2, refused), pytest.raises((TypeError, ValueError)):
        SGDClassifier().fit(X[: len(label)], refused)


def test_the_number_that_is_given_holds() -> None:
    forest = RandomForestClassifier(4, n_jobs=1, random_state=0)
    with on_cores(forest, 3):
        assert joblib.Parallel(n_jobs=forest.n_jobs).n_jobs == 1
