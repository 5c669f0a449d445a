"""What a full store keeps: GreedyDual-Size over the stored results and those that are to come, as a pure function.

Each holding has a priority H = base + benefit / share, where its share is the part of the budget that it takes, in
bytes and in number, and ``base`` is the store's inflation L when it came or was last used. The least H is evicted, and
L rises to it: so what is not used ages against what comes (Cao & Irani 1997, *Cost-Aware WWW Proxy Caching Algorithms*,
section 4). What is to come has H as well: where it would be evicted at once, it is not written at all.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

from workflows.hashing import Digest
from workflows.ports import Holding, Order, Room, Staged, Stock, StoreSpeed

COUNT = 100_000  # holdings that a store has at most, unless said
SMALL_BYTES = 64 * 1024  # a result up to this size travels in a message and lies in a pack that is written anyway
LIGHT_BYTES = 1_000_000  # up to this size values and models are kept in any case, where there is room
GONE_BY = 0.1  # what the benefit of a result counts whose workflows have all gone on: somebody may go back


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a store may hold: bytes, and number of holdings."""

    bytes: float = math.inf
    count: float = COUNT

    def share(self, size: float) -> float:
        """The part of the budget that a holding of so many bytes takes."""
        return size / self.bytes + 1.0 / self.count

    def fits(self, size: float, count: float) -> bool:
        return size <= self.bytes and count <= self.count


def disk_budget(store: Path, count: float = COUNT) -> Budget:
    """The budget where none was given: half of what the disk has left for the store, with what the store holds."""
    blobs = store / "blobs"
    held = sum(entry.stat().st_size for entry in os.scandir(blobs)) if blobs.is_dir() else 0
    there = next(folder for folder in (store, *store.absolute().parents) if folder.exists())
    return Budget((disk_usage(there).free + held) / 2, count)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``evicted`` make room, in this order; ``refused`` are not to be written; ``level`` is what the inflation rises
    to."""

    evicted: tuple[Digest, ...] = ()
    refused: frozenset[Digest] = frozenset()
    level: float = 0.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    digest: Digest
    bytes: int
    priority: float
    comes: bool


def priority(holding: Holding, budget: Budget, order: Order) -> float:
    """H of a holding; where the order is by recency, when it was last used."""
    if order == "recency":
        return holding.used_at
    benefit = holding.benefit if holding.current else GONE_BY * holding.benefit
    return holding.base + benefit / budget.share(holding.bytes)


def is_small(size: float, light: bool) -> bool:
    """Whether a result of this size is kept in any case, where there is room; ``light`` are values and models."""
    return size <= (LIGHT_BYTES if light else SMALL_BYTES)


def worthless(held: Iterable[Holding], speed: StoreSpeed) -> list[Digest]:
    """What versions have left and nobody would keep now: neither small nor pinned, and of less benefit, which counts
    GONE_BY, than it has to save."""
    return [
        each.digest
        for each in held
        if not each.current
        and not each.pinned
        and not is_small(each.bytes, each.codec in ("json", "model"))
        and GONE_BY * each.benefit < speed.price(each.bytes)
    ]


def judged(
    budget: Budget, held: Sequence[Holding], coming: Sequence[Staged], order: Order, inflation: float
) -> Verdict:
    """What is evicted and what refused, so that the budget is kept; pinned holdings stay in any case.

    ``coming`` are results in the order in which they were staged; one whose bytes are held, or come twice, takes no
    room of its own. With the order "none" nothing is evicted: what does not fit, as it comes, is refused.
    """
    known = {holding.digest for holding in held}
    new: dict[Digest, Staged] = {}
    for staged in coming:
        if staged.digest not in known:
            earlier = new.setdefault(staged.digest, staged)
            if staged.benefit > earlier.benefit:
                new[staged.digest] = staged
    size, count = sum(holding.bytes for holding in held), len(held)
    if order == "none":
        return _as_they_come(budget, new.values(), size, count)
    fixed = [holding for holding in held if holding.pinned]
    rest = Budget(budget.bytes - sum(holding.bytes for holding in fixed), budget.count - len(fixed))
    refused = {digest for digest, staged in new.items() if not rest.fits(staged.bytes, 1)}
    candidates = [
        _Candidate(holding.digest, holding.bytes, priority(holding, budget, order), False)
        for holding in held
        if not holding.pinned
    ]
    for digest, staged in new.items():
        if digest not in refused:
            worth = inflation + staged.benefit / budget.share(staged.bytes) if order == "benefit" else math.inf
            candidates.append(_Candidate(digest, staged.bytes, worth, True))
    dropped = _dropped(rest, candidates)
    level = max((each.priority for each in dropped), default=0.0)
    return Verdict(
        evicted=tuple(each.digest for each in dropped if not each.comes),
        refused=frozenset(refused | ({each.digest for each in dropped} & {staged.digest for staged in coming})),
        level=level if order == "benefit" else 0.0,
    )


def _dropped(budget: Budget, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The least of the candidates, until the others fit; of those what then fits all the same stays."""
    size, count = sum(each.bytes for each in candidates), len(candidates)
    dropped: list[_Candidate] = []
    for each in sorted(candidates, key=lambda each: (each.priority, -each.bytes, each.digest)):
        if budget.fits(size, count):
            break
        dropped.append(each)
        size, count = size - each.bytes, count - 1
    gone: list[_Candidate] = []
    for each in reversed(dropped):
        if budget.fits(size + each.bytes, count + 1):
            size, count = size + each.bytes, count + 1
        else:
            gone.append(each)
    return gone[::-1]


def _as_they_come(budget: Budget, coming: Iterable[Staged], size: int, count: int) -> Verdict:
    refused = set()
    for staged in coming:
        if budget.fits(size + staged.bytes, count + 1):
            size, count = size + staged.bytes, count + 1
        else:
            refused.add(staged.digest)
    return Verdict(refused=frozenset(refused))


def room(budget: Budget, stock: Stock, held: Sequence[Holding], inflation: float) -> Room:
    """What is left; ``held`` need be given only where the store is at least half full.

    The floor is what the least of the holdings is worth for its size beyond the inflation: less would go at once.
    """
    pinned = sum(holding.bytes for holding in held if holding.pinned)
    least = min((priority(each, budget, "benefit") for each in held if not each.pinned), default=inflation)
    free = budget.bytes - stock.bytes if stock.count < budget.count else 0.0
    return Room(bytes=max(0.0, free), floor=max(0.0, least - inflation) / budget.bytes, largest=budget.bytes - pinned)
