"""Declarations of the scanners: they make rows of what a source reads."""

from __future__ import annotations

from workflows.operators.base import ARRAYS, Family, Kind, Operator, Parameter, Shape, Type

TYPES = ("int", "float", "str", "bool")  # what ``types=`` of a scanner may name

_SOURCE = Parameter("source", Type.NODE, "The files.", kinds=(Kind.SOURCE,))
_ENCODING = Parameter("encoding", Type.STRING, "How bytes become characters.", "utf-8")
_TYPES = Parameter(
    "types",
    Type.MAPPING,
    'The type of a column, where it is not to be inferred: `{"zip": "str"}`.',
    {},
    choices=TYPES,
)

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
            _SOURCE,
            Parameter("columns", Type.STRINGS, "Names of the columns, in order.", None),
            Parameter(
                "header", Type.BOOLEAN, "Is the first line a header? True unless `columns=` gives the names.", None
            ),
            Parameter("sep", Type.STRING, "What stands between two values.", ","),
            Parameter("quote", Type.STRING, "What a value is quoted with; empty for none.", '"'),
            Parameter("na", Type.STRINGS, "What stands for a missing value.", ("",)),
            Parameter("strip", Type.BOOLEAN, "Drop white space around values.", False),
            Parameter("comment", Type.STRING, "Lines that begin with this are skipped.", None),
            _ENCODING,
            _TYPES,
        ),
        new_basis=True,
        learns=True,
        version=2,
    ),
    Operator(
        "JSONScanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "Rows of JSON: an array of objects, or an object a line. An object within an object becomes columns with "
        "dotted names (`address.city`); what a record does not have is null. An array of numbers, always as many, is "
        "a vector, an array of texts is tokens, any other its JSON text. Columns and types are learned from `train`; a "
        "value that does not fit is an error that names its record. What is compressed with gzip is unpacked.",
        'quakes = JSONScanner(data, records="features", columns=["properties.mag", "properties.place"])',
        (
            _SOURCE,
            Parameter(
                "records", Type.STRING, "Where in the document the array is: `data.items`; left out, it is all.", None
            ),
            Parameter("lines", Type.BOOLEAN, "Is each line an object? Told by the text unless given.", None),
            Parameter("columns", Type.STRINGS, "Which columns, in order; all unless given.", None),
            _ENCODING,
            _TYPES,
        ),
        new_basis=True,
        learns=True,
    ),
    Operator(
        "ParquetScanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "Rows of Parquet files. A struct becomes columns with dotted names, a decimal a float; times, dates and "
        "vectors stay what they are; a type that no column holds is an error that names it. Columns and types are "
        "learned from `train`, and other splits are brought into them.",
        'rows = ParquetScanner(data, columns=["age", "target"])',
        (_SOURCE, Parameter("columns", Type.STRINGS, "Which columns, in order; all unless given.", None)),
        new_basis=True,
        learns=True,
    ),
    Operator(
        "TextScanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "A row for each line of text, or for each whole file: columns `text`, `path`, and of a line `line`, from 1. "
        "Lines end as on any system, and their ends are no part of them; an empty line is a row, an empty file has no "
        "line. What is compressed with gzip is unpacked.",
        'lines = TextScanner(data, encoding="latin-1")',
        (
            _SOURCE,
            Parameter("each", Type.STRING, "What is a row.", "line", choices=("line", "file")),
            _ENCODING,
        ),
        new_basis=True,
    ),
    Operator(
        "ImageScanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "A row for each image: `pixels`, a vector of bytes (`uint8`, 0 to 255), row by row, channels last. Of idx "
        "files (MNIST's, compressed or not), whose `label` is read from `labels=`; or of PNG files, "
        "`digits/train/*/*.png`, with the name of the folder as `label`, and `path`. All images are of the size of "
        "those of `train`, or an error names the file.",
        'images = ImageScanner(data, labels=FileSource(train="c", test="d"))',
        (
            _SOURCE,
            Parameter("labels", Type.NODE, "The files of labels (idx1), one for each file.", None, (Kind.SOURCE,)),
            Parameter(
                "mode",
                Type.STRING,
                "How the pixels of a PNG are read; as the file has them unless given.",
                None,
                choices=("grey", "rgb"),
            ),
        ),
        new_basis=True,
        learns=True,
        packages=(*ARRAYS, "PIL"),
    ),
    Operator(
        "Scanner",
        Family.SCANNER,
        Kind.ROWS,
        Shape.SPLITS,
        "Rows of files in a format of one's own. The function is called with each file, opened for reading bytes "
        "(`file.read()`; `file.name` is its name; what is compressed with gzip is unpacked), and gives a DataFrame, or "
        "mappings of column to value, one a row: a list, or what it yields. Columns and their types are learned from "
        "`train`, for which it is called once more; other splits are brought into them, or an error says what differs.",
        "rows = Scanner(data, read_log)",
        (_SOURCE, Parameter("fn", Type.FUNCTION, "From an open file to rows.")),
        new_basis=True,
        learns=True,
    ),
)
