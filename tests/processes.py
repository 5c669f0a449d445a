"""Looks at processes from outside: each may be gone between two looks, which is no error here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
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


def children_of(pid: int) -> list[int]:
    """The processes that one started, by the kernel's own lists; none where it is gone."""
    found: list[int] = []
    for task in listed(f"/proc/{pid}/task"):
        with suppress(OSError):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def descendants(pid: int) -> set[int]:
    """All processes below one, however far down."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        fresh = set(children_of(waiting.pop())) - found
        waiting.extend(fresh)
        found |= fresh
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    return ""


def file_of(path: str | Path) -> tuple[int, int]:
    """What a file is whatever its name: device and number."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def files_of(pid: int) -> set[tuple[int, int]]:
    """The files that a process has open now."""
    found = set()
    for number in listed(f"/proc/{pid}/fd"):
        with suppress(OSError):  # closed since
            found.add(file_of(f"/proc/{pid}/fd/{number}"))
    return found


def sockets_of(pid: int) -> set[str]:
    """The inodes of the sockets that a process has open now."""
    found = set()
    for number in listed(f"/proc/{pid}/fd"):
        with suppress(OSError):  # closed since
            target = os.readlink(f"/proc/{pid}/fd/{number}")
            if target.startswith("socket:"):
                found.add(target.removeprefix("socket:[").rstrip("]"))
    return found


def listed(folder: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(folder)
    return []
