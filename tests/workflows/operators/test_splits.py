"""Which split is meant where the text does not say."""

from __future__ import annotations

import pytest

from workflows.operators.splits import learning_split, reduced_split


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
