"""Watches what a run uses, with all processes that it started, and says which of its limits it has gone beyond.

Linux, ``proc(5)``.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from workflows.execution.limits import Limits, in_words, raising
from workflows.execution.orphans import family_of

_DISK_SECONDS = 0.5  # between two looks at the files of a run
_MOST_FILES = 100_000
_PATIENCE = 0.02  # seconds that are waited for an answer before one looks at the rest
_TICKS = os.sysconf("SC_CLK_TCK")
_OWN = 5  # processes of a run that are ours: keeper, run process, and three that hold its sandbox


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that a run has gone beyond: ``code`` for programs, ``message`` for people."""

    code: str
    message: str


class Watchdog:
    """Watches one run, which may write to the folder ``staging``."""

    def __init__(self, limits: Limits, staging: Path) -> None:
        self._limits = limits
        self._staging = staging
        self._disk_at = 0.0
        self._measuring: Thread | None = None
        self._measured = 0

    def look(self, keeper: int, seconds: float) -> Excess | None:
        """What the run of a keeper has too much of, ``seconds`` after it began; None where all is well."""
        limits, family = self._limits, family_of(keeper)
        if limits.wall_seconds is not None and seconds > limits.wall_seconds:
            return Excess(
                "time-limit", f"The run took longer than {limits.wall_seconds:g} s, its limit. {raising('time')}"
            )
        if len(family) - _OWN > limits.processes:
            return Excess(
                "too-many-processes",
                f"The run had started more than {limits.processes} processes, its limit. {raising('processes')}",
            )
        if limits.cpu_seconds is not None and sum(map(_cpu_seconds, family)) > limits.cpu_seconds:
            return Excess(
                "cpu-limit",
                f"The run used more than {limits.cpu_seconds:g} s of processor time, its limit. {raising('cpu')}",
            )
        if limits.memory is not None and self._memory(family, limits.memory) > limits.memory:
            return Excess(
                "out-of-memory",
                f"The run used more than {in_words(limits.memory)} of memory, its limit. Take fewer rows or columns; "
                f"or raise it: {raising('memory')}",
            )
        return self._disk()

    def _memory(self, family: list[int], limit: int) -> int:
        """Bytes of memory that no file backs. What processes share is counted once, where that decides.

        To tell that, the kernel waits for processes that fork: so another thread asks, and its answer is the next one.
        """
        size = sum(_kilobytes(pid, "status", ("RssAnon:", "RssShmem:", "VmSwap:")) for pid in family) * 1024
        if size <= limit:
            return size
        if self._measuring is None:
            self._measuring = Thread(target=self._measure, args=(family,), name="memory", daemon=True)
            self._measuring.start()
        self._measuring.join(_PATIENCE)
        if self._measuring.is_alive():
            return 0
        self._measuring = None
        return self._measured

    def _measure(self, family: list[int]) -> None:
        names = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
        self._measured = sum(_kilobytes(pid, "smaps_rollup", names) for pid in family) * 1024

    def _disk(self) -> Excess | None:
        if time.monotonic() - self._disk_at < _DISK_SECONDS:
            return None
        self._disk_at = time.monotonic()
        files, size = _usage(self._staging)
        if size > 2 * self._limits.disk or files > _MOST_FILES:
            return Excess(
                "disk-limit",
                f"The run wrote more files than it may: {files:,} with {in_words(size)}, where {_MOST_FILES:,} with "
                f"{in_words(2 * self._limits.disk)} is the limit, results included. {raising('disk')}",
            )
        return None


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and of its children that it has waited for."""
    with contextlib.suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    return 0.0


def _kilobytes(pid: int, file: str, names: tuple[str, ...]) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(names))
    return 0


def _usage(folder: Path) -> tuple[int, int]:
    """How many files there are in a folder, and the bytes that they take on the disk."""
    files, blocks = 0, 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                blocks += os.lstat(os.path.join(path, name)).st_blocks
        files += len(names)
        if files > _MOST_FILES:
            break
    return files, blocks * 512
