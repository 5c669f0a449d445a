"""Declarations of the scanners: they make rows of what a source reads."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Type

TYPES = ("int", "float", "str", "bool")  # what ``types=`` of a scanner may name

SCANNERS = (
    Operator(
        "CSVScanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "Rows of delimited text. The names and types of columns are learned from `train`, so that every split has the "
        "same; a value that does not fit is an error that names its line.",
        'rows = CSVScanner(data, columns=["age", "workclass"], na="?", strip=True)',
        (
            Parameter("source", Type.NODE, "The files.", kinds=(Kind.SOURCE,)),
            Parameter("columns", Type.STRINGS, "Names of the columns, in order.", None),
            Parameter(
                "header", Type.BOOLEAN, "Is the first line a header? True unless `columns=` gives the names.", None
            ),
            Parameter("sep", Type.STRING, "What stands between two values.", ","),
            Parameter("quote", Type.STRING, "What a value is quoted with; empty for none.", '"'),
            Parameter("na", Type.STRINGS, "What stands for a missing value.", ("",)),
            Parameter("strip", Type.BOOLEAN, "Drop white space around values.", False),
            Parameter("comment", Type.STRING, "Lines that begin with this are skipped.", None),
            Parameter("encoding", Type.STRING, "How bytes become characters.", "utf-8"),
            Parameter(
                "types",
                Type.MAPPING,
                'The type of a column, where it is not to be inferred: `{"zip": "str"}`.',
                {},
                choices=TYPES,
            ),
        ),
        new_basis=True,
        learns=True,
        version=2,
    ),
)
