"""Has a worker read the data files that a keystroke's plan asked about: the keystroke itself never does."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from helixweb.jobs.services import enqueue
from workflows.signals import files_unread

PATIENCE: Final = 10.0  # seconds for which the same file is not asked for again, however much is typed

_lock = threading.Lock()
_asked: dict[str, float] = {}


def connect() -> None:
    """Connect the signal; called once, when the applications are ready."""
    files_unread.connect(_files_unread, dispatch_uid="reading")


def _files_unread(workflow: str, paths: Sequence[str], **_: Any) -> None:
    now = time.monotonic()
    with _lock:
        for path in [path for path, asked in _asked.items() if now - asked > PATIENCE]:
            del _asked[path]
        wanted = [path for path in paths if path not in _asked]
        _asked.update(dict.fromkeys(wanted, now))
    if wanted:
        enqueue("read_files", workflow, *wanted)
