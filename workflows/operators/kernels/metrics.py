"""What metrics do: a number of the predictions of one split, or one for each group of its rows."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow, Call, Data, Inputs, Stateless

Array = Any  # a NumPy array


class Metric(Stateless):
    """A value of the predictions; with ``by`` one for each value of a feature, as a dict."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        predictions: pa.Table = inputs["predictions"]
        if "label" not in predictions.column_names:
            raise HelixError("There is no label to compare with: pass label=… to `Examples`.")
        if not predictions.num_rows:
            raise HelixError("There are no predictions: the split is empty. Name another with split=….")
        missing = columns.is_null(columns.single(predictions["prediction"])).true_count
        if missing:
            raise HelixError(f"{missing} predictions are missing: the model gave no number there. Scale its features?")
        context = self.context(call, predictions)
        if inputs.get("by") is None:
            return self.value(call, predictions, context)
        groups = _groups(inputs["by"])
        columns.aligned(predictions, groups, "`by` needs a feature of the same rows")
        codes = columns.codes(groups)
        named = {**dict(enumerate(groups.dictionary.to_pylist())), -1: "null"}
        chosen = {named[code]: codes == code for code in np.unique(codes).tolist()}
        return {
            name: self._of_group(call, predictions.filter(pa.array(chosen[name])), context, name)
            for name in sorted(chosen)
        }

    def _of_group(self, call: Call, predictions: pa.Table, context: Any, name: str) -> Data:
        try:
            return self.value(call, predictions, context)
        except HelixError as error:
            hint = "Put small groups together first, with an `Extractor`."
            raise HelixError(f"In the group {name!r}: {error.message} {hint}") from None

    def context(self, call: Call, predictions: pa.Table) -> Any:
        """What is the same for all groups; told of the whole split."""
        return None

    def value(self, call: Call, predictions: pa.Table, context: Any) -> Data:
        raise NotImplementedError


class AccuracyKernel(Metric):
    def value(self, call: Call, predictions: pa.Table, context: Any) -> float:
        labels, predicted = classes_of(predictions, "Accuracy")
        return int(np.count_nonzero(labels == predicted)) / len(labels)


class _OfClasses(Metric):
    """A score of scikit-learn over classes: of the positive one, or an average over all that occur.

    Whether there are two classes is a matter of the model, or of the whole split, never of a group of it.
    """

    name: ClassVar[str]
    score: ClassVar[str]

    def context(self, call: Call, predictions: pa.Table) -> tuple[str, Any]:
        """The average; and the positive class where it is ``binary`` (None: one that does not occur), all where it is
        ``each``."""
        labels, predicted = classes_of(predictions, self.name)
        classes = np.unique(np.concatenate([labels, predicted])).tolist()
        count = max(len(score_names(predictions)), len(classes))
        average, positive = call.params["average"], call.params["positive"]
        if average == "auto":
            average = "binary" if count <= 2 else "macro"
        if average != "binary":
            return average, classes
        if count > 2:
            raise HelixError(f'average="binary" needs two classes, and there are {count}; pass average="macro".')
        if positive is None:
            return average, greater_class(predictions, classes)
        check_class(predictions, classes, positive)
        return average, positive

    def value(self, call: Call, predictions: pa.Table, context: tuple[str, Any]) -> Data:
        from sklearn import metrics

        labels, predicted = classes_of(predictions, self.name)
        average, chosen = context
        score = getattr(metrics, self.score)
        if average == "binary":
            return float(score(labels == chosen, predicted == chosen, zero_division=0.0))
        if average == "each":
            found = score(labels, predicted, labels=chosen, average=None, zero_division=0.0)
            return dict(zip(map(str, chosen), found.tolist(), strict=True))
        return float(score(labels, predicted, average=average, zero_division=0.0))


class PrecisionKernel(_OfClasses):
    name, score = "Precision", "precision_score"


class RecallKernel(_OfClasses):
    name, score = "Recall", "recall_score"


class F1Kernel(_OfClasses):
    name, score = "F1", "f1_score"


class RocAucKernel(Metric):
    def value(self, call: Call, predictions: pa.Table, context: Any) -> float:
        from sklearn.metrics import roc_auc_score

        names = needed_scores(predictions, "RocAuc")
        words = label_names(predictions)
        scores = {name: score_of(predictions, name) for name in names}
        if len(names) == 2:
            truth = words == names[1]
            if truth.all() or not truth.any():
                raise HelixError("RocAuc needs labels of both classes, and there is one alone.")
            return float(roc_auc_score(truth, scores[names[1]]))
        present = [name for name in names if 0 < np.count_nonzero(words == name) < len(words)]
        if not present:
            raise HelixError("RocAuc needs labels of more than one class.")
        areas = [float(roc_auc_score(words == name, scores[name])) for name in present]
        if call.params["average"] == "macro":
            return float(np.mean(areas))
        return float(np.average(areas, weights=[np.count_nonzero(words == name) for name in present]))


class LogLossKernel(Metric):
    def value(self, call: Call, predictions: pa.Table, context: Any) -> float:
        names = needed_scores(predictions, "LogLoss")
        scores = np.column_stack([score_of(predictions, name) for name in names])
        if scores.min() < 0 or not np.allclose(scores.sum(axis=1), 1, atol=1e-4):
            raise HelixError(
                "LogLoss needs probabilities, and the model gives other scores: take an estimator with "
                "`predict_proba`, or wrap it in CalibratedClassifierCV."
            )
        words = label_names(predictions)
        unknown = sorted(set(words.tolist()) - set(names))
        if unknown:
            raise HelixError(
                f"The label {unknown[0]!r} is no class of the model, as it is not in `train`: its loss has no bound. "
                "Drop its rows with `Filter`."
            )
        places = {name: place for place, name in enumerate(names)}
        right = scores[np.arange(len(words)), [places[word] for word in words.tolist()]]
        least = np.finfo(np.float64).eps
        return float(-np.log(np.clip(right, least, 1 - least)).mean())


class _OfNumbers(Metric):
    """A score of scikit-learn over numbers."""

    name: ClassVar[str]
    score: ClassVar[str]
    least: ClassVar[int] = 1

    def value(self, call: Call, predictions: pa.Table, context: Any) -> float:
        from sklearn import metrics

        if predictions.num_rows < self.least:
            raise HelixError(f"{self.name} needs {self.least} rows at least, and there is {predictions.num_rows}.")
        labels, predicted = (self._numbers(predictions, name) for name in ("label", "prediction"))
        return float(getattr(metrics, self.score)(labels, predicted))

    def _numbers(self, predictions: pa.Table, name: str) -> Array:
        array = columns.single(predictions[name])
        if columns.kind(array.type) != "number":
            raise HelixError(
                f"{self.name} compares numbers, and the {name} holds {columns.described(array.type)}: use Accuracy, F1 "
                "or another metric of classes."
            )
        return columns.numbers(array, f"The {name}")


class RMSEKernel(_OfNumbers):
    name, score = "RMSE", "root_mean_squared_error"


class MAEKernel(_OfNumbers):
    name, score = "MAE", "mean_absolute_error"


class R2Kernel(_OfNumbers):
    name, score, least = "R2", "r2_score", 2


def classes_of(predictions: pa.Table, what: str) -> tuple[Array, Array]:
    """Labels and predictions as classes (n each). Raises HelixError where they are none, or of different kinds."""
    arrays = [columns.single(predictions[name]) for name in ("label", "prediction")]
    kinds = [columns.described(array.type) for array in arrays]
    if (kinds[0] == "text") != (kinds[1] == "text"):
        raise HelixError(
            f"{what} compares classes, and the label holds {kinds[0]} where predictions are {kinds[1]}: is it a "
            "classifier that was fitted, on this label?"
        )
    labels, predicted = (_classes(array) for array in arrays)
    for values in (labels, predicted):
        if values.dtype.kind == "f" and (values != np.floor(values)).any():
            raise HelixError(f"{what} counts classes, and these are numbers with fractions: use RMSE, MAE or R2.")
    return labels, predicted


def _classes(array: Arrow) -> Array:
    if pa.types.is_dictionary(array.type):
        return np.append(array.dictionary.to_numpy(zero_copy_only=False), [""])[columns.codes(array)].astype(str)
    return array.to_numpy(zero_copy_only=False)


def label_names(predictions: pa.Table) -> Array:
    """Each label as scores name its class (n, objects)."""
    array = columns.single(predictions["label"])
    if pa.types.is_floating(array.type):  # in whose dictionary 0.0 may stand for -0.0
        return np.array([str(value) for value in array.to_pylist()], dtype=object)
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    names = [str(value) for value in (*encoded.dictionary.to_pylist(), None)]
    return np.array(names, dtype=object)[columns.codes(encoded)]


def score_names(predictions: pa.Table) -> list[str]:
    """The model's classes, by name; none where it gives no scores."""
    return [name[6:-1] for name in predictions.column_names if name.startswith("score[")]


def score_of(predictions: pa.Table, name: str) -> Array:
    return columns.single(predictions[f"score[{name}]"]).to_numpy()


def needed_scores(predictions: pa.Table, what: str) -> list[str]:
    """The model's classes. Raises HelixError where it gives no scores."""
    names = score_names(predictions)
    if not names:
        raise HelixError(
            f"{what} needs scores, and the model gives none: it has neither probabilities nor decisions. Take another "
            "estimator, or Accuracy or F1."
        )
    return names


def greater_class(predictions: pa.Table, classes: list[Any]) -> Any:
    """The greater of the model's two classes, also where a split holds one of them alone."""
    names = score_names(predictions)
    return next((value for value in classes if names and str(value) == names[-1]), None if names else classes[-1])


def check_class(predictions: pa.Table, classes: list[Any], positive: Any) -> None:
    """Raises HelixError where ``positive`` is no class."""
    if positive not in classes and str(positive) not in score_names(predictions):
        raise HelixError(f"positive={positive!r} is no class; they are {', '.join(map(repr, classes))}.")


def _groups(feature: pa.Table) -> Arrow:
    array = columns.values(feature)
    if columns.kind(array.type) == "category":
        return columns.encoded(array)
    if columns.kind(array.type) in ("vector", "tokens"):
        raise HelixError(f"`by` needs categories or numbers, and was given {columns.described(array.type)}.")
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    distinct = plain.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices, distinct.dictionary.cast(pa.string()))
