"""What learners do: fit an estimator on the examples of ``train``, and predict with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import functions, labels, watching
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Matrix, Model, Stateless
from workflows.operators.kernels.parallel import on_cores


class LearnerKernel(Stateless):
    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        return [*state, inputs["examples"]]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [matrix for state in states for matrix in state]

    def finish(self, call: Call, state: Any) -> Data:
        estimator = call.params["estimator"]
        if len(state) != 1:
            raise HelixError(f"A model is fitted on the examples of one split, and there are {len(state)}.")
        matrix: Matrix = state[0]
        if not matrix.x.shape[0]:
            raise HelixError("There are no rows to learn from: `train` is empty.")
        keywords = {} if matrix.weight is None else {"sample_weight": matrix.weight}
        label = None if matrix.label is None else labels.compact(estimator, matrix.label)
        fit = partial(watching.fit, estimator, call.report, **keywords)
        with on_cores(estimator, call.cores, label):
            _on_immutable(fit, matrix.x, *(() if label is None else (label,)))
        if label is not matrix.label:
            labels.restore(estimator)
        return Model(estimator, matrix.columns)

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        return state


class PredictKernel(Stateless):
    """Label, prediction, and for each class a score where the model gives it: a probability, else a decision value."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        model: Model = inputs["model"]
        matrix: Matrix = inputs["examples"]
        if model.columns != matrix.columns:
            raise HelixError("The model was fitted on other columns than these examples have.")
        estimator = model.estimator
        if not hasattr(estimator, "predict"):
            raise HelixError(f"{type(estimator).__name__} cannot predict: it has no method `predict`.")
        rows = matrix.x.shape[0]
        table = {ROW_ID: pa.array(matrix.row_id)}
        if matrix.label is not None:
            table["label"] = functions.as_column(matrix.label, rows, "The label")
        if not rows:
            return pa.table({**table, "prediction": table.get("label", pa.array([], pa.float64()))})
        scores = _scores(estimator, matrix.x)
        predicted = _on_immutable(estimator.predict, matrix.x)
        table["prediction"] = functions.as_column(np.asarray(predicted), rows, type(estimator).__name__)
        return pa.table({**table, **scores})


def _scores(estimator: Any, x: Any) -> dict[str, Arrow]:
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return {}
    if hasattr(estimator, "predict_proba"):
        scores = np.asarray(_on_immutable(estimator.predict_proba, x))
    elif hasattr(estimator, "decision_function"):
        scores = np.asarray(_on_immutable(estimator.decision_function, x))
        if scores.ndim == 1:
            scores = np.column_stack([-scores, scores])
    else:
        return {}
    if scores.ndim != 2 or scores.shape[1] != len(classes):
        return {}
    return {
        f"score[{value}]": pa.array(np.ascontiguousarray(scores[:, place], dtype=np.float64))
        for place, value in enumerate(np.asarray(classes).tolist())
    }


def _on_immutable(function: Callable[..., Any], x: Any, *rest: Any) -> Any:
    """Calls with arrays that cannot be written to; what refuses them gets copies (MiniBatchKMeans does)."""
    try:
        return function(x, *rest)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
    return function(x.copy(), *(part.copy() for part in rest))
