"""Has an explorer told of the questions that charts ask, once they are written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helixweb.jobs.services import enqueue
from snapshots.signals import answers_wanted


def connect() -> None:
    """Connect the signal; called once, when the applications are ready."""
    answers_wanted.connect(_wanted, dispatch_uid="asking")


def _wanted(answers: Sequence[str], **_: Any) -> None:
    told(answers)


def told(answers: Sequence[str]) -> None:
    """Tell the explorers of pending answers. Where Redis is away, their reaper finds them later."""
    for each in answers:
        if not enqueue("answer", each):
            return
