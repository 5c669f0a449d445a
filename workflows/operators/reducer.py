"""Declarations of the reducers: they make a value of one split, and of Output, which says what is wanted."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Splits, Type

PREDICTIONS = Parameter("predictions", Type.NODE, "The predictions.", kinds=(Kind.PREDICTIONS,))
SPLIT = Parameter(
    "split", Type.STRING, "Which split it is of: `test` when left out and there is one.", None, keyword_only=True
)
SLICE = Parameter(
    "by", Type.NODE, "A feature: one value for each of its values.", None, kinds=(Kind.FEATURE,), keyword_only=True
)
POSITIVE = Parameter(
    "positive", Type.SCALAR, "The class that counts as positive, of two; the greater when left out.", None
)


def _metric(name: str, doc: str, *parameters: Parameter, higher_is_better: bool = True) -> Operator:
    return Operator(
        name,
        Family.REDUCER,
        Kind.VALUE,
        Shape.VALUE,
        doc,
        f"{name.lower()} = {name}(predictions)",
        (PREDICTIONS, *parameters, SPLIT, SLICE),
        splits=Splits.NONE,
        metric=True,
        higher_is_better=higher_is_better,
    )


REDUCERS = (
    _metric("Accuracy", "The share of predictions that are right."),
    _metric(
        "F1",
        "The harmonic mean of precision and recall.",
        Parameter(
            "average",
            Type.STRING,
            "Over classes; `auto` is `binary` for two classes and `macro` for more.",
            "auto",
            choices=("auto", "binary", "macro", "micro", "weighted"),
        ),
        POSITIVE,
    ),
    _metric(
        "RocAuc",
        "The area under the ROC curve; over more than two classes the mean of one against the rest.",
        Parameter("average", Type.STRING, "Over classes.", "macro", choices=("macro", "weighted")),
    ),
    Operator(
        "Reducer",
        Family.REDUCER,
        Kind.VALUE,
        Shape.VALUE,
        "A value made by a function of the given nodes: rows, features and predictions are DataFrames, examples a "
        "matrix, a model its estimator, a value itself. A number, or a dict of numbers, is a metric.",
        "counts = Reducer(predictions, count_errors)",
        (
            Parameter(
                "nodes",
                Type.NODES,
                "What the function is called with, in order.",
                kinds=tuple(kind for kind in Kind if kind is not Kind.SOURCE),
                minimum=1,
                variadic=True,
            ),
            Parameter("fn", Type.FUNCTION, "The function: last, or by its name.", arguments=None),
            SPLIT,
        ),
        splits=Splits.NONE,
        one_basis=False,
        metric=True,
    ),
)

OUTPUT = Operator(
    "Output",
    Family.REDUCER,
    Kind.VALUE,
    Shape.VALUE,
    "The nodes that are wanted; without one, every metric is. It makes no node.",
    "Output(accuracy, auc)",
    (
        Parameter(
            "nodes",
            Type.NODES,
            "The nodes.",
            kinds=tuple(kind for kind in Kind if kind is not Kind.SOURCE),
            minimum=1,
            variadic=True,
        ),
    ),
    splits=Splits.NONE,
    one_basis=False,
)
