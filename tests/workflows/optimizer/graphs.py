"""Small part graphs for tests, built from one line a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.graph.dag import Input, Node, NodeName, Part, PartGraph, PartId, PartInput
from workflows.hashing import Digest, Signature
from workflows.ports import Record


def node(name: str, inputs: Sequence[str] = (), *, operator: str = "Map", cache: bool = True, **params: Any) -> Node:
    return Node(
        name=NodeName(name),
        operator=operator,
        params=params,
        inputs=tuple(Input("rows", NodeName(item), None, place) for place, item in enumerate(inputs)),
        splits=("all",),
        basis=None,
        seed=None,
        cache=cache,
        label=name,
    )


def graph(*nodes: Node, wanted: Sequence[str]) -> PartGraph:
    """One part, labelled ``all``, for each node; a node stands after its inputs."""
    parts: dict[PartId, Part] = {}
    for item in nodes:
        part_id = PartId(item.name, "all")
        inputs = tuple(PartInput(i.slot, i.place, PartId(i.node, "all")) for i in item.inputs)
        parts[part_id] = Part(part_id, item, inputs)
    return PartGraph(parts, tuple(part(name) for name in wanted))


def part(name: str) -> PartId:
    return PartId(NodeName(name), "all")


def signatures(parts: PartGraph, **given: str | None) -> dict[PartId, Signature | None]:
    """Each part signed by its name, unless another signature is given for it."""
    names = {part_id: given.get(part_id.node, part_id.node) for part_id in parts.parts}
    return {part_id: None if name is None else Signature(name) for part_id, name in names.items()}


def record(
    name: str,
    seconds: float = 1.0,
    load: float | None = None,
    *,
    bytes: int = 10**6,
    input_bytes: int = 10**6,
    codec: str = "arrow",
    operator: str = "Map",
) -> Record:
    """What is known of a signature; it is stored iff ``load`` is given."""
    digest = None if load is None else Digest(f"digest of {name}")
    stored_as = None if load is None else codec
    return Record(Signature(name), operator, seconds, input_bytes, bytes, digest, stored_as, load, 0.0)


def known(*records: Record) -> Mapping[Signature, Record]:
    return {item.signature: item for item in records}
