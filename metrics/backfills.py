"""The life of a backfill, each step a compare-and-set, as that of a run is; and the values that it adds to versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from metrics.models import Backfill, BackfilledVersion, MetricPoint, Run, VersionResult
from metrics.services import LEASE, MAX_ATTEMPTS, TELL_AGAIN, LeaseLost
from metrics.signals import backfill_changed
from versions.models import Version
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.statements import insert, upsert

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
VersionStatus = Literal["waiting", "done", "failed", "refused", "cancelled"]
RECENT: Final = 20
NO_NUMBER: Final = "What it gave is no number, so it is no metric."


@dataclass(frozen=True, slots=True)
class Outcome:
    status: Status
    message: str


class BackfillNotFound(HelixError):
    code = "backfill-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such backfill. Its values may have been removed.")


class BackfillActive(HelixError):
    code = "backfill-active"

    def __init__(self) -> None:
        super().__init__("A backfill of this workflow is under way. Wait for its end, or cancel it, then try again.")


def get(backfill_id: str) -> Backfill:
    """The backfill. Raises BackfillNotFound."""
    found = Backfill.objects.filter(id=backfill_id, workflow__deleted_at=None).first()
    if found is None:
        raise BackfillNotFound
    return found


def recent(workflow_id: str) -> QuerySet[Backfill]:
    """The workflow's newest backfills, newest first. Raises WorkflowNotFound."""
    return Backfill.objects.filter(workflow=workflows.get(workflow_id)).order_by("-requested_at")[:RECENT]


def queue(workflow_id: str, text: str, nodes: Mapping[str, str], versions: Sequence[Version]) -> Backfill:
    """Queue a backfill of nodes, each with its operator. Raises BackfillActive where one has not ended."""
    now = timezone.now()
    try:
        with transaction.atomic():
            made = Backfill.objects.create(
                workflow_id=workflow_id, text=text, nodes=dict(nodes), requested_at=now, announced_at=now
            )
            BackfilledVersion.objects.bulk_create(BackfilledVersion(backfill=made, version=each) for each in versions)
            _tell(made)
            return made
    except IntegrityError as error:
        raise BackfillActive from error


def claim(backfill_id: str, owner: str) -> Backfill | None:
    """Take a queued backfill up under a lease; None where it is not queued, or where another one is being worked on.

    One goes on at a time, whatever workflow it is of: the threads of a worker are for runs, which somebody waits for.
    """
    now = timezone.now()
    others = Backfill.objects.filter(status="running").exclude(id=OuterRef("id"))
    with transaction.atomic():
        claimed = Backfill.objects.filter(~Exists(others), id=backfill_id, status="queued").update(
            status="running", lease_owner=owner, lease_until=now + LEASE, attempt=F("attempt") + 1, started_at=now
        )
        if not claimed:
            return None
        found = Backfill.objects.get(id=backfill_id)
        _tell(found)
        return found


def held(backfill_id: str, owner: str) -> QuerySet[Backfill]:
    """The backfill as far as ``owner`` still holds it: every write of a worker goes through this."""
    return Backfill.objects.filter(id=backfill_id, status="running", lease_owner=owner)


def renew(backfill_id: str, owner: str) -> None:
    """Hold the backfill for another lease's time. Raises LeaseLost."""
    if not held(backfill_id, owner).update(lease_until=timezone.now() + LEASE):
        raise LeaseLost


def cancel_requested(backfill_id: str, owner: str) -> bool:
    """Whether the user asked for the end of a backfill that ``owner`` holds. Raises LeaseLost where it does not."""
    asked = held(backfill_id, owner).values_list("cancel_requested", flat=True).first()
    if asked is None:
        raise LeaseLost
    return asked


def plan(backfill: Backfill, estimate: float, refused: Mapping[int, str]) -> None:
    """Note the plan: seconds in all, and by their numbers the versions that cannot have it. Raises LeaseLost."""
    with transaction.atomic():
        if not held(backfill.id, backfill.lease_owner).update(estimate=estimate):
            raise LeaseLost
        for number, reason in refused.items():
            _waiting(backfill, number).update(status="refused", message=reason)
        _tell(backfill)


def add(backfill: Backfill, measured: Mapping[int, Sequence[MetricPoint]]) -> None:
    """Give versions, by their numbers, what was computed for them: points that have no run yet.

    They become points of the run whose metrics are shown of the version: of those that succeeded the newest whole one,
    else the newest. What a version has by now is not added to it. Raises LeaseLost.
    """
    with transaction.atomic():
        if held(backfill.id, backfill.lease_owner).select_for_update().first() is None:
            raise LeaseLost
        shown, known = runs_shown(backfill.workflow_id, measured), _known(backfill, measured)
        points: list[MetricPoint] = []
        for number, found in measured.items():
            became = {"status": "done"} if found else {"status": "failed", "message": NO_NUMBER}
            if not _waiting(backfill, number).update(**became):
                continue
            for point in found:
                if (number, point.node) not in known:
                    point.run_id, point.backfill = shown[number], backfill
                    points.append(point)
        insert(points)
        _tell(backfill)


def note_results(backfill: Backfill, signatures: Mapping[int, Iterable[str]]) -> None:
    """Note which results versions, by their numbers, have in their graphs with what is computed for them."""
    ids = dict(backfill.versions.values_list("version__number", "version"))
    rows = [
        VersionResult(signature=signature, version_id=ids[number])
        for number, those in signatures.items()
        if number in ids  # else it was removed meanwhile
        for signature in sorted(set(those))
    ]
    with transaction.atomic():
        upsert(rows, ["signature", "version"])


def fail(backfill: Backfill, failures: Mapping[int, str]) -> None:
    """Note why versions, by their numbers, did not get it. Raises LeaseLost."""
    with transaction.atomic():
        if held(backfill.id, backfill.lease_owner).select_for_update().first() is None:
            raise LeaseLost
        for number, reason in failures.items():
            _waiting(backfill, number).update(status="failed", message=reason)
        _tell(backfill)


def outcome(backfill: Backfill, *, cancelled: bool, failure: str) -> Outcome:
    """How a backfill ends that was cancelled, failed as a whole, or has tried every version: it succeeded where one got
    its values."""
    became = list(backfill.versions.values_list("status", flat=True))
    done, without = became.count("done"), became.count("failed") + became.count("refused")
    if cancelled:
        return Outcome("cancelled", f"Cancelled. {done} of {len(became)} versions had it by then, and keep it.")
    if failure or not done:
        return Outcome("failed", failure or "No version could have it.")
    return Outcome("succeeded", f"{without} of {len(became)} versions could not have it." if without else "")


def finish(backfill: Backfill, status: Status, *, seconds: float, message: str) -> None:
    """End a backfill. Raises LeaseLost."""
    with transaction.atomic():
        _end(_locked(held(backfill.id, backfill.lease_owner)), status, message, seconds)


def release(backfill: Backfill) -> None:
    """Put a backfill back into the queue, since its worker stops; the attempt does not count. Raises LeaseLost."""
    with transaction.atomic():
        _requeue(_locked(held(backfill.id, backfill.lease_owner)), attempt=F("attempt") - 1)


def interrupted(backfill: Backfill, reason: str) -> Status:
    """Have a backfill tried again that was ended by no fault of its own, or fail it after the third attempt.

    Returns what became of it. Raises LeaseLost.
    """
    with transaction.atomic():
        return _try_again(_locked(held(backfill.id, backfill.lease_owner)), reason)


def request_cancel(backfill_id: str) -> Backfill:
    """Ask for a backfill to stop; what was computed stays. A queued one ends at once, an ended one stays as it is.

    Raises BackfillNotFound.
    """
    with transaction.atomic():
        found = Backfill.objects.select_for_update().filter(id=backfill_id).first()
        if found is None:
            raise BackfillNotFound
        if found.status == "queued":
            _end(found, "cancelled", "Cancelled before it started.")
        elif found.status == "running":
            Backfill.objects.filter(id=backfill_id).update(cancel_requested=True)
        found.refresh_from_db()
    return found


def remove(backfill_id: str) -> None:
    """Take away a backfill with every value that it added; a worker that is at it stops. Raises BackfillNotFound."""
    with transaction.atomic():
        found = get(backfill_id)
        workflows.tell(found.workflow_id)
        found.delete()


def requeue_expired() -> list[str]:
    """Put backfills whose worker has died back into the queue, or fail them after the third attempt.

    Returns those that workers have to be told of, as ``services.requeue_expired`` does of runs.
    """
    now = timezone.now()
    with transaction.atomic():
        for each in Backfill.objects.select_for_update().filter(status="running", lease_until__lt=now):
            _try_again(each, "Its worker died, or could not be reached.")
        untold = Q(announced_at=None) | Q(announced_at__lt=now - TELL_AGAIN)
        waiting = list(Backfill.objects.filter(untold, status="queued").values_list("id", flat=True))
        Backfill.objects.filter(id__in=waiting).update(announced_at=now)
        return waiting


def next_queued() -> str | None:
    """The backfill that has waited longest."""
    return Backfill.objects.filter(status="queued").order_by("requested_at").values_list("id", flat=True).first()


def unannounced(backfill_id: str) -> None:
    """The workers could not be told of a queued backfill: ``requeue_expired`` will name it."""
    Backfill.objects.filter(id=backfill_id, status="queued").update(announced_at=None)


def waiting(backfill: Backfill) -> list[Version]:
    """The versions that nothing has become of yet, by number."""
    rows = backfill.versions.filter(status="waiting").select_related("version").order_by("version__number")
    return [row.version for row in rows]


def runs_shown(workflow_id: str, numbers: Iterable[int] | None = None) -> dict[int, str]:
    """Of each version that a run of succeeded, by number, the run whose metrics are shown; of the numbered ones, or of
    all."""
    runs = Run.objects.filter(workflow=workflow_id, status="succeeded")
    if numbers is not None:
        runs = runs.filter(version__number__in=list(numbers))
    rows = list(runs.order_by("queued_at").values_list("version__number", "id", "only"))
    found = {number: run for number, run, only in rows if only}
    return found | {number: run for number, run, only in rows if not only}


def _known(backfill: Backfill, numbers: Iterable[int]) -> set[tuple[int, str]]:
    """What versions have of the nodes, by number and node."""
    points = MetricPoint.objects.filter(run__workflow=backfill.workflow_id, run__status="succeeded")
    of_these = points.filter(run__version__number__in=list(numbers), node__in=list(backfill.nodes))
    return set(of_these.values_list("run__version__number", "node"))


def _waiting(backfill: Backfill, number: int) -> QuerySet[BackfilledVersion]:
    return backfill.versions.filter(version__number=number, status="waiting")


def _locked(rows: QuerySet[Backfill]) -> Backfill:
    found = rows.select_for_update().first()
    if found is None:
        raise LeaseLost
    return found


def _try_again(backfill: Backfill, reason: str) -> Status:
    if backfill.cancel_requested:
        return _end(backfill, "cancelled", f"Cancelled. {reason}")
    if backfill.attempt >= MAX_ATTEMPTS:
        last = f"{reason} That was attempt {backfill.attempt}, and the last; the worker's log may say more."
        return _end(backfill, "failed", last)
    return _requeue(backfill)


def _requeue(backfill: Backfill, **changes: Any) -> Status:
    """What was computed stays; what was not waits."""
    _change(backfill, status="queued", started_at=None, announced_at=None, **changes)
    return "queued"


def _end(backfill: Backfill, status: Status, message: str, seconds: float = 0.0) -> Status:
    became: VersionStatus = "failed" if status == "failed" else "cancelled"
    backfill.versions.filter(status="waiting").update(status=became, message=message)
    _change(backfill, status=status, message=message, seconds=seconds, finished_at=timezone.now())
    workflows.tell(backfill.workflow_id)
    return status


def _change(backfill: Backfill, **changes: Any) -> None:
    Backfill.objects.filter(id=backfill.id).update(lease_owner="", lease_until=None, **changes)
    _tell(backfill)


def _tell(backfill: Backfill) -> None:
    found = backfill.id
    transaction.on_commit(lambda: backfill_changed.send(Backfill, backfill=found))
