"""The API of what has a history: workflows as they are listed and opened, runs, versions."""

from __future__ import annotations

from typing import Annotated, BinaryIO, cast

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status, UploadedFile

from metrics import comparing, history, keeping, log, trends
from metrics import parameters as varying
from metrics import services as runs
from metrics.compared import CompareIn, ComparisonOut
from metrics.schemas import (
    BestOut,
    CheckedOut,
    CheckoutIn,
    CurveListedOut,
    CurveOut,
    EventsOut,
    Number,
    OutlineOut,
    ParametersOut,
    RollBackIn,
    RunOut,
    TrendsOut,
    VersionListedOut,
    VersionOut,
    WorkflowListedOut,
    WorkflowOut,
    WorkflowStoreOut,
)
from versions import importing
from versions import services as versions
from versions.schemas import BranchRefusedOut, ImportIn, ImportRefusedOut
from workflows import services as workflows
from workflows.schemas import Kept, NameIn, NameRefusedOut, TemplateNotFoundOut, WorkflowIn

router = Router(tags=["history"])


@router.get("/workflows", response=list[WorkflowListedOut])
def list_workflows(request: HttpRequest) -> list[WorkflowListedOut]:
    """Every workflow with its last run, the one changed last first."""
    return history.workflow_list()


@router.post("/workflows", response={201: WorkflowOut, 404: TemplateNotFoundOut})
def create_workflow(request: HttpRequest, body: WorkflowIn) -> Status[WorkflowOut]:
    """Make a workflow from a template."""
    return Status(201, history.workflow_out(workflows.create(body.name, body.template)))


@router.post("/imports", response={201: WorkflowOut, 422: NameRefusedOut | ImportRefusedOut})
def import_history(request: HttpRequest, bundle: File[UploadedFile], named: Form[ImportIn]) -> Status[WorkflowOut]:
    """Make a workflow of a git repository's history, as `git bundle create history.bundle --all` writes it: each commit
    that has the file at `path` is a version, under git's own id."""
    return Status(201, history.workflow_out(importing.from_bundle(cast(BinaryIO, bundle.file), named.name, named.path)))


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
def list_versions(
    request: HttpRequest,
    workflow_id: str,
    before: Number | None = None,
    limit: Number = log.PAGE,
    text: Kept = "",
) -> list[VersionListedOut]:
    """Versions with their runs and metrics, newest first: up to `limit` of those with a number below `before`, and with
    `text` in message, author, branch or tag."""
    return log.page(workflow_id, before, limit, text)


@router.get("/workflows/{workflow_id}/outline", response=OutlineOut)
def outline(request: HttpRequest, workflow_id: str) -> OutlineOut:
    """How all versions hang together, and their branches and tags."""
    return log.outline(workflow_id)


@router.get("/workflows/{workflow_id}/best", response=list[BestOut])
def best(request: HttpRequest, workflow_id: str) -> list[BestOut]:
    """For each metric of which more or less is better, the version that has the best value."""
    return log.best(workflow_id)


@router.get("/versions/{version_id}", response=VersionOut)
def get_version(request: HttpRequest, version_id: str) -> VersionOut:
    """A version with its text."""
    return log.version_out(version_id)


@router.post("/workflows/{workflow_id}/compare", response=ComparisonOut)
def compare(request: HttpRequest, workflow_id: str, body: CompareIn) -> ComparisonOut:
    """Two versions, or a version and a text, in one: DAG, texts, metrics, and what a run of each cost."""
    return comparing.compare_sides(workflow_id, body.before, body.after)


@router.post("/workflows/{workflow_id}/checkout", response=CheckedOut)
def checkout(request: HttpRequest, workflow_id: str, body: CheckoutIn) -> CheckedOut:
    """Make a version's text the draft; `undo_text` is the draft that it replaced."""
    before = history.workflow_out(workflows.get(workflow_id))
    replaced = versions.checkout(workflow_id, body.version, body.branch)
    return _checked_out(workflow_id, before, replaced)


@router.post("/workflows/{workflow_id}/roll-back", response={200: CheckedOut, 409: BranchRefusedOut})
def roll_back(request: HttpRequest, workflow_id: str, body: RollBackIn) -> CheckedOut:
    """Have the present branch end with a version, and make its text the draft; later versions stay in the log."""
    before = history.workflow_out(workflows.get(workflow_id))
    return _checked_out(workflow_id, before, versions.roll_back(workflow_id, body.version))


def _checked_out(workflow_id: str, before: WorkflowOut, replaced: str) -> CheckedOut:
    now = history.workflow_out(workflows.get(workflow_id))
    return CheckedOut(**now.dict(), undo_text=replaced, undo_head=before.head, undo_branch=before.branch)


@router.get("/workflows/{workflow_id}/store", response=WorkflowStoreOut)
def workflow_store(
    request: HttpRequest, workflow_id: str, everything: bool = False, limit: int = 10_000
) -> WorkflowStoreOut:
    """What is kept for a workflow, or for all, with the versions that it is kept for; up to `limit`, largest first."""
    return keeping.store_of(workflow_id, everything=everything, limit=limit)


@router.get("/runs/{run_id}", response=RunOut)
def get_run(request: HttpRequest, run_id: str) -> RunOut:
    """A run with its nodes and metrics."""
    return history.run_out(runs.get(run_id))


@router.get("/runs/{run_id}/events", response=EventsOut)
def list_events(request: HttpRequest, run_id: str, after: int = 0) -> EventsOut:
    """A run's events with a number above `after`."""
    return EventsOut(events=history.events_after(runs.get(run_id).id, after))


@router.get("/workflows/{workflow_id}/trends", response=TrendsOut)
def get_trends(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """Every metric over all versions, in columns."""
    # Written by pydantic: the way over a dict takes five times as long, and there may be 100,000 values.
    return HttpResponse(trends.trends(workflow_id).model_dump_json(), content_type="application/json; charset=utf-8")


@router.get("/workflows/{workflow_id}/parameters", response=ParametersOut)
def get_parameters(
    request: HttpRequest,
    workflow_id: str,
    number: Annotated[list[Number], Query()] = [],  # noqa: B006
) -> ParametersOut:
    """The parameters that vary over the numbered versions, at most 300; over the newest ones where none is named."""
    return varying.parameters(workflow_id, number)


@router.get("/workflows/{workflow_id}/curves", response=list[CurveListedOut])
def list_curves(request: HttpRequest, workflow_id: str) -> list[CurveListedOut]:
    """What was logged by step, and which versions have it."""
    return trends.curve_list(workflow_id)


@router.get("/workflows/{workflow_id}/curves/points", response=list[CurveOut])
def get_curves(
    request: HttpRequest, workflow_id: str, node: Kept, name: Kept, number: Annotated[list[Number], Query()]
) -> list[CurveOut]:
    """One logged value by step, of each of the numbered versions that has it."""
    return trends.curves(workflow_id, node, name, number)
