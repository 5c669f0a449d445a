"""Declarations of the synthesizers: they make rows of rows, within a split."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, Family, Kind, Operator, Parameter, Shape, Splits, Type

ROWS = Parameter("rows", Type.NODE, "The rows.", kinds=(Kind.ROWS,))
EACH_DOC = (
    "What the function is called with: `batch` (a DataFrame whose rows do not depend on each other), `row` "
    "(a mapping), `group` (a DataFrame of many whole groups, see `by=`: rows of other groups may stand between) or "
    "`split` (one DataFrame). A sample is replayed in other batch sizes, and a function that differs then fails."
)
EACH = Parameter("each", Type.STRING, EACH_DOC, "batch", choices=("batch", "row", "group", "split"))
BY = Parameter(
    "by",
    Type.STRING,
    'The column that makes groups, with `each="group"`: equal values, wherever they stand; null is a group.',
    None,
)

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
            Parameter(
                "where",
                Type.FUNCTION_OR_EXPRESSION,
                "Which rows are `test`, instead of a share: an expression over columns as a string, or a function (a "
                "DataFrame in, a boolean Series out).",
                None,
            ),
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
            EACH,
            BY,
        ),
        new_basis=True,
    ),
    Operator(
        "FlatMap",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "Any number of rows for each row, made by a function: a DataFrame in, a DataFrame out whose index says which "
        "row of the batch each new row was made of, as `explode` keeps it; they are put in that order (with "
        '`each="row"`: a mapping in, a list of mappings out).',
        "words = FlatMap(rows, words_of)",
        (ROWS, Parameter("fn", Type.FUNCTION, "The function."), EACH, BY),
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
            EACH,
            BY,
        ),
        new_basis=True,
    ),
    Operator(
        "Sample",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "Some of the rows of each split, in their order, by a hash of the seed and the row: rows that are added move "
        "no others into or out of a `fraction`.",
        "few = Sample(rows, fraction=0.1)",
        (
            ROWS,
            Parameter("n", Type.INTEGER, "How many rows of each split; all where it has fewer.", None, minimum=1),
            Parameter("fraction", Type.FRACTION, "The share of the rows.", None),
        ),
        new_basis=True,
        random=True,
    ),
    Operator(
        "Join",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "Each row with the rows of another collection that have the same keys, in the order of the left rows. A null "
        "key matches nothing. Equal splits are joined; a side that has not been split, or is `train` alone, is joined "
        "to each.",
        'richer = Join(rows, jobs, on="occupation", how="left")',
        (
            Parameter("left", Type.NODE, "The rows that give the order.", kinds=(Kind.ROWS,)),
            Parameter("right", Type.NODE, "The rows to find.", kinds=(Kind.ROWS,)),
            Parameter("on", Type.STRINGS, "The columns that are equal, of the same names on both sides."),
            Parameter(
                "how",
                Type.STRING,
                "Of the left rows: `inner`, those with a match; `left`, all, with nulls where there is none; `semi` "
                "and `anti`, those with a match and those without, as they are.",
                "inner",
                choices=("inner", "left", "semi", "anti"),
            ),
            Parameter(
                "suffix", Type.STRING, "Added to names of right columns that the left has too; else an error.", None
            ),
        ),
        splits=Splits.PAIRED,
        new_basis=True,
        one_basis=False,
    ),
    Operator(
        "Union",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "The rows of several collections of equal columns and splits, one after another. Whole numbers and floats in "
        "one column become floats.",
        "both = Union(rows, jobs)",
        (Parameter("rows", Type.NODES, "The rows.", kinds=(Kind.ROWS,), minimum=2, variadic=True),),
        new_basis=True,
        one_basis=False,
    ),
    Operator(
        "GroupBy",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "A row for each group of rows of a split, sorted by its keys, null last. Statistics are exact, whatever the "
        "order of rows; nulls count in none but `count()`.",
        'jobs = GroupBy(rows, by="occupation", aggregates={"mean_age": "mean(age)", "n": "count()"})',
        (
            ROWS,
            Parameter("by", Type.STRINGS, "The columns whose equal values make a group; null is one."),
            Parameter(
                "aggregates",
                Type.AGGREGATES,
                "New columns: `count()`, or `count`, `distinct`, `sum`, `mean`, `std` (of a sample), `min`, `max` or "
                "`median` of a column.",
            ),
        ),
        new_basis=True,
        version=2,
    ),
    Operator(
        "SQL",
        Family.SYNTHESIZER,
        Kind.ROWS,
        Shape.SPLITS,
        "The rows of a query (DuckDB's SQL) over the given rows, split by split; those that have not been split, or "
        "are `train` alone, are read for each. Rows come as the query orders them, else as DuckDB makes them in one "
        "thread.",
        'adults = SQL("select age, occupation from rows where age >= 18", rows=rows)',
        (
            Parameter("query", Type.STRING, "One SELECT; it can read the given rows and nothing else."),
            Parameter(
                "tables",
                Type.TABLES,
                "The rows, by the names that the query knows them by.",
                {},
                kinds=(Kind.ROWS,),
                variadic=True,
            ),
        ),
        splits=Splits.PAIRED,
        new_basis=True,
        one_basis=False,
        packages=(*ARRAYS, "duckdb"),
    ),
)
