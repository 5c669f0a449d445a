"""Watches over the runs: takes up again what a dead worker left; and notices that this worker is to end."""

from __future__ import annotations

import threading
from typing import Any, Final

import structlog
from celery.signals import worker_ready, worker_shutting_down
from django.db import connection

from helixweb.jobs.lease import stopping
from helixweb.jobs.services import enqueue
from metrics.services import requeue_expired

log = structlog.get_logger()

REAP_EVERY: Final = 5.0


@worker_ready.connect
def _ready(**_: Any) -> None:
    threading.Thread(target=reap, name="reaper", daemon=True).start()


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.set()


def reap() -> None:
    """Every 5 s: take up again what a dead worker left, and what a lost message never announced."""
    while True:
        try:
            for run_id in requeue_expired():
                log.info("taking a run up again", run=run_id)
                enqueue(run_id)
        except Exception:  # the edge of a thread that must not end
            log.exception("the reaper failed; it tries again")
        finally:
            connection.close()
        if stopping.wait(REAP_EVERY):
            return
