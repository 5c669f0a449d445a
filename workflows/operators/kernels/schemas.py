"""The columns that a scanner learned from ``train`` as a state, and tables of other files brought into them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pyarrow as pa

from workflows.operators.kernels import columns, functions
from workflows.operators.kernels.base import ROW_ID, Arrow
from workflows.operators.kernels.content import ScanFailed, known


def dumped(schema: pa.Schema) -> str:
    """The schema as text, for a state: a file of Arrow's format would hold the same bytes."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def loaded(text: str) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


def flattened(table: pa.Table) -> pa.Table:
    """Structs as columns with dotted names; where a struct is null, its columns are."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def normalised(table: pa.Table, path: str) -> pa.Table:
    """The table in types that columns have: structs as dotted columns, text dictionary-encoded, decimals as floats.

    Raises ScanFailed for a type that no column holds, two columns of one name, or the name of the row id.
    """
    table = flattened(table)
    names = table.column_names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScanFailed(path, f"two columns are called `{twice}`; rename one.")
    if ROW_ID in names:
        raise ScanFailed(path, f"a column may not be called `{ROW_ID}`; give it another name.")
    return pa.table({name: _normal(columns.single(table[name]), name, path) for name in names})


def unified(tables: Sequence[tuple[str, pa.Table]]) -> pa.Schema:
    """One schema that holds the columns of all files, each with its name; a column of nulls fits to any other.

    Raises ScanFailed where a column is of two types that do not mix.
    """
    schema = pa.schema([])
    for path, table in tables:
        for field in map(_learned, table.schema, table.columns):
            place = schema.get_field_index(field.name)
            if place < 0:
                schema = schema.append(field)
            else:
                schema = schema.set(place, _together(schema.field(place), field, path))
    return pa.schema([field.with_type(columns.CATEGORY) if field.type == pa.null() else field for field in schema])


def _learned(field: Arrow, values: Arrow) -> Arrow:
    empty = len(values) > 0 and values.null_count == len(values) and columns.kind(field.type) == "category"
    return pa.field(field.name, pa.null() if empty else field.type)


def _together(first: Arrow, second: Arrow, path: str) -> Arrow:
    try:
        merged = pa.unify_schemas([pa.schema([first]), pa.schema([second])], promote_options="permissive").field(0)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        merged = None
    if merged is None or columns.kind(merged.type) not in (columns.kind(first.type), columns.kind(second.type)):
        raise ScanFailed(
            path,
            f"column `{first.name}` holds {_told(second.type)}, and {_told(first.type)} before; make them alike.",
        )
    return merged


def conformed(table: pa.Table, schema: pa.Schema, path: str) -> pa.Table:
    """The columns of the schema, in its order and types; others are left out.

    Raises ScanFailed for a column that is missing, or of a type that cannot become the learned one.
    """
    if not table.num_columns:
        return schema.empty_table()
    return pa.table([_conformed(table, field, path) for field in schema], schema=schema)


def _conformed(table: pa.Table, field: Arrow, path: str) -> Arrow:
    if field.name not in table.column_names:
        raise ScanFailed(
            path, f"there is no column `{field.name}`, which `train` has; {known(field.name, table.column_names)}"
        )
    array = columns.single(table[field.name])
    if array.type == field.type:
        return array
    if array.null_count == len(array):
        return pa.nulls(len(array), field.type)
    if columns.kind(array.type) == columns.kind(field.type) and not pa.types.is_boolean(array.type):
        try:
            return array.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    raise ScanFailed(
        path,
        f"column `{field.name}` holds {_told(array.type)}, and in `train` {_told(field.type)}; make them alike.",
    )


def _normal(array: Arrow, name: str, path: str) -> Arrow:
    try:
        return functions.normal(array, f"column `{name}`")
    except functions.WrongResult:
        raise ScanFailed(
            path,
            f"column `{name}` holds values of type {array.type}, which no column of rows holds; leave it out with "
            "`columns=`, or read the file with Scanner(source, fn).",
        ) from None


def _told(data_type: pa.DataType) -> str:
    words, exact = columns.described(data_type), str(data_type)
    return words if exact in words or columns.kind(data_type) == "category" else f"{words} ({exact})"
