"""Looks at processes: whether one is alive, and waiting until it is not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 20.0  # seconds; a machine under load is slow, but not that slow


def alive(pid: int) -> bool:
    """Whether the process runs. A zombie does not: it only waits for its parent to look."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.01)


def descendants(pid: int) -> set[int]:
    """All processes below one, by the kernel's own lists."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        try:
            tasks = os.listdir(f"/proc/{(parent := waiting.pop())}/task")
            lists = [Path(f"/proc/{parent}/task/{task}/children").read_text() for task in tasks]
        except OSError:
            continue
        children = {int(word) for text in lists for word in text.split()}
        waiting.extend(children - found)
        found |= children
    return found
