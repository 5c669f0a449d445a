"""Finds what one DAG does in one node and another in several: which nodes were split, and which were merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

from workflows.graph.dag import Dag, Input, Node, NodeName
from workflows.graph.matching import comparable, readers_of

_FEWEST = 2


def splits(
    before: Dag, after: Dag, names: Mapping[NodeName, NodeName]
) -> Iterator[tuple[NodeName, tuple[NodeName, ...]]]:
    """The nodes of ``before`` that are several in ``after``, with those. ``names``: as ``matching.match``.

    These have the operator and the readers of the one, and what it was given is dealt out to them: the operands of a
    list, or else the values of one listed parameter; all else is as it was. One of them may be what the one is matched
    with, the others are new.
    """
    matched = set(names.values())
    ours, theirs = readers_of(before), readers_of(after)
    new: dict[Hashable, list[NodeName]] = {}
    for name, node in after.nodes.items():
        if name not in matched:
            new.setdefault((node.operator, frozenset(theirs[name])), []).append(name)
    for name, node in before.nodes.items() if new else ():
        key = node.operator, frozenset(names[reader] for reader in ours[name] if reader in names)
        several = new.get(key, [])
        if not several or len(several) > _most(node):
            continue
        kept = names.get(name)
        if kept is not None:
            if (after.nodes[kept].operator, frozenset(theirs[kept])) != key:
                continue
            several = [kept, *several]
        if len(several) >= _FEWEST and _dealt_out(node, names, [after.nodes[each] for each in several]):
            del new[key]
            yield name, tuple(several)


def _most(node: Node) -> int:
    """How many a node can have been dealt out to: what it has listed."""
    lists = [len(value) for value in node.params.values() if isinstance(value, list | tuple)]
    return max(sum(each.place is not None for each in node.inputs), *lists, 0)


def _dealt_out(node: Node, names: Mapping[NodeName, NodeName], parts: Sequence[Node]) -> bool:
    if any(each.node not in names for each in node.inputs):
        return False
    single, listed = _operands([each._replace(node=names[each.node]) for each in node.inputs])
    ours = _settings(node)
    theirs = [_settings(part) for part in parts]
    operands = [_operands(part.inputs) for part in parts]
    if any(alone != single for alone, _ in operands):
        return False
    if listed.total() >= _FEWEST:
        return _is_dealt([some for _, some in operands], listed) and all(settings == ours for settings in theirs)
    if any(some != listed for _, some in operands):
        return False
    different = {key for settings in theirs for key in ours.keys() | settings.keys() if _differ(key, ours, settings)}
    if len(different) != 1:
        return False
    key = different.pop()
    return _is_dealt([_values(part, key) for part in parts], _values(node, key))


def _is_dealt(parts: Sequence[Counter[Hashable]], whole: Counter[Hashable]) -> bool:
    """Whether each has something of the whole, and together they have it all, nothing twice."""
    together = Counter[Hashable]()
    for part in parts:
        together.update(part)
    return all(parts) and together == whole


def _operands(inputs: Sequence[Input]) -> tuple[Counter[Hashable], Counter[Hashable]]:
    """The operands that stand alone, and those of lists, whatever their places."""
    alone = Counter[Hashable]((each.slot, each.node, each.split) for each in inputs if each.place is None)
    return alone, Counter[Hashable]((each.slot, each.node, each.split) for each in inputs if each.place is not None)


def _settings(node: Node) -> dict[str, Hashable]:
    return {name: comparable(value) for name, value in node.params.items()}


def _differ(key: str, ours: Mapping[str, Hashable], theirs: Mapping[str, Hashable]) -> bool:
    return key not in ours or key not in theirs or ours[key] != theirs[key]


def _values(node: Node, key: str) -> Counter[Hashable]:
    """The values of a parameter that lists some; of one that is a value, that alone."""
    value = node.params.get(key)
    return Counter([comparable(item) for item in (value if isinstance(value, list | tuple) else (value,))])
