"""Declarations of the synthesizers: they make rows of rows."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Splits, Type

ROWS = Parameter("rows", Type.NODE, "The rows.", kinds=(Kind.ROWS,))
EACH_DOC = (
    "What the function is called with: `batch` (a DataFrame whose rows do not depend on each other), `row` "
    "(a mapping), `group` (a DataFrame of whole groups, see `by=`) or `split` (one DataFrame)."
)
BY = Parameter("by", Type.STRING, 'The column that makes groups, with `each="group"`.', None)

SYNTHESIZERS = (
    Operator(
        "Split",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "Rows in the splits `train`, `test` and, where asked for, `validation`, by a hash of the seed and the row (or "
        'its group): rows that are added move no others. It stays one node; `rows["test"]` takes one split.',
        'parts = Split(rows, test=0.2, stratify="target")',
        (
            ROWS,
            Parameter("test", Type.FRACTION, "The share of rows in `test`.", 0.2),
            Parameter("validation", Type.FRACTION, "The share of rows in `validation`; None for no such split.", None),
            Parameter("stratify", Type.STRING, "The column whose values each split has in equal shares.", None),
            Parameter("group", Type.STRING, "The column whose equal values stay in one split.", None),
        ),
        splits=Splits.MADE,
        new_basis=True,
        random=True,
    ),
    Operator(
        "Map",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        'A row for each row, made by a function: a DataFrame in, a DataFrame of as many rows out (with `each="row"`: a '
        "mapping in, a mapping out).",
        "clean = Map(rows, fill_gaps)",
        (
            ROWS,
            Parameter("fn", Type.FUNCTION, "The function."),
            Parameter("each", Type.STRING, EACH_DOC, "batch", choices=("batch", "row", "group", "split")),
            BY,
        ),
        new_basis=True,
    ),
    Operator(
        "Filter",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "The rows for which a function (a DataFrame in, a boolean Series out) or an expression is true.",
        'adults = Filter(rows, "age >= 18")',
        (
            ROWS,
            Parameter("fn", Type.FUNCTION_OR_EXPRESSION, "The function, or an expression over columns as a string."),
            Parameter("each", Type.STRING, EACH_DOC, "batch", choices=("batch", "row", "group", "split")),
            BY,
        ),
        new_basis=True,
    ),
)
