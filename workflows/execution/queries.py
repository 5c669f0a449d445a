"""Queries of named connections: made by whoever supervises a run, who alone knows an address and the password in it.

The rows are kept among the downloads as an Arrow file, which a run process reads. An address stands in the
environment, in HELIX_CONNECTION_ and the connection's name; none is ever part of a job, an event or a message.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from workflows.compiler import QueryRef, queries
from workflows.errors import HelixError, nearest
from workflows.execution.downloads import Downloads, FetchCancelled
from workflows.execution.planning import MissingFile, Prepared
from workflows.graph.dag import PartId
from workflows.ports import ArtifactStore, Cancellation

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)

PREFIX = "HELIX_CONNECTION_"
CONNECT_SECONDS = 15
_TICK = 0.05  # seconds between two looks at the cancellation

Interrupt = Callable[[], object]


class NoConnection(HelixError):
    """A query names a connection that is not there, or cannot be made."""

    code = "no-connection"


def queried(prepared: Prepared, store: ArtifactStore, cancellation: Cancellation | None) -> Prepared:
    """The same once the queries were made whose rows the plan computes; one that fails is said of its node."""
    assert prepared.compiled.dag is not None
    assert prepared.plan is not None
    data, missing = dict(prepared.data), list(prepared.missing)
    for query in queries(prepared.compiled.dag):
        decision = prepared.plan.parts.get(PartId(query.node, query.split))
        if decision is None or decision.action != "compute" or decision.same_as is not None:
            continue
        try:
            data[query.node, query.split] = fetch(query, store.downloads, cancellation)
        except FetchCancelled:
            break
        except HelixError as error:
            missing.append(MissingFile(query.node, query.split, query.connection, None, error.message))
    return replace(prepared, data=data, missing=tuple(missing))


def fetch(query: QueryRef, downloads: Path, cancellation: Cancellation | None = None) -> str:
    """The hash of the file among the downloads that holds the rows of a query.

    Raises NoConnection, QueryFailed, and FetchCancelled.
    """
    address = _address(query.connection)
    interrupts: list[Interrupt] = []
    outcome: Future[pa.Table] = Future()
    threading.Thread(target=_settle, args=(outcome, query, address, interrupts), name="query", daemon=True).start()
    while not wait([outcome], _TICK).done:
        if cancellation is not None and cancellation.requested():
            for interrupt in interrupts:
                interrupt()
            raise FetchCancelled(f"the query of `{query.connection}`")
    return Downloads(downloads).keep(_file(outcome.result()))


def _address(name: str) -> str:
    """The address of a connection. Raises NoConnection, with the nearest name."""
    known = {key.removeprefix(PREFIX).lower(): value for key, value in os.environ.items() if key.startswith(PREFIX)}
    if name.lower() in known:
        return known[name.lower()]
    near = nearest(name, known)
    hint = f"did you mean `{near}`?" if near else f"set {PREFIX}{name.upper()} to its address where HelixWeb runs."
    raise NoConnection(f"There is no connection `{name}`: {hint}", name=name, nearest=near)


def _settle(outcome: Future[pa.Table], query: QueryRef, address: str, interrupts: list[Interrupt]) -> None:
    try:
        with _private(address, query.connection):
            outcome.set_result(_rows(query, address, interrupts))
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
        outcome.set_exception(error)


def _rows(query: QueryRef, address: str, interrupts: list[Interrupt]) -> pa.Table:
    match urlsplit(address).scheme:
        case "postgresql" | "postgres":
            return _of_postgresql(query, address, interrupts)
        case "sqlite":
            return _of_sqlite(query, address, interrupts)
    raise NoConnection(
        f"The address of `{query.connection}` begins with none of postgresql:// and sqlite:///; mend "
        f"{PREFIX}{query.connection.upper()}."
    )


def _of_postgresql(query: QueryRef, address: str, interrupts: list[Interrupt]) -> pa.Table:
    from workflows.operators.kernels.queries import QueryFailed, rows

    try:
        import psycopg
    except ImportError:
        raise NoConnection(f"`{query.connection}` is a PostgreSQL server: install the package `psycopg`.") from None
    try:
        connection = psycopg.connect(address, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        raise NoConnection(f"`{query.connection}` cannot be reached: {_first_line(error)}.") from None
    with closing(connection):
        interrupts.append(connection.cancel_safe)
        connection.read_only = True
        try:
            # A cursor of the server's takes one statement, and hands over its rows bit by bit.
            with connection.cursor(name="helix") as cursor:
                return rows(cursor.execute(query.query.encode()))
        except psycopg.Error as error:
            raise QueryFailed(f"PostgreSQL says: {_first_line(error)}.") from None


def _of_sqlite(query: QueryRef, address: str, interrupts: list[Interrupt]) -> pa.Table:
    from workflows.operators.kernels.queries import of_sqlite

    path = unquote(urlsplit(address).path)
    try:
        database = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise NoConnection(f"`{query.connection}` cannot be opened: {error}.") from None
    with closing(database):
        interrupts.append(database.interrupt)
        return of_sqlite(database, query.query)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")


@contextmanager
def _private(address: str, name: str) -> Iterator[None]:
    """Whatever goes wrong, no message holds the address, nor the user's name or the password in it."""
    try:
        yield
    except HelixError as error:
        error.message = _without(address, error.message)
        error.args = (error.message,)
        raise
    except Exception as error:  # noqa: BLE001 - the edge of a foreign package, whose words may hold the address
        logger.warning("the query of connection %s failed: %s", name, type(error).__name__)
        raise NoConnection(
            f"`{name}` cannot be read ({type(error).__name__}): look at its address, {PREFIX}{name.upper()}."
        ) from None


def _without(address: str, message: str) -> str:
    parts = urlsplit(address)
    password = parts.password or ""
    for secret in (address, password, unquote(password), f'"{unquote(parts.username or "")}"'):
        message = message.replace(secret, "…") if len(secret) > 2 else message
    return message


def _file(table: pa.Table) -> memoryview:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())
