"""Says in words why the plan does with a node what it does, with the very change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.graph.dag import Node, NodeName, Part, PartGraph, PartId
from workflows.graph.difference import describe_change, describe_file
from workflows.hashing import Signature
from workflows.optimizer.history import Previous

PRUNED = "pruned: nothing wanted needs it"
FORCED = "forced"
REUSE_OFF = "computed: reuse is off"
NOT_KEPT = "computed: the result was not kept"
GONE = "computed: the stored result is gone"
DAMAGED = "computed: the stored result was damaged"
NOT_READ = "computed: data not read yet"
UNVERSIONED = "computed: a query without `version=` is never reused"
NOT_COMPLETED = "stale: not completed before"


@dataclass(slots=True)
class Explainer:
    """Answers for one plan. ``previous`` is the run it is compared with."""

    graph: PartGraph
    signatures: Mapping[PartId, Signature | None]
    previous: Previous | None
    _nodes: dict[NodeName, Node] = field(init=False, default_factory=dict)
    _known: set[Signature] = field(init=False, default_factory=set)
    _origins: dict[PartId, PartId] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.previous is not None:
            self._nodes = {part_id.node: part.node for part_id, part in self.previous.parts.parts.items()}
            self._known = {signature for signature in self.previous.signatures.values() if signature is not None}

    def loaded(self, part: PartId) -> str:
        if self.previous is not None and self.signatures[part] in self._known:
            return f"reused: unchanged since {self.previous.name}"
        return "reused: computed in an earlier run"

    def stale(self, part: Part) -> str:
        """Why the part's result is not known."""
        if self.signatures[part.id] is None:
            return self._unknown(part)
        earlier = self._nodes.get(part.node.name)
        if self.previous is None or earlier is None:
            return "new"
        # Telling what changed takes long; where all of a text is stale, nearly every node is as it was.
        change = None if _same(earlier, part.node) else describe_change(earlier, part.node)
        if change is not None:
            return f"stale: {change}"
        signatures = self.previous.signatures
        for item in part.requires:
            if signatures.get(item) != self.signatures[item]:
                return f"stale: input `{item.node}` changed" if item.node != part.id.node else "stale: learned anew"
        if signatures.get(part.id) == self.signatures[part.id]:
            return NOT_COMPLETED
        change = describe_change(earlier, part.node) or describe_file(part.node, part.id.label)
        return f"stale: {change}"

    def _unknown(self, part: Part) -> str:
        origin = self.graph.parts[self._origin(part.id)]
        named = "" if origin.id.node == part.id.node else f"input `{origin.id.node}` has "
        if not origin.node.cache:
            return f"computed: {named}`cache=False`"
        if not origin.inputs:
            return NOT_READ if origin.node.params.get("version", "") is not None else UNVERSIONED
        return f"computed: {named}code that cannot be identified"

    def _origin(self, part_id: PartId) -> PartId:
        """Where what is unknown comes from: the first part on the way up that has nothing unknown above it."""
        way = []
        above: PartId | None = part_id
        while above is not None and above not in self._origins:
            way.append(above)
            above = self._first_unknown(self.graph.parts[above])
        origin = way[-1] if above is None else self._origins[above]
        self._origins.update(dict.fromkeys(way, origin))
        return origin

    def _first_unknown(self, part: Part) -> PartId | None:
        if not part.node.cache:
            return None
        return next((item for item in part.requires if self.signatures[item] is None), None)


def _same(earlier: Node, node: Node) -> bool:
    """Whether two nodes are equal but for name, label and place; ``1 == True`` here, so it may miss a change."""
    return (earlier.operator, earlier.params, earlier.inputs, earlier.splits, earlier.seed, earlier.cache) == (
        (node.operator, node.params, node.inputs, node.splits, node.seed, node.cache)
    )


def cheaper(costs: Iterable[tuple[float, float]]) -> str:
    """Why stored parts are computed: what computing and what loading them costs, summed."""
    compute, load = (sum(seconds) for seconds in zip(*costs, strict=True))
    return f"computed though stored: cheaper than loading ({duration(compute)} against {duration(load)})"


def duration(seconds: float) -> str:
    """A time as people say it: "8 ms", "1.2 s", "3 min", "2 h", "4 days"."""
    if seconds < 0.001:
        return f"{max(seconds, 0.0) * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 99.5:
        return f"{seconds:.1f} s"
    for size, unit in ((86400.0, "days"), (3600.0, "h")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} min"
