"""Puts several compiled texts beside each other as one, so that one plan and one run compute what is wanted of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.compiler import Compiled
from workflows.compiler.program import Program
from workflows.graph.dag import Dag, Node, NodeName
from workflows.graph.parts import parts_of
from workflows.graph.slice import wanted_parts


def within(member: str, node: str) -> NodeName:
    """What a member's node is called in the union."""
    return NodeName(f"{member}.{node}")


def union(members: Mapping[str, Compiled]) -> Compiled:
    """The DAGs of texts without errors, beside each other; each node is called by its member's name and its own.

    Names are no part of a signature: what several members have in common is one result. There is no user code in it,
    for each text has its own; who runs it has seen to it that none is needed.
    """
    nodes: dict[NodeName, Node] = {}
    outputs: list[NodeName] = []
    lines: dict[NodeName, tuple[int, int]] = {}
    splits: dict[NodeName, tuple[str, ...]] = {}
    for member, compiled in members.items():
        assert compiled.dag is not None
        for node in compiled.dag.nodes.values():
            nodes[within(member, node.name)] = _renamed(member, node)
        outputs += [within(member, name) for name in compiled.dag.outputs]
        lines |= {within(member, name): place for name, place in compiled.dag.lines.items()}
        splits |= {within(member, name): wanted for name, wanted in compiled.dag.output_splits.items()}
    dag = Dag(nodes, tuple(outputs), splits, lines)
    return Compiled("", (), dag, Program("", {}, ()), wanted_parts(parts_of(dag)), "")


def _renamed(member: str, node: Node) -> Node:
    return replace(
        node,
        name=within(member, node.name),
        inputs=tuple(each._replace(node=within(member, each.node)) for each in node.inputs),
        basis=None if node.basis is None else within(member, node.basis),
    )
