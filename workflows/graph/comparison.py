"""Puts two DAGs into one: what of it is added, removed, changed, renamed or rewired, and what was split or merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from workflows.graph.dag import Dag, Node, NodeName
from workflows.graph.difference import Change, changes
from workflows.graph.matching import match
from workflows.graph.regrouping import splits

Difference: TypeAlias = Literal["added", "removed", "changed", "renamed", "rewired"]
EdgeStatus: TypeAlias = Literal["added", "removed", "same"]


@dataclass(frozen=True, slots=True)
class Merged:
    """A node of either DAG, or of both. ``changes`` tells operands by the ids of their nodes."""

    id: str
    before: Node | None
    after: Node | None
    changes: tuple[Change, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What became of it, in words: none where it is the same on both sides."""
        if self.before is None:
            return ("added",)
        if self.after is None:
            return ("removed",)
        kinds = {change.kind for change in self.changes}
        told: list[tuple[Difference, bool]] = [
            ("renamed", self.before.name != self.after.name),
            ("changed", bool(kinds - {"operand"})),
            ("rewired", "operand" in kinds),
        ]
        return tuple(word for word, so in told if so)


@dataclass(frozen=True, slots=True)
class Edge:
    """That one node is an operand of another, by their ids."""

    source: str
    target: str
    status: EdgeStatus


@dataclass(frozen=True, slots=True)
class Group:
    """What one side does in one node and the other in several, by ids: of a split ``before`` is one, of a merge
    ``after``. A node that kept its name on the way is in both."""

    kind: Literal["split", "merge"]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two DAGs in one. Nodes come in the order of the later one, removed ones after what they stood behind; an id is
    the name in the later DAG, or that in the earlier one of a removed node unless another node has it now."""

    nodes: tuple[Merged, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]


def compare(before: Dag, after: Dag) -> Comparison:
    """The difference of two DAGs."""
    names = match(before, after)
    ids = _ids(before, after, names)
    return Comparison(
        tuple(_nodes(before, after, names, ids)),
        tuple(_edges(before, after, ids)),
        tuple(_groups(before, after, names, ids)),
    )


def _ids(before: Dag, after: Dag, names: Mapping[NodeName, NodeName]) -> dict[NodeName, str]:
    """The ids of the earlier nodes; the later ones are called by their names."""
    ids: dict[NodeName, str] = dict(names)
    for name in before.nodes:
        if name not in names:
            ids[name] = f"{name} (removed)" if name in after.nodes else name  # no name in a text has a space
    return ids


def _nodes(
    before: Dag, after: Dag, names: Mapping[NodeName, NodeName], ids: Mapping[NodeName, str]
) -> Iterator[Merged]:
    earlier = {later: name for name, later in names.items()}
    behind: dict[NodeName | None, list[NodeName]] = {}
    last: NodeName | None = None
    for name in before.nodes:
        if name in names:
            last = names[name]
        else:
            behind.setdefault(last, []).append(name)
    for place in (None, *after.nodes):
        if place is not None:
            old = before.nodes[earlier[place]] if place in earlier else None
            new = after.nodes[place]
            own = () if old is None else tuple(_changes(old, new, before, after, ids))
            yield Merged(place, old, new, own)
        for name in behind.get(place, ()):
            yield Merged(ids[name], before.nodes[name], None)


def _changes(old: Node, new: Node, before: Dag, after: Dag, ids: Mapping[NodeName, str]) -> Iterator[Change]:
    if old is not new or any(ids[each.node] != each.node for each in old.inputs):
        yield from changes(moved(old, ids), new)
        labels = [None if node.label == node.name else node.label for node in (old, new)]
        if labels[0] != labels[1]:
            yield _setting("name", *labels)
    outputs = [_wanted(dag, node.name) for dag, node in ((before, old), (after, new))]
    if outputs[0] != outputs[1]:
        yield _setting("output", *outputs)


def moved(node: Node, ids: Mapping[NodeName, str]) -> Node:
    """An earlier node with the operands that it has in the merged DAG."""
    inputs = tuple(each._replace(node=NodeName(ids[each.node])) for each in node.inputs)
    return replace(node, inputs=inputs)


def _wanted(dag: Dag, name: NodeName) -> str | None:
    """ "yes", or which splits of a node are an output; None where it is none."""
    chosen = dag.output_splits.get(name)
    return ", ".join(chosen) if chosen else "yes" if name in dag.outputs else None


def _setting(name: str, before: str | None, after: str | None) -> Change:
    return Change("setting", name, f"`{name}` {before or 'no'} → {after or 'no'}", before, after)


def _edges(before: Dag, after: Dag, ids: Mapping[NodeName, str]) -> Iterator[Edge]:
    old = {(ids[each.node], ids[name]): None for name, node in before.nodes.items() for each in node.inputs}
    new = {(str(each.node), str(name)): None for name, node in after.nodes.items() for each in node.inputs}
    for edge in new:
        yield Edge(*edge, "same" if edge in old else "added")
    for edge in old:
        if edge not in new:
            yield Edge(*edge, "removed")


def _groups(
    before: Dag, after: Dag, names: Mapping[NodeName, NodeName], ids: Mapping[NodeName, str]
) -> Iterator[Group]:
    for one, several in splits(before, after, names):
        yield Group("split", (ids[one],), several)
    for one, several in splits(after, before, {later: name for name, later in names.items()}):
        yield Group("merge", tuple(ids[each] for each in several), (one,))
