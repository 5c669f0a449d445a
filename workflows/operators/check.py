"""The declaration of Check: it fails the run where rows are not as they must be."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Splits, Type
from workflows.operators.synthesizer import BY, EACH, ROWS

CHECKS = (
    Operator(
        "Check",
        Family.REDUCER,
        Kind.VALUE,
        Shape.VALUE,
        "Fails, and the run with it, unless a condition is true for enough rows of every split; it shows the first "
        "that break it. What is null is not true: write `age is null or age > 0`. It is always wanted, whatever the "
        "outputs, and needs no name; its value counts the rows, and those that broke it.",
        'Check(rows, "age between 0 and 120", at_least=0.99)',
        (
            ROWS,
            Parameter(
                "condition",
                Type.FUNCTION_OR_EXPRESSION,
                "An expression over columns as a string, or a function: a DataFrame in, a boolean Series out.",
            ),
            Parameter("at_least", Type.NUMBER, "The share of rows that it must be true for, up to 1.", 1.0),
            EACH,
            BY,
        ),
        splits=Splits.NONE,
        check=True,
    ),
)
