"""Which operators Spark computes block by block; all others are computed in the run process, on all of their rows."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.graph.dag import Part

SPREAD = frozenset(
    {
        *("Field", "Bucketizer", "Interaction", "Impute", "Scale", "Extractor"),
        *("Tokenize", "TfIdf", "Hash"),
        *("Map", "Filter", "Examples"),
    }
)
"""Operators whose result of all rows is the results of blocks, one after another, bit for bit (tested for each)."""


def any_spread(parts: Iterable[Part]) -> bool:
    """Whether there is a part for executors among these."""
    return any(part.node.operator in SPREAD for part in parts)
