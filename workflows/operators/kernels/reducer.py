"""What reducers do: a value out of predictions, or out of anything by a function of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, functions
from workflows.operators.kernels.base import Arrow, Call, Data, Inputs, Matrix, Model, Stateless

Array = Any  # a NumPy array


class _Metric(Stateless):
    """A number of the predictions; with ``by`` one for each value of a feature, as a dict."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        predictions: pa.Table = inputs["predictions"]
        if "label" not in predictions.column_names:
            raise HelixError("There is no label to compare with: pass label=… to `Examples`.")
        if not predictions.num_rows:
            raise HelixError("There are no predictions: the split is empty.")
        if inputs.get("by") is None:
            return self.value(call, predictions)
        groups = _groups(inputs["by"])
        columns.aligned(predictions, groups, "`by` needs a feature of the same rows")
        codes = columns.codes(groups)
        named = {**dict(enumerate(groups.dictionary.to_pylist())), -1: "null"}
        chosen = {named[code]: codes == code for code in np.unique(codes).tolist()}
        return {name: self._of_group(call, predictions.filter(pa.array(chosen[name])), name) for name in sorted(chosen)}

    def _of_group(self, call: Call, predictions: pa.Table, name: str) -> float:
        try:
            return self.value(call, predictions)
        except HelixError as error:
            raise HelixError(f"In the group {name!r}: {error.message}") from None

    def value(self, call: Call, predictions: pa.Table) -> float:
        raise NotImplementedError


class AccuracyKernel(_Metric):
    def value(self, call: Call, predictions: pa.Table) -> float:
        labels, predicted = _values(predictions, "label"), _values(predictions, "prediction")
        return int(np.count_nonzero(labels == predicted)) / len(labels)


class F1Kernel(_Metric):
    def value(self, call: Call, predictions: pa.Table) -> float:
        from sklearn.metrics import f1_score

        labels, predicted = _values(predictions, "label"), _values(predictions, "prediction")
        classes = np.unique(np.concatenate([labels, predicted])).tolist()
        average = call.params["average"]
        if average == "auto":
            average = "binary" if len(classes) <= 2 else "macro"
        if average != "binary":
            return float(f1_score(labels, predicted, average=average, zero_division=0.0))
        if len(classes) > 2:
            raise HelixError(f'average="binary" needs two classes, and there are {len(classes)}; pass average="macro".')
        positive = call.params["positive"]
        if positive is None:
            positive = _greater_class(predictions, classes)
        elif positive not in classes and not _is_class(predictions, positive):
            raise HelixError(f"positive={positive!r} is no class; they are {', '.join(map(repr, classes))}.")
        return float(f1_score(labels == positive, predicted == positive, zero_division=0.0))


class RocAucKernel(_Metric):
    def value(self, call: Call, predictions: pa.Table) -> float:
        from sklearn.metrics import roc_auc_score

        names = _score_names(predictions)
        if not names:
            raise HelixError(
                "RocAuc needs scores, and the model gives none: it has neither probabilities nor decisions."
            )
        labels = columns.single(predictions["label"])
        words = np.array([_class_name(value) for value in _as_list(labels)], dtype=object)
        scores = {name: columns.single(predictions[f"score[{name}]"]).to_numpy() for name in names}
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


class ReducerKernel(Stateless):
    """Calls a function with the nodes: rows, features and predictions as DataFrames, examples as (x, label), a model
    as its estimator, a value as itself. What it gives becomes JSON."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        result = functions.on_values(call.params["fn"], *(_operand(data) for data in inputs["nodes"]))
        try:
            return jsonable(result, functions.named(call.params["fn"]))
        except RecursionError:
            name = functions.named(call.params["fn"])
            raise functions.WrongResult(f"{name} gave a value that is nested too deeply, or holds itself.") from None


def _operand(data: Data) -> Any:
    match data:
        case pa.Table():
            return functions.frame(data).copy(deep=False)
        case Matrix():
            return data
        case Model():
            return data.estimator
    return data


def jsonable(value: Any, what: str) -> Any:
    """The value as JSON has it: arrays and Series as lists, a DataFrame as ``{"columns": […], "rows": [[…]]}``."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic() if value.dtype.kind in "biufU":
            return value.item()
        case np.ndarray() if value.dtype.kind in "biufUO":
            return [jsonable(item, what) for item in value.tolist()]
        case pd.DataFrame():
            rows = [[jsonable(item, what) for item in row] for row in value.itertuples(index=False)]
            return {"columns": [str(name) for name in value.columns], "rows": rows}
        case pd.Series():
            return {_key(name): jsonable(item, what) for name, item in value.items()}
        case Mapping():
            return {_key(name): jsonable(item, what) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=_rank) if isinstance(value, set | frozenset) else value
            return [jsonable(item, what) for item in items]
    raise functions.WrongResult(
        f"{what} gave a value of type {type(value).__name__}; return numbers, texts, or lists and dicts of them."
    )


def _rank(item: Any) -> tuple[bool, Any]:
    """Numbers in their order, then all else by what it looks like."""
    number = isinstance(item, int | float | np.number)
    return not number, item if number else str(item)


def _key(name: Any) -> str:
    return name if isinstance(name, str) else str(name.item() if isinstance(name, np.generic) else name)


def _values(predictions: pa.Table, name: str) -> Array:
    array = columns.single(predictions[name])
    if pa.types.is_dictionary(array.type):
        return np.append(array.dictionary.to_numpy(zero_copy_only=False), [""])[columns.codes(array)].astype(str)
    return array.to_numpy(zero_copy_only=False)


def _groups(feature: pa.Table) -> Arrow:
    array = columns.values(feature)
    if columns.kind(array.type) == "category":
        return columns.encoded(array)
    distinct = array.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices, distinct.dictionary.cast(pa.string()))


def _as_list(array: Arrow) -> list[Any]:
    return list(array.to_pylist())


def _class_name(value: Any) -> str:
    return str(value)


def _score_names(predictions: pa.Table) -> list[str]:
    return [name[6:-1] for name in predictions.column_names if name.startswith("score[")]


def _is_class(predictions: pa.Table, value: Any) -> bool:
    return _class_name(value) in _score_names(predictions)


def _greater_class(predictions: pa.Table, classes: list[Any]) -> Any:
    """The greater of the model's two classes, also where a slice holds one of them alone."""
    names = _score_names(predictions)
    return next(
        (value for value in classes if names and _class_name(value) == names[-1]), None if names else classes[-1]
    )
