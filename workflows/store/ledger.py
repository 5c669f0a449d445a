"""The ledger of the command line's catalog: what is kept, for whom, what it saved; tables in the catalog's file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

from workflows.hashing import Digest, Signature
from workflows.ports import Evicted, Holding, Stock, Use
from workflows.store.accounts import Claim, Entry, assembled

SCHEMA = """
create table if not exists holding (
    signature text primary key, benefit real not null, base real not null, used_at real not null,
    hits integer not null default 0, saved real not null default 0, evicted integer not null default 0
) without rowid;
create table if not exists usage (
    signature text not null, workflow text not null, node text not null, at real not null, part text not null,
    primary key (signature, workflow, node)
) without rowid;
create table if not exists pin (
    holder text not null, signature text not null, until real, primary key (holder, signature)
) without rowid;
create table if not exists doomed (digest text primary key) without rowid;
create table if not exists tally (
    name text not null, "group" text not null, value real not null, primary key ("group", name)
) without rowid;
"""

_INFLATION = "coalesce((select value from tally where \"group\" = 'store' and name = 'inflation'), 0.0)"
_AMONG = "signature in (select value from json_each(?))"
_EVICTABLE = """select digest, signature, coalesce(seal, '') from artifact
    where digest is not null and digest in (select value from json_each(?)) and digest not in (
        select digest from artifact join pin using (signature)
        where digest is not null and (until is null or until > ?))"""
_FORGET = f"update artifact set digest = null, codec = null, seal = null, load_seconds = null where {_AMONG}"

Transaction: TypeAlias = Callable[[], AbstractContextManager[sqlite3.Connection]]


class SqliteLedger:
    """``ports.Ledger``; ``reading`` and ``writing`` lend the catalog's connection."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    def stock(self) -> Stock:
        with self._reading() as connection:
            size, count = connection.execute(
                "select total(bytes), count(*) from (select max(bytes) as bytes from artifact"
                " where digest is not null group by digest)"
            ).fetchone()
        return Stock(int(size), count)

    def holdings(self) -> list[Holding]:
        now = time.time()
        with self._reading() as connection:
            connection.execute("begin")
            try:
                entries = connection.execute(
                    "select a.signature, a.digest, a.operator, a.codec, a.bytes, coalesce(h.benefit, 0.0),"
                    " coalesce(h.base, 0.0), coalesce(h.used_at, a.completed_at), coalesce(h.hits, 0),"
                    " coalesce(h.saved, 0.0), a.seconds from artifact a left join holding h"
                    " on h.signature = a.signature where a.digest is not null"
                ).fetchall()
                usage = connection.execute("select signature, workflow, node, at, part from usage").fetchall()
                pins = connection.execute(
                    "select signature, holder from pin where until is null or until > ?", (now,)
                ).fetchall()
            finally:
                connection.execute("commit")
        return assembled([Entry(*row) for row in entries], [Claim(*row) for row in usage], pins)

    def use(self, workflow: str, uses: Sequence[Use], *, whole: bool = True) -> None:
        now = time.time()
        with self._writing() as connection:
            (newest,) = connection.execute("select max(at) from usage where workflow = ?", (workflow,)).fetchone()
            at = now if whole or newest is None else newest
            connection.executemany(
                "insert or replace into usage (signature, workflow, node, at, part) values (?, ?, ?, ?, ?)",
                [(use.signature, workflow, use.node, at, use.part) for use in uses],
            )
            connection.execute(
                "delete from usage where workflow = ? and at < ?"
                " and signature not in (select signature from artifact where digest is not null)",
                (workflow, at),
            )
            connection.executemany(
                f"update holding set used_at = ?, base = {_INFLATION}, hits = hits + 1, saved = saved + ?"
                " where signature = ?",
                [(now, use.saved, use.signature) for use in uses if use.saved is not None],
            )

    def evicted(self, signatures: Iterable[Signature]) -> set[Signature]:
        named = json.dumps(list(signatures))
        with self._reading() as connection:
            rows = connection.execute(f"select signature from holding where evicted and {_AMONG}", (named,)).fetchall()
        return {row[0] for row in rows}

    def evict(self, digests: Iterable[Digest]) -> list[Evicted]:
        with self._writing() as connection:
            rows = connection.execute(_EVICTABLE, (json.dumps(list(digests)), time.time())).fetchall()
            gone = [Evicted(*row) for row in rows]
            named = (json.dumps([each.signature for each in gone]),)
            connection.execute(_FORGET, named)
            connection.execute(f"update holding set evicted = 1 where {_AMONG}", named)
            connection.executemany(
                "insert or ignore into doomed (digest) values (?)", [(each.digest,) for each in gone]
            )
        return gone

    def doomed(self) -> list[Digest]:
        with self._reading() as connection:
            rows = connection.execute(
                "select digest from doomed where digest not in (select digest from artifact where digest is not null)"
            ).fetchall()
        return [row[0] for row in rows]

    def doom(self, digests: Iterable[Digest]) -> None:
        with self._writing() as connection:
            connection.executemany("insert or ignore into doomed (digest) values (?)", [(each,) for each in digests])

    def settled(self, digests: Iterable[Digest]) -> None:
        with self._writing() as connection:
            connection.executemany("delete from doomed where digest = ?", [(digest,) for digest in digests])

    def pin(self, holder: str, signatures: Iterable[Signature], seconds: float | None) -> set[Signature]:
        now = time.time()
        named = json.dumps(list(signatures))
        with self._writing() as connection:
            if seconds is not None:
                connection.execute("delete from pin where holder = ? or until <= ?", (holder, now))
            connection.execute(
                "insert or replace into pin (holder, signature, until)"
                f" select ?, signature, ? from artifact where digest is not null and {_AMONG}",
                (holder, None if seconds is None else now + seconds, named),
            )
            rows = connection.execute(
                f"select signature from pin where holder = ? and {_AMONG}", (holder, named)
            ).fetchall()
        return {row[0] for row in rows}

    def unpin(self, holder: str, signatures: Iterable[Signature] | None = None) -> None:
        with self._writing() as connection:
            if signatures is None:
                connection.execute("delete from pin where holder = ?", (holder,))
            else:
                connection.execute(
                    f"delete from pin where holder = ? and {_AMONG}", (holder, json.dumps([*signatures]))
                )

    def tally(self, group: str) -> dict[str, float]:
        with self._reading() as connection:
            return dict(connection.execute('select name, value from tally where "group" = ?', (group,)).fetchall())

    def count(self, group: str, amounts: Mapping[str, float], most: float | None = None) -> None:
        with self._writing() as connection:
            connection.executemany(
                'insert into tally ("group", name, value) values (?, ?, ?)'
                ' on conflict ("group", name) do update set value = value + excluded.value',
                [(group, name, amount) for name, amount in amounts.items()],
            )
            if most is not None:
                (total,) = connection.execute('select total(value) from tally where "group" = ?', (group,)).fetchone()
                if total > most:
                    connection.execute('update tally set value = value * ? where "group" = ?', (most / total, group))

    def inflate(self, level: float) -> None:
        with self._writing() as connection:
            connection.execute(
                "insert into tally (\"group\", name, value) values ('store', 'inflation', ?)"
                ' on conflict ("group", name) do update set value = max(value, excluded.value)',
                (level,),
            )


def enter(connection: sqlite3.Connection, signature: Signature, benefit: float, now: float) -> None:
    """Note that a result is stored now; in the transaction in which its record says so."""
    connection.execute(
        f"insert into holding (signature, benefit, base, used_at) values (?, ?, {_INFLATION}, ?)"
        " on conflict (signature) do update set benefit = excluded.benefit, base = excluded.base,"
        " used_at = excluded.used_at, evicted = 0",
        (signature, benefit, now),
    )
