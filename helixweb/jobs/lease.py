"""Holds a claimed run while it is worked on: renews its lease, and says when to stop."""

from __future__ import annotations

import threading
import time
from typing import Final

import structlog
from django.db import DatabaseError, connection

from metrics import services as runs

log = structlog.get_logger()

RENEW_EVERY: Final = runs.LEASE.total_seconds() / 3
LOOK_EVERY: Final = 0.1
stopping = threading.Event()  # set when this worker is told to end


class Lease:
    """A context in which a run is held. As a ``Cancellation`` it says whether its run should stop, and why.

    A thread looks every 0.1 s whether the user asked for the end or the run was taken away, and renews the lease three
    times in its time. ``cancelled`` is set when the user asked, ``lost`` when the run is no longer ours to go on with:
    it was taken away, or the tables could not be reached until the lease had run out.
    """

    def __init__(self, run_id: str, owner: str) -> None:
        self._run_id = run_id
        self._owner = owner
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
            log.warning("lease lost", run=self._run_id, error=str(error.__cause__ or error))
            self.lost.set()
        finally:
            connection.close()

    def _look(self, renewed: float) -> float:
        """Look at the run's row, and renew the lease where that is due. Returns when it was renewed last.

        Raises LeaseLost.
        """
        began = time.monotonic()
        try:
            if runs.cancel_requested(self._run_id, self._owner):
                self.cancelled.set()
            if began - renewed > RENEW_EVERY:
                runs.renew(self._run_id, self._owner)
                return began
        except DatabaseError as error:
            connection.close()
            if time.monotonic() - renewed > runs.LEASE.total_seconds():
                raise runs.LeaseLost from error
            log.warning("the lease could not be looked at; trying again", run=self._run_id, error=str(error))
        return renewed
