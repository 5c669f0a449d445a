"""What is kept in the deployment's store, and what people do about it: evict, pin, unpin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.hashing import Digest
from workflows.models import Workflow
from workflows.ports import Audits, Holding
from workflows.services import store
from workflows.signals import plan_changed
from workflows.store.eviction import Budget
from workflows.store.inventory import Outcome, Unchanged, audits


def kept() -> tuple[list[Holding], Budget, Audits]:
    """All that is stored, largest first; how much may be; and what audits found."""
    catalog = store().catalog
    return catalog.ledger.holdings(), store().budget, audits(catalog)


def evict(digests: Sequence[str]) -> Outcome:
    """Remove results for good, each with all signatures that have its bytes; what is pinned stays."""
    named = _named(digests)
    before = _held(named)
    gone = store().evict(before.keys())
    after = _held([digest for digest in named if digest not in gone])
    refused = {digest: _why(after.get(digest)) for digest in named if digest not in gone}
    _tell(before[digest] for digest in gone if digest in before)
    return Outcome(tuple(digest for digest in named if digest in gone), refused)


def pin(digests: Sequence[str]) -> Outcome:
    """Keep results from being evicted until they are unpinned."""
    named = _named(digests)
    held = _held(named)
    pinned = store().pin([signature for holding in held.values() for signature in holding.signatures])
    done = {digest for digest, holding in held.items() if pinned.intersection(holding.signatures)}
    return _outcome(named, held, done)


def unpin(digests: Sequence[str]) -> Outcome:
    """Let go of what people pinned; what a run is going to read stays pinned by that run."""
    named = _named(digests)
    held = _held(named)
    store().unpin([signature for holding in held.values() for signature in holding.signatures])
    return _outcome(named, held, held.keys())


def _outcome(named: Sequence[Digest], held: dict[Digest, Holding], done: Iterable[Digest]) -> Outcome:
    changed = set(done)
    _tell(held[digest] for digest in changed)
    refused: dict[Digest, Unchanged] = {digest: "gone" for digest in named if digest not in changed}
    return Outcome(tuple(digest for digest in named if digest in changed), refused)


def _named(digests: Sequence[str]) -> list[Digest]:
    return [Digest(digest) for digest in dict.fromkeys(digests)]


def _held(named: Sequence[Digest]) -> dict[Digest, Holding]:
    wanted = set(named)
    if not wanted:
        return {}
    return {holding.digest: holding for holding in store().catalog.ledger.holdings() if holding.digest in wanted}


def _why(holding: Holding | None) -> Unchanged:
    if holding is None:
        return "gone"
    return "read" if holding.pinned == "run" else "pinned"


def _tell(holdings: Iterable[Holding]) -> None:
    """The plans of the workflows that have these results may be others now."""
    for workflow in sorted({workflow for holding in holdings for workflow in holding.workflows}):
        plan_changed.send(Workflow, workflow=workflow)
