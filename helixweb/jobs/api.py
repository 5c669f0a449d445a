"""The API of background work: starting, listing and cancelling runs and backfills; fetching data sets."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status

from helixweb.jobs import backfilling, datasets, services
from metrics import backfills, history
from metrics import services as runs
from metrics.backfilled import (
    BackfillActiveOut,
    BackfillEstimateOut,
    BackfillIn,
    BackfillOut,
    BackfillRefusedOut,
    backfill_list,
    backfill_out,
    estimate_out,
)
from metrics.schemas import RunListedOut, RunOut
from workflows.execution.engines import Asked
from workflows.models import WorkflowId
from workflows.optimizer.materialize import Offered
from workflows.schemas import DiagnosticOut

router = Router(tags=["runs"])


class RunIn(Schema):
    """``only``: nodes to compute instead of the outputs, with all that they need; ``force``: nodes to compute whatever
    is stored; ``policy``: what is kept, null for the usual; ``engine``: where it computes."""

    text: str
    reuse: bool = True
    force: list[str] = []
    only: list[str] = []
    policy: Offered | None = None
    engine: Asked = "auto"


class RunAgainIn(Schema):
    reuse: bool


class IsolationOut(Schema):
    """``sandbox``: runs are put into one; else ``missing`` says why not, and with ``mode`` "require" nothing is run."""

    sandbox: bool
    missing: str
    mode: Literal["auto", "require", "off"]


class RunActiveOut(Schema):
    code: Literal["run-active"]
    message: str


class WorkflowHasErrorsOut(Schema):
    code: Literal["workflow-has-errors"]
    message: str
    diagnostics: list[DiagnosticOut]


class DataChangedOut(Schema):
    code: Literal["data-changed"]
    message: str


@router.post("/workflows/{workflow_id}/runs", response={201: RunOut, 409: RunActiveOut | WorkflowHasErrorsOut})
def start_run(request: HttpRequest, workflow_id: str, body: RunIn) -> Status[RunOut]:
    """Commit the text as a version and run it; 409 where it has errors or a run is under way."""
    options = body.dict(exclude={"text"})
    run = services.start_run(WorkflowId(workflow_id), body.text, **options)
    return Status(201, history.run_out(run))


@router.post(
    "/versions/{version_id}/runs", response={201: RunOut, 409: RunActiveOut | WorkflowHasErrorsOut | DataChangedOut}
)
def run_again(request: HttpRequest, version_id: str, body: RunAgainIn) -> Status[RunOut]:
    """Run a version once more, with or without reuse; 409 where its data changed, or a run is under way."""
    return Status(201, history.run_out(services.run_again(version_id, reuse=body.reuse)))


@router.get("/workflows/{workflow_id}/runs", response=list[RunListedOut])
def list_runs(request: HttpRequest, workflow_id: str) -> list[RunListedOut]:
    """A workflow's recent runs, newest first."""
    return history.run_list(workflow_id)


@router.post("/runs/{run_id}/cancel", response={202: RunOut})
def cancel_run(request: HttpRequest, run_id: str) -> Status[RunOut]:
    """Ask for a run to stop."""
    return Status(202, history.run_out(runs.request_cancel(run_id)))


@router.post(
    "/workflows/{workflow_id}/backfills/estimate",
    response={200: BackfillEstimateOut, 409: WorkflowHasErrorsOut, 422: BackfillRefusedOut},
)
def estimate_backfill(request: HttpRequest, workflow_id: str, body: BackfillIn) -> BackfillEstimateOut:
    """What computing metrics of the text for past versions would take, and which of them cannot have it, and why."""
    planned, left_out = backfilling.estimate(workflow_id, body.text, body.nodes, body.numbers)
    return estimate_out(planned, body.nodes, left_out)


@router.post(
    "/workflows/{workflow_id}/backfills",
    response={201: BackfillOut, 409: BackfillActiveOut | WorkflowHasErrorsOut, 422: BackfillRefusedOut},
)
def start_backfill(request: HttpRequest, workflow_id: str, body: BackfillIn) -> Status[BackfillOut]:
    """Compute metrics of the text for past versions; the socket tells how far it is. 409 where one is under way."""
    made = backfilling.request(workflow_id, body.text, body.nodes, body.numbers)
    return Status(201, backfill_out(made))


@router.get("/workflows/{workflow_id}/backfills", response=list[BackfillOut])
def list_backfills(request: HttpRequest, workflow_id: str) -> list[BackfillOut]:
    """What was computed later for a workflow's versions, newest first."""
    return backfill_list(workflow_id)


@router.get("/backfills/{backfill_id}", response=BackfillOut)
def get_backfill(request: HttpRequest, backfill_id: str) -> BackfillOut:
    """A backfill, and what became of each version."""
    return backfill_out(backfills.get(backfill_id))


@router.post("/backfills/{backfill_id}/cancel", response={202: BackfillOut})
def cancel_backfill(request: HttpRequest, backfill_id: str) -> Status[BackfillOut]:
    """Ask for a backfill to stop; what it has computed stays."""
    return Status(202, backfill_out(backfills.request_cancel(backfill_id)))


@router.delete("/backfills/{backfill_id}", response={204: None})
def remove_backfill(request: HttpRequest, backfill_id: str) -> Status[None]:
    """Undo a backfill: every value that it added is taken away."""
    backfills.remove(backfill_id)
    return Status(204, None)


@router.get("/isolation", response=IsolationOut)
def isolation(request: HttpRequest) -> IsolationOut:
    """What keeps a workflow's functions from the rest of this machine, as tried where this is answered."""
    missing = settings.ISOLATION.missing
    return IsolationOut(sandbox=missing is None, missing=missing or "", mode=settings.ISOLATION.mode)


@router.get("/datasets", response=list[datasets.DatasetOut])
def list_datasets(request: HttpRequest) -> list[datasets.DatasetOut]:
    """The public data sets that examples use, and whether they are there."""
    return datasets.datasets()


@router.post("/datasets/{name}/fetch", response={202: datasets.DatasetOut})
def fetch_dataset(request: HttpRequest, name: str) -> Status[datasets.DatasetOut]:
    """Have a data set fetched; the socket tells how far it is."""
    return Status(202, datasets.request_fetch(name))
