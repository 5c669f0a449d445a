"""Declarations of the sources: where data come from."""

from __future__ import annotations

from workflows.operators.base import Family, Kind, Operator, Parameter, Shape, Splits, Type

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
    ),
)
