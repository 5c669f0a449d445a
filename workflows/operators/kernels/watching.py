"""Tells how far an estimator's ``fit`` is, by what it offers for that: what it learns is the same, bit for bit.

Offered are scikit-learn's callbacks (1.9, ``sklearn.callback``), the ``monitor`` of gradient boosting, and the
``warm_start`` of forests, whose trees have seeds that are drawn in their order however many are grown at once.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from sklearn.callback import CallbackSupportMixin

from workflows.operators.kernels.base import Report, silent

_BOOSTING = ("GradientBoostingClassifier", "GradientBoostingRegressor")
_FORESTS = ("ExtraTreesClassifier", "ExtraTreesRegressor", "RandomForestClassifier", "RandomForestRegressor")
_QUICK = 1e8  # values times iterations: a fit of fewer takes about a second at most, and is over before it is told of
_LOTS = 10  # forests are grown in so many lots at most: each converts the matrix anew
_LOT_SECONDS = 2.0  # and no lot is shorter


def fit(estimator: Any, report: Report, x: Any, *labels: Any, **keywords: Any) -> None:
    """Fit an estimator as ``estimator.fit(x, *labels, **keywords)`` does, telling how far that is where it can."""
    kind = type(estimator)
    name = kind.__qualname__ if kind.__module__.startswith("sklearn.") else ""
    if name in _BOOSTING:
        estimator.fit(x, *labels, monitor=_Monitor(estimator, report), **keywords)
    elif name in _FORESTS and _grows_in_lots(estimator):
        _grow(estimator, report, x, *labels, **keywords)
    elif name and isinstance(estimator, CallbackSupportMixin) and _calls_back(estimator) and not _quick(estimator, x):
        estimator.set_callbacks(_Callback(report))
        try:
            estimator.fit(x, *labels, **keywords)
        finally:
            estimator.set_callbacks()
    else:
        estimator.fit(x, *labels, **keywords)


class _Monitor:
    """What gradient boosting calls after each stage."""

    def __init__(self, estimator: Any, report: Report) -> None:
        self._stages = estimator.n_estimators
        self._may_stop = estimator.n_iter_no_change is not None
        self._report = report

    def __call__(self, stage: int, *_: Any) -> bool:
        done = stage + 1
        if self._may_stop:
            self._report(None, f"stage {done} of at most {self._stages}")
        else:
            self._report(done / self._stages, f"stage {done} of {self._stages}")
        return False


def _grows_in_lots(forest: Any) -> bool:
    """Not where it measures itself after each lot, or warns of being fitted twice; and with a seed that stays."""
    plain = not (forest.warm_start or forest.oob_score or getattr(forest, "class_weight", None))
    return plain and isinstance(forest.n_estimators, int) and isinstance(forest.random_state, int)


def _grow(forest: Any, report: Report, x: Any, *labels: Any, **keywords: Any) -> None:
    """Fit a forest a lot of trees at a time; in one more lot where it turns out to be quick."""
    trees, grown = forest.n_estimators, 0
    lot = max(1, min(trees, trees // 20))
    forest.warm_start = True
    try:
        while grown < trees:
            began = time.perf_counter()
            forest.n_estimators = min(trees, grown + lot)
            forest.fit(x, *labels, **keywords)
            seconds = (time.perf_counter() - began) / (forest.n_estimators - grown)
            grown = forest.n_estimators
            report(grown / trees, f"tree {grown} of {trees}")
            lot = max(math.ceil(trees / _LOTS), math.ceil(_LOT_SECONDS / max(seconds, 1e-9)))
    finally:
        forest.n_estimators, forest.warm_start = trees, False


def _calls_back(estimator: Any) -> bool:
    """Whether it calls back while it is fitted: logistic regression warns where its solver does not."""
    return not hasattr(estimator, "_skl_callbacks") and getattr(estimator, "solver", "lbfgs") == "lbfgs"


def _quick(estimator: Any, x: Any) -> bool:
    """Whether all iterations that it may make are soon done: being called back would take a good part of that."""
    most = getattr(estimator, "max_iter", None)
    return isinstance(most, int) and np.size(x) * most <= _QUICK


class _Callback:
    """A ``sklearn.callback.FitCallback`` that counts what the outermost estimator has done.

    Where joblib takes it to another process it is silent there.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._done = 0

    def __reduce__(self) -> tuple[type[_Callback], tuple[Report]]:
        return _Callback, (silent,)

    def setup(self, estimator: Any, context: Any) -> None:
        """Part of the protocol: nothing to be set up."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Part of the protocol: nothing to be taken down."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        if context.parent is not None and context.task_name.startswith("fit-"):  # a step of a pipeline
            self._done += 1
            name = context.task_name.removeprefix("fit-transform-").removeprefix("fit-").replace("-", " ")
            self._report(None, f"step {self._done} of {context.parent.max_subtasks}: {name}")

    def on_fit_task_end(self, estimator: Any, context: Any) -> None:
        of = None if context.parent is None else context.parent.max_subtasks
        if context.task_name == "lbfgs-iter":
            self._done += 1
            self._report(None, f"iteration {self._done} of at most {(of or 2) - 1}")
        elif context.task_name == "candidate-split-evaluation":
            self._done += 1
            self._report(self._done / of if of else None, f"fit {self._done} of {of}" if of else f"fit {self._done}")
