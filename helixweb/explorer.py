"""The explorer process: ``python -m helixweb.explorer`` answers the questions of charts, whatever the runs do."""

from __future__ import annotations

import os
from typing import Final

from helixweb.celery import INTERACTIVE, app
from helixweb.worker import Beat, without_warning

THREADS: Final = 4  # questions at once; DuckDB shares the cores among them


def main() -> None:
    """Work until SIGTERM; what is being answered then is taken up by the next explorer."""
    without_warning()
    app.conf.include = ["helixweb.jobs.exploring"]
    if os.environ.get("HELIX_BEAT"):
        app.steps["worker"].add(Beat)
    options = ("--without-gossip", "--without-mingle", "--without-heartbeat", f"--queues={INTERACTIVE}")
    app.worker_main(["--quiet", "worker", "--pool=threads", f"--concurrency={THREADS}", *options])


if __name__ == "__main__":
    main()
