"""What a plan is compared with: the run before, or the version it started from."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from workflows.graph.dag import Node, NodeName, Part, PartGraph, PartId
from workflows.hashing import Signature


@dataclass(frozen=True)
class Previous:
    """An earlier run of the workflow. ``name`` is what a reason calls it: "last run", "v12"."""

    parts: PartGraph
    signatures: Mapping[PartId, Signature | None]
    name: str = "last run"

    @cached_property
    def nodes(self) -> Mapping[NodeName, Node]:
        return {part_id.node: part.node for part_id, part in self.parts.parts.items()}

    @cached_property
    def known(self) -> Set[Signature]:
        """The signatures that it had."""
        return {signature for signature in self.signatures.values() if signature is not None}

    def is_kin(self, part: Part) -> bool:
        """Whether the part at the same place (name of node, label), which there is, was made by the same operator."""
        return self.parts.parts[part.id].node.operator == part.node.operator

    def inputs(self, part: Part) -> list[Signature | None]:
        """What the part at the same place was made from."""
        return [self.signatures.get(item) for item in self.parts.parts[part.id].requires]
