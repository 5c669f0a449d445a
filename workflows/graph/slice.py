"""Drops what no output needs, before anything is planned."""

from __future__ import annotations

from itertools import compress

from workflows.graph.dag import Dag, NodeName, PartGraph


def wanted_parts(graph: PartGraph) -> PartGraph:
    """The graph of the wanted parts and all that they need, in the same order."""
    needed = [False] * len(graph.parts)
    for part in graph.wanted:
        needed[graph.places[part]] = True
    for place in range(len(needed) - 1, -1, -1):
        if needed[place]:
            for item in graph.requires[place]:
                needed[item] = True
    return graph if all(needed) else PartGraph(dict(compress(graph.parts.items(), needed)), graph.wanted)


def unneeded_nodes(dag: Dag, sliced: PartGraph) -> tuple[NodeName, ...]:
    """The nodes that no output needs any part of, in the order of the text: what the editor dims, by their spans."""
    needed = {part.node for part in sliced.parts}
    return tuple(name for name in dag.nodes if name not in needed)
