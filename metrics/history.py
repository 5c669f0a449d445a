"""Reads the history of workflows: their runs, what those measured, and the versions that they ran."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from metrics.models import ACTIVE, MetricPoint, Run, RunEvent
from metrics.schemas import (
    AccuracyOut,
    EventOut,
    LastRunOut,
    MetricOut,
    NodeRunOut,
    RunListedOut,
    RunOut,
    VersionListedOut,
    VersionOut,
    VersionRunOut,
    WorkflowListedOut,
    WorkflowOut,
)
from versions import services as versions
from versions.models import Version
from workflows import services as workflows
from workflows.execution.accuracy import accuracy
from workflows.models import Workflow
from workflows.operators.registry import OPERATORS

RECENT_RUNS = 50


def workflow_list() -> list[WorkflowListedOut]:
    """Every workflow, the one changed last first."""
    newest = Run.objects.filter(workflow=OuterRef("pk")).order_by("-queued_at").values("pk")[:1]
    counted = workflows.present().annotate(version_count=Count("versions"), newest_run=Subquery(newest))
    found = list(counted.order_by("-updated_at"))
    last = Run.objects.in_bulk([workflow.newest_run for workflow in found if workflow.newest_run])
    return [
        WorkflowListedOut(
            id=workflow.id,
            name=workflow.name,
            description=workflows.describe(workflow.text),
            updated_at=workflow.updated_at,
            last_run=LastRunOut.from_orm(last[workflow.newest_run]) if workflow.newest_run else None,
            version_count=workflow.version_count,
        )
        for workflow in found
    ]


def workflow_out(workflow: Workflow) -> WorkflowOut:
    """A workflow as it is opened: its draft, the version it stands on, and the run under way."""
    newest = list(Run.objects.filter(workflow=workflow).order_by("-queued_at").values_list("id", "status")[:1])
    last, status = newest[0] if newest else (None, "")
    return WorkflowOut(
        id=workflow.id,
        name=workflow.name,
        text=workflow.text,
        revision=workflow.revision,
        updated_at=workflow.updated_at,
        head=workflow.head or None,
        active_run=last if status in ACTIVE else None,
        last_run=last,
    )


def run_list(workflow_id: str) -> list[RunListedOut]:
    """The workflow's most recent runs, newest first."""
    found = Run.objects.filter(workflow=workflows.get(workflow_id)).order_by("-queued_at")[:RECENT_RUNS]
    return [RunListedOut(**_run_fields(run)) for run in found]


def run_out(run: Run) -> RunOut:
    """A run with its nodes and metrics."""
    nodes = [NodeRunOut.from_orm(node) for node in run.nodes.order_by("place")]
    done = [(node.name, node.estimate, node.seconds or 0.0) for node in nodes if node.status == "done"]
    told = accuracy(done)
    near = None if told is None else AccuracyOut.from_orm(told)
    return RunOut(**_run_fields(run), nodes=nodes, accuracy=near, metrics=_metrics(run))


def _run_fields(run: Run) -> dict[str, Any]:
    names = RunListedOut.model_fields.keys() - {"workflow", "version"}
    return {"workflow": run.workflow_id, "version": run.version_id, **{name: getattr(run, name) for name in names}}


def _metrics(run: Run) -> list[MetricOut]:
    points = list(scalars([run.id]))
    if not points:
        return []
    operators = dict(run.nodes.values_list("name", "operator"))
    before = (
        Run.objects.filter(workflow=run.workflow_id, status="succeeded", only=[], queued_at__lt=run.queued_at)
        .order_by("-queued_at")
        .first()
    )
    previous = {} if before is None else dict(scalars([before.id]).values_list("name", "value"))
    return [
        MetricOut(
            name=point.name,
            node=point.node,
            value=point.value,
            previous=previous.get(point.name),
            higher_is_better=direction(operators.get(point.node)),
        )
        for point in points
    ]


def direction(operator: str | None) -> bool | None:
    """Whether more of what an operator measures is better; None where it measures nothing that is."""
    declared = OPERATORS.get(operator or "")
    return None if declared is None else declared.higher_is_better


def scalars(run_ids: Iterable[str]) -> QuerySet[MetricPoint]:
    """The metrics of runs that are single values rather than curves."""
    return MetricPoint.objects.filter(run__in=run_ids, step=None).order_by("id")


def events_after(run_id: str, number: int) -> list[EventOut]:
    """The run's events with a higher number, in order. Empty for a run that does not exist."""
    return [
        EventOut.from_orm(event) for event in RunEvent.objects.filter(run=run_id, number__gt=number).order_by("number")
    ]


def version_list(workflow_id: str) -> list[VersionListedOut]:
    """The workflow's versions, newest first."""
    return [_version_listed(each) for each in _with_runs(Version.objects.filter(workflow=workflows.get(workflow_id)))]


def version_out(version_id: str) -> VersionOut:
    """A version with its text."""
    version = versions.get(version_id)
    listed = _version_listed(_with_runs(Version.objects.filter(id=version.id)).get())
    return VersionOut(**listed.dict(), text=versions.text_of(version))


def _with_runs(found: QuerySet[Version]) -> QuerySet[Version]:
    points = Prefetch("metrics", MetricPoint.objects.filter(step=None).order_by("id"))
    order = Run.objects.order_by("queued_at").prefetch_related(points)
    return found.order_by("-number").prefetch_related(Prefetch("runs", order))


def _version_listed(version: Version) -> VersionListedOut:
    executed = list(version.runs.all())
    metrics = {point.name: point.value for run in executed for point in run.metrics.all()}  # the newest run's win
    return VersionListedOut(
        id=version.id,
        number=version.number,
        message=version.message,
        author=version.author,
        created_at=version.created_at,
        parent=version.parent_id,
        runs=[VersionRunOut.from_orm(run) for run in executed],
        metrics=metrics,
    )
