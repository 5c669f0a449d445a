"""What the explorer process does: it answers the questions of charts, and has evicted data made anew for them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.db import DatabaseError, connection

from helixweb import places
from helixweb.celery import app
from helixweb.jobs import services as jobs
from helixweb.jobs.asking import told
from helixweb.watch import BEATS
from metrics import services as runs
from metrics.models import ACTIVE, Run
from snapshots import answering, sources
from snapshots.models import Answer
from snapshots.services import cancel_unwatched, forget
from snapshots.watching import Watch
from workflows.errors import HelixError

log = structlog.get_logger()

REAP_EVERY: Final = 1.0  # seconds
FORGET_EVERY: Final = 3600.0
LOST: Final = "The data had been evicted, and computing them anew failed: {}"

_owner: Final = secrets.token_hex(16)
_watch: Final = Watch()
_stopping: Final = threading.Event()


@app.task(name="helixweb.answer")
def answer(answer_id: str) -> None:
    """Answer a chart's question. A message that comes twice finds it answered, and does nothing."""
    owner = f"{_owner}{secrets.token_hex(4)}"
    try:
        if answering.take_up(answer_id, owner, _watch) == "evicted":
            make_anew()
    except DatabaseError as error:
        log.warning("a question could not be answered; it is taken up again", answer=answer_id, error=str(error))
        connection.close()
    except Exception:  # the edge of a process
        log.exception("a question failed in HelixWeb itself", answer=answer_id)
        answering.give_up(answer_id, owner)


def make_anew() -> None:
    """Have a run make the data that answers wait for, and nothing else; then the answers are pending again."""
    for waiting in _by_node(answering.waiting()):
        first = waiting[0]
        run = Run.objects.filter(id=first.run).first() if first.run else None
        if run is None:
            _start(waiting)
        elif run.status == "succeeded":
            told(answering.made(waiting))
        elif run.status not in ACTIVE:
            for each in waiting:
                answering.unmade(each, LOST.format(run.message or run.status))


def _by_node(waiting: Sequence[Answer]) -> list[list[Answer]]:
    found: dict[tuple[str, str], list[Answer]] = {}
    for each in waiting:
        found.setdefault((each.snapshot.version_id or "", each.snapshot.dashboard.node), []).append(each)
    return list(found.values())


def _start(waiting: Sequence[Answer]) -> None:
    snapshot = waiting[0].snapshot
    try:
        if snapshot.version_id is None:
            raise HelixError("The versions themselves are never evicted.")
        assert snapshot.version is not None
        nodes = sources.nodes(snapshot.version, snapshot.dashboard.node)
        run = jobs.run_again(snapshot.version_id, reuse=True, only=nodes, policy="outputs")
    except runs.RunActive:
        return  # when it has ended, this is tried again
    except HelixError as error:
        for each in waiting:
            answering.unmade(each, LOST.format(error.message))
    else:
        answering.made_by(waiting, run.id)


@worker_ready.connect
def _ready(**_: Any) -> None:
    _watch.start()
    threading.Thread(target=_reap, name="reaper", daemon=True).start()


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _stopping.set()


@worker_shutdown.connect
def _end(**_: Any) -> None:
    _watch.close()


def _reap() -> None:
    """Every so often: take up what a dead explorer left, drop what nobody waits for, go on where data are back."""
    forgot = -FORGET_EVERY
    while not _stopping.is_set():
        (places.home() / BEATS["explorer"]).touch()
        try:
            told(answering.requeued())
            cancel_unwatched()
            make_anew()
            if time.monotonic() - forgot > FORGET_EVERY:
                forgot = time.monotonic()
                forget()
        except Exception:  # the edge of a thread that must not end
            log.exception("the reaper failed; it tries again")
        finally:
            if connection.vendor != "sqlite":
                connection.close()
        _stopping.wait(REAP_EVERY)
    connection.close()
