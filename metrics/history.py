"""Reads workflows as they are listed and opened, and their runs with what those measured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from metrics.models import ACTIVE, Backfill, MetricPoint, NodeRun, Run, RunEvent
from metrics.schemas import (
    AccuracyOut,
    EventOut,
    LastRunOut,
    MetricOut,
    NodeRunOut,
    RunListedOut,
    RunOut,
    WorkflowListedOut,
    WorkflowOut,
)
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
        branch=workflow.branch,
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
    points = list(scalars([run.id]).select_related("backfill"))
    if not points:
        return []
    operators = {
        name: operator for point in points if point.backfill for name, operator in point.backfill.nodes.items()
    }
    operators |= dict(run.nodes.values_list("name", "operator"))
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
            later=later(point),
        )
        for point in points
    ]


def direction(operator: str | None) -> bool | None:
    """Whether more is better of what an operator measures, as it is declared; None where that is not said."""
    declared = OPERATORS.get(operator or "")
    return None if declared is None else declared.higher_is_better


def later(point: MetricPoint) -> datetime | None:
    """When a value was computed for a version after its run; None for what the run measured."""
    return None if point.backfill is None else point.backfill.finished_at or point.backfill.requested_at


def backfilled_operator(workflow_id: str, node: str) -> str | None:
    """What a node applies that no run had, but a backfill."""
    found = Backfill.objects.filter(workflow=workflow_id).order_by("-requested_at").values_list("nodes", flat=True)
    return next((nodes[node] for nodes in found if node in nodes), None)


def counts(runs: Iterable[Run]) -> dict[str, dict[str, int]]:
    """How many nodes each run computed, loaded and pruned, or was to."""
    found = {run.id: dict.fromkeys(("compute", "load", "prune"), 0) for run in runs}
    rows = NodeRun.objects.filter(run__in=found).values_list("run", "action").annotate(nodes=Count("id"))
    for run, action, nodes in rows:
        found[run][action] = nodes
    return found


def scalars(run_ids: Iterable[str]) -> QuerySet[MetricPoint]:
    """The metrics of runs that are single values rather than curves."""
    return MetricPoint.objects.filter(run__in=run_ids, step=None).order_by("id")


def measured(run: Run) -> list[MetricPoint]:
    """What a run measured, and what was computed later for its version and is not of this run."""
    own = list(scalars([run.id]).select_related("backfill"))
    names = {point.name for point in own}
    of_version = MetricPoint.objects.filter(run__version=run.version_id, step=None, backfill__isnull=False)
    others = of_version.exclude(run=run).select_related("backfill").order_by("id")
    return [*own, *{point.name: point for point in others if point.name not in names}.values()]


def events_after(run_id: str, number: int) -> list[EventOut]:
    """The run's events with a higher number, in order. Empty for a run that does not exist."""
    return [
        EventOut.from_orm(event) for event in RunEvent.objects.filter(run=run_id, number__gt=number).order_by("number")
    ]
