"""Walks over graphs of parts: what is upstream, what is downstream. The only place that walks by hand."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.graph.dag import PartGraph, PartId


def upstream(graph: PartGraph, start: Iterable[PartId]) -> set[PartId]:
    """The given parts and all that they need, directly or not. Relies on inputs standing before their users."""
    seen = set(start)
    for part in reversed(tuple(graph.parts.values())):
        if part.id in seen:
            seen.update([operand.part for operand in part.inputs])
            if part.state is not None:
                seen.add(part.state)
    return seen


def downstream(graph: PartGraph, start: Iterable[PartId]) -> set[PartId]:
    """The given parts and all that need them, directly or not. Relies on inputs standing before their users."""
    seen = set(start)
    for part in graph.parts.values():
        if any(required in seen for required in part.requires):
            seen.add(part.id)
    return seen
