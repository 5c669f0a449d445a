"""The ledger of the server's catalog: what is kept, for whom, what it saved; in the database's tables."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum

from workflows.hashing import Digest, Signature
from workflows.models import CatalogDoomed, CatalogHolding, CatalogPin, CatalogRecord, CatalogTally, CatalogUsage
from workflows.ports import Evicted, Holding, Stock, Use
from workflows.statements import among, execute, fetched, listed, upsert
from workflows.store.accounts import Claim, Entry, assembled

LOCK: Final = int.from_bytes(b"catalog")  # any number, as long as nobody else in the database locks by it
_UNUSED: Final = """DELETE FROM workflows_catalogusage WHERE workflow = %s AND at < %s
    AND signature NOT IN (SELECT signature FROM workflows_catalogrecord WHERE digest IS NOT NULL)"""
_HIT: Final = """UPDATE workflows_catalogholding SET used_at = %s, base = %s, hits = hits + 1, saved = saved + %s
    WHERE signature = %s"""
_EVICTABLE: Final = """SELECT digest, signature, COALESCE(seal, '') FROM workflows_catalogrecord
    WHERE digest IS NOT NULL AND {among_digests} AND digest NOT IN (
        SELECT digest FROM workflows_catalogrecord JOIN workflows_catalogpin USING (signature)
        WHERE digest IS NOT NULL AND (until IS NULL OR until > %s))"""
_FORGET: Final = """UPDATE workflows_catalogrecord SET digest = NULL, codec = NULL, seal = NULL, load_seconds = NULL
    WHERE {among_signatures}"""


class DjangoLedger:
    """``ports.Ledger`` in the tables. Every thread has its own connection, as Django gives it."""

    def stock(self) -> Stock:
        groups = CatalogRecord.objects.exclude(digest=None).values("digest").annotate(largest=Max("bytes"))
        found = groups.aggregate(total=Sum("largest"), number=Count("digest"))
        return Stock(found["total"] or 0, found["number"])

    def holdings(self) -> list[Holding]:
        with transaction.atomic():
            known = {row.signature: row for row in CatalogHolding.objects.all()}
            stored = CatalogRecord.objects.exclude(digest=None)
            entries = [_entry(row, known.get(row.signature)) for row in stored]
            usage = CatalogUsage.objects.all()
            claims = [Claim(Signature(row.signature), row.workflow, row.node, row.at, row.part) for row in usage]
            pins = list(_held().values_list("signature", "holder"))
        return assembled(entries, claims, pins)

    def use(self, workflow: str, uses: Sequence[Use], *, whole: bool = True) -> None:
        now = time.time()
        with alone():
            newest = None if whole else CatalogUsage.objects.filter(workflow=workflow).aggregate(at=Max("at"))["at"]
            at = now if newest is None else newest
            rows = [
                CatalogUsage(signature=use.signature, workflow=workflow, node=use.node, at=at, part=use.part)
                for use in uses
            ]
            upsert(rows, ["signature", "workflow", "node"])
            execute(_UNUSED, [(workflow, at)])
            base = _inflation()
            execute(_HIT, [(now, base, use.saved, use.signature) for use in uses if use.saved is not None])

    def evicted(self, signatures: Iterable[Signature]) -> set[Signature]:
        statement = f"SELECT signature FROM workflows_catalogholding WHERE evicted AND {among('signature')}"
        return {Signature(name) for (name,) in fetched(statement, listed(signatures))}

    def evict(self, digests: Iterable[Digest]) -> list[Evicted]:
        named = among("signature")
        with alone():
            rows = fetched(_EVICTABLE.format(among_digests=among("digest")), listed(digests), time.time())
            gone = [Evicted(Digest(digest), Signature(signature), seal) for digest, signature, seal in rows]
            signatures = listed(each.signature for each in gone)
            execute(_FORGET.format(among_signatures=named), [(signatures,)])
            execute(f"UPDATE workflows_catalogholding SET evicted = TRUE WHERE {named}", [(signatures,)])
            self.doom(each.digest for each in gone)
        return gone

    def doomed(self) -> list[Digest]:
        stored = CatalogRecord.objects.exclude(digest=None).values("digest")
        rows = CatalogDoomed.objects.exclude(digest__in=stored).values_list("digest", flat=True)
        return [Digest(digest) for digest in rows]

    def doom(self, digests: Iterable[Digest]) -> None:
        rows = [CatalogDoomed(digest=digest) for digest in sorted(set(digests))]
        CatalogDoomed.objects.bulk_create(rows, ignore_conflicts=True)

    def settled(self, digests: Iterable[Digest]) -> None:
        CatalogDoomed.objects.filter(digest__in=list(digests)).delete()

    def pin(self, holder: str, signatures: Iterable[Signature], seconds: float | None) -> set[Signature]:
        now = time.time()
        with alone():
            if seconds is not None:
                execute("DELETE FROM workflows_catalogpin WHERE holder = %s OR until <= %s", [(holder, now)])
            stored = f"SELECT signature FROM workflows_catalogrecord WHERE {among('signature')} AND digest IS NOT NULL"
            names = [name for (name,) in fetched(stored, listed(signatures))]
            until = None if seconds is None else now + seconds
            upsert([CatalogPin(holder=holder, signature=name, until=until) for name in names], ["holder", "signature"])
        return {Signature(name) for name in names}

    def unpin(self, holder: str, signatures: Iterable[Signature] | None = None) -> None:
        rows = CatalogPin.objects.filter(holder=holder)
        (rows if signatures is None else rows.filter(signature__in=list(signatures))).delete()

    def tally(self, group: str) -> dict[str, float]:
        return dict(fetched('SELECT name, value FROM workflows_catalogtally WHERE "group" = %s', group))

    def count(self, group: str, amounts: Mapping[str, float], most: float | None = None) -> None:
        with alone():
            values = self.tally(group)
            for name, amount in amounts.items():
                values[name] = values.get(name, 0.0) + amount
            total = sum(values.values())
            scale = most / total if most is not None and total > most else 1.0
            rows = [CatalogTally(group=group, name=name, value=value * scale) for name, value in values.items()]
            upsert(rows, ["group", "name"])

    def inflate(self, level: float) -> None:
        with alone():
            value = max(level, _inflation())
            upsert([CatalogTally(group="store", name="inflation", value=value)], ["group", "name"])


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else changes the catalog, for what is written depends on what was read.

    SQLite has one writer at a time anyway.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def enter(benefits: Mapping[Signature, float], now: float) -> None:
    """Note that results are stored now; in the transaction in which their records say so."""
    base = _inflation()
    rows = [
        CatalogHolding(signature=signature, benefit=benefit, base=base, used_at=now, evicted=False)
        for signature, benefit in benefits.items()
    ]
    changed = ["benefit", "base", "used_at", "evicted"]
    upsert(rows, ["signature"], changed)


def _held() -> QuerySet[CatalogPin]:
    return CatalogPin.objects.filter(Q(until=None) | Q(until__gt=time.time()))


def _inflation() -> float:
    return DjangoLedger().tally("store").get("inflation", 0.0)


def _entry(record: CatalogRecord, holding: CatalogHolding | None) -> Entry:
    assert record.digest is not None
    assert record.codec is not None
    kept = holding or CatalogHolding(benefit=0.0, base=0.0, used_at=record.completed_at, hits=0, saved=0.0)
    return Entry(
        Signature(record.signature),
        Digest(record.digest),
        record.operator,
        record.codec,
        record.bytes,
        kept.benefit,
        kept.base,
        kept.used_at,
        kept.hits,
        kept.saved,
        record.seconds,
    )
