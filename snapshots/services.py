"""What can be done to dashboards and their snapshots; each change gets the dashboard's next revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from snapshots import sources
from snapshots.charts.spec import Chart, State, canonical, obeyed, profile_hash, question_hash, state_hash
from snapshots.models import PENDING, Answer, Dashboard, Snapshot, StoredFigure
from snapshots.signals import answers_wanted, dashboard_changed
from snapshots.words import restated
from versions import services as versions
from workflows import services as workflows
from workflows.errors import HelixError

PATIENCE: Final = timedelta(seconds=30)  # for which a page may be away: a reload looks like a close
FORGOTTEN: Final = timedelta(days=30)  # after which nothing that was deleted comes back
MOST_PENDING: Final = 200  # snapshots of one client
OURSELVES: Final = "helixweb"  # the client that asks what columns there are
PROFILE: Final = "profile"  # the answer that tells of the columns: no chart's
OVERTAKEN: Final = f"Cancelled: more than {MOST_PENDING} were waiting. Ask again for this one."
UNWATCHED: Final = "Cancelled: nobody was looking at this dashboard any more. Ask again."


class DashboardNotFound(HelixError):
    code = "dashboard-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such dashboard. It may have been deleted; the list shows what there is.")


class SnapshotNotFound(HelixError):
    code = "snapshot-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such snapshot. It may have been deleted.")


def present() -> QuerySet[Dashboard]:
    """The dashboards that are not deleted."""
    return Dashboard.objects.filter(deleted_at=None, workflow__deleted_at=None)


def get(dashboard_id: str) -> Dashboard:
    """The dashboard, deleted ones left out. Raises DashboardNotFound."""
    found = present().filter(id=dashboard_id).first()
    if found is None:
        raise DashboardNotFound
    return found


def create(workflow_id: str, node: str, version_id: str | None, title: str) -> Dashboard:
    """Make a dashboard over a node's data at a version, or with neither over the workflow's versions; its first
    snapshot has no charts yet, but the question what columns there are.

    Raises WorkflowNotFound, VersionNotFound, or NodeNotExplorable.
    """
    workflow = workflows.get(workflow_id)
    if bool(node) != bool(version_id):
        raise sources.NodeNotExplorable("Name a node and a version, or neither: then the versions are shown.")
    now = timezone.now()
    with transaction.atomic():
        made = Dashboard.objects.create(
            workflow=workflow,
            node=node,
            title=title or node or "Versions",
            created_at=now,
            watched_until=now + PATIENCE,
        )
        ask(made.id, State(), OURSELVES, version_id)
    return made


def ask(
    dashboard_id: str, state: State, client: str, version_id: str | None = None, key: str | None = None
) -> Snapshot:
    """Add the snapshot of an interaction at the end of the strip. What was answered before is ready at once.

    Its data are those of the version, else those of the last snapshot. Whoever asks a second time under a ``key``, not
    knowing whether the first one arrived, gets the snapshot of the first. Beyond MOST_PENDING waiting snapshots of the
    client, the oldest that is neither pinned nor looked at is cancelled.

    Raises DashboardNotFound, VersionNotFound or NodeNotExplorable.
    """
    asked = canonical(state)
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        known = None if key is None else dashboard.snapshots.filter(key=key).first()
        if known is not None:
            return known
        last = dashboard.snapshots.select_related("version").order_by("-number").first()
        version = last.version if last is not None else None
        if version_id is not None and dashboard.node:
            version = versions.of(dashboard.workflow_id, version_id)
        data = sources.identity(dashboard, version)
        before = State.model_validate(last.state) if last is not None else None
        dashboard.snapshots_made += 1
        snapshot = Snapshot.objects.create(
            dashboard=dashboard,
            version=version,
            number=dashboard.snapshots_made,
            state=asked.model_dump(mode="json"),
            state_hash=state_hash(asked, data),
            words=restated(asked, before, _times(data)),
            client=client,
            key=key,
            asked_at=timezone.now(),
            revision=following(dashboard),
        )
        _want(dashboard, snapshot, asked, data)
        _bound(dashboard, client)
        dashboard.looked_at = snapshot.id
        changed(dashboard)
    return snapshot


def _times(data: str) -> frozenset[str]:
    """The columns that are times, once it is known what columns there are."""
    known = StoredFigure.objects.filter(question=profile_hash(data)).values_list("figure", flat=True).first()
    return frozenset(each["name"] for each in known["columns"] if each["kind"] == "time") if known else frozenset()


def _want(dashboard: Dashboard, snapshot: Snapshot, state: State, data: str) -> None:
    """Write down what the charts ask, each answered already where the same was asked before."""
    questions = [(PROFILE, profile_hash(data)), *((chart.id, _question(chart, state, data)) for chart in state.charts)]
    now = timezone.now()
    known = set(StoredFigure.objects.filter(question__in=[each for _, each in questions]).values_list(flat=True))
    StoredFigure.objects.filter(question__in=known).update(used_at=now)
    delayed = dashboard.delay > 0.0 or dashboard.failing > 0.0
    answers = [
        Answer(
            snapshot=snapshot,
            chart=chart,
            place=place,
            question=question,
            status="ready" if question in known and not delayed else "pending",
            delivered=question in known and not delayed,
            seconds=0.0 if question in known else None,
            announced_at=now,
            revision=snapshot.revision,
        )
        for place, (chart, question) in enumerate(questions)
    ]
    Answer.objects.bulk_create(answers)
    wanted = [answer.id for answer in answers if answer.status == "pending"]
    if wanted:
        _announce(wanted)


def _question(chart: Chart, state: State, data: str) -> str:
    return question_hash(chart, obeyed(chart, state), data)


def _bound(dashboard: Dashboard, client: str) -> None:
    mine = Snapshot.objects.filter(client=client, deleted_at=None, answers__status__in=PENDING).distinct()
    beyond = mine.count() - MOST_PENDING
    if beyond > 0:
        spare = mine.filter(pinned=False).exclude(id=dashboard.looked_at).order_by("asked_at")
        for place, snapshot in spare.values_list("dashboard", "id")[:beyond]:
            if place == dashboard.id:
                _cancel(dashboard, [snapshot], OVERTAKEN)
            else:  # once our own dashboard is not locked any more: two that wait for each other would wait for ever
                transaction.on_commit(partial(cancel, place, [snapshot], OVERTAKEN), robust=True)


def cancel(dashboard_id: str, snapshot_ids: Sequence[str] | None, message: str = "Cancelled.") -> Dashboard:
    """Cancel what these snapshots wait for, or (None) all of the dashboard's. Raises DashboardNotFound."""
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        if snapshot_ids is None:
            snapshot_ids = list(dashboard.snapshots.values_list("id", flat=True))
        _cancel(dashboard, snapshot_ids, message)
        changed(dashboard)
    return dashboard


def _cancel(dashboard: Dashboard, snapshot_ids: Iterable[str], message: str) -> None:
    waiting = Q(status__in=PENDING) | Q(delivered=False)
    found = Answer.objects.filter(waiting, snapshot__in=list(snapshot_ids), snapshot__dashboard=dashboard)
    if found.exists():
        found.update(
            status="cancelled",
            code="cancelled",
            message=message,
            delivered=True,
            due_at=None,
            lease_owner="",
            lease_until=None,
            revision=following(dashboard),
        )
        changed(dashboard)


def retry(dashboard_id: str, snapshot_id: str, charts: Sequence[str] = ()) -> Snapshot:
    """Ask again for what failed or was cancelled in a snapshot: of these charts, or all.

    Raises DashboardNotFound or SnapshotNotFound.
    """
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        snapshot = _snapshot(dashboard, snapshot_id)
        again = snapshot.answers.filter(status__in=("failed", "cancelled"))
        if charts:
            again = again.filter(chart__in=charts)
        ids = list(again.values_list("id", flat=True))
        Answer.objects.filter(id__in=ids).update(
            status="pending",
            code="",
            message="",
            note="",
            run="",
            estimate=None,
            delivered=False,
            due_at=None,
            announced_at=timezone.now(),
            revision=following(dashboard),
        )
        _announce(ids)
        changed(dashboard)
    return snapshot


def note(dashboard_id: str, snapshot_id: str, *, label: str | None = None, pinned: bool | None = None) -> Snapshot:
    """Label a snapshot, pin it, or let go of it. Raises DashboardNotFound or SnapshotNotFound."""
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        snapshot = _snapshot(dashboard, snapshot_id)
        snapshot.label = snapshot.label if label is None else label
        snapshot.pinned = snapshot.pinned if pinned is None else pinned
        snapshot.revision = following(dashboard)
        snapshot.save(update_fields=["label", "pinned", "revision"])
        changed(dashboard)
    return snapshot


def delete(dashboard_id: str, snapshot_ids: Sequence[str], *, deleted: bool = True) -> None:
    """Take snapshots out of the strip, or with ``deleted`` False back in: what they wait for is cancelled.

    Raises DashboardNotFound.
    """
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        if deleted:
            _cancel(dashboard, snapshot_ids, "Cancelled.")
        dashboard.snapshots.filter(id__in=list(snapshot_ids)).update(
            deleted_at=timezone.now() if deleted else None, revision=following(dashboard)
        )
        changed(dashboard)


def rename(dashboard_id: str, title: str) -> Dashboard:
    """Raises DashboardNotFound."""
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        dashboard.title = title
        dashboard.save(update_fields=["title"])
        changed(dashboard)
    return dashboard


def delay(dashboard_id: str, seconds: float, variation: float, failing: float) -> Dashboard:
    """Have answers be delivered so late from now on, give or take the variation, and such a share fail at first.

    Raises DashboardNotFound.
    """
    with transaction.atomic():
        dashboard = locked(dashboard_id)
        dashboard.delay, dashboard.variation, dashboard.failing = seconds, variation, failing
        dashboard.save(update_fields=["delay", "variation", "failing"])
        following(dashboard)
        changed(dashboard)
    return dashboard


def remove(dashboard_id: str) -> None:
    """Take a dashboard off the list; ``restore`` undoes it. Raises DashboardNotFound."""
    cancel(dashboard_id, None)
    Dashboard.objects.filter(id=dashboard_id).update(deleted_at=timezone.now())


def restore(dashboard_id: str) -> Dashboard:
    """Undo ``remove``. Raises DashboardNotFound."""
    Dashboard.objects.filter(id=dashboard_id).update(deleted_at=None)
    return get(dashboard_id)


def watch(dashboard_id: str, looked_at: str = "") -> None:
    """A page shows the dashboard, and this snapshot large: what is pending is wanted for a while yet."""
    now = timezone.now()
    changes = {"looked_at": looked_at[:16]} if looked_at else {}
    Dashboard.objects.filter(id=dashboard_id).update(watched_until=now + PATIENCE, **changes)


def cancel_unwatched() -> None:
    """Cancel what is pending in dashboards that no page shows any more; what is pinned is still made."""
    left = Dashboard.objects.filter(watched_until__lt=timezone.now(), snapshots__answers__status__in=PENDING).distinct()
    for dashboard in left:
        spare = dashboard.snapshots.filter(pinned=False, answers__status__in=PENDING).distinct()
        cancel(dashboard.id, list(spare.values_list("id", flat=True)), UNWATCHED)


def forget() -> None:
    """Drop what was deleted long ago, and figures that long nobody has asked for, of which no snapshot is left."""
    before = timezone.now() - FORGOTTEN
    Dashboard.objects.filter(deleted_at__lt=before).delete()
    Snapshot.objects.filter(deleted_at__lt=before).delete()
    asked = Answer.objects.filter(question=OuterRef("question"))
    StoredFigure.objects.filter(~Exists(asked), used_at__lt=before).delete()


def deliver(dashboard_id: str) -> float | None:
    """Give what is due its revision, by which pages are told. Returns the seconds until the next is due, if any."""
    undelivered = Answer.objects.filter(snapshot__dashboard=dashboard_id, delivered=False, due_at__isnull=False)
    due = undelivered.order_by("due_at").values_list("due_at", flat=True)
    now, soonest = timezone.now(), due.first()
    if soonest is not None and soonest <= now:
        with transaction.atomic():
            dashboard = locked(dashboard_id)
            undelivered.filter(due_at__lte=now).update(delivered=True, revision=following(dashboard))
            changed(dashboard)
        soonest = due.first()
    return None if soonest is None else max(0.0, (soonest - now).total_seconds())


def locked(dashboard_id: str) -> Dashboard:
    """The dashboard, which nobody else changes until the caller's transaction ends. Raises DashboardNotFound."""
    found = present().select_for_update(of=("self",)).filter(id=dashboard_id).first()
    if found is None:
        raise DashboardNotFound
    return found


def _snapshot(dashboard: Dashboard, snapshot_id: str) -> Snapshot:
    found = dashboard.snapshots.filter(id=snapshot_id, deleted_at=None).first()
    if found is None:
        raise SnapshotNotFound
    return found


def following(dashboard: Dashboard) -> int:
    """The next revision of a dashboard that is locked; ``changed`` writes it down."""
    dashboard.revision += 1
    return dashboard.revision


def changed(dashboard: Dashboard) -> None:
    """Write the dashboard's counters; say that it changed once that is committed."""
    dashboard.save(update_fields=["revision", "snapshots_made", "looked_at"])
    transaction.on_commit(lambda: dashboard_changed.send(Dashboard, dashboard=dashboard.id))


def _announce(answer_ids: Sequence[str]) -> None:
    transaction.on_commit(lambda: answers_wanted.send(Answer, answers=answer_ids))
