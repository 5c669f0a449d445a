"""Recalls what was made of something, for a while: two generations, of which the elder is dropped when one is full."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recall(Generic[K, V]):
    """A bounded memory that threads may share: at the worst, something is forgotten.

    ``limit``: what the values of a generation weigh together; twice that is remembered at most. What is asked for
    stays.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._young: dict[K, tuple[V, int]] = {}
        self._old: dict[K, tuple[V, int]] = {}
        _ALL.append(self)

    def get(self, key: K) -> V | None:
        """What is remembered by the key; None where nothing is."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.keep(key, *found)
        return found[0]

    def keep(self, key: K, value: V, weight: int = 1) -> None:
        """Remembers a value, in the place of another one by the same key."""
        if self._weight >= self._limit:
            self._old, self._young, self._weight = self._young, {}, 0
        self._young[key] = value, weight
        self._weight += weight

    def clear(self) -> None:
        """Forgets what it remembers."""
        self._young, self._old, self._weight = {}, {}, 0

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())


_ALL: list[Recall[Any, Any]] = []  # one for each kind of thing that is remembered


def forget() -> None:
    """Forgets everything: what comes next is made as if it were the first."""
    for recall in _ALL:
        recall.clear()
