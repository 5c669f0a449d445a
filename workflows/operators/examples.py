"""The declaration of Examples: features, label and weight of rows, as the matrix that learners take."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, Family, Kind, Operator, Parameter, Shape, Type
from workflows.operators.synthesizer import ROWS

EXAMPLES = (
    Operator(
        "Examples",
        Family.EXAMPLES,
        Kind.EXAMPLES,
        Shape.SPLITS,
        "A matrix: a number is one column; strings and booleans become a column for each value seen in `train`, "
        "sorted; a missing category has its own column; a missing number is an error (see Impute). Vectors keep their "
        "columns, and their float32 where every feature is such a vector.",
        "income = Examples(rows, features=[education, age_bucket], label=target)",
        (
            ROWS,
            Parameter("features", Type.NODES, "What is learned from.", kinds=(Kind.FEATURE,), minimum=1),
            Parameter("label", Type.NODE, "What is to be predicted.", None, kinds=(Kind.FEATURE,)),
            Parameter("weight", Type.NODE, "How much an example counts.", None, kinds=(Kind.FEATURE,)),
        ),
        learns=True,
        version=2,
        packages=(*ARRAYS, "scipy"),
    ),
)
