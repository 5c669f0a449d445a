"""What is learned of texts of one width is what is learned of objects, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Perceptron, SGDClassifier
from sklearn.svm import SVC, LinearSVC

from tests.workflows.operators.kernels.calls import learn
from workflows.operators.kernels import labels
from workflows.operators.kernels.base import Matrix, Model
from workflows.store.codecs import canonical
from workflows.store.codecs.state import state_of

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(300, 4))
PLACES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
TEXTS = {
    "three": ["ñ", "", "a longer one"],
    "two": ["no", "yes", "yes"],
    "too long for one width": ["a" * 40, "b", "c"],
    "with a NUL at the end": ["a", "a\0", "b"],
    "beyond 16 bits": ["\U0001f600", "\uffff", "z"],
}
LEARNERS = [
    SGDClassifier(random_state=0),
    SGDClassifier(loss="log_loss", early_stopping=True, average=True, random_state=0),
    Perceptron(random_state=0),
    LogisticRegression(),
    LogisticRegression(solver="liblinear", random_state=0),
    LinearSVC(random_state=0),
    LinearSVC(dual=True, class_weight="balanced", random_state=0),
    SVC(),
]


def label(name: str) -> Any:
    return np.array(TEXTS[name], dtype=object)[PLACES]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("estimator", LEARNERS, ids=str)
@pytest.mark.parametrize("x", [X, sp.csr_matrix(X)], ids=["dense", "sparse"])
def test_an_estimator_learns_the_same_as_of_objects(estimator: Any, name: str, x: Any) -> None:
    learned = [_learned(estimator, x, label(name)), _by_hand(estimator, x, label(name))]
    assert learned[0] == learned[1]


def _learned(estimator: Any, x: Any, y: Any) -> Any:
    matrix = Matrix(x, tuple("abcd"), y, None, np.arange(len(y)))
    return _state(lambda: learn("Learner", [{"examples": matrix}], estimator=clone(estimator)))


def _by_hand(estimator: Any, x: Any, y: Any) -> Any:
    return _state(lambda: canonical(Model(clone(estimator).fit(x, y), ())))


def _state(fitted: Callable[[], Any]) -> Any:
    """The state of what was fitted; what it says where it refuses: liblinear three classes, SGD a NUL at the end."""
    try:
        state = state_of(fitted().estimator)
    except ValueError as error:
        return str(error)
    assert state is not None
    return state


@pytest.mark.parametrize("name", ["three", "two", "beyond 16 bits"])
def test_short_texts_get_one_width(name: str) -> None:
    found = labels.compact(SGDClassifier(), label(name))
    assert found.dtype.kind == "U"
    assert found.tolist() == label(name).tolist()


@pytest.mark.parametrize("name", ["too long for one width", "with a NUL at the end"])
def test_other_texts_stay_what_they_are(name: str) -> None:
    texts = label(name)
    assert labels.compact(SGDClassifier(), texts) is texts


def test_an_estimator_that_may_keep_more_than_its_classes_gets_objects() -> None:
    texts = label("three")
    assert labels.compact(SVC(), texts) is texts
