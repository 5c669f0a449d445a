"""What goes over the socket: the closed unions of what the server says and of what a browser asks."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from ninja import Schema
from pydantic import Discriminator

from helixweb.jobs.datasets import DatasetOut
from metrics.backfilled import BackfillOut
from metrics.schemas import EventOut
from snapshots.schemas import DelayOut, SnapshotOut

ErrorCode: TypeAlias = Literal[
    "invalid-message", "run-not-found", "too-many-runs", "dashboard-not-found", "too-many-dashboards"
]


class EventsMessage(Schema):
    """Further events of a run that is followed, in order, without a gap."""

    type: Literal["events"] = "events"
    run: str
    events: list[EventOut]


class WorkflowChangedMessage(Schema):
    """A workflow was saved, renamed, run or deleted: what it is now has to be asked for."""

    type: Literal["workflow_changed"] = "workflow_changed"
    workflow: str


class PlanChangedMessage(Schema):
    """What a run of a workflow would do may be other than it was: what is kept changed, or its data were read."""

    type: Literal["plan_changed"] = "plan_changed"
    workflow: str


class DatasetMessage(Schema):
    """How far the fetching of a data set is."""

    type: Literal["dataset"] = "dataset"
    dataset: DatasetOut


class SnapshotsMessage(Schema):
    """What changed of a dashboard: snapshots, each with the answers that changed; ``revision`` is its newest, and
    ``delay`` how late answers come on purpose from now on."""

    type: Literal["snapshots"] = "snapshots"
    dashboard: str
    revision: int
    delay: DelayOut
    snapshots: list[SnapshotOut]


class BackfillMessage(Schema):
    """How far a backfill is."""

    type: Literal["backfill"] = "backfill"
    backfill: BackfillOut


class ErrorMessage(Schema):
    """What was asked is refused."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: str


ServerMessage: TypeAlias = Annotated[
    EventsMessage
    | WorkflowChangedMessage
    | PlanChangedMessage
    | DatasetMessage
    | BackfillMessage
    | SnapshotsMessage
    | ErrorMessage,
    Discriminator("type"),
]


class SubscribeMessage(Schema):
    """Follow a run; ``after`` is the number of the last event that is known."""

    type: Literal["subscribe"]
    run: str
    after: int


class UnsubscribeMessage(Schema):
    type: Literal["unsubscribe"]
    run: str


class ShowMessage(Schema):
    """Tell of a dashboard's changes after a revision; ``looked_at`` is the snapshot that is shown large, or empty."""

    type: Literal["show"]
    dashboard: str
    after: int
    looked_at: str


class LeaveMessage(Schema):
    type: Literal["leave"]
    dashboard: str


ClientMessage: TypeAlias = Annotated[
    SubscribeMessage | UnsubscribeMessage | ShowMessage | LeaveMessage, Discriminator("type")
]
