"""How four workflows are worked on: ten versions of each, every one the version before with one edit.

The first version is in ``texts/``; a module for each workflow has its nine edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from benchmarks.schedules import census, digits, mentions, topics
from benchmarks.schedules.edits import Edit

_TEXTS = Path(__file__).resolve().parent / "texts"
EDITS: Mapping[str, Sequence[Edit]] = MappingProxyType(
    {"census": census.EDITS, "mentions": mentions.EDITS, "digits": digits.EDITS, "topics": topics.EDITS}
)


@dataclass(frozen=True)
class Version:
    """One version of a workflow: the kind of the edit that made it (– for the first), what it does, and the text."""

    kind: str
    what: str
    text: str


def versions(workflow: str) -> list[Version]:
    """The ten versions of a workflow, in order."""
    found = [Version("–", "initial", (_TEXTS / f"{workflow}.py").read_text())]
    for edit in EDITS[workflow]:
        found.append(Version(edit.kind, edit.what, edit.apply(found[-1].text)))
    return found
