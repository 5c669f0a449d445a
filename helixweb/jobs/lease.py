"""Holds a claimed run, or a backfill, while it is worked on: renews its lease, and says when to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import structlog
from django.db import DatabaseError, connection

from metrics import services as runs

log = structlog.get_logger()

T = TypeVar("T")

RENEW_EVERY: Final = runs.LEASE.total_seconds() / 3
LOOK_EVERY: Final = 0.1
PAUSE: Final = 0.5  # seconds between two attempts to write how something ended
stopping = threading.Event()  # set when this worker is told to end


class Rows(Protocol):
    """Where what is held stands: the services of runs, or those of backfills."""

    def cancel_requested(self, row: str, owner: str, /) -> bool: ...

    def renew(self, row: str, owner: str, /) -> None: ...


class Lease:
    """A context in which a run, or a backfill, is held. As a ``Cancellation`` it says whether that is to stop, and why.

    A thread looks every 0.1 s whether the user asked for the end or the run was taken away, and renews the lease three
    times in its time. ``cancelled`` is set when the user asked, ``lost`` when the run is no longer ours to go on with:
    it was taken away, or the tables could not be reached until the lease had run out.
    """

    def __init__(self, row: str, owner: str, rows: Rows = runs) -> None:
        self._row = row
        self._owner = owner
        self._rows = rows
        self._done = threading.Event()
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)

    def requested(self) -> bool:
        return self.cancelled.is_set() or self.lost.is_set() or stopping.is_set()

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        renewed = time.monotonic()
        try:
            while not self._done.wait(LOOK_EVERY):
                renewed = self._look(renewed)
        except runs.LeaseLost as error:
            log.warning("lease lost", row=self._row, error=str(error.__cause__ or error))
            self.lost.set()
        finally:
            connection.close()

    def _look(self, renewed: float) -> float:
        """Look at the row, and renew the lease where that is due. Returns when it was renewed last.

        Raises LeaseLost.
        """
        began = time.monotonic()
        try:
            if self._rows.cancel_requested(self._row, self._owner):
                self.cancelled.set()
            if began - renewed > RENEW_EVERY:
                self._rows.renew(self._row, self._owner)
                return began
        except DatabaseError as error:
            connection.close()
            if time.monotonic() - renewed > runs.LEASE.total_seconds():
                raise runs.LeaseLost from error
            log.warning("the lease could not be looked at; trying again", row=self._row, error=str(error))
        return renewed


def written(write: Callable[[], T]) -> T:
    """What ``write`` returns. It is tried for as long as a lease lasts: a lock is released, a full disk made room on.

    Raises DatabaseError, or LeaseLost.
    """
    end = time.monotonic() + runs.LEASE.total_seconds()
    while True:
        try:
            return write()
        except DatabaseError as error:
            connection.close()
            if time.monotonic() > end:
                raise
            log.warning("could not write; trying again", error=str(error))
            time.sleep(PAUSE)
