"""What SQL does: a query over Arrow tables, by DuckDB in this process, with nothing else in its reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, functions
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless

_SETTINGS: dict[str, Any] = {
    "threads": 1,  # so that rows come in one order
    "preserve_insertion_order": True,
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,  # no variable of this process is a table
    "lock_configuration": True,
}
# What gives another result each time, or reaches out of the query; some can be called without parentheses.
_UNSTEADY = frozenset(
    (
        *("random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "current_date"),
        *("current_time", "current_timestamp", "get_current_time", "get_current_timestamp", "localtime"),
        *("localtimestamp", "transaction_timestamp", "current_localtime", "current_localtimestamp", "txid_current"),
        *("getenv", "current_setting", "nextval", "currval", "pg_backend_pid"),
    )
)


class BadQuery(HelixError):
    """A query that does not parse, does not fit the tables, or may not be run."""

    code = "bad-query"


class SQLKernel(Stateless):
    """The rows of a query; their ids are their places. One thread keeps the rows in order where none is asked for."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        tables = {slot.removeprefix("tables."): table for slot, table in inputs.items()}
        with duckdb.connect(":memory:", config=_SETTINGS) as connection:
            for name, table in tables.items():
                connection.register(name, pa.table(dict(_plain(table))))
            known = {name for table in tables.values() for name in table.column_names}
            result = _rows(connection, call.params["query"], known)
        names = result.column_names
        twice = next((name for place, name in enumerate(names) if name in names[:place] or name == ROW_ID), None)
        if twice is not None:
            raise BadQuery(f"The query gives two columns `{twice}`: rename one with `as`.")
        made = {name: _column(columns.single(result[name]), name) for name in names}
        return pa.table({ROW_ID: pa.array(np.arange(result.num_rows)), **made})


def _plain(table: pa.Table) -> Iterator[tuple[str, Any]]:
    for name in table.column_names:
        if name != ROW_ID:
            array = columns.column(table, name)
            yield name, array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _rows(connection: duckdb.DuckDBPyConnection, query: str, known: set[str]) -> pa.Table:
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise BadQuery("SQL takes one SELECT.")
        (parsed,) = connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchall()
        unsteady = next(_unsteady(json.loads(parsed[0]), known), None)
        if unsteady is not None:
            raise BadQuery(f"The query uses `{unsteady}`, which may give something else each time: write the value.")
        return _result(connection, query)
    except duckdb.Error as error:
        raise BadQuery(f"The query fails: {error}") from None


def _result(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    try:
        table: pa.Table = connection.sql(query).to_arrow_table()
    except duckdb.BinderException:
        connection.execute(query)  # fails as well, and says where
        raise
    return table


def _unsteady(tree: Any, known: set[str]) -> Iterator[str]:
    """What a serialised query calls, names (``current_date``, where no column is called so) or samples that has another
    result each time."""
    if isinstance(tree, list):
        for item in tree:
            yield from _unsteady(item, known)
    elif isinstance(tree, dict):
        name = str(tree.get("function_name", "")).lower()
        if name in _UNSTEADY or name.startswith(("duckdb_", "pragma_")):
            yield name
        column = [str(part).lower() for part in tree.get("column_names", ())]
        if len(column) == 1 and column[0] in _UNSTEADY and column[0] not in known:
            yield column[0]
        if tree.get("sample"):
            yield "sample"
        for item in tree.values():
            yield from _unsteady(item, known)


def _column(array: Arrow, name: str) -> Arrow:
    """A column of the result in a type that columns have: sums of whole numbers stay whole where they fit."""
    if pa.types.is_decimal(array.type) and array.type.scale == 0:
        try:
            return array.cast(pa.int64())
        except pa.ArrowInvalid:
            return array.cast(pa.float64())
    return functions.normal(array, f"The query, column `{name}`,")
