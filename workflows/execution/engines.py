"""Which engine computes a run: the one that is asked for, or by the size of what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from workflows.execution.limits import machine_memory

Engine: TypeAlias = Literal["local", "spark"]
Asked: TypeAlias = Literal["auto", "local", "spark"]
ASKED: tuple[Asked, ...] = get_args(Asked)

SHARE = 8
"""Where files take more than one in so many bytes of the machine's memory, they do not fit in comfortably: as tables
they take up to three times as much, and features and examples as much again."""


def chosen(asked: Asked, sizes: Iterable[int | None], *, spark: bool) -> Engine:
    """The engine for files of these sizes (None: unknown); ``spark``: whether there is one to choose unasked."""
    if asked != "auto":
        return asked
    large = sum(size or 0 for size in sizes) * SHARE > machine_memory()
    return "spark" if spark and large else "local"
