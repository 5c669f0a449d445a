"""The life of a worker process: it warms up, watches over runs whose worker has died, and ends without losing any."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any, Final

import structlog
from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import connection

from helixweb import places
from helixweb.jobs import backfilling
from helixweb.jobs.lease import stopping
from helixweb.jobs.services import announce
from helixweb.jobs.warm import spark_server, warm_server
from helixweb.watch import BEATS
from metrics import backfills
from metrics.services import LEASE, requeue_expired
from workflows import services as workflows
from workflows.execution.runner import stand_by

log = structlog.get_logger()

REAP_EVERY: Final = LEASE.total_seconds() / 3


@worker_init.connect
def _warm_up(**_: Any) -> None:
    warm_server.start()
    missing = settings.ISOLATION.missing
    if missing is None:
        log.info("runs are put into a sandbox")
    else:
        log.warning("runs are in NO sandbox: a workflow's functions can do whatever this account can", reason=missing)


@worker_shutdown.connect
def _cool_down(**_: Any) -> None:
    warm_server.close()
    spark_server.close()


@worker_ready.connect
def _ready(**_: Any) -> None:
    gc.collect()
    gc.freeze()  # what was imported stays: a collection while somebody waits for a run need not walk all of it
    _stand_by()
    threading.Thread(target=reap, name="reaper", daemon=True).start()


def _stand_by() -> None:
    stand_by(
        warm_server,
        store=workflows.store(),
        data_root=settings.DATA_ROOT,
        limits=settings.LIMITS,
        isolation=settings.ISOLATION,
    )


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.set()


def reap() -> None:
    """Every so often, take up again what a dead worker left, and what a lost message never announced.

    Its connection to SQLite stays open: whoever closes the last one writes the whole log into the file.
    """
    while not stopping.is_set():
        (places.home() / BEATS["worker"]).touch()
        try:
            for run_id in requeue_expired():
                log.info("announcing a run again", run=run_id)
                announce(run_id)
            for backfill_id in backfills.requeue_expired():
                log.info("announcing a backfill again", backfill=backfill_id)
                backfilling.announce(backfill_id)
        except Exception:  # the edge of a thread that must not end
            log.exception("the reaper failed; it tries again")
        finally:
            if connection.vendor != "sqlite":
                connection.close()
        while _overslept():
            pass
    connection.close()


def _overslept() -> bool:
    """Rest until the next round. True where this machine stood still for longer than that: leases have run out whose
    holders are well, and get the time to renew them."""
    began = time.monotonic()
    stopping.wait(REAP_EVERY)
    return time.monotonic() - began > 2 * REAP_EVERY and not stopping.is_set()
