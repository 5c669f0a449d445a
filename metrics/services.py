"""The life of a run, each step a compare-and-set: queued, claimed under a lease, finished, released, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from metrics.models import ACTIVE, Run, RunEvent, RunId
from metrics.signals import run_changed
from versions.models import Version
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.events import Event, RunFinished, RunRequeued, RunStatus, to_json
from workflows.execution.engines import Asked
from workflows.optimizer.materialize import Policy

LEASE: Final = timedelta(seconds=settings.LEASE_SECONDS)
TELL_AGAIN: Final = LEASE
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


def any_active() -> bool:
    """Whether a run of any workflow is queued or running."""
    return Run.objects.filter(status__in=ACTIVE).exists()


def active(workflow_id: str) -> Run | None:
    """The run of a workflow that is queued or running, if any."""
    return Run.objects.filter(workflow=workflow_id, status__in=ACTIVE).first()


def queue(
    version: Version,
    *,
    reuse: bool,
    force: Sequence[str],
    only: Sequence[str] = (),
    policy: Policy | None = None,
    engine: Asked = "auto",
) -> Run:
    """Queue a run of a version. Raises RunActive where the workflow has one that has not ended."""
    try:
        with transaction.atomic():
            return Run.objects.create(
                workflow_id=version.workflow_id,
                version=version,
                reuse=reuse,
                force=list(force),
                only=list(only),
                policy=policy or "",
                engine=engine,
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
        return Run.objects.select_related("version").get(id=run_id) if claimed else None


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
    """Put a run back into the queue, since its worker stops; the attempt does not count. Raises LeaseLost."""
    with transaction.atomic():
        run = _locked(held(run_id, owner))
        _requeue(run, "Its worker was stopped.", attempt=run.attempt - 1)


def interrupted(run_id: str, owner: str, reason: str) -> RunStatus:
    """Have a run tried again that was ended by no fault of its own, or fail it after the third attempt.

    Returns what became of it: queued, failed, or cancelled where the user asked for that. Raises LeaseLost.
    """
    with transaction.atomic():
        return _try_again(_locked(held(run_id, owner)), reason)


def request_cancel(run_id: str) -> Run:
    """Ask for a run to stop. A queued run ends at once, a running one by its worker; an ended one stays as it is."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(id=run_id).first()
        if run is None:
            raise RunNotFound
        if run.status == "queued":
            _end(run, "cancelled", "Cancelled before it started.")
        elif run.status == "running":
            Run.objects.filter(id=run_id).update(cancel_requested=True)
        run.refresh_from_db()
    return run


def finish(
    run_id: str, owner: str, status: RunStatus, *, seconds: float, message: str, scratch: float | None = None
) -> None:
    """End a run with its last event. Raises LeaseLost."""
    with transaction.atomic():
        _end(_locked(held(run_id, owner)), status, message, seconds, scratch=scratch)


def estimate_scratch(run: Run, seconds: float) -> None:
    """Note what a run that has ended would have taken to compute everything."""
    with transaction.atomic():
        Run.objects.filter(id=run.id).update(scratch=seconds)
        workflows.tell(run.workflow_id)


def requeue_expired() -> list[RunId]:
    """Put runs whose worker has died back into the queue, or fail them after the third attempt.

    Returns the runs that workers have to be told of: those, and queued ones that nobody took up for long, since their
    message may be lost. Telling of one twice does no harm, for only one task can claim it.
    """
    now = timezone.now()
    with transaction.atomic():
        for run in Run.objects.select_for_update().filter(status="running", lease_until__lt=now):
            _try_again(run, "Its worker died, or could not be reached.")
        untold = Q(announced_at=None) | Q(announced_at__lt=now - TELL_AGAIN)
        waiting = [RunId(each) for each in Run.objects.filter(untold, status="queued").values_list("id", flat=True)]
        Run.objects.filter(id__in=waiting).update(announced_at=now)
        return waiting


def unannounced(run_id: str) -> None:
    """The workers could not be told of a queued run: ``requeue_expired`` will name it."""
    Run.objects.filter(id=run_id, status="queued").update(announced_at=None)


def _locked(rows: QuerySet[Run]) -> Run:
    """The run of a worker, which nobody else changes until this transaction ends. Raises LeaseLost."""
    run = rows.select_for_update().first()
    if run is None:
        raise LeaseLost
    return run


def _try_again(run: Run, reason: str) -> RunStatus:
    if run.cancel_requested:
        return _end(run, "cancelled", f"Cancelled. {reason}")
    if run.attempt >= MAX_ATTEMPTS:
        return _end(run, "failed", f"{reason} That was attempt {run.attempt}, and the last; the log may say more.")
    return _requeue(run, reason)


def _requeue(run: Run, reason: str, **changes: Any) -> RunStatus:
    """Nothing of the attempt stays to be seen but its events."""
    _append(run, RunRequeued(reason), status="queued", started_at=None, announced_at=None, **changes)
    run.nodes.exclude(status="pruned").update(status="waiting", seconds=None, bytes=None, stored=False, error=None)
    run.metrics.all().delete()
    return "queued"


def _end(run: Run, status: RunStatus, message: str, seconds: float = 0.0, **changes: Any) -> RunStatus:
    event = RunFinished(status, seconds, message)
    _append(run, event, status=status, seconds=seconds, message=message, finished_at=timezone.now(), **changes)
    run.nodes.filter(status__in=("waiting", "running")).update(status="skipped")
    workflows.tell(run.workflow_id)
    return status


def _append(run: Run, event: Event, **changes: Any) -> None:
    """Write the next event of a run that nobody holds from now on, and the state that it describes."""
    number = run.last_event + 1
    RunEvent.objects.create(run=run, number=number, at=timezone.now(), event=to_json(event))
    Run.objects.filter(id=run.id).update(last_event=number, lease_owner="", lease_until=None, **changes)
    transaction.on_commit(lambda: run_changed.send(Run, run=run.id))
