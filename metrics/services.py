"""The life of a run, each step a compare-and-set: queued, claimed under a lease, finished, released, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from metrics.models import ACTIVE, NodeRun, Run, RunEvent, RunId
from metrics.signals import run_changed
from versions.models import Version
from workflows.errors import HelixError
from workflows.events import RunFinished, RunStatus, to_json

LEASE: Final = timedelta(seconds=settings.LEASE_SECONDS)
TELL_AGAIN: Final = 4 * LEASE
MAX_ATTEMPTS: Final = 3


class RunNotFound(HelixError):
    code = "run-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such run.")


class RunActive(HelixError):
    code = "run-active"

    def __init__(self) -> None:
        super().__init__("A run of this workflow is under way. Wait for its end, or cancel it, then run again.")


class LeaseLost(HelixError):
    """Another worker has taken the run up, or it has ended: whoever gets this stops working on it."""

    code = "lease-lost"

    def __init__(self) -> None:
        super().__init__("The run is no longer this worker's.")


def get(run_id: str) -> Run:
    """The run. Raises RunNotFound."""
    run = Run.objects.filter(id=run_id).first()
    if run is None:
        raise RunNotFound
    return run


def active(workflow_id: str) -> Run | None:
    """The run of a workflow that is queued or running, if any."""
    return Run.objects.filter(workflow=workflow_id, status__in=ACTIVE).first()


def queue(version: Version, *, reuse: bool, force: Sequence[str], estimate: float) -> Run:
    """Queue a run of a version. Raises RunActive where the workflow has one that has not ended."""
    try:
        with transaction.atomic():
            return Run.objects.create(
                workflow_id=version.workflow_id,
                version=version,
                reuse=reuse,
                force=list(force),
                estimate=estimate,
                queued_at=timezone.now(),
                announced_at=timezone.now(),
            )
    except IntegrityError as error:
        raise RunActive from error


def claim(run_id: str, owner: str) -> Run | None:
    """Take a queued run up under a lease; None where it is not queued (taken by another, ended, or deleted)."""
    now = timezone.now()
    with transaction.atomic():
        claimed = Run.objects.filter(id=run_id, status="queued").update(
            status="running",
            lease_owner=owner,
            lease_until=now + LEASE,
            attempt=F("attempt") + 1,
            started_at=now,
        )
        return Run.objects.get(id=run_id) if claimed else None


def held(run_id: str, owner: str) -> QuerySet[Run]:
    """The run as far as ``owner`` still holds it: every write of a worker goes through this."""
    return Run.objects.filter(id=run_id, status="running", lease_owner=owner)


def renew(run_id: str, owner: str) -> None:
    """Hold the run for another lease's time. Raises LeaseLost."""
    if not held(run_id, owner).update(lease_until=timezone.now() + LEASE):
        raise LeaseLost


def cancel_requested(run_id: str, owner: str) -> bool:
    """Whether the user asked for the end of a run that ``owner`` holds. Raises LeaseLost where it does not."""
    asked = held(run_id, owner).values_list("cancel_requested", flat=True).first()
    if asked is None:
        raise LeaseLost
    return asked


def release(run_id: str, owner: str) -> None:
    """Put a run back into the queue, since its worker stops; the attempt does not count. Quiet where it is not held."""
    with transaction.atomic():
        if held(run_id, owner).update(attempt=F("attempt") - 1):
            _requeue(run_id)


def request_cancel(run_id: str) -> Run:
    """Ask for a run to stop. A queued run ends at once, a running one by its worker; an ended one stays as it is."""
    with transaction.atomic():
        run = get(run_id)
        if run.status == "queued":
            _end(run, "cancelled", "Cancelled before it started.")
        elif run.status == "running":
            Run.objects.filter(id=run_id).update(cancel_requested=True)
        run.refresh_from_db()
    return run


def finish(run_id: str, owner: str, status: RunStatus, *, seconds: float, message: str) -> None:
    """End a run with its last event. Raises LeaseLost."""
    with transaction.atomic():
        run = held(run_id, owner).first()
        if run is None:
            raise LeaseLost
        _end(run, status, message, seconds)


def requeue_expired() -> list[RunId]:
    """Put runs whose worker has died back into the queue, or fail them after the third attempt.

    Returns the runs that workers have to be told of: those, and queued ones that nobody took up for long, since their
    message may be lost. Telling of one twice does no harm, for only one task can claim it.
    """
    now = timezone.now()
    with transaction.atomic():
        for run in Run.objects.filter(status="running", lease_until__lt=now):
            if run.cancel_requested:
                _end(run, "cancelled", "Cancelled; its worker had died.")
            elif run.attempt >= MAX_ATTEMPTS:
                _end(
                    run, "failed", f"The worker died {run.attempt} times while it ran this; see its log for the cause."
                )
            else:
                _requeue(run.id)
        untold = Q(announced_at=None) | Q(announced_at__lt=now - TELL_AGAIN)
        waiting = [RunId(each) for each in Run.objects.filter(untold, status="queued").values_list("id", flat=True)]
        Run.objects.filter(id__in=waiting).update(announced_at=now)
        return waiting


def unannounced(run_id: str) -> None:
    """The workers could not be told of a queued run: ``requeue_expired`` will name it."""
    Run.objects.filter(id=run_id, status="queued").update(announced_at=None)


def _requeue(run_id: str) -> None:
    Run.objects.filter(id=run_id).update(
        status="queued", lease_owner="", lease_until=None, started_at=None, announced_at=None
    )
    NodeRun.objects.filter(run=run_id).exclude(status="pruned").update(status="waiting")


def _end(run: Run, status: RunStatus, message: str, seconds: float = 0.0) -> None:
    number = run.last_event + 1
    now = timezone.now()
    event = to_json(RunFinished(status, seconds, message))
    Run.objects.filter(id=run.id).update(
        status=status,
        seconds=seconds,
        message=message,
        finished_at=now,
        last_event=number,
        lease_owner="",
        lease_until=None,
    )
    run.nodes.filter(status__in=("waiting", "running")).update(status="skipped")
    RunEvent.objects.create(run=run, number=number, at=now, event=event)
    transaction.on_commit(lambda: run_changed.send(Run, run=run.id))
