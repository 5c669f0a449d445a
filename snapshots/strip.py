"""Reads dashboards as their pages show them: whole, or what changed after a revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q

from snapshots import sources
from snapshots.charts.figures import Profile
from snapshots.charts.proposals import proposed
from snapshots.charts.spec import Chart, profile_hash
from snapshots.models import FINAL, Answer, Dashboard, Snapshot, StoredFigure
from snapshots.schemas import AnswerOut, DashboardListedOut, DashboardOut, DelayOut, SnapshotOut
from snapshots.services import get, present
from workflows import services as workflows


def listed(workflow_id: str) -> list[DashboardListedOut]:
    """A workflow's dashboards, newest first. Raises WorkflowNotFound."""
    here = Count("snapshots", filter=Q(snapshots__deleted_at=None))
    found = present().filter(workflow=workflows.get(workflow_id)).annotate(left=here).order_by("-created_at")
    return [DashboardListedOut(**_fields(each), snapshots=each.left) for each in found]


def whole(dashboard_id: str) -> DashboardOut:
    """A dashboard with all its snapshots, without figures. Raises DashboardNotFound."""
    dashboard = get(dashboard_id)
    found = dashboard.snapshots.filter(deleted_at=None).select_related("version").order_by("number")
    answers = Answer.objects.filter(snapshot__dashboard=dashboard, snapshot__deleted_at=None)
    strip = _told(list(found), answers, figures=False)
    return DashboardOut(
        **_fields(dashboard),
        snapshots=len(strip),
        workflow=dashboard.workflow_id,
        revision=dashboard.revision,
        delay=_delay(dashboard),
        strip=strip,
    )


def delay(dashboard_id: str) -> DelayOut:
    """How late the dashboard's answers come on purpose. Raises DashboardNotFound."""
    return _delay(get(dashboard_id))


def snapshot_out(snapshot: Snapshot) -> SnapshotOut:
    """A snapshot with its answers, and the figures of those that are ready."""
    return _told([snapshot], snapshot.answers.all(), figures=True)[0]


def changes(dashboard_id: str, after: int) -> tuple[int, list[SnapshotOut]]:
    """The dashboard's revision, and what changed after another one: snapshots with the answers that changed. After one
    that never was (a backup was restored, say, while the page was open), all is told.

    Raises DashboardNotFound.
    """
    dashboard = get(dashboard_id)
    if dashboard.revision == after:
        return after, []
    if dashboard.revision < after:
        after = -1
    new = Q(revision__gt=after, revision__lte=dashboard.revision)  # what is committed from now on is told the next time
    answers = Answer.objects.filter(new, snapshot__dashboard=dashboard)
    touched = new | Q(id__in=answers.values("snapshot"))
    found = dashboard.snapshots.filter(touched).select_related("version").order_by("number")
    return dashboard.revision, _told(list(found), answers, figures=True)


def proposals(dashboard_id: str) -> list[Chart]:
    """Charts for the data that the dashboard's newest snapshot is of. Raises DashboardNotFound, NodeNotExplorable."""
    newest = get(dashboard_id).snapshots.order_by("-number").select_related("version", "dashboard").first()
    if newest is None:
        return []
    stored = StoredFigure.objects.filter(question=profile_hash(sources.of_snapshot(newest))).first()
    return proposed(Profile.model_validate(stored.figure)) if stored is not None else []


def figures(questions: Sequence[str]) -> dict[str, object]:
    """What is stored of these questions."""
    return dict(StoredFigure.objects.filter(question__in=list(questions)).values_list("question", "figure"))


def _delay(dashboard: Dashboard) -> DelayOut:
    return DelayOut(seconds=dashboard.delay, variation=dashboard.variation, failing=dashboard.failing)


def _told(found: Sequence[Snapshot], answers: Iterable[Answer], *, figures: bool) -> list[SnapshotOut]:
    by_snapshot: dict[str, list[Answer]] = defaultdict(list)
    for each in answers:
        by_snapshot[each.snapshot_id].append(each)
    ready = {each.question for those in by_snapshot.values() for each in those if _shown(each) == "ready"}
    stored = dict(StoredFigure.objects.filter(question__in=ready).values_list("question", "figure")) if figures else {}
    return [
        SnapshotOut(
            id=snapshot.id,
            number=snapshot.number,
            version=None if snapshot.version is None else snapshot.version.number,
            state=snapshot.state,
            words=snapshot.words,
            label=snapshot.label,
            pinned=snapshot.pinned,
            deleted=snapshot.deleted_at is not None,
            asked_at=snapshot.asked_at,
            revision=snapshot.revision,
            answers=[_answer(each, stored) for each in sorted(by_snapshot[snapshot.id], key=lambda one: one.place)],
        )
        for snapshot in found
    ]


def _shown(answer: Answer) -> str:
    """A final status is shown once it was delivered."""
    return "pending" if answer.status in FINAL and not answer.delivered else answer.status


def _answer(answer: Answer, stored: dict[str, object]) -> AnswerOut:
    status = _shown(answer)
    final = status in FINAL
    return AnswerOut.model_validate(
        {
            "chart": answer.chart,
            "question": answer.question,
            "status": status,
            "figure": stored.get(answer.question) if status == "ready" else None,
            "estimate": None if final else answer.estimate,
            "code": answer.code if final else "",
            "message": answer.message if final else "",
            "note": answer.note,
            "run": answer.run,
            "seconds": answer.seconds if final else None,
            "revision": answer.revision,
        }
    )


def _fields(dashboard: Dashboard) -> dict[str, Any]:
    newest = dashboard.snapshots.order_by("-number").select_related("version").first()
    version = newest.version if newest is not None else None
    return {
        "id": dashboard.id,
        "title": dashboard.title,
        "node": dashboard.node,
        "version": None if version is None else version.number,
        "created_at": dashboard.created_at,
    }
