"""The catalog of the server: artifacts, costs and file identities in the database's tables (``ports.Catalog``)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Final

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from workflows.hashing import Digest, Signature
from workflows.ledger import DjangoLedger, alone, enter
from workflows.models import CatalogCost, CatalogFile, CatalogMadeFrom, CatalogRecord, CatalogTrace
from workflows.ports import LOADING, TRACES, FileStamp, Learned, Ledger, Measurement, Record, Staged, Trace
from workflows.statements import among, fetched, listed, upsert
from workflows.store.regression import Sums, begun

_RECORD: Final = ", ".join(Record.__dataclass_fields__)
_CONTENT_HASH: Final = """SELECT content_hash FROM workflows_catalogfile
    WHERE path = %s AND size = %s AND mtime_ns = %s AND ctime_ns = %s AND inode = %s"""


class DjangoCatalog:
    """``ports.Catalog`` in the tables. Every thread has its own connection, as Django gives it."""

    @property
    def ledger(self) -> Ledger:
        return DjangoLedger()

    def records(self, signatures: Iterable[Signature]) -> dict[Signature, Record]:
        rows = fetched(f"SELECT {_RECORD} FROM workflows_catalogrecord WHERE {among('signature')}", listed(signatures))
        return {Signature(row[0]): Record(*row) for row in rows}

    def operator_costs(self) -> Mapping[str, tuple[float, float]]:
        rows = fetched("SELECT operator, n, x, y, xx, xy FROM workflows_catalogcost")
        return {operator: Sums(*sums).line() for operator, *sums in rows}

    def traces(self, operations: Iterable[Signature]) -> dict[Signature, Trace]:
        newest = Window(RowNumber(), partition_by="operation", order_by=F("at").desc())
        rows = CatalogTrace.objects.filter(operation__in=list(operations)).annotate(place=newest)
        return {Signature(row.key): _trace(row) for row in rows.filter(place__lte=TRACES)}

    def holders(self, values: Iterable[Digest]) -> dict[Digest, Record]:
        statement = f"""SELECT {_RECORD} FROM workflows_catalogrecord
            WHERE {among("value")} AND digest IS NOT NULL ORDER BY signature DESC"""
        records = [Record(*row) for row in fetched(statement, listed(values))]
        return {record.value: record for record in records if record.value is not None}

    def commit(
        self,
        measurements: Sequence[Measurement],
        artifacts: Sequence[tuple[Staged, str]],
        learned: Learned | None = None,
    ) -> None:
        now = time.time()
        with alone():
            named = {each.signature for each in measurements} | {staged.signature for staged, _ in artifacts}
            if learned is not None:
                named |= learned.values.keys() | {equal.record.signature for equal in learned.equals}
            rows = dict(CatalogRecord.objects.in_bulk(list(named)))
            for measured in measurements:
                _measure(rows, measured, now)
            for staged, seal in artifacts:
                _store(rows, staged, seal)
            benefits = {staged.signature: staged.benefit for staged, _ in artifacts}
            if learned is not None:
                benefits = {**_learn(rows, learned), **benefits}
                _add_traces(learned.traces, now)
            upsert(list(rows.values()), ["signature"])
            enter(benefits, now)
            _add_costs(measurements)

    def seal(self, signature: Signature) -> str | None:
        return _first("SELECT seal FROM workflows_catalogrecord WHERE signature = %s", signature)

    def forget(self, signature: Signature) -> None:
        with alone():
            row = CatalogRecord.objects.filter(signature=signature)
            row.update(digest=None, codec=None, seal=None, load_seconds=None)

    def content_hash(self, stamp: FileStamp) -> str | None:
        return _first(_CONTENT_HASH, *astuple(stamp))

    def remember_hash(self, stamp: FileStamp, content_hash: str) -> None:
        upsert([CatalogFile(**asdict(stamp), content_hash=content_hash)], ["path"])

    def last_run(self, workflow: str) -> str | None:
        return _first("SELECT run FROM workflows_catalogmadefrom WHERE workflow = %s", workflow)

    def remember_run(self, workflow: str, made_from: str) -> None:
        upsert([CatalogMadeFrom(workflow=workflow, run=made_from)], ["workflow"])

    def release(self) -> None:
        connection.close()


def _first(statement: str, *values: object) -> str | None:
    return next((row[0] for row in fetched(statement, *values)), None)


def _trace(row: CatalogTrace) -> Trace:
    value, measures = Digest(row.value), (row.seconds, row.input_bytes, row.bytes)
    return Trace(Signature(row.key), Signature(row.operation), value, *measures)


def _measure(rows: dict[str, CatalogRecord], measured: Measurement, now: float) -> None:
    row = rows.get(measured.signature)
    if not measured.computed:
        if row is not None and row.digest is not None:
            row.load_seconds = measured.seconds
        return
    if row is None:
        row = rows[measured.signature] = CatalogRecord(signature=measured.signature)
    if row.digest is None:  # stored bytes are sealed with their size
        row.bytes = measured.bytes
    row.operator, row.seconds, row.input_bytes = measured.operator, measured.seconds, measured.input_bytes
    row.completed_at, row.weightless = now, measured.weightless


def _store(rows: dict[str, CatalogRecord], staged: Staged, seal: str) -> None:
    row = rows.get(staged.signature)
    if row is None:
        raise ValueError(f"{staged.signature} was never measured: commit its measurement first, or it has no cost")
    if row.digest != staged.digest:
        row.load_seconds = None
    row.digest, row.codec, row.bytes, row.seal = staged.digest, staged.codec, staged.bytes, seal
    row.value = staged.value


def _learn(rows: dict[str, CatalogRecord], learned: Learned) -> dict[Signature, float]:
    """Returns what is stored now under another signature as well: its bytes are worth no more by that."""
    stored: dict[Signature, float] = {}
    for signature, value in learned.values.items():
        row = rows.get(signature)
        if row is not None and row.digest is None:  # stored bytes have a value of their own
            row.value = value
    for equal in learned.equals:
        known = rows.get(equal.record.signature)
        if known is None or (known.digest is None and equal.record.stored):
            rows[equal.record.signature] = CatalogRecord(**asdict(equal.record), seal=equal.seal)
            if equal.record.stored:
                stored[equal.record.signature] = 0.0
    return stored


def _add_traces(traces: Sequence[Trace], now: float) -> None:
    """A trace that is there stays, but is as new as this one."""
    rows = {trace.key: CatalogTrace(**asdict(trace), at=now) for trace in traces}
    upsert(list(rows.values()), ["key"], ["at"])


def _add_costs(measurements: Sequence[Measurement]) -> None:
    names = {each.operator if each.computed else LOADING for each in measurements}
    sums = {row.operator: _sums(row) for row in CatalogCost.objects.filter(operator__in=names)}
    for each in measurements:
        name, size = (each.operator, each.input_bytes) if each.computed else (LOADING, each.bytes)
        sums[name] = (sums.get(name) or begun(name)).add(size, each.seconds)
    rows = [CatalogCost(operator=name, **asdict(each)) for name, each in sums.items()]
    upsert(rows, ["operator"])


def _sums(row: CatalogCost) -> Sums:
    return Sums(row.n, row.x, row.y, row.xx, row.xy)
