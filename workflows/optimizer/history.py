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

    def kin(self, part: Part) -> Kin | None:
        """The part at the same place (name of node, label) with the same operator, if it had a signature."""
        earlier = self.parts.parts.get(part.id)
        signature = self.signatures.get(part.id)
        if earlier is None or signature is None or earlier.node.operator != part.node.operator:
            return None
        return Kin(signature, tuple([self.signatures.get(item) for item in earlier.requires]))


@dataclass(frozen=True, slots=True)
class Kin:
    """An earlier part at the place of another, and what it was made from."""

    signature: Signature
    inputs: tuple[Signature | None, ...]
