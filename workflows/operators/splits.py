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


def paired_splits(sides: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """The splits of what is made of several collections, split by split; None where theirs do not go together.

    The first that has more than ``all`` says which. Each other one has the same; or ``all``, or ``train`` alone: that
    is read for every split, and what was learned from ``train`` may be.
    """
    splits = next((tuple(side) for side in sides if tuple(side) != (ALL,)), (ALL,))
    return splits if all(tuple(side) in (splits, (ALL,), (TRAIN,)) for side in sides) else None


def _chosen(first: str, splits: Sequence[str]) -> str | None:
    for split in (first, ALL):
        if split in splits:
            return split
    return splits[0] if len(splits) == 1 else None
