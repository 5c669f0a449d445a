"""Declarations of the reducers: they make a value of one split, and of Output, which says what is wanted."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, SCIKIT, Family, Kind, Operator, Parameter, Shape, Splits, Type

PREDICTIONS = Parameter("predictions", Type.NODE, "The predictions.", kinds=(Kind.PREDICTIONS,))
SPLIT = Parameter(
    "split", Type.STRING, "Which split it is of: `test` when left out and there is one.", None, keyword_only=True
)
SLICE = Parameter(
    "by", Type.NODE, "A feature: one value for each of its values.", None, kinds=(Kind.FEATURE,), keyword_only=True
)
AVERAGE = Parameter(
    "average",
    Type.STRING,
    "Over classes; `auto` is `binary` for two classes and `macro` for more; `each` is one value for each class.",
    "auto",
    choices=("auto", "binary", "macro", "micro", "weighted", "each"),
)
POSITIVE = Parameter(
    "positive", Type.SCALAR, "The class that counts as positive, of two; the greater when left out.", None
)


def _metric(
    name: str,
    doc: str,
    *parameters: Parameter,
    higher_is_better: bool | None = True,
    version: int = 1,
    packages: tuple[str, ...] = ARRAYS,
) -> Operator:
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
        version=version,
        packages=packages,
    )


REDUCERS = (
    _metric("Accuracy", "The share of predictions that are right.", version=2),
    _metric(
        "Precision",
        "The share of what is predicted to be positive that is; 0 where nothing is.",
        AVERAGE,
        POSITIVE,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "Recall",
        "The share of what is positive that is predicted to be; 0 where nothing is.",
        AVERAGE,
        POSITIVE,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "F1",
        "The harmonic mean of precision and recall.",
        AVERAGE,
        POSITIVE,
        version=2,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "RocAuc",
        "The area under the ROC curve; over more than two classes the mean of one against the rest.",
        Parameter("average", Type.STRING, "Over classes.", "macro", choices=("macro", "weighted")),
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "LogLoss",
        "The mean of minus the logarithm of the probability that the model gave the right class.",
        higher_is_better=False,
    ),
    _metric(
        "RMSE",
        "The root of the mean of squared differences, in the label's unit.",
        higher_is_better=False,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "MAE",
        "The mean of absolute differences, in the label's unit.",
        higher_is_better=False,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "R2",
        "The share of the label's variance that predictions explain: 1 at best, and without a lower bound.",
        packages=(*ARRAYS, *SCIKIT),
    ),
    Operator(
        "Silhouette",
        Family.REDUCER,
        Kind.VALUE,
        Shape.VALUE,
        "How well clusters are apart, from -1 to 1: for each row the distance to its own cluster against that to the "
        "nearest other one.",
        "apart = Silhouette(predictions, income, sample=2000)",
        (
            PREDICTIONS,
            Parameter(
                "examples",
                Type.NODE,
                "Where the rows are: the examples that clusters were made of, or a feature of numbers or vectors.",
                kinds=(Kind.EXAMPLES, Kind.FEATURE),
            ),
            Parameter(
                "sample",
                Type.INTEGER,
                "How many rows are looked at, drawn by the seed: time grows with their square. None for all.",
                10_000,
                minimum=3,
            ),
            Parameter(
                "distance",
                Type.STRING,
                "What a distance is.",
                "euclidean",
                choices=("euclidean", "manhattan", "cosine"),
            ),
            SPLIT,
        ),
        splits=Splits.NONE,
        random=True,
        metric=True,
        higher_is_better=True,
        packages=(*ARRAYS, *SCIKIT),
    ),
    _metric(
        "ConfusionMatrix",
        "How often each class (a row of `matrix`) was taken for each (a column), in the order of `labels`.",
        higher_is_better=None,
    ),
    _metric(
        "RocCurve",
        "The ROC curve of two classes, or of one against the rest: `false_positive_rate` and `true_positive_rate` by "
        "falling `threshold` (null for none at all), and the `area` under it.",
        POSITIVE,
        Parameter("points", Type.INTEGER, "How many points at most, evenly spaced along the curve.", 200, minimum=3),
        higher_is_better=None,
        packages=(*ARRAYS, *SCIKIT),
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
    packages=(),
)
