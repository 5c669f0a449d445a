"""The names of a matrix's columns: of a hashed feature there are hundreds of thousands, which are told by two words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import index
from typing import TypeAlias, overload

Told: TypeAlias = list[str | list[str | int]]


@dataclass(frozen=True, slots=True)
class Numbered:
    """``word[0]``, ``word[1]`` and so on: ``count`` names."""

    word: str
    count: int


class Names(Sequence[str]):
    """Names in order, as a tuple of them would give them; equal to whatever sequence of this kind, or tuple, has the
    same."""

    __slots__ = ("_ends", "_parts")

    def __init__(self, parts: Iterable[str | Numbered] = ()) -> None:
        self._parts = tuple(parts)
        self._ends = list(accumulate(part.count if isinstance(part, Numbered) else 1 for part in self._parts))

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Of any names; these themselves where they are such a sequence."""
        return names if isinstance(names, Names) else cls(names)

    @classmethod
    def read(cls, told: Told) -> Names:
        """What ``told`` told."""
        return cls(part if isinstance(part, str) else Numbered(str(part[0]), int(part[1])) for part in told)

    def told(self) -> Told:
        """As JSON has it: a name, or a word and how many are numbered by it."""
        return [part if isinstance(part, str) else [part.word, part.count] for part in self._parts]

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[str]:
        for part in self._parts:
            if isinstance(part, Numbered):
                yield from (f"{part.word}[{number}]" for number in range(part.count))
            else:
                yield part

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        at = index(place) + (len(self) if place < 0 else 0)
        if not 0 <= at < len(self):
            raise IndexError(place)
        which = bisect_right(self._ends, at)
        part = self._parts[which]
        return part if isinstance(part, str) else f"{part.word}[{at - self._ends[which] + part.count}]"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Names) and self._parts == other._parts:
            return True
        if not isinstance(other, Names | tuple):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Names({list(self._parts)!r})"
