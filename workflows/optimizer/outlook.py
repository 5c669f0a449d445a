"""What the next runs will want: which results an edit leaves useful, and what getting them again would cost.

An edit of node e makes stale what is made of it, and nothing else. So a result i that is kept is useful in the run
after it iff e is neither i nor an ancestor of i, and some reader of i is computed in that run: because the reader is at
or below e, or because it was not kept itself and is demanded by one that is. With p(e) the chance that e is edited
next, the benefit that is expected of keeping i is

    benefit_i = Σ_e p(e) · [e is not i nor above i] · [some reader of i is computed] · (regain_i - load_i),

where regain_i is what it takes to get i again from what else is kept. Helix decides by cost alone (Xin et al. 2018,
*Helix: Holistic Optimization for Accelerating Iterative Machine Learning*, section 5.3: without knowledge of later
edits, keeping is a knapsack with unknown values); the chances p(e) follow the kinds of iterations that it measures by:
data pre-processing, learning and inference, post-processing (section 6.2; Xin et al., *How Developers Iterate on
Machine Learning Workflows*, 2018).

Sets of nodes are the bits of integers, so a graph of 1,000 parts is looked through in some milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from workflows.graph.dag import STATE, VALUE, NodeName, PartGraph, PartId
from workflows.hashing import Signature
from workflows.operators.base import Kind
from workflows.operators.registry import OPERATORS
from workflows.optimizer.history import Previous
from workflows.optimizer.plan import Plan

Bits: TypeAlias = int

PRIOR: Mapping[str, float] = {
    # A third each for data pre-processing, learning and post-processing, as in the schedules of the Helix papers; data
    # themselves, assembly and prediction are seldom edited.
    Kind.SOURCE: 0.02,
    Kind.ROWS: 0.10,
    Kind.FEATURE: 0.18,
    Kind.EXAMPLES: 0.03,
    Kind.MODEL: 0.32,
    Kind.PREDICTIONS: 0.02,
    Kind.VALUE: 0.33,
}
PRIOR_EDITS = 9.0  # so many edits weigh as much as what was assumed before any was seen
NO_EDIT = 0.02  # the chance that the next run is of an unchanged text
MEMORY_EDITS = 40.0  # the weight of all edits that were seen never exceeds that of so many
HORIZON = 10.0  # runs that a result is expected to be of use for, at most
_MOST_VISITED = 2_000  # parts looked at to tell what one costs to get again


@dataclass(frozen=True)
class Outlook:
    """A part graph by places, inputs first, and what the next edit may be.

    ``requires`` are places (parts of equal signature are one: the others require nothing and nobody requires them);
    ``nodes`` the number of each part's node, ``chances`` by that number the chance that the next edit changes the node;
    what is missing to 1 is the chance that it changes none. ``seconds``, ``loads`` and ``bytes`` are what computing,
    loading and storing a part is estimated to take; ``light`` parts are values and models; ``stored`` are there already
    and ``open`` are those that this run computes, which may be kept.
    """

    requires: tuple[tuple[int, ...], ...]
    nodes: tuple[int, ...]
    chances: tuple[float, ...]
    wanted: frozenset[int]
    seconds: tuple[float, ...]
    bytes: tuple[float, ...]
    light: frozenset[int]
    stored: frozenset[int]
    open: frozenset[int]
    parts: tuple[PartId, ...] = ()

    @cached_property
    def readers(self) -> list[list[int]]:
        readers: list[list[int]] = [[] for _ in self.requires]
        for part, items in enumerate(self.requires):
            for item in items:
                readers[item].append(part)
        return readers

    @cached_property
    def lineages(self) -> list[Bits]:
        """For each part its node and those of its ancestors: the edits that make it stale."""
        lineages: list[Bits] = []
        for part, items in enumerate(self.requires):
            bits = 1 << self.nodes[part]
            for item in items:
                bits |= lineages[item]
            lineages.append(bits)
        return lineages

    @cached_property
    def _masks(self) -> list[tuple[Bits, float]]:
        """Nodes of equal chance together; the last bit is for no edit at all."""
        masks: dict[float, Bits] = {}
        for node, chance in enumerate((*self.chances, max(0.0, 1.0 - sum(self.chances)))):
            masks[chance] = masks.get(chance, 0) | 1 << node
        return [(bits, chance) for chance, bits in masks.items()]

    def chance(self, edits: Bits) -> float:
        """That the next edit is one of these."""
        return sum(chance * (edits & mask).bit_count() for mask, chance in self._masks)

    def demand(self, part: int, kept: Set[int], demands: Sequence[Bits]) -> Bits:
        """The edits after which the part is as it was and yet needed; ``demands`` are known of its readers."""
        edits = (1 << len(self.chances) + 1) - 1 if part in self.wanted else 0
        for reader in self.readers[part]:
            edits |= self.lineages[reader]
            if reader not in kept:
                edits |= demands[reader]
        return edits & ~self.lineages[part]

    def uses(self, part: int, demand: Bits) -> float:
        """In how many runs it is expected to be useful before an edit makes it stale (geometric), up to HORIZON."""
        return self.chance(demand) / max(self.chance(self.lineages[part]), 1.0 / HORIZON)


def regain(
    requires: Sequence[Sequence[int]], part: int, kept: Set[int], seconds: Sequence[float], loads: Sequence[float]
) -> float:
    """Seconds to get a part again from what is kept: to compute it and all above it that is not, and to load the rest.

    Where more parts than _MOST_VISITED would have to be computed, at least that.
    """
    total, above, seen = seconds[part], list(requires[part]), set(requires[part])
    while above and len(seen) < _MOST_VISITED:
        item = above.pop()
        if item in kept:
            total += loads[item]
            continue
        total += seconds[item]
        fresh = [name for name in requires[item] if name not in seen]
        seen.update(fresh)
        above.extend(fresh)
    return total


def edit_chances(kinds: Sequence[str], seen: Mapping[str, float]) -> tuple[float, ...]:
    """For each node, by its kind, the chance that the next edit changes it.

    A kind's share is that of PRIOR, corrected by what was ``seen`` (edits by kind): the mean of a Dirichlet
    distribution. The nodes of a kind share it evenly. What falls to kinds that a workflow lacks goes to those it has.
    """
    shares = {kind: PRIOR_EDITS * share + seen.get(kind, 0.0) for kind, share in PRIOR.items() if kind in kinds}
    total = sum(shares.values()) / (1.0 - NO_EDIT) if shares else 1.0
    return tuple([shares[kind] / total / kinds.count(kind) for kind in kinds])


def outlook_of(parts: PartGraph, plan: Plan, edits: Mapping[str, float]) -> Outlook:
    """The outlook at the start of a run of ``plan``; ``edits`` by kind are what was seen so far."""
    decisions = plan.parts
    places = {part: place for place, part in enumerate(parts.parts)}
    nodes: dict[NodeName, int] = {}
    for part in places:
        nodes.setdefault(part.node, len(nodes))
    kinds = {part.node: OPERATORS[item.node.operator].kind for part, item in parts.parts.items()}
    first = {part: decisions[part].same_as or part for part in places}
    stored = {part for part, decision in decisions.items() if decision.load_cost is not None}
    return Outlook(
        requires=tuple(
            tuple(places[first[name]] for name in item.requires) if first[part] == part else ()
            for part, item in parts.parts.items()
        ),
        nodes=tuple(nodes[part.node] for part in places),
        chances=edit_chances(list(kinds.values()), edits),
        wanted=frozenset(places[first[part]] for part in parts.wanted),
        seconds=tuple(decisions[part].compute_cost for part in places),
        bytes=tuple(decisions[part].bytes for part in places),
        light=frozenset(place for part, place in places.items() if part.label in (STATE, VALUE)),
        stored=frozenset(places[part] for part in stored),
        open=frozenset(
            place
            for part, place in places.items()
            if decisions[part].action == "compute"
            and first[part] == part
            and part not in stored
            and decisions[part].signature is not None
            and OPERATORS[parts.parts[part].node.operator].stored
        ),
        parts=tuple(places),
    )


def kinds_edited(
    parts: PartGraph, signatures: Mapping[PartId, Signature | None], previous: Previous
) -> dict[str, float]:
    """What the edit since the previous run changed, by kinds of nodes; their shares sum to 1, to 0 where it was none.

    Changed is what has another result, or is new, though all that it requires is as it was. A node that was only
    renamed has the result that it had.
    """
    before, known = previous.signatures, set(previous.signatures.values())
    roots = {
        name.node: OPERATORS[part.node.operator].kind
        for name, part in parts.parts.items()
        if signatures[name] not in known and all(before.get(item) == signatures[item] for item in part.requires)
    }
    shares: dict[str, float] = {}
    for kind in roots.values():
        shares[kind] = shares.get(kind, 0.0) + 1.0 / len(roots)
    return shares
