"""Has estimators use several cores where what they learn is the same, bit for bit, on any number of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import joblib
import numpy as np

_PACKAGE = "sklearn."
# Their parts are learned apart, each with a seed that was drawn before, and are put together in their order; what they
# learn from is shared, and the loops let go of Python's lock.
_ANY_NUMBER = frozenset(
    {
        "sklearn.ensemble._forest.ExtraTreesClassifier",
        "sklearn.ensemble._forest.ExtraTreesRegressor",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.ensemble._forest.RandomForestRegressor",
        "sklearn.linear_model._perceptron.Perceptron",
        "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    }
)
_CLASS_BY_CLASS = ("Perceptron", "SGDClassifier")  # of those: one part, of about the same work, for each class
_FEW = 4  # parts a core


def on_cores(estimator: Any, cores: int, label: Any = None) -> AbstractContextManager[Any]:
    """While this is entered, ``estimator`` is fitted with ``label`` (n; None: none) by about ``cores`` threads, where
    that changes nothing in it.

    That is so where it, and all that it is made of, is scikit-learn's own, and whatever would take ``n_jobs`` is known
    to give the same for any number. An ``n_jobs`` that was given holds. It holds for ``fit`` alone: a forest's
    ``predict`` adds up its trees in the order in which threads come to an end.
    """
    if cores < 2 or not _same_on_any_number(estimator):
        return nullcontext()
    threads = cores
    if type(estimator).__name__ in _CLASS_BY_CLASS and label is not None:
        with suppress(TypeError):  # labels that cannot be told apart: ``fit`` will say so
            threads = _threads(len(set(np.ravel(label).tolist())), cores)
    entered: AbstractContextManager[Any] = joblib.parallel_config(backend="threading", n_jobs=threads)
    return entered


def _threads(parts: int, cores: int) -> int:
    """How many threads are done first with ``parts`` of about the same work. Of three on two cores, one each leaves a
    core idle for the third; the system shares two cores out among three threads evenly."""
    return parts if parts % cores and parts < _FEW * cores else cores


def _same_on_any_number(estimator: Any) -> bool:
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        return False
    parts = [estimator, *estimator.get_params(deep=True).values()]
    fitted = [part for part in parts if hasattr(part, "get_params") and not isinstance(part, type)]
    names = [f"{type(part).__module__}.{type(part).__qualname__}" for part in fitted]
    return all(name.startswith(_PACKAGE) for name in names) and all(
        name in _ANY_NUMBER for name, part in zip(names, fitted, strict=True) if hasattr(part, "n_jobs")
    )
