"""Gives estimators texts to learn in a form that sorts fast, where what they learn is the same, bit for bit."""

from __future__ import annotations

from typing import Any

# Of labels they keep ``classes_`` alone: as they were given, or as texts of one width even of objects.
_AS_GIVEN = ("sklearn.linear_model._logistic.LogisticRegression", "sklearn.svm._classes.LinearSVC")
_OF_ONE_WIDTH = (
    "sklearn.linear_model._perceptron.Perceptron",
    "sklearn.linear_model._stochastic_gradient.SGDClassifier",
)
_LONGEST = 16  # characters: each label takes as many, of 4 bytes


def compact(estimator: Any, label: Any) -> Any:
    """The labels (n) as an array of texts of one width instead of one of objects, where ``estimator`` learns the same
    of it; else as they are. ``restore`` the estimator afterwards."""
    if label.dtype != object or _name(estimator) not in (*_AS_GIVEN, *_OF_ONE_WIDTH):
        return label
    distinct = set(label.tolist())
    # A NUL at the end of a text would be taken for what fills its width.
    if not all(type(text) is str and len(text) <= _LONGEST and not text.endswith("\0") for text in distinct):
        return label
    return label.astype(f"U{max(map(len, distinct), default=0) or 1}")


def restore(estimator: Any) -> None:
    """Make of the classes what they are of labels that are objects."""
    if _name(estimator) in _AS_GIVEN:
        estimator.classes_ = estimator.classes_.astype(object)


def _name(estimator: Any) -> str:
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}"
