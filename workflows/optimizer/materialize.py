"""Which results to keep once they are complete: policies, as pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from workflows.optimizer.outlook import Outlook, regain
from workflows.ports import Order, Room, StoreSpeed
from workflows.store.eviction import SMALL_BYTES, is_small

Policy: TypeAlias = Literal["adaptive", "helix", "all", "none", "lru", "outputs"]
Offered: TypeAlias = Literal["adaptive", "helix", "all", "none"]  # the others are for comparison, and for audits
POLICIES: tuple[Policy, ...] = get_args(Policy)
OFFERED: tuple[Offered, ...] = get_args(Offered)
USUAL: Policy = "adaptive"

ORDER: Mapping[Policy, Order] = {
    # What the store does where a result does not fit its budget. Helix keeps what fits, and never evicts.
    "adaptive": "benefit",
    "helix": "none",
    "all": "benefit",
    "none": "none",
    "lru": "recency",
    "outputs": "benefit",
}


@dataclass(frozen=True, slots=True)
class Result:
    """A result that was just computed. Times in seconds.

    ``load``: what loading it would take; ``price``: what keeping it has to save; ``compute``: what computing it took;
    ``ancestors``: what all its ancestors took as executed in this plan: the compute time of those computed, the load
    time of those loaded, nothing for those pruned; ``regain``: what it would take to get it again from what is kept;
    ``uses``: in how many runs it is expected to be wanted. ``output``: the user wants it; ``light``: it is a value or a
    model.
    """

    bytes: int
    load: float
    price: float
    compute: float
    ancestors: float
    regain: float
    uses: float = 1.0
    output: bool = False
    light: bool = False

    @property
    def benefit(self) -> float:
        """The seconds that keeping it is expected to save until it is stale."""
        return max(0.0, self.uses * (self.regain - self.load))


def keep(policy: Policy, result: Result, room: Room) -> bool:
    """Whether a result that was just computed is kept. ``room`` is what the store has left for it.

    ``helix`` keeps it iff twice its load is less than what it took to arrive at it, and it fits the budget: writing
    costs about a load, and the next run pays another (Xin et al. 2018, section 5.3, algorithm 2, ``2 l_i < C(n_i)``).
    ``adaptive`` keeps values and models up to 1 MB and all that is up to 64 kB; of the rest what is expected to save
    more than its price (``outlook``), and would not be evicted at once by what the store holds.

    By Helix's rule alone a metric over loaded predictions would be computed anew with each unchanged run, since it is
    quick to arrive at. Hence one rule before all policies but ``none``: an output of up to 64 kB is kept. It costs a
    few microseconds in a pack that is written anyway, and makes a run that changed nothing load all it shows.
    """
    if policy == "none":
        return False
    if result.output and result.bytes <= SMALL_BYTES:
        return True
    match policy:
        case "helix":
            return 2.0 * result.load < result.compute + result.ancestors and result.bytes <= room.bytes
        case "adaptive":
            if is_small(result.bytes, result.light):
                return True
            return result.benefit > result.price and room.takes(result.bytes, result.benefit)
        case "outputs":
            return result.output
    return True


def expected_uses(
    outlook: Outlook, seconds: Sequence[float], bytes: Sequence[float], speed: StoreSpeed, decided: Mapping[int, bool]
) -> list[float]:
    """For each part the runs in which it is expected to be wanted, if the others are kept as they are worth it.

    Whether a part is wanted depends on whether what is made of it is kept, and its worth on whether what it is made of
    is. So the parts that are not decided yet (``decided``) are looked at from the outputs upwards, twice: first as if
    only what is stored or small were there, then with what that kept. ``seconds`` and ``bytes`` by place, measured
    where a part is complete and else estimated.
    """
    loads = [speed.load_seconds(size) for size in bytes]
    there = outlook.stored | {part for part, kept in decided.items() if kept}
    small = {part for part in outlook.open if part not in decided and is_small(bytes[part], part in outlook.light)}
    uncertain = outlook.open - small - decided.keys()
    kept: Set[int] = there | small
    for _ in range(2):
        found, demands = set(there | small), [0] * len(loads)
        for part in range(len(loads) - 1, -1, -1):
            demands[part] = outlook.demand(part, found, demands)
            if part in uncertain:
                again = regain(outlook.requires, part, kept, seconds, loads)
                uses = outlook.uses(part, demands[part])
                if uses * (again - loads[part]) > speed.price(bytes[part]):
                    found.add(part)
        kept = found
    return [outlook.uses(part, demand) for part, demand in enumerate(demands)]
