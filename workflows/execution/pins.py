"""Keeps the stored results that a run is going to read from being evicted, for as long as the run goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from threading import Event, Thread
from uuid import uuid4

from workflows.errors import HelixError
from workflows.hashing import Signature
from workflows.ports import Catalog

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60.0  # after which the pins of a run that was killed are void


class Pins:
    """What one run has pinned: a context, at whose end all is let go of. A thread renews the lease meanwhile."""

    def __init__(self, catalog: Catalog, lease: float = LEASE_SECONDS) -> None:
        self._catalog = catalog
        self._lease = lease
        self._holder = f"run {uuid4().hex}"
        self._signatures: frozenset[Signature] = frozenset()
        self._done = Event()
        self._thread: Thread | None = None

    def __enter__(self) -> Pins:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._done.set()
            self._thread.join()
            self._catalog.ledger.unpin(self._holder)

    def hold(self, signatures: Iterable[Signature]) -> None:
        """Pin what is stored of these, instead of what was pinned before."""
        self._signatures = frozenset(signatures)
        if self._signatures or self._thread is not None:
            self._catalog.ledger.pin(self._holder, self._signatures, self._lease)
        if self._signatures and self._thread is None:
            self._thread = Thread(target=self._renew, name="pins", daemon=True)
            self._thread.start()

    def _renew(self) -> None:
        try:
            while not self._done.wait(self._lease / 3):
                self._pin_again()
        finally:
            self._catalog.release()

    def _pin_again(self) -> None:
        try:
            self._catalog.ledger.pin(self._holder, self._signatures, self._lease)
        except HelixError as error:
            logger.warning("the pins of a run were not renewed: %s", error.message)
        except Exception:  # the edge of a thread: whatever a database raises, the next round tries again
            logger.exception("the pins of a run were not renewed")
