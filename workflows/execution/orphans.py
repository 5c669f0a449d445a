"""Finds and ends what a process left behind: on Linux, orphans go to the nearest ancestor that asked for them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Collection

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 1.0  # seconds for what was killed to be gone: only what waits for a device takes longer
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """From now on, whatever a descendant leaves behind becomes a child of this process."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_of(pid: int) -> list[int]:
    """The processes whose parent ``pid`` is; none where it is gone."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    return found


def family_of(pid: int) -> list[int]:
    """A process and all below it, from the top down."""
    found = [pid]
    for each in found:
        found += children_of(each)
    return found


def end(pids: Collection[int]) -> None:
    """Kill processes, each with its group, if it leads one, and with all below it; returns at once."""
    for pid in {each for top in pids for each in family_of(top)}:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)


def end_orphans(own: Collection[int]) -> None:
    """Kill the children of this process whose process group is none of ``own``, and take note of their ends.

    What they had started in turn comes to this process when they die, so it is looked for until there is nothing.
    """
    until = time.monotonic() + _PATIENCE
    while (orphans := [pid for pid in children_of(os.getpid()) if _group_of(pid) not in own]) and (
        time.monotonic() < until
    ):
        end(orphans)
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
