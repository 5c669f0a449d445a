"""What a plan is compared with: the run before, or the version it started from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.graph.dag import Part, PartGraph, PartId
from workflows.hashing import Signature


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier run of the workflow. ``name`` is what a reason calls it: "last run", "v12"."""

    parts: PartGraph
    signatures: Mapping[PartId, Signature | None]
    name: str = "last run"

    def kin(self, part: Part) -> Signature | None:
        """The signature of the part at the same place (name of node, label) with the same operator, if it had one."""
        signature = self.signatures.get(part.id)
        if signature is None or self.parts.parts[part.id].node.operator != part.node.operator:
            return None
        return signature

    def inputs(self, part: Part) -> list[Signature | None]:
        """What the part at the same place was made from."""
        return [self.signatures.get(item) for item in self.parts.parts[part.id].requires]
