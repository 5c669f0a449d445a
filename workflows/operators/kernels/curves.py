"""What reducers do that tell more than a number: the confusion matrix, the ROC curve, and how clusters are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, vectors
from workflows.operators.kernels.base import Call, Data, Inputs, Matrix, Stateless
from workflows.operators.kernels.metrics import (
    Metric,
    check_class,
    classes_of,
    label_names,
    needed_scores,
    score_of,
)

_MOST_CLASSES = 1000


class ConfusionMatrixKernel(Metric):
    """Over the classes of the whole split, so that the matrices of its groups have one form."""

    def context(self, call: Call, predictions: pa.Table) -> Any:
        classes = np.unique(np.concatenate(classes_of(predictions, "ConfusionMatrix")))
        if len(classes) > _MOST_CLASSES:
            raise HelixError(f"A confusion matrix has {_MOST_CLASSES} classes at most, and there are {len(classes)}.")
        return classes

    def value(self, call: Call, predictions: pa.Table, context: Any) -> Data:
        size = len(context)
        of, taken = (np.searchsorted(context, values) for values in classes_of(predictions, "ConfusionMatrix"))
        counts = np.bincount(of * size + taken, minlength=size * size)
        return {"labels": context.tolist(), "matrix": counts.reshape(size, size).tolist()}


class RocCurveKernel(Metric):
    def context(self, call: Call, predictions: pa.Table) -> str:
        """The name of the positive class."""
        names = needed_scores(predictions, "RocCurve")
        positive = call.params["positive"]
        if positive is not None:
            check_class(predictions, names, positive)
            return str(positive)
        if len(names) > 2:
            raise HelixError(
                f"RocCurve is of one class against the rest, and there are {len(names)}: pass positive={names[0]!r}, "
                "or another."
            )
        return names[-1]

    def value(self, call: Call, predictions: pa.Table, context: str) -> Data:
        from sklearn.metrics import auc, roc_curve

        truth = label_names(predictions) == context
        if truth.all() or not truth.any():
            raise HelixError("RocCurve needs labels of both classes, and there is one alone.")
        false, true, thresholds = roc_curve(truth, score_of(predictions, context))
        kept = _spread(false + true, call.params["points"])
        return {
            "false_positive_rate": false[kept].tolist(),
            "true_positive_rate": true[kept].tolist(),
            "threshold": [None, *thresholds[kept][1:].tolist()],
            "area": float(auc(false, true)),
        }


def _spread(along: Any, most: int) -> Any:
    """Places of at most ``most`` of the rising values, evenly spaced, the first and the last among them."""
    if len(along) <= most:
        return np.arange(len(along))
    found = np.searchsorted(along, np.linspace(along[0], along[-1], most))
    return np.unique(np.concatenate([[0], found[1:-1], [len(along) - 1]]))


class SilhouetteKernel(Stateless):
    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        from sklearn.metrics import silhouette_score

        clusters = _clusters(inputs["predictions"])
        where = _where(inputs["examples"])
        if where.shape[0] != len(clusters):
            raise HelixError(f"Silhouette needs examples of the same rows: {len(clusters)} against {where.shape[0]}.")
        most = call.params["sample"]
        if most is not None and most < len(clusters):
            drawn = np.random.RandomState(call.seed).permutation(len(clusters))[:most]
            where, clusters = where[drawn], clusters[drawn]
        count = len(np.unique(clusters))
        if not 2 <= count < len(clusters):
            found = "one alone" if count == 1 else "one for each row" if count else "no row at all"
            raise HelixError(
                f"Silhouette needs two clusters at least, and more rows than clusters; there is {found}. Ask the "
                "estimator for another number of clusters, or take a larger sample=."
            )
        return float(silhouette_score(where, clusters, metric=call.params["distance"]))


def _clusters(predictions: pa.Table) -> Any:
    array = columns.single(predictions["prediction"])
    if array.null_count:
        raise HelixError(f"{array.null_count} predictions are missing.")
    return columns.codes(array if pa.types.is_dictionary(array.type) else array.dictionary_encode())


def _where(data: Matrix | pa.Table) -> Any:
    return data.x if isinstance(data, Matrix) else vectors.dense(data)
