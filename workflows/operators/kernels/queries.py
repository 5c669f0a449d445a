"""The rows of a query, in the types that columns have; and of a database that is one file, read in memory."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.kernels import columns, functions, schemas
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Stateless
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.source import is_file

LARGEST = 4_000_000_000  # bytes of rows: they are held in memory
_SQLITE = b"SQLite format 3\0"
_DUCKDB = b"DUCK"  # at byte 8
_WAL = slice(18, 20)  # of a SQLite file's head: how it is written and read; 2 means with a log beside it
_CHUNK = 20_000  # rows asked for at a time
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)


class QueryFailed(HelixError):
    """A database refused a query, or gave what is no table of rows."""

    code = "query-failed"


class Cursor(Protocol):
    """What every database's driver gives (PEP 249)."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None: ...
    def fetchmany(self, size: int, /) -> Sequence[Sequence[Any]]: ...


class SQLSourceKernel(Stateless):
    """A file's query is made here, of the very bytes that were hashed; the rows of any other were fetched before."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        connection, query = call.params["connection"], call.params["query"]
        path = connection if is_file(connection) else f"query://{connection}"
        files = call.read({"path": path, "hash": call.identity})
        if is_file(connection):
            table = _of_file(files[0][1], files[0][0], query)
        else:
            table = pa.ipc.open_file(pa.BufferReader(files[0][1])).read_all()
        return table.add_column(0, ROW_ID, pa.array(np.arange(table.num_rows)))


def _of_file(content: bytes, path: str, query: str) -> pa.Table:
    if content.startswith(_SQLITE):
        return _of_sqlite(content, path, query)
    if content[8:12] == _DUCKDB:
        return _of_duckdb(content, path, query)
    raise ScanFailed(path, "this is neither a SQLite nor a DuckDB file.")


def _of_sqlite(content: bytes, path: str, query: str) -> pa.Table:
    if content[_WAL] == b"\2\2":  # in memory there is no log beside the file
        content = content[: _WAL.start] + b"\1\1" + content[_WAL.stop :]
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(content)
        except sqlite3.Error as error:
            raise ScanFailed(path, f"the database is damaged: {error}.") from None
        return of_sqlite(database, query)


def of_sqlite(database: sqlite3.Connection, query: str) -> pa.Table:
    """The rows of a query that only reads. Raises QueryFailed."""
    database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
    try:
        return rows(database.execute(query))
    except sqlite3.DatabaseError as error:
        hint = ": a query may only read" if "not authorized" in str(error) else ""
        raise QueryFailed(f"SQLite says: {error}{hint}.") from None
    except sqlite3.Warning as error:
        raise QueryFailed(f"SQLite says: {error}; write one statement.") from None


def _of_duckdb(content: bytes, path: str, query: str) -> pa.Table:
    try:
        import duckdb
    except ImportError:
        raise HelixError(f"{path} is a DuckDB file: install the package `duckdb` to read it.") from None
    with tempfile.NamedTemporaryFile(suffix=".duckdb") as file:
        file.write(content)
        file.flush()
        try:
            with duckdb.connect(file.name, read_only=True, config={"enable_external_access": "false"}) as database:
                return rows(database.execute(query))
        except duckdb.Error as error:
            raise QueryFailed(f"DuckDB says: {error}") from None


def rows(cursor: Cursor) -> pa.Table:
    """All rows that a query gives: a column's type is what all its values have. Raises QueryFailed."""
    if cursor.description is None:
        raise QueryFailed("The query gives no rows; write a `select`.")
    names = [str(column[0]) for column in cursor.description]
    chunks: list[pa.Table] = []
    size = first = 0
    for chunk in _chunks(cursor):
        chunks.append(_table(names, chunk, first))
        first += len(chunk)
        size += chunks[-1].nbytes
        if size > LARGEST:
            raise QueryFailed(f"The query gives more than {LARGEST / 1e9:g} GB of rows; select fewer, or sum them up.")
    if not chunks:
        chunks = [pa.table({name: pa.array([], columns.CATEGORY) for name in names})]
    what = "The rows of the query"
    schema = schemas.unified([(what, chunk) for chunk in chunks])
    return pa.concat_tables([schemas.conformed(chunk, schema, what) for chunk in chunks])


def _chunks(cursor: Cursor) -> Iterator[Sequence[Sequence[Any]]]:
    while chunk := cursor.fetchmany(_CHUNK):
        yield chunk


def _table(names: Sequence[str], chunk: Sequence[Sequence[Any]], first: int) -> pa.Table:
    twice = next((name for name in names if names.count(name) > 1 or name == ROW_ID), None)
    if twice is not None:
        what = "One column" if twice == ROW_ID else "Two columns"
        raise QueryFailed(f"{what} cannot be called `{twice}`: name it anew with `as`.")
    cells = zip(names, zip(*chunk, strict=True), strict=True)
    return pa.table({name: _array(name, list(values), first) for name, values in cells})


def _array(name: str, values: list[Any], first: int) -> Arrow:
    cast = f"as in `cast({name} as text) as {name}`"
    try:
        return functions.normal(pa.array(values), name)
    except functions.WrongResult:
        kind = next(type(value).__name__ for value in values if value is not None)
        raise QueryFailed(
            f"Column `{name}` holds values of type {kind}: make text of them in the query, {cast}."
        ) from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        pass
    kinds = [type(value) for value in values]
    usual = max({kind for kind in kinds if kind is not type(None)}, key=kinds.count)
    row = next((row for row, kind in enumerate(kinds) if kind not in (usual, type(None))), 0)
    raise QueryFailed(
        f"Column `{name}` holds {values[row]!r} in row {first + row + 1}, and values of type {usual.__name__} "
        f"elsewhere: make them alike in the query, {cast}."
    )
