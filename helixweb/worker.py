"""The worker process: ``python -m helixweb.worker`` runs Celery with threads, each of which supervises a run."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Final

from celery import bootsteps
from celery.exceptions import SecurityWarning

from helixweb.celery import app
from workflows.execution.orphans import adopt_orphans

THREADS: Final = 4  # runs at once; each has a process of its own, so the threads only supervise
BEAT_EVERY: Final = 5.0  # seconds


class Beat(bootsteps.StartStopStep):
    """Touches the file that HELIX_BEAT names, from the loop that takes messages: `helixweb health worker` reads it."""

    requires = ("celery.worker.components:Timer",)

    def start(self, worker: Any) -> None:
        worker.timer.call_repeatedly(BEAT_EVERY, Path(os.environ["HELIX_BEAT"]).touch)


def without_warning() -> None:
    """Celery warns of messages that carry pickles. Ours carry JSON, over a socket that this account alone may open."""
    warnings.simplefilter("ignore", SecurityWarning)


def main() -> None:
    """Work until SIGTERM; runs that are under way then go back into the queue."""
    without_warning()
    adopt_orphans()
    if os.environ.get("HELIX_BEAT"):
        app.steps["worker"].add(Beat)
    options = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    app.worker_main(["--quiet", "worker", "--pool=threads", f"--concurrency={THREADS}", *options])


if __name__ == "__main__":
    main()
