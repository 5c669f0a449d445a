"""The Celery application: Redis carries run ids to the workers, and nothing that may not be lost."""

from __future__ import annotations

import os
from typing import Final

from celery import Celery
from celery.signals import setup_logging

from helixweb import addresses

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")

INTERACTIVE: Final = "interactive"  # the queue of questions that somebody waits for in a chart: never behind a run

app = Celery("helixweb", include=["helixweb.jobs.tasks", "helixweb.jobs.lifecycle"])
app.conf.update(
    broker_url=addresses.broker(),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A request does not wait for a Redis that is away: what could not be published now, the reaper enqueues later.
    task_publish_retry=False,
    # Nor for one that hangs: whoever listens asks again each second, so that no answer takes longer.
    broker_transport_options={
        "max_retries": 1,
        "interval_start": 0.05,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
    task_ignore_result=True,
    task_default_queue="runs",
    task_routes={"helixweb.answer": {"queue": INTERACTIVE}},
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,  # it concerns tasks that acknowledge late: none of ours
)


@setup_logging.connect
def _leave_logs_alone(**_: object) -> None:
    """Celery would set the level of all logs; the settings have configured them (see ``helixweb.logs``)."""
