"""Drops what no output needs, before anything is planned."""

from __future__ import annotations

from workflows.graph.dag import Dag, NodeName, PartGraph
from workflows.graph.walk import upstream


def wanted_parts(graph: PartGraph) -> PartGraph:
    """The graph of the wanted parts and all that they need, in the same order."""
    needed = upstream(graph, graph.wanted)
    return PartGraph({name: part for name, part in graph.parts.items() if name in needed}, graph.wanted)


def unneeded_nodes(dag: Dag, sliced: PartGraph) -> tuple[NodeName, ...]:
    """The nodes that no output needs any part of, in the order of the text: what the editor dims, by their spans."""
    needed = {part.node for part in sliced.parts}
    return tuple(name for name in dag.nodes if name not in needed)
