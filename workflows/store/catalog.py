"""The catalog of the command line: artifacts, costs and file identities in one SQLite file."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from operator import attrgetter
from pathlib import Path

from workflows.errors import HelixError
from workflows.hashing import Digest, Signature
from workflows.ports import LOADING, TRACES, FileStamp, Learned, Ledger, Measurement, Record, Staged, Trace
from workflows.store import ledger
from workflows.store.regression import Sums, begun

VERSION = 5  # of the tables: a file of another is set aside and rebuilt from the store

_SCHEMA = """
create table if not exists artifact (
    signature text primary key, operator text not null, seconds real not null, input_bytes integer not null,
    bytes integer not null, digest text, codec text, seal text, load_seconds real, completed_at real not null,
    value text, weightless text not null default ''
) without rowid;
create index if not exists holder on artifact (value) where digest is not null;
create index if not exists stored on artifact (digest) where digest is not null;
create table if not exists trace (
    key text primary key, operation text not null, value text not null, seconds real not null,
    input_bytes integer not null, bytes integer not null, at real not null
) without rowid;
create index if not exists newest_trace on trace (operation, at);
create table if not exists cost (
    operator text primary key, n real not null, x real not null, y real not null, xx real not null, xy real not null
) without rowid;
create table if not exists file (
    path text primary key, size integer not null, mtime_ns integer not null, ctime_ns integer not null,
    inode integer not null, content_hash text not null
) without rowid;
drop table if exists last_run;
create table if not exists made_from (workflow text primary key, run text not null) without rowid;
"""
_RECORD = (  # as Record
    "signature, operator, seconds, input_bytes, bytes, digest, codec, load_seconds, completed_at, value, weightless"
)
# ``astuple`` would look for more in each field, and copy it.
_RECORD_FIELDS, _TRACE_FIELDS = (attrgetter(*kind.__dataclass_fields__) for kind in (Record, Trace))


class CatalogFailed(HelixError):
    """The catalog's file cannot be read or written to."""

    code = "catalog-failed"


class CatalogDamaged(CatalogFailed):
    """The catalog's file is no SQLite database (any more). The store can rebuild it."""

    code = "catalog-damaged"


class CatalogOutdated(CatalogFailed):
    """The catalog's file is of another version of this program. The store can rebuild it."""

    code = "catalog-outdated"


class SqliteCatalog:
    """``ports.Catalog`` in the SQLite file ``path``, shared by any number of threads and processes.

    A process has one connection, which its threads take in turn: each call is well under a millisecond. It must not
    cross a fork, so a child opens its own. Write-ahead logging with ``synchronous=NORMAL``: a kill loses nothing; what
    a power cut may take (the last transactions) the store's packs give back (``rebuild``).
    """

    _connection: sqlite3.Connection

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._pid = 0
        self._inherited: list[sqlite3.Connection] = []
        self._ledger = ledger.SqliteLedger(self._reading, self._writing)
        with _told(path):
            self._connected()

    def close(self) -> None:
        """Close this process's connection; the next call opens one again."""
        with self._lock:
            if self._pid == os.getpid():
                self._finalizer()
            self._pid = 0

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    def records(self, signatures: Iterable[Signature]) -> dict[Signature, Record]:
        wanted = json.dumps(list(signatures))
        with self._reading() as connection:
            rows = connection.execute(
                f"select {_RECORD} from artifact where signature in (select value from json_each(?))", (wanted,)
            ).fetchall()
        return {row[0]: Record(*row) for row in rows}

    def traces(self, operations: Iterable[Signature]) -> dict[Signature, Trace]:
        wanted = json.dumps(list(operations))
        with self._reading() as connection:
            rows = connection.execute(
                "select trace.key, operation, trace.value, seconds, input_bytes, bytes"
                " from json_each(?) as asked join trace on trace.key in"
                " (select key from trace where operation = asked.value order by at desc limit ?)",
                (wanted, TRACES),
            ).fetchall()
        return {row[0]: Trace(*row) for row in rows}

    def holders(self, values: Iterable[Digest]) -> dict[Digest, Record]:
        wanted = json.dumps(list(values))
        with self._reading() as connection:
            rows = connection.execute(
                f"select {_RECORD} from artifact"
                " where value in (select value from json_each(?)) and digest is not null order by signature desc",
                (wanted,),
            ).fetchall()
        records = [Record(*row) for row in rows]
        return {record.value: record for record in records if record.value is not None}

    def operator_costs(self) -> Mapping[str, tuple[float, float]]:
        with self._reading() as connection:
            rows = connection.execute("select operator, n, x, y, xx, xy from cost").fetchall()
        return {operator: Sums(*sums).line() for operator, *sums in rows}

    def commit(
        self,
        measurements: Sequence[Measurement],
        artifacts: Sequence[tuple[Staged, str]],
        learned: Learned | None = None,
    ) -> None:
        now = time.time()
        with self._writing() as connection:
            _measure(connection, measurements, now)
            for staged, seal in artifacts:
                _store(connection, staged, seal)
                ledger.enter(connection, staged.signature, staged.benefit, now)
            if learned is not None:
                _learn(connection, learned, now)

    def seal(self, signature: Signature) -> str | None:
        with self._reading() as connection:
            row = connection.execute("select seal from artifact where signature = ?", (signature,)).fetchone()
        return None if row is None else row[0]

    def forget(self, signature: Signature) -> None:
        with self._writing() as connection:
            connection.execute(
                "update artifact set digest = null, codec = null, seal = null, load_seconds = null where signature = ?",
                (signature,),
            )

    def content_hash(self, stamp: FileStamp) -> str | None:
        with self._reading() as connection:
            row = connection.execute(
                "select content_hash from file where (path, size, mtime_ns, ctime_ns, inode) = (?, ?, ?, ?, ?)",
                astuple(stamp),
            ).fetchone()
        return None if row is None else row[0]

    def remember_hash(self, stamp: FileStamp, content_hash: str) -> None:
        with self._writing() as connection:
            connection.execute(
                "insert or replace into file (path, size, mtime_ns, ctime_ns, inode, content_hash)"
                " values (?, ?, ?, ?, ?, ?)",
                (*astuple(stamp), content_hash),
            )

    def last_run(self, workflow: str) -> str | None:
        with self._reading() as connection:
            row = connection.execute("select run from made_from where workflow = ?", (workflow,)).fetchone()
        return None if row is None else row[0]

    def remember_run(self, workflow: str, made_from: str) -> None:
        with self._writing() as connection:
            connection.execute("insert or replace into made_from (workflow, run) values (?, ?)", (workflow, made_from))

    def release(self) -> None:
        """Threads hold nothing of their own here."""

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _told(self._path):
            yield self._connected()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction: a deferred one could fail half way, when another process wrote in between."""
        with self._lock, _told(self._path):
            connection = self._connected()
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def _connected(self) -> sqlite3.Connection:
        pid = os.getpid()
        if self._pid != pid:
            if self._pid:
                self._inherited.append(self._connection)  # closing the parent's connection could checkpoint under it
            self._connection = _connect(self._path)
            self._finalizer = weakref.finalize(self, _close, self._connection, pid)
            self._pid = pid
        return self._connection


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors as this project's own."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CatalogFailed(f"The catalog {path} cannot be used: {error}.", path=str(path)) from error
    except sqlite3.DatabaseError as error:
        raise CatalogDamaged(f"The catalog {path} is damaged: {error}.", path=str(path)) from error


def _close(connection: sqlite3.Connection, pid: int) -> None:
    if os.getpid() == pid:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
    try:
        # Two processes that switch a new file to WAL at once get "database is locked" whatever the timeout: take turns.
        with path.with_name(path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            _check_version(connection, path)
            connection.executescript(_SCHEMA + ledger.SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises CatalogOutdated for a file whose tables are of another version; marks a new one."""
    (version,) = connection.execute("pragma user_version").fetchone()
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    if tables and version != VERSION:
        raise CatalogOutdated(f"The catalog {path} is of version {version}, not {VERSION}.", path=str(path))
    connection.execute(f"pragma user_version = {VERSION}")


def _measure(connection: sqlite3.Connection, measurements: Sequence[Measurement], now: float) -> None:
    connection.executemany(
        "insert into artifact (signature, operator, seconds, input_bytes, bytes, completed_at, weightless)"
        " values (?,?,?,?,?,?,?) on conflict (signature) do update set operator = excluded.operator,"
        " seconds = excluded.seconds, input_bytes = excluded.input_bytes, completed_at = excluded.completed_at,"
        " weightless = excluded.weightless,"
        " bytes = case when digest is null then excluded.bytes else bytes end",  # stored bytes are sealed
        [
            (it.signature, it.operator, it.seconds, it.input_bytes, it.bytes, now, it.weightless)
            for it in measurements
            if it.computed
        ],
    )
    connection.executemany(
        "update artifact set load_seconds = ? where signature = ? and digest is not null",
        [(it.seconds, it.signature) for it in measurements if not it.computed],
    )
    costs = {row[0]: Sums(*row[1:]) for row in connection.execute("select operator, n, x, y, xx, xy from cost")}
    changed = set()
    for it in measurements:
        name, size = (it.operator, it.input_bytes) if it.computed else (LOADING, it.bytes)
        costs[name] = (costs.get(name) or begun(name)).add(size, it.seconds)
        changed.add(name)
    connection.executemany(
        "insert or replace into cost (operator, n, x, y, xx, xy) values (?,?,?,?,?,?)",
        [(name, *astuple(costs[name])) for name in changed],
    )


def _store(connection: sqlite3.Connection, staged: Staged, seal: str) -> None:
    changed = connection.execute(
        "update artifact set digest = ?, codec = ?, bytes = ?, seal = ?, value = ?,"
        " load_seconds = case when digest = ? then load_seconds end where signature = ?",
        (staged.digest, staged.codec, staged.bytes, seal, staged.value, staged.digest, staged.signature),
    ).rowcount
    if not changed:
        raise ValueError(f"{staged.signature} was never measured: commit its measurement first, or it has no cost")


def _learn(connection: sqlite3.Connection, learned: Learned, now: float) -> None:
    connection.executemany(
        # Stored bytes have a value of their own.
        "update artifact set value = ? where signature = ? and digest is null",
        [(value, signature) for signature, value in learned.values.items()],
    )
    connection.executemany(
        "insert into trace (key, operation, value, seconds, input_bytes, bytes, at) values (?,?,?,?,?,?,?)"
        " on conflict (key) do update set at = excluded.at",
        [(*_TRACE_FIELDS(trace), now) for trace in learned.traces],
    )
    connection.executemany(
        f"insert into artifact ({_RECORD}, seal) values (?,?,?,?,?,?,?,?,?,?,?,?)"
        " on conflict (signature) do update set bytes = excluded.bytes, digest = excluded.digest,"
        " codec = excluded.codec, seal = excluded.seal, value = excluded.value, load_seconds = excluded.load_seconds"
        " where artifact.digest is null and excluded.digest is not null",
        [(*_RECORD_FIELDS(equal.record), equal.seal) for equal in learned.equals],
    )
    for equal in learned.equals:
        if equal.record.stored:
            ledger.enter(connection, equal.record.signature, 0.0, now)
