"""Carries out what ``eviction`` decides: forgets in the catalog, then removes the bytes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from workflows.hashing import Digest
from workflows.ports import Catalog, Evicted, Order, Room, Staged
from workflows.store.eviction import Budget, judged, room

logger = logging.getLogger(__name__)


class Evictor:
    """Keeps the ``budget`` of the store whose large results are in ``blobs``; whoever calls is alone in the store."""

    def __init__(self, budget: Budget, catalog: Catalog, blobs: Path) -> None:
        self.budget = budget
        self._catalog = catalog
        self._blobs = blobs

    def room(self) -> Room:
        """What is left; may be asked at any time."""
        ledger = self._catalog.ledger
        stock = ledger.stock()
        roomy = self.budget.fits(2 * stock.bytes, 2 * stock.count)
        return room(self.budget, stock, [] if roomy else ledger.holdings(), self._inflation())

    def make_room(self, coming: Sequence[Staged], order: Order) -> tuple[frozenset[Digest], list[Evicted]]:
        """Evict what must go for what comes. Returns what of that is refused, and what was evicted."""
        ledger = self._catalog.ledger
        self._remove_doomed()
        stock = ledger.stock()
        if self.budget.fits(stock.bytes + sum(item.bytes for item in coming), stock.count + len(coming)):
            return frozenset(), []
        verdict = judged(self.budget, ledger.holdings(), coming, order, self._inflation())
        evicted = self.evict(verdict.evicted)
        if verdict.level:
            ledger.inflate(verdict.level)
        refused = verdict.refused
        if any(holding.digest in verdict.evicted for holding in ledger.holdings()):  # it was pinned just now
            others = [item for item in coming if item.digest not in refused]
            refused |= judged(self.budget, ledger.holdings(), others, "none", 0.0).refused
        for item in coming:
            if item.digest in refused:
                logger.info(
                    "not adopted: %s (%d bytes); what the store holds is worth more", item.signature, item.bytes
                )
        return refused, evicted

    def evict(self, digests: Collection[Digest]) -> list[Evicted]:
        """Evict what is not pinned. Returns what was."""
        evicted = self._catalog.ledger.evict(digests) if digests else []
        if evicted:
            logger.info("evicted %d results", len(evicted))
        self._remove_doomed()
        return evicted

    def _remove_doomed(self) -> None:
        doomed = self._catalog.ledger.doomed()
        for digest in doomed:
            (self._blobs / digest).unlink(missing_ok=True)
        if doomed:
            self._catalog.ledger.settled(doomed)

    def _inflation(self) -> float:
        return self._catalog.ledger.tally("store").get("inflation", 0.0)
