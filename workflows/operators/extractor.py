"""Declarations of the extractors: they make features of rows and of features. What is learned is learned on `train`."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Type
from workflows.operators.synthesizer import BY, EACH_DOC, ROWS

FEATURE = Parameter("feature", Type.NODE, "The feature.", kinds=(Kind.FEATURE,))
VALUE_DOC = " `value` (one value of a feature, once for each distinct one)."

EXTRACTORS = (
    Operator(
        "Field",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "A column of the rows.",
        'age = Field(rows, "age")',
        (ROWS, Parameter("column", Type.STRING, "Its name.")),
    ),
    Operator(
        "Bucketizer",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The bucket a number falls into, as a category.",
        "age_bucket = Bucketizer(age, bins=10)",
        (
            FEATURE,
            Parameter("bins", Type.INTEGER, "How many buckets.", 10, minimum=2),
            Parameter(
                "by",
                Type.STRING,
                "Buckets of equal numbers of rows, or of equal width.",
                "quantile",
                choices=("quantile", "width"),
            ),
            Parameter("edges", Type.NUMBERS, "The edges themselves, instead of learned ones.", None),
        ),
        learns=True,
    ),
    Operator(
        "Interaction",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The combination of values of two or more features, as a category.",
        "edu_x_occ = Interaction(education, occupation)",
        (Parameter("features", Type.NODES, "The features.", kinds=(Kind.FEATURE,), minimum=2, variadic=True),),
    ),
    Operator(
        "Impute",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "The feature with a value where one is missing.",
        'hours = Impute(Field(rows, "hours_per_week"), strategy="median")',
        (
            FEATURE,
            Parameter(
                "strategy",
                Type.STRING,
                "Which value: learned from `train`, or `value=`.",
                "mean",
                choices=("mean", "median", "most_frequent", "constant"),
            ),
            Parameter("value", Type.SCALAR, 'The value, with `strategy="constant"`.', None),
        ),
        learns=True,
    ),
    Operator(
        "Scale",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Numbers brought to a common scale: mean 0 and deviation 1 (`standard`), 0 to 1 (`minmax`), -1 to 1 with 0 "
        "kept (`maxabs`), or median 0 and quartile distance 1 (`robust`).",
        'loss = Scale(Field(rows, "capital_loss"))',
        (
            FEATURE,
            Parameter("method", Type.STRING, "How.", "standard", choices=("standard", "minmax", "maxabs", "robust")),
        ),
        learns=True,
    ),
    Operator(
        "Extractor",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "A feature made by a function: a DataFrame in, a Series (or a DataFrame of several columns) of as many "
        "rows out.",
        "target = Extractor(rows, over_50k)",
        (
            Parameter("rows", Type.NODE, "The rows, or a feature.", kinds=(Kind.ROWS, Kind.FEATURE)),
            Parameter("fn", Type.FUNCTION, "The function."),
            Parameter(
                "each",
                Type.STRING,
                EACH_DOC.removesuffix(".") + "," + VALUE_DOC,
                "batch",
                choices=("batch", "row", "group", "split", "value"),
            ),
            BY,
        ),
    ),
    Operator(
        "Transform",
        Family.EXTRACTOR,
        Kind.FEATURE,
        Shape.SPLITS,
        "Features passed through any transformer with scikit-learn's interface, fitted on `train`.",
        "reduced = Transform([age, hours], PCA(n_components=1))",
        (
            Parameter("features", Type.NODES, "One feature, or a list.", kinds=(Kind.FEATURE,), minimum=1),
            Parameter("transformer", Type.TRANSFORMER, "The transformer: its class, called with its arguments."),
        ),
        learns=True,
        random=True,
    ),
)
