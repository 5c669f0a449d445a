"""Which split is meant where the text does not say."""

from __future__ import annotations

import pytest

from workflows.operators.splits import learning_split, paired_splits, reduced_split


@pytest.mark.parametrize(
    ("splits", "learned", "reduced"),
    [
        (("train", "test"), "train", "test"),
        (("all",), "all", "all"),
        (("test",), "test", "test"),
        (("train", "validation", "test"), "train", "test"),
        (("train", "dev"), "train", None),
        (("a", "b"), None, None),
        ((), None, None),
    ],
)
def test_train_is_learned_from_and_test_is_reduced(
    splits: tuple[str, ...], learned: str | None, reduced: str | None
) -> None:
    assert learning_split(splits) == learned
    assert reduced_split(splits) == reduced


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([("train", "test"), ("train", "test")], ("train", "test")),
        ([("all",), ("all",)], ("all",)),
        ([("all",), ("train", "test")], ("train", "test")),
        ([("train", "test"), ("all",), ("train",)], ("train", "test")),
        ([("all",), ("train",)], ("train",)),
        ([("train",), ("train", "test")], None),  # else rows of train would be in test
        ([("train", "test"), ("test",)], None),  # else rows of test would be in train
        ([("train", "test"), ("test", "train")], None),
        ([("test",), ("train",)], ("test",)),
    ],
)
def test_splits_are_paired_or_read_for_each(sides: list[tuple[str, ...]], expected: tuple[str, ...] | None) -> None:
    assert paired_splits(sides) == expected
