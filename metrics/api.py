"""The API of what has a history: workflows as they are listed and opened, runs, versions."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from metrics import comparing, history
from metrics import services as runs
from metrics.compared import CompareIn, ComparisonOut
from metrics.schemas import (
    CheckedOut,
    CheckoutIn,
    EventsOut,
    RunOut,
    VersionListedOut,
    VersionOut,
    WorkflowListedOut,
    WorkflowOut,
)
from versions import services as versions
from workflows import services as workflows
from workflows.schemas import NameIn, TemplateNotFoundOut, WorkflowIn

router = Router(tags=["history"])


@router.get("/workflows", response=list[WorkflowListedOut])
def list_workflows(request: HttpRequest) -> list[WorkflowListedOut]:
    """Every workflow with its last run, the one changed last first."""
    return history.workflow_list()


@router.post("/workflows", response={201: WorkflowOut, 404: TemplateNotFoundOut})
def create_workflow(request: HttpRequest, body: WorkflowIn) -> Status[WorkflowOut]:
    """Make a workflow from a template."""
    return Status(201, history.workflow_out(workflows.create(body.name, body.template)))


@router.get("/workflows/{workflow_id}", response=WorkflowOut)
def get_workflow(request: HttpRequest, workflow_id: str) -> WorkflowOut:
    """A workflow's draft, the version it stands on, and the run under way."""
    return history.workflow_out(workflows.get(workflow_id))


@router.patch("/workflows/{workflow_id}", response=WorkflowOut)
def rename_workflow(request: HttpRequest, workflow_id: str, body: NameIn) -> WorkflowOut:
    """Give a workflow another name."""
    return history.workflow_out(workflows.rename(workflow_id, body.name))


@router.delete("/workflows/{workflow_id}", response={204: None})
def delete_workflow(request: HttpRequest, workflow_id: str) -> Status[None]:
    """Take a workflow off the list; `restore` undoes it."""
    workflows.delete(workflow_id)
    return Status(204, None)


@router.post("/workflows/{workflow_id}/restore", response=WorkflowOut)
def restore_workflow(request: HttpRequest, workflow_id: str) -> WorkflowOut:
    """Undo the deletion of a workflow."""
    return history.workflow_out(workflows.restore(workflow_id))


@router.get("/workflows/{workflow_id}/versions", response=list[VersionListedOut])
def list_versions(request: HttpRequest, workflow_id: str) -> list[VersionListedOut]:
    """A workflow's versions with their runs and metrics, newest first."""
    return history.version_list(workflow_id)


@router.get("/versions/{version_id}", response=VersionOut)
def get_version(request: HttpRequest, version_id: str) -> VersionOut:
    """A version with its text."""
    return history.version_out(version_id)


@router.post("/workflows/{workflow_id}/compare", response=ComparisonOut)
def compare(request: HttpRequest, workflow_id: str, body: CompareIn) -> ComparisonOut:
    """Two versions, or a version and a text, in one: DAG, texts, metrics, and what a run of each cost."""
    return comparing.compare_sides(workflow_id, body.before, body.after)


@router.post("/workflows/{workflow_id}/checkout", response=CheckedOut)
def checkout(request: HttpRequest, workflow_id: str, body: CheckoutIn) -> CheckedOut:
    """Make a version's text the draft; `undo_text` is the draft that it replaced."""
    replaced = versions.checkout(workflow_id, body.version)
    return CheckedOut(**history.workflow_out(workflows.get(workflow_id)).dict(), undo_text=replaced)


@router.get("/runs/{run_id}", response=RunOut)
def get_run(request: HttpRequest, run_id: str) -> RunOut:
    """A run with its nodes and metrics."""
    return history.run_out(runs.get(run_id))


@router.get("/runs/{run_id}/events", response=EventsOut)
def list_events(request: HttpRequest, run_id: str, after: int = 0) -> EventsOut:
    """A run's events with a number above `after`."""
    return EventsOut(events=history.events_after(runs.get(run_id).id, after))
