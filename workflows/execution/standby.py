"""Run processes on standby: forked and in their sandbox before there is a job for them.

Making one takes longer than many a run. So once a run has ended, another process is put into the same setting, and the
next run takes it if it is to be in that setting too; where it is not, it gets one made for it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from workflows.errors import HelixError
from workflows.execution.protocol import Terms
from workflows.execution.sandbox import Isolation, View
from workflows.ports import ArtifactStore

if TYPE_CHECKING:
    from workflows.execution.warmserver import RunProcess

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run process is put into. ``view`` is what it sees of this machine, but for the folder that it writes to,
    which each has of its own; ``processes`` is how many it may start."""

    store: ArtifactStore
    view: View
    isolation: Isolation
    processes: int

    def terms(self, staging: Path) -> Terms:
        """For a process that writes to ``staging``. Raises NoSandbox."""
        view = replace(self.view, write=staging.resolve())
        view.prepare()
        sandbox = self.isolation.arguments(view)
        return Terms(staging, self.processes, sandbox, None if sandbox is None else view.results)

    def shown(self) -> tuple[object, ...]:
        """What lies at the places that are shown. A sandbox goes on showing what lay there when it was made."""
        mounts = Path("/proc/self/mountinfo").read_bytes()
        view, isolation = self.view, self.isolation
        places = (*view.read, *view.share, *view.hide, *isolation.read, *isolation.hide)
        return (mounts, view.results and _identity(view.results), *map(_identity, places))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Standby:
    """A run process with the folder that it writes to, which goes with it."""

    def __init__(self, setting: Setting, fork: Callable[[Terms], RunProcess]) -> None:
        """Raises NoSandbox, and NoRunProcess."""
        self.staging = setting.store.staging()
        self._setting = setting
        try:
            self._shown = setting.shown()
            self.terms = setting.terms(self.staging)
            self.process = fork(self.terms)
        except BaseException:
            setting.store.discard(self.staging)
            raise

    def __enter__(self) -> Standby:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def serves(self, setting: Setting) -> bool:
        """Whether a process that was made for this setting would be as this one is."""
        return self._setting == setting and self._shown == setting.shown() and self.process.alive

    def close(self) -> None:
        """End the process, if it has not ended, and remove its folder."""
        self.process.close()
        self._setting.store.discard(self.staging)


class Reserve:
    """Makes run processes by ``fork``, and keeps one on standby. Safe for several threads."""

    def __init__(self, fork: Callable[[Terms], RunProcess]) -> None:
        self._fork = fork
        self._lock = threading.Lock()
        self._standby: Standby | None = None

    def take(self, setting: Setting) -> Standby:
        """A process in that setting, for whoever asks to end. Raises NoSandbox, and NoRunProcess."""
        standby = self._exchange(None)
        if standby is not None:
            if standby.serves(setting):
                return standby
            standby.close()
        return Standby(setting, self._fork)

    def restock(self, setting: Setting) -> None:
        """Have a process on standby for the next run, if that has the same setting."""
        try:
            former = self._exchange(Standby(setting, self._fork))
        except (HelixError, OSError) as error:
            logger.warning("no run process is on standby: %s", error)
        else:
            if former is not None:
                former.close()

    def close(self) -> None:
        standby = self._exchange(None)
        if standby is not None:
            standby.close()

    def _exchange(self, standby: Standby | None) -> Standby | None:
        with self._lock:
            former, self._standby = self._standby, standby
        return former
