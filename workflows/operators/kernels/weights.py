"""Tells which features a fitted linear model gives no weight: whatever finite values they have, it predicts the same.

For estimators whose decisions are ``X @ coef_.T + intercept_`` and whose predictions and scores are made of decisions
alone. A term x · 0.0 is 0.0 or -0.0 for each finite x, and adding either changes no bit of a sum, but of a sum that is
-0.0 itself. Sums over sparse rows begin with 0.0 and never become -0.0; where sums of dense rows might, the intercept
that is added to them makes 0.0 of both zeros unless it is -0.0 itself, so then no feature counts as without weight.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

import numpy as np

from workflows.operators.kernels.base import Data, Model

LINEAR = frozenset(
    f"sklearn.{path}"
    for path in (
        *("linear_model._logistic.LogisticRegression", "linear_model._logistic.LogisticRegressionCV"),
        *("linear_model._stochastic_gradient.SGDClassifier", "linear_model._stochastic_gradient.SGDRegressor"),
        *("linear_model._coordinate_descent.Lasso", "linear_model._coordinate_descent.LassoCV"),
        *("linear_model._coordinate_descent.ElasticNet", "linear_model._coordinate_descent.ElasticNetCV"),
        *("linear_model._base.LinearRegression", "linear_model._perceptron.Perceptron"),
        *("linear_model._ridge.Ridge", "linear_model._ridge.RidgeClassifier"),
        *("svm._classes.LinearSVC", "svm._classes.LinearSVR"),
    )
)
_MOST = 5_000  # places that are told, so that a message and a row stay small
_SLOT = re.compile(r"\d+")


def weightless(data: Data) -> tuple[int, ...]:
    """The places of the features of which a model has weights of exactly 0.0 alone, for every class; none of anything
    but a model of LINEAR. A subclass may do otherwise, so it is none."""
    if not isinstance(data, Model):
        return ()
    kind = type(data.estimator)
    if f"{kind.__module__}.{kind.__qualname__}" not in LINEAR:
        return ()
    given: Any = getattr(data.estimator, "coef_", None)
    weights = np.atleast_2d(given)
    if weights.dtype.kind != "f" or weights.ndim != 2 or weights.shape[1] != len(data.columns):
        return ()
    intercept = np.asarray(data.estimator.intercept_, dtype=np.float64)
    if np.any((intercept == 0.0) & np.signbit(intercept)):
        return ()
    weighed = np.any(weights != 0.0, axis=0)
    places: list[int] = []
    start = 0
    while start < len(data.columns):  # the columns of a feature stand together, in the order of features
        place = _slot(data.columns[start])
        end = bisect_left(data.columns, place + 1, lo=start, key=_slot)
        if not weighed[start:end].any():
            places.append(place)
        start = end
    return tuple(places[:_MOST])


def _slot(column: str) -> int:
    """The place of the feature that a column of the matrix belongs to: 2 for ``2``, ``2=Bachelors``, ``2[word]``."""
    found = _SLOT.match(column)
    assert found is not None
    return int(found.group())
