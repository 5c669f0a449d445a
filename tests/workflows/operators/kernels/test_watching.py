"""What a watched fit learns is what an unwatched one does, bit for bit; and what is told of it."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from workflows.operators.kernels import watching
from workflows.store.codecs.state import state_of

DIGITS, DIABETES = load_digits(return_X_y=True), load_diabetes(return_X_y=True)
TWO = (DIGITS[0][DIGITS[1] < 2], DIGITS[1][DIGITS[1] < 2])


@pytest.fixture(autouse=True)
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """No fit is so quick that it is not watched."""
    monkeypatch.setattr(watching, "_QUICK", 0)


def stopping() -> GradientBoostingRegressor:
    return GradientBoostingRegressor(n_estimators=40, n_iter_no_change=2, tol=1.0, random_state=9)


Told = list[tuple[float | None, str]]


def fitted(make: Callable[[], Any], data: tuple[Any, Any], **keywords: Any) -> tuple[Any, Told]:
    told: Told = []
    estimator = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence
        watching.fit(estimator, lambda fraction, message: told.append((fraction, message)), *data, **keywords)
    return estimator, told


CASES: list[tuple[str, Callable[[], Any], tuple[Any, Any]]] = [
    ("two classes", lambda: LogisticRegression(max_iter=30), TWO),
    ("ten classes", lambda: LogisticRegression(max_iter=20), DIGITS),
    ("another solver", lambda: LogisticRegression(solver="newton-cholesky", max_iter=5), TWO),
    ("boosting", lambda: GradientBoostingClassifier(n_estimators=6, random_state=1), TWO),
    ("boosting that stops", stopping, DIABETES),
    ("forest", lambda: RandomForestClassifier(n_estimators=45, random_state=2), TWO),
    ("forest of samples", lambda: RandomForestRegressor(n_estimators=40, max_samples=0.5, random_state=3), DIABETES),
    ("extra trees", lambda: ExtraTreesClassifier(n_estimators=41, bootstrap=True, random_state=4), TWO),
    ("extra trees of a number", lambda: ExtraTreesRegressor(n_estimators=20, random_state=5), DIABETES),
    ("forest that tests itself", lambda: RandomForestClassifier(60, oob_score=True, random_state=6), TWO),
    ("balanced forest", lambda: RandomForestClassifier(30, class_weight="balanced", random_state=6), TWO),
    ("one tree", lambda: RandomForestClassifier(1, random_state=7), TWO),
    ("steps", lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=20)), TWO),
    ("search", lambda: GridSearchCV(LogisticRegression(max_iter=10), {"C": [0.1, 1.0]}, cv=2), TWO),
    ("nothing to watch", Ridge, DIABETES),
]


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize(("make", "data"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_watched_fit_learns_the_same_bit_for_bit(make: Callable[[], Any], data: tuple[Any, Any], cores: int) -> None:
    from workflows.operators.kernels.parallel import on_cores

    alone = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone.fit(*data)
    watched = make()
    with on_cores(watched, cores):
        told = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            watching.fit(watched, lambda *one: told.append(one), *data)
    one, other = _without_times(alone), _without_times(watched)
    assert state_of(one) == state_of(other)
    assert pickle.loads(pickle.dumps(other)).get_params().keys() == one.get_params().keys()


def _without_times(estimator: Any) -> Any:
    """A search notes how long each fit took."""
    results = getattr(estimator, "cv_results_", None)
    if results is not None:
        estimator.cv_results_ = {name: item for name, item in results.items() if not name.endswith("_time")}
        estimator.refit_time_ = 0.0
    return estimator


@pytest.mark.parametrize("quick", [True, False])
def test_a_forest_is_grown_in_lots_whatever_their_number(monkeypatch: pytest.MonkeyPatch, quick: bool) -> None:
    monkeypatch.setattr(watching, "_LOT_SECONDS", 2.0 if quick else 0.0)
    make = lambda: RandomForestClassifier(40, random_state=8)  # noqa: E731
    weights = np.linspace(0.5, 2.0, len(TWO[1]))
    forest, told = fitted(make, TWO, sample_weight=weights)
    assert state_of(forest) == state_of(make().fit(*TWO, sample_weight=weights))
    assert [fraction for fraction, _ in told] == (
        [0.05, 1.0] if quick else [0.05, *(n / 40 for n in range(6, 41, 4)), 1.0]
    )
    assert told[-1][1] == "tree 40 of 40"


def test_boosting_tells_each_of_its_stages() -> None:
    _, told = fitted(lambda: GradientBoostingClassifier(n_estimators=3, random_state=1), TWO)
    assert told == [(1 / 3, "stage 1 of 3"), (2 / 3, "stage 2 of 3"), (1.0, "stage 3 of 3")]


def test_what_may_stop_before_its_end_tells_no_fraction() -> None:
    estimator, told = fitted(stopping, DIABETES)
    assert 0 < len(told) == estimator.n_estimators_ < 40
    assert {fraction for fraction, _ in told} == {None}
    logistic, told = fitted(lambda: LogisticRegression(max_iter=200), TWO)
    assert told[0] == (None, "iteration 1 of at most 200")
    assert len(told) in (logistic.n_iter_[0], logistic.n_iter_[0] + 1)


def test_what_is_soon_done_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_QUICK", TWO[0].size * 200)
    quick, told = fitted(lambda: LogisticRegression(max_iter=200), TWO)
    assert told == []
    slow, told = fitted(lambda: LogisticRegression(max_iter=201), TWO)
    assert told[0] == (None, "iteration 1 of at most 201")
    assert np.array_equal(quick.coef_, slow.coef_)


def test_a_pipeline_tells_its_steps_and_a_search_its_fits() -> None:
    _, told = fitted(lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=5)), TWO)
    assert told == [(None, "step 1 of 2: standardscaler"), (None, "step 2 of 2: final estimator")]
    _, told = fitted(lambda: GridSearchCV(LogisticRegression(max_iter=5), {"C": [0.1, 1.0]}, cv=2), TWO)
    assert told == [(count / 4, f"fit {count} of 4") for count in (1, 2, 3, 4)]


def test_a_search_over_processes_is_fitted_though_nobody_hears_of_it() -> None:
    search = lambda: RandomizedSearchCV(  # noqa: E731
        LogisticRegression(max_iter=1000), {"C": [0.1, 1.0]}, n_iter=2, cv=2, n_jobs=2, random_state=0
    )
    estimator, _ = fitted(search, TWO)
    assert estimator.best_params_ == search().fit(*TWO).best_params_


def test_no_callback_is_left_in_what_was_fitted_nor_where_fitting_failed() -> None:
    estimator, _ = fitted(lambda: LogisticRegression(max_iter=5), TWO)
    assert "_skl_callbacks" not in vars(estimator)
    broken = LogisticRegression(max_iter=5)
    with pytest.raises(ValueError, match="class"):
        watching.fit(broken, lambda *_: None, TWO[0], np.zeros(len(TWO[1])))
    assert "_skl_callbacks" not in vars(broken)
