"""Walks over graphs of parts: what is upstream, what is downstream. The only place that walks by hand."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.graph.dag import PartGraph, PartId


def upstream(graph: PartGraph, start: Iterable[PartId]) -> set[PartId]:
    """The given parts and all that they need, directly or not."""
    seen = set(start)
    pending = list(seen)
    parts = graph.parts
    while pending:
        for part in parts[pending.pop()].requires:
            if part not in seen:
                seen.add(part)
                pending.append(part)
    return seen


def downstream(graph: PartGraph, start: Iterable[PartId]) -> set[PartId]:
    """The given parts and all that need them, directly or not. Relies on inputs standing before their users."""
    seen = set(start)
    for part in graph.parts.values():
        if any(required in seen for required in part.requires):
            seen.add(part.id)
    return seen
