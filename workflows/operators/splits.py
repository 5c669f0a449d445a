"""Which split is meant where the text does not say: the one rule that the checker and the graph share."""

from __future__ import annotations

from collections.abc import Sequence

ALL = "all"  # the one split of a collection that was not split
TRAIN, TEST, VALIDATION = "train", "test", "validation"  # those that Split makes
RESERVED = ("state", "value")  # labels of other parts, so no split is called that


def learning_split(splits: Sequence[str]) -> str | None:
    """The split that is learned from: ``train``, else ``all``, else the only one; None where it is open."""
    return _chosen(TRAIN, splits)


def reduced_split(splits: Sequence[str]) -> str | None:
    """The split that is reduced unless one is named: ``test``, else ``all``, else the only one; None where open."""
    return _chosen(TEST, splits)


def _chosen(first: str, splits: Sequence[str]) -> str | None:
    for split in (first, ALL):
        if split in splits:
            return split
    return splits[0] if len(splits) == 1 else None
