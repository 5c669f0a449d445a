"""Specs become what they stand for: seeds fill what is unset, and user code is told from that of known packages."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from workflows.execution.owncode import is_user_code
from workflows.execution.usercode import NoEstimator, imported, seeded
from workflows.graph.dag import EstimatorSpec, FunctionSpec

FUNCTION = FunctionSpec("f", 1, 0, "id")
SCALER = EstimatorSpec("sklearn.preprocessing.StandardScaler")


def test_a_seed_fills_every_unset_random_state_nested_ones_too() -> None:
    forest = RandomForestClassifier()
    bagging = BaggingClassifier(DecisionTreeClassifier())
    estimator = Pipeline([("bagging", bagging), ("forest", forest)])
    seeded(estimator, 7)
    states = {name: value for name, value in estimator.get_params().items() if name.endswith("random_state")}
    assert set(states.values()) == {7}
    assert len(states) == 3


def test_a_seed_leaves_what_is_set() -> None:
    assert seeded(RandomForestClassifier(random_state=3), 7).random_state == 3


def test_a_seed_reaches_splitters() -> None:
    search = GridSearchCV(SVC(), {"C": [1]}, cv=KFold(3, shuffle=True))
    assert seeded(search, 7).cv.random_state == 7


def test_what_has_no_parameters_is_left_alone() -> None:
    plain = object()
    assert seeded(plain, 7) is plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, False),
        (FUNCTION, True),
        ([1, {"a": FUNCTION}], True),
        (SCALER, False),
        (EstimatorSpec("sklearn.preprocessing.FunctionTransformer", (FUNCTION,)), True),
        (EstimatorSpec("sklearn.pipeline.Pipeline", (), {"steps": [("a", SCALER)]}), False),
        (EstimatorSpec("Mine", code=FUNCTION), True),
        (EstimatorSpec("xgboost.XGBClassifier"), True),
    ],
)
def test_user_code_is_what_is_not_of_a_package_known_here(value: Any, expected: bool) -> None:
    assert is_user_code(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (EstimatorSpec("sklearn.svm.LinearSVC"), True),
        (EstimatorSpec("sklearn.multiclass.OneVsRestClassifier", (EstimatorSpec("sklearn.svm.LinearSVC"),)), True),
        (EstimatorSpec("sklearn.linear_model.LogisticRegression", (), {"solver": "liblinear"}), True),
        (EstimatorSpec("sklearn.linear_model.LogisticRegression", (), {"solver": "lbfgs"}), False),
        (EstimatorSpec("sklearn.model_selection.GridSearchCV", (SCALER, {"solver": ["liblinear"]})), True),
    ],
)
def test_what_draws_from_a_generator_of_the_process_runs_alone(value: Any, expected: bool) -> None:
    assert is_user_code(value) is expected


def test_an_import_path_gives_its_object() -> None:
    assert imported("sklearn.linear_model.LogisticRegression") is LogisticRegression
    assert imported("math.pi") > 3


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("sklearn.linear_model.LogisticRegresion", "did you mean `LogisticRegression`?"),
        ("sklearn.linear_models.Ridge", "did you mean `linear_model`?"),
        ("nowhere.at.All", "There is no installed package `nowhere`"),
    ],
)
def test_an_import_path_to_nothing_names_the_nearest(path: str, problem: str) -> None:
    with pytest.raises(NoEstimator) as caught:
        imported(path)
    assert problem in caught.value.message
