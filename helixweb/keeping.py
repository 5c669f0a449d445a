"""How much is kept, and how much of it is checked: HELIX_BUDGET, HELIX_BUDGET_COUNT and HELIX_AUDIT. No Django here."""

from __future__ import annotations

import os
from pathlib import Path

from workflows.errors import HelixError
from workflows.execution.limits import bytes_in
from workflows.store.eviction import COUNT, Budget, disk_budget

AUDIT = 0.01  # the share of loads that are recomputed, unless said


class KeepingRefused(HelixError):
    """A budget or a share was given that is none."""

    code = "keeping-refused"


def budget(store: Path, given: str | None = None) -> Budget:
    """The budget of a store in a folder: what was ``given``, as 2GB, else HELIX_BUDGET, else half of what
    the disk has left; and HELIX_BUDGET_COUNT results, else COUNT. Raises KeepingRefused."""
    word, number = given or os.environ.get("HELIX_BUDGET"), os.environ.get("HELIX_BUDGET_COUNT") or str(COUNT)
    if not number.isdecimal() or int(number) < 1:
        raise KeepingRefused(f"HELIX_BUDGET_COUNT is a number of results above zero, not {number!r}.")
    if not word:
        return disk_budget(store, int(number))
    size = bytes_in(word)
    if size <= 0:
        raise KeepingRefused(f"The budget is a number of bytes above zero, as 500MB or 2GB, not {word!r}.")
    return Budget(size, int(number))


def audit(given: str | None = None) -> float:
    """The share of loads that are recomputed to be checked: what was ``given``, as 0.05 or 5%, else HELIX_AUDIT, else
    AUDIT. Raises KeepingRefused."""
    word = given or os.environ.get("HELIX_AUDIT")
    if not word:
        return AUDIT
    try:
        share = float(word.rstrip("% ")) / (100.0 if word.strip().endswith("%") else 1.0)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise KeepingRefused(f"The share of loads that are checked is from 0 to 1, or in percent, as 5%, not {word!r}.")
    return share
