"""Looks after the questions that a worker answers: renews their leases, and interrupts those that nobody wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import duckdb
import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from snapshots.models import Answer

log = structlog.get_logger()

LOOK_EVERY: Final = 0.1  # seconds; what is answered sooner is never looked at
LEASE: Final = timedelta(seconds=6)
RENEW_EVERY: Final = 2.0


@dataclass(slots=True)
class _Asked:
    answer: str
    owner: str
    database: duckdb.DuckDBPyConnection
    renewed: float = field(default_factory=time.monotonic)


class Watch:
    """One thread for all questions of a worker; ``close`` ends it."""

    def __init__(self) -> None:
        self._asked: dict[int, _Asked] = {}
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        self._thread.join()

    @contextmanager
    def over(self, answer: Answer, database: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While this holds, the query on the connection ends with an InterruptException where it is not wanted."""
        key = threading.get_ident()
        with self._lock:
            self._asked[key] = _Asked(answer.id, answer.lease_owner, database)
        try:
            yield
        finally:
            with self._lock:
                del self._asked[key]

    def _run(self) -> None:
        try:
            while not self._done.wait(LOOK_EVERY):
                try:
                    self._look()
                except DatabaseError as error:
                    connection.close()
                    log.warning("questions could not be looked after; trying again", error=str(error))
        finally:
            connection.close()

    def _look(self) -> None:
        with self._lock:
            asked = list(self._asked.values())
        if not asked:
            return
        found = Answer.objects.filter(id__in=[each.answer for each in asked], status="pending")
        held = dict(found.values_list("id", "lease_owner"))
        now = time.monotonic()
        for each in asked:
            if held.get(each.answer) != each.owner:
                self._interrupt(each)
            elif now - each.renewed > RENEW_EVERY:
                each.renewed = now
                found.filter(id=each.answer, lease_owner=each.owner).update(lease_until=timezone.now() + LEASE)

    def _interrupt(self, unwanted: _Asked) -> None:
        with self._lock:  # the thread may have gone on to another question
            if any(each is unwanted for each in self._asked.values()):
                unwanted.database.interrupt()
