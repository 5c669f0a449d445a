"""A version's message, written from the difference of two DAGs: *model: C 1.0 → 0.1; + auc*."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.graph.comparison import Comparison, Merged, compare
from workflows.graph.dag import Dag
from workflows.graph.difference import describe

NAMED = 4  # differences that are named before the rest is counted


def message(previous: Dag | None, current: Dag) -> str:
    """What changed from one DAG to the next: changed nodes, added ones (+), renamed, split and merged ones, removed
    ones (−); a line of plain text. ``previous`` is None for a first version.
    """
    if previous is None:
        return "First version"
    changes = list(_changes(compare(previous, current)))
    if not changes:
        return "No node changed"
    rest = len(changes) - NAMED
    return "; ".join(changes[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")


def _changes(found: Comparison) -> Iterator[str]:
    grouped = {id for group in found.groups for id in (*group.before, *group.after)}
    alone = [node for node in found.nodes if node.id not in grouped]
    for node in alone:
        if node.before and node.after and node.before.name == node.after.name and node.changes:
            yield f"{node.id}: {_described(node)}"
    for node in alone:
        if node.after and node.before is None:
            yield f"+ {node.id}"
        elif node.after and node.before and node.before.name != node.after.name:
            yield f"{node.before.name} renamed {node.id}" + (f" ({_described(node)})" if node.changes else "")
    for group in found.groups:
        verb = "split into" if group.kind == "split" else "merged into"
        yield f"{' and '.join(group.before)} {verb} {' and '.join(group.after)}"
    for node in alone:
        if node.before and node.after is None:
            yield f"− {node.before.name}"


def _described(node: Merged) -> str:
    return (describe(node.changes) or "").replace("`", "")
