"""A version's message, written from the difference of two DAGs: *model: C 1.0 → 0.1; + auc*."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.graph.dag import Dag, Node
from workflows.graph.difference import describe_change

NAMED = 4  # differences that are named before the rest is counted


def message(previous: Dag | None, current: Dag) -> str:
    """What changed from one DAG to the next, by node: changed, added (+), removed (−); a line of plain text.

    A node that has another name but is the same otherwise counts as renamed. ``previous`` is None for a first version.
    """
    if previous is None:
        return "First version"
    changes = list(_changes(previous, current))
    if not changes:
        return "No node changed"
    rest = len(changes) - NAMED
    return "; ".join(changes[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def _changes(previous: Dag, current: Dag) -> Iterator[str]:
    removed = [node for name, node in previous.nodes.items() if name not in current.nodes]
    added = [node for name, node in current.nodes.items() if name not in previous.nodes]
    for name, node in current.nodes.items():
        before = previous.nodes.get(name)
        change = before and describe_change(before, node)
        if change:
            yield f"{name}: {change.replace('`', '')}"
    for node in added:
        twin = next((each for each in removed if _same(each, node)), None)
        if twin is None:
            yield f"+ {node.name}"
        else:
            removed.remove(twin)
            yield f"{twin.name} renamed {node.name}"
    for node in removed:
        yield f"− {node.name}"


def _same(one: Node, other: Node) -> bool:
    return describe_change(one, other) is None
