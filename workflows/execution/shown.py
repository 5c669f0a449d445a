"""What is told of a value that is more than a number: its JSON, cut so that it is never long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from workflows.ports import JsonValue

ITEMS: Final = 20_000  # numbers, texts, lists and dicts, all together
CHARACTERS: Final = 100_000  # of all texts and keys together
DEPTH: Final = 20

T = TypeVar("T")


def shown(value: JsonValue) -> tuple[JsonValue, bool]:
    """The value's beginning, and whether anything of it was left out.

    Of a list or dict the first members are kept, of a text its first characters, until ``ITEMS`` or ``CHARACTERS`` are
    used up; what is nested deeper than ``DEPTH`` becomes null.
    """
    cutter = _Cutter()
    return cutter.cut(value, DEPTH), cutter.left_out


class _Cutter:
    def __init__(self) -> None:
        self.left_out = False
        self._items = ITEMS
        self._characters = CHARACTERS

    def cut(self, value: JsonValue, depth: int) -> JsonValue:
        self._items -= 1
        match value:
            case str():
                return self._text(value)
            case Mapping() | list() if depth == 0:
                self.left_out = True
                return None
            case Mapping():
                return {self._text(key): self.cut(each, depth - 1) for key, each in self._first(value.items())}
            case list():
                return [self.cut(each, depth - 1) for each in self._first(value)]
        return value

    def _first(self, members: Iterable[T]) -> Iterator[T]:
        for member in members:
            if self._items <= 0 or self._characters <= 0:
                self.left_out = True
                return
            yield member

    def _text(self, text: str) -> str:
        kept = text[: self._characters]
        self._characters -= len(kept)
        self.left_out = self.left_out or len(kept) < len(text)
        return kept
