"""Breaks nodes into parts: what a node learned, and its output for each split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from workflows.graph.dag import STATE, VALUE, Dag, Input, Node, Part, PartGraph, PartId, PartInput
from workflows.operators.base import Shape, Splits
from workflows.operators.registry import OPERATORS
from workflows.operators.splits import learning_split, reduced_split
from workflows.recall import Recall

_Offered: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]  # operator and splits of each operand
_NODES = 4096  # whose parts are remembered, twice
_KNOWN: Recall[int, tuple[Node, _Offered, tuple[Part, ...]]] = Recall(_NODES)


def parts_of(dag: Dag) -> PartGraph:
    """The parts of every node, inputs first; wanted are all outputs' parts but what they learned on the way."""
    parts = {part.id: part for node in dag.nodes.values() for part in _recalled(dag, node)}
    wanted = tuple(
        PartId(output, label)
        for output in dict.fromkeys(dag.outputs)
        for label in dag.output_splits.get(output) or output_labels(dag.nodes[output])
    )
    return PartGraph(parts, wanted)


def output_labels(node: Node) -> tuple[str, ...]:
    """The labels of the parts that a node's users read: its splits, else its state (a model) or its value."""
    match OPERATORS[node.operator].shape:
        case Shape.SPLITS:
            return node.splits
        case Shape.STATE:
            return (STATE,)
        case Shape.VALUE:
            return (VALUE,)


def _recalled(dag: Dag, node: Node) -> tuple[Part, ...]:
    """The parts of a node: those that it had before, in this graph or another, where it has the same operands."""
    offered = tuple([((other := dag.nodes[operand.node]).operator, other.splits) for operand in node.inputs])
    known = _KNOWN.get(id(node))  # which is no other's while the node is remembered
    if known is not None and known[1] == offered:
        return known[2]
    parts = tuple(_parts(dag, node))
    _KNOWN.keep(id(node), (node, offered, parts))
    return parts


def _parts(dag: Dag, node: Node) -> Iterator[Part]:
    operator = OPERATORS[node.operator]
    if operator.shape is Shape.VALUE:
        inputs = _every_split(dag, node) if operator.check else _operands(dag, node, _split_parameter(node))
        yield Part(PartId(node.name, VALUE), node, inputs)
        return
    state, learned, inputs = None, None, ()
    if operator.learns:
        state, learned = PartId(node.name, STATE), _learned_split(dag, node)
        inputs = _operands(dag, node, learned)
        yield Part(state, node, inputs)
    if operator.shape is Shape.SPLITS:
        for split in node.splits:
            read = None if operator.splits is Splits.MADE else split
            is_learned = state is not None and read == learned
            yield Part(PartId(node.name, split), node, inputs if is_learned else _operands(dag, node, read), state)


def _learned_split(dag: Dag, node: Node) -> str | None:
    first = node.inputs[0]
    return learning_split((first.split,) if first.split else dag.nodes[first.node].splits)


def _operands(dag: Dag, node: Node, split: str | None) -> tuple[PartInput, ...]:
    """What a part reads of each operand: the split taken of it, else ``split``, else the one it has to offer."""
    nodes = dag.nodes
    return tuple(
        [
            PartInput(operand.slot, operand.place, PartId(operand.node, _label(nodes[operand.node], operand, split)))
            for operand in node.inputs
        ]
    )


def _every_split(dag: Dag, node: Node) -> tuple[PartInput, ...]:
    """All splits of its one operand, or the one that is taken of it, as items of a list."""
    (operand,) = node.inputs
    splits = (operand.split,) if operand.split is not None else dag.nodes[operand.node].splits
    return tuple(PartInput(operand.slot, place, PartId(operand.node, split)) for place, split in enumerate(splits))


def _label(source: Node, operand: Input, split: str | None) -> str:
    if operand.split is not None:
        return operand.split
    if split in source.splits:
        return split
    if not source.splits:
        return output_labels(source)[0]
    return reduced_split(source.splits) or source.splits[0]


def _split_parameter(node: Node) -> str | None:
    split = node.params.get("split")
    return split if isinstance(split, str) else None
