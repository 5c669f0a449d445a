"""Declarations of the sources: where data come from."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, SCIKIT, Family, Kind, Operator, Parameter, Shape, Splits, Type

SQL_SOURCE = "SQLSource"
BUNDLED = ("iris", "digits", "wine", "breast_cancer", "diabetes", "linnerud")

SOURCES = (
    Operator(
        "FileSource",
        Family.SOURCE,
        Kind.SOURCE,
        Shape.SPLITS,
        "Files: one path, or one for each split, which its keyword names. A path is relative to the data folder, or "
        "absolute, or a glob; or an address: `http(s)://`, or another that fsspec opens with the packages installed. "
        "A run fetches what an address gives, once for as long as its server says that it is the same; typing never "
        "does, and user code gets no access to the network by it. Read by a scanner.",
        'data = FileSource(train="adult/adult.data", test="adult/adult.test")',
        (
            Parameter("path", Type.STRING, "The one file; its split is called `all`.", None),
            Parameter("files", Type.PATHS, "A path for each split: `train=`, `test=`, …", {}, variadic=True),
        ),
        splits=Splits.FILES,
        stored=False,
        outside=True,
        packages=(),
    ),
    Operator(
        SQL_SOURCE,
        Family.SOURCE,
        Kind.ROWS,
        Shape.SPLITS,
        "The rows of a query. `connection` is the path of a SQLite or DuckDB file in the data folder, whose content is "
        "its identity; or the name of a connection, whose address stands in HELIX_CONNECTION_NAME where HelixWeb runs "
        "(`postgresql://…`): a text, a run process and a log never see it. The server is asked by whoever supervises "
        "the run, in a transaction that only reads; give it an account that may do no more. `version` says when its "
        "rows are the same as before; without it, the rows of a connection are never reused. Without `order by`, the "
        "order of rows is the database's.",
        'orders = SQLSource("shop", "select * from orders order by id", version="2026-05")',
        (
            Parameter("connection", Type.STRING, "The path of a database file, or the name of a connection."),
            Parameter("query", Type.STRING, "One statement of SQL that gives rows."),
            Parameter("version", Type.STRING, "Another text for other rows: a date, a number of a release.", None),
        ),
        splits=Splits.ALL,
        new_basis=True,
        outside=True,
        packages=(*ARRAYS, "duckdb"),
    ),
    Operator(
        "Dataset",
        Family.SOURCE,
        Kind.ROWS,
        Shape.SPLITS,
        "A data set that is bundled with scikit-learn, as rows: its features by name, and `target`.",
        'digits = Dataset("digits")',
        (Parameter("dataset", Type.STRING, "Which one.", choices=BUNDLED),),
        splits=Splits.ALL,
        new_basis=True,
        packages=(*ARRAYS, "pandas", *SCIKIT),
    ),
)


def is_file(connection: str) -> bool:
    """Whether a connection of SQLSource is the path of a file; else it is a name."""
    return "." in connection or "/" in connection
