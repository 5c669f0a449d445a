"""The one error root, and diagnostics: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

WORKFLOW = "<workflow>"
"""The file name that code of the workflow text is compiled under."""


class HelixError(Exception):
    """An error that a user can act on.

    ``code`` is a stable kebab-case word for programs, ``message`` a full sentence for people, ``data`` what the
    sentence was built from. Subclasses set ``code`` and build the message from the data they take.
    """

    code = "error"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the workflow text. Lines and columns count from 1; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with a workflow text: ``message`` says what, ``hint`` what to write instead."""

    code: str
    message: str
    span: Span
    hint: str = ""
    severity: Literal["error", "warning"] = "error"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` was most likely meant to be, or None where nothing is near."""
    return _nearest(name, tuple(candidates))


@lru_cache(256)  # one mistake may be made thousands of times in a loop
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    exact = [candidate for candidate in names if candidate.lower() == name.lower()]
    matches = exact or get_close_matches(name, names, n=1, cutoff=0.6)
    return matches[0] if matches else None
