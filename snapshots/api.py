"""The API of dashboards: what is asked in them, and what becomes of it."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from snapshots import services, strip
from snapshots.schemas import (
    DashboardIn,
    DashboardListedOut,
    DashboardOut,
    DashboardTitleIn,
    DelayOut,
    FiguresIn,
    FiguresOut,
    ProposalsOut,
    RetryIn,
    SnapshotIn,
    SnapshotNoteIn,
    SnapshotOut,
    SnapshotsDeletedIn,
    SnapshotsIn,
)

router = Router(tags=["snapshots"])


@router.get("/workflows/{workflow_id}/dashboards", response=list[DashboardListedOut])
def list_dashboards(request: HttpRequest, workflow_id: str) -> list[DashboardListedOut]:
    """A workflow's dashboards, newest first."""
    return strip.listed(workflow_id)


@router.post("/workflows/{workflow_id}/dashboards", response={201: DashboardOut})
def create_dashboard(request: HttpRequest, workflow_id: str, body: DashboardIn) -> Status[DashboardOut]:
    """Make a dashboard over a node's data, or over the workflow's versions."""
    made = services.create(workflow_id, body.node, body.version, body.title)
    return Status(201, strip.whole(made.id))


@router.get("/dashboards/{dashboard_id}", response=DashboardOut)
def get_dashboard(request: HttpRequest, dashboard_id: str) -> DashboardOut:
    """A dashboard with its strip of snapshots, without figures."""
    return strip.whole(dashboard_id)


@router.patch("/dashboards/{dashboard_id}", response={204: None})
def rename_dashboard(request: HttpRequest, dashboard_id: str, body: DashboardTitleIn) -> Status[None]:
    """Give a dashboard another title."""
    services.rename(dashboard_id, body.title)
    return Status(204, None)


@router.delete("/dashboards/{dashboard_id}", response={204: None})
def delete_dashboard(request: HttpRequest, dashboard_id: str) -> Status[None]:
    """Take a dashboard off the list; what it waits for is cancelled."""
    services.remove(dashboard_id)
    return Status(204, None)


@router.post("/dashboards/{dashboard_id}/restore", response={204: None})
def restore_dashboard(request: HttpRequest, dashboard_id: str) -> Status[None]:
    """Undo the deletion of a dashboard."""
    services.restore(dashboard_id)
    return Status(204, None)


@router.get("/dashboards/{dashboard_id}/proposals", response=ProposalsOut)
def propose_charts(request: HttpRequest, dashboard_id: str) -> ProposalsOut:
    """Charts that suit the columns of the dashboard's data."""
    return ProposalsOut(charts=strip.proposals(dashboard_id))


@router.put("/dashboards/{dashboard_id}/delay", response={204: None})
def delay_answers(request: HttpRequest, dashboard_id: str, body: DelayOut) -> Status[None]:
    """Have answers be delivered late from now on, to see what a slow back end is like."""
    services.delay(dashboard_id, body.seconds, body.variation, body.failing)
    return Status(204, None)


@router.post("/dashboards/{dashboard_id}/snapshots", response={201: SnapshotOut})
def ask(request: HttpRequest, dashboard_id: str, body: SnapshotIn) -> Status[SnapshotOut]:
    """Add a snapshot at the end of the strip. It is answered at once with its place, later with its figures."""
    asked = services.ask(dashboard_id, body.state, body.client, body.version, body.key)
    return Status(201, strip.snapshot_out(asked))


@router.post("/dashboards/{dashboard_id}/snapshots/delete", response={204: None})
def delete_snapshots(request: HttpRequest, dashboard_id: str, body: SnapshotsDeletedIn) -> Status[None]:
    """Take snapshots out of the strip, or put them back."""
    services.delete(dashboard_id, body.snapshots, deleted=body.deleted)
    return Status(204, None)


@router.patch("/dashboards/{dashboard_id}/snapshots/{snapshot_id}", response=SnapshotOut)
def note_snapshot(request: HttpRequest, dashboard_id: str, snapshot_id: str, body: SnapshotNoteIn) -> SnapshotOut:
    """Label or pin a snapshot."""
    noted = services.note(dashboard_id, snapshot_id, label=body.label, pinned=body.pinned)
    return strip.snapshot_out(noted)


@router.post("/dashboards/{dashboard_id}/snapshots/{snapshot_id}/retry", response=SnapshotOut)
def retry_snapshot(request: HttpRequest, dashboard_id: str, snapshot_id: str, body: RetryIn) -> SnapshotOut:
    """Ask again for what failed or was cancelled."""
    return strip.snapshot_out(services.retry(dashboard_id, snapshot_id, body.charts))


@router.post("/dashboards/{dashboard_id}/cancel", response={204: None})
def cancel_snapshots(request: HttpRequest, dashboard_id: str, body: SnapshotsIn) -> Status[None]:
    """Cancel what snapshots wait for: of these, or all."""
    services.cancel(dashboard_id, body.snapshots)
    return Status(204, None)


@router.post("/figures", response=FiguresOut)
def get_figures(request: HttpRequest, body: FiguresIn) -> FiguresOut:
    """What is stored of these questions."""
    return FiguresOut.model_validate({"figures": strip.figures(body.questions)})
