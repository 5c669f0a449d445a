"""What an edit of a schedule is: changes to the text before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["DPR", "L/I", "PPR"]
"""As in Helix (Xin et al., VLDB 2018): data pre-processing, learning and inference, post-processing."""

Change: TypeAlias = Callable[[str], str]


@dataclass(frozen=True)
class Edit:
    """One edit of a schedule: its kind, what it does in words, and the changes to the text."""

    kind: Kind
    what: str
    changes: Sequence[Change]

    def apply(self, text: str) -> str:
        for change in self.changes:
            text = change(text)
        return text


def replaced(old: str, new: str) -> Change:
    """Put ``new`` where ``old`` stands, which is there once."""

    def change(text: str) -> str:
        assert text.count(old) == 1, (old, text.count(old))
        return text.replace(old, new)

    return change


def put_before(line: str, added: str) -> Change:
    """Put statements before the line that begins with ``line``."""
    return replaced(f"\n{line}", f"\n{added.strip()}\n{line}")


def wanted(name: str, statements: str) -> Change:
    """Add statements at the end, and the node ``name``, which they define, to the outputs."""

    def change(text: str) -> str:
        start, outputs = re.fullmatch(r"(.*)\nOutput\((.*)\)\n", text, re.DOTALL).groups()  # type: ignore[union-attr]
        return f"{start}{statements.rstrip()}\n\nOutput({outputs}, {name})\n"

    return change
