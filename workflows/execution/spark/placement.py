"""Which parts Spark computes block by block; all others are computed in the run process, on all of their rows."""

from __future__ import annotations

from workflows.execution.usercode import is_user_code
from workflows.graph.dag import Part

SPREAD = frozenset(
    {
        *("Field", "Bucketizer", "Interaction", "Impute", "Scale", "Extractor"),
        *("Tokenize", "TfIdf", "Hash"),
        *("Map", "Filter", "Examples"),
    }
)
"""Operators whose result of all rows is the results of blocks, one after another, bit for bit (tested for each)."""


def is_spread(part: Part) -> bool:
    """Whether a part is computed block by block. A function is only where it is held to be row-wise: one of
    ``each="batch"``, of which a sample is replayed in other batches; what others do may depend on all rows."""
    node = part.node
    if node.operator not in SPREAD:
        return False
    return node.params.get("each", "batch") == "batch" or not any(map(is_user_code, node.params.values()))


def runs_function(part: Part) -> bool:
    """Whether a part calls a function of the user's, which may see the types of its rows."""
    return any(map(is_user_code, part.node.params.values()))
