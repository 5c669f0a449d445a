"""What the API takes and gives where metrics are computed for past versions, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from metrics import backfills
from metrics.backfilling import MOST, Planned, named
from metrics.backfills import Status, VersionStatus
from metrics.models import Backfill
from metrics.schemas import Number
from workflows.schemas import Kept


class BackfillIn(Schema):
    """``nodes`` of ``text`` are computed for the numbered versions; for all that were run and lack one of them, the
    newest 200, where ``numbers`` is null."""

    text: Kept
    nodes: Annotated[list[Kept], Field(min_length=1, max_length=20)]
    numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST)] | None = None


class EstimatedVersionOut(Schema):
    """``seconds`` for it alone; null where it cannot have the metric, and ``refused`` says why."""

    number: int
    id: str
    message: str
    seconds: float | None
    refused: str


class BackfillEstimateOut(Schema):
    """``seconds`` for all: what versions have in common is computed once. ``left_out``: older ones, of too many."""

    nodes: list[str]
    seconds: float
    versions: list[EstimatedVersionOut]
    left_out: int


class BackfilledVersionOut(Schema):
    number: int
    status: VersionStatus
    message: str


class BackfillOut(Schema):
    """``estimate`` is that of its plan, null before it has one; ``values`` counts those that it added."""

    id: str
    workflow: str
    nodes: list[str]
    status: Status
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    estimate: float | None
    message: str
    values: int
    versions: list[BackfilledVersionOut]


class BackfillActiveOut(Schema):
    code: Literal["backfill-active"]
    message: str


class BackfillRefusedOut(Schema):
    code: Literal["not-a-metric", "nothing-lacking"]
    message: str


def backfill_out(found: Backfill) -> BackfillOut:
    """A backfill with what became of each version, by number."""
    rows = found.versions.order_by("version__number").values_list("version__number", "status", "message")
    names = BackfillOut.model_fields.keys() - {"workflow", "nodes", "versions", "values"}
    return BackfillOut(
        workflow=found.workflow_id,
        nodes=list(found.nodes),
        values=found.points.filter(step=None).count(),
        versions=[
            BackfilledVersionOut.model_validate(dict(zip(("number", "status", "message"), row, strict=True)))
            for row in rows
        ],
        **{name: getattr(found, name) for name in names},
    )


def backfill_list(workflow_id: str) -> list[BackfillOut]:
    """The workflow's newest backfills, newest first."""
    return [backfill_out(each) for each in backfills.recent(workflow_id)]


def estimate_out(planned: Planned, nodes: list[str], left_out: int) -> BackfillEstimateOut:
    """What a backfill would do, newest version first."""
    return BackfillEstimateOut(
        nodes=nodes,
        seconds=planned.plan.estimate,
        versions=[
            EstimatedVersionOut(
                number=each.number,
                id=each.id,
                message=each.message,
                seconds=planned.plan.estimates.get(named(each.number)),
                refused=planned.refused.get(each.number, ""),
            )
            for each in sorted(planned.versions, key=lambda version: -version.number)
        ],
        left_out=left_out,
    )
