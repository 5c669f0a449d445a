"""Says in words why the plan does with a node what it does, with the very change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from workflows.graph.dag import Node, NodeName, Part, PartGraph, PartId
from workflows.graph.difference import describe_change, describe_file
from workflows.hashing import Signature
from workflows.optimizer.history import Previous

PRUNED = "pruned: nothing wanted needs it"
WEIGHTLESS = "pruned: its weights in {} are all 0.0"
FOR_WEIGHTLESS = "pruned: only features whose weights in {} are all 0.0 need it"
FORCED = "forced"
REUSE_OFF = "computed: reuse is off"
NOT_KEPT = "computed: the result was not kept"
EVICTED = "computed: the result was evicted"
GONE = "computed: the stored result is gone"
DAMAGED = "computed: the stored result was damaged"
NOT_READ = "computed: data not read yet"
UNVERSIONED = "computed: a query without `version=` is never reused"
EQUAL = "reused: an earlier run made the same of equal inputs"
_TOLD = attrgetter("operator", "params", "inputs", "splits", "seed", "cache", "packages")
NOT_COMPLETED = "stale: not completed before"


@dataclass
class Explainer:
    """Answers for one plan. ``previous`` is the run it is compared with."""

    graph: PartGraph
    signatures: Mapping[PartId, Signature | None]
    previous: Previous | None
    _origins: dict[PartId, PartId] = field(init=False, default_factory=dict)
    _own: dict[PartId, str | None] = field(init=False, default_factory=dict)
    _causes: dict[PartId, tuple[NodeName, str | None]] = field(init=False, default_factory=dict)

    def loaded(self, part: PartId) -> str:
        if self.previous is not None and self.signatures[part] in self.previous.known:
            return f"reused: unchanged since {self.previous.name}"
        return "reused: computed in an earlier run"

    def stale(self, part: Part) -> str:
        """Why the part's result is not known: what changed of its node, else which input, and where that came from."""
        if self.signatures[part.id] is None:
            return self._unknown(part)
        earlier = None if self.previous is None else self.previous.nodes.get(part.node.name)
        if earlier is None:
            return "new"
        if not self.differs(part.id) and _same(earlier, part.node):
            return NOT_COMPLETED
        own = self.own(part)
        if own is not None:
            return f"stale: {own}"
        item = self.changed_input(part)
        if item is None:
            return NOT_COMPLETED
        while item.node == part.id.node and (above := self.changed_input(self.graph.parts[item])) is not None:
            item = above  # what the node learned is no input of its own
        origin, cause = self._cause(item)
        way = f"input `{item.node}` changed" + ("" if origin == item.node else f" ← `{origin}`")
        return f"stale: {way}: {cause}" if cause else f"stale: {way}"

    def own(self, part: Part) -> str | None:
        """What changed of the part's node itself, or of the data that it reads; None where only its inputs may have."""
        if part.id not in self._own:
            self._own[part.id] = self._own_change(part)
        return self._own[part.id]

    def _own_change(self, part: Part) -> str | None:
        assert self.previous is not None
        earlier = self.previous.nodes.get(part.node.name)
        # Telling what changed takes long; where all of a text is stale, nearly every node is as it was.
        if earlier is None or not _same(earlier, part.node):
            change = describe_change(earlier, part.node)
            if change is not None:
                return change
        if self.changed_input(part) is not None or not self.differs(part.id):
            return None
        change = None if earlier is None else describe_change(earlier, part.node)  # ``_same`` may miss one
        return change or describe_file(part.node, part.id.label)

    def differs(self, part: PartId) -> bool:
        """Whether a part's signature is another than in the run before."""
        return part in self._changed

    def changed_input(self, part: Part) -> PartId | None:
        """The first of what the part requires that is not as it was."""
        changed = self._changed
        for item in part.requires:
            if item in changed:
                return item
        return None

    @cached_property
    def _changed(self) -> Set[PartId]:
        assert self.previous is not None
        before = self.previous.signatures
        return {part for part, signature in self.signatures.items() if before.get(part) != signature}

    def _cause(self, part_id: PartId) -> tuple[NodeName, str | None]:
        """The node that what a part differs by comes from, and what changed there."""
        way = []
        above: PartId | None = part_id
        while above is not None and above not in self._causes:
            way.append(above)
            part = self.graph.parts[above]
            above = self.changed_input(part) if self.own(part) is None else None
        cause = (way[-1].node, self.own(self.graph.parts[way[-1]])) if above is None else self._causes[above]
        self._causes.update(dict.fromkeys(way, cause))
        return cause

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
    """Whether two nodes are equal but for name and label; ``1 == True`` here, so it may miss a change."""
    return earlier is node or _TOLD(earlier) == _TOLD(node)


def weightless(models: Iterable[NodeName], feature: bool) -> str:
    """Why a feature, or what only such features need, is not computed for what is predicted."""
    return (WEIGHTLESS if feature else FOR_WEIGHTLESS).format(" and ".join(f"`{model}`" for model in models))


def turned_out_equal(name: NodeName) -> str:
    """Why a stale node is not computed: what it is made of was computed anew, and is what it was."""
    return f"reused: `{name}` turned out equal"


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
