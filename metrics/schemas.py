"""What the API says about runs, versions, and workflows with their history, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias

from ninja import Schema
from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from workflows.events import Action, Event, NodeStatus, RunStatus
from workflows.optimizer.materialize import Policy
from workflows.schemas import HoldingOut, Kept, StoreTotalsOut


class LastRunOut(Schema):
    """``partial``: it computed some nodes alone."""

    status: RunStatus
    partial: bool
    finished_at: datetime | None
    seconds: float | None


class WorkflowListedOut(Schema):
    id: str
    name: str
    description: str
    updated_at: datetime
    last_run: LastRunOut | None
    version_count: int


class WorkflowOut(Schema):
    """``head``: the version that the draft stands on; ``branch``: where the next version goes, empty for none."""

    id: str
    name: str
    text: str
    revision: int
    updated_at: datetime
    head: str | None
    branch: str
    active_run: str | None
    last_run: str | None


class CheckedOut(WorkflowOut):
    """``undo_text`` is the draft that was replaced, ``undo_head`` and ``undo_branch`` what that stood on."""

    undo_text: str
    undo_head: str | None
    undo_branch: str


class CheckoutIn(Schema):
    """``branch``: the one to stand on, of those that end with the version."""

    version: Kept
    branch: Kept | None = None


class RollBackIn(Schema):
    version: Kept


class NodeErrorOut(Schema):
    code: str
    message: str
    line: int | None
    detail: str
    example: str


class NodeRunOut(Schema):
    name: str
    operator: str
    status: NodeStatus
    action: Action
    stale: bool
    reason: str
    estimate: float
    seconds: float | None
    bytes: int | None
    stored: bool
    error: NodeErrorOut | None


class MetricOut(Schema):
    """``previous`` is the same metric in the workflow's last succeeded run before this one; ``later``: when it was
    computed, where that was after the run."""

    name: str
    node: str
    value: float | None
    previous: float | None
    higher_is_better: bool | None
    later: datetime | None


class RunListedOut(Schema):
    """``only``: the nodes that it was to compute instead of the outputs, if any were named: then it is partial."""

    id: str
    workflow: str
    version: str
    status: RunStatus
    reuse: bool
    force: list[str]
    only: list[str]
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    estimate: float | None
    message: str
    last_event: int


class AccuracyOut(Schema):
    """Of ``nodes`` that took any time worth telling, ``near`` took at most twice and at least half of what was
    estimated; ``farthest`` is, of those that did not, the one that was off by most seconds."""

    nodes: int
    near: int
    farthest: str
    estimate: float
    seconds: float


class RunOut(RunListedOut):
    nodes: list[NodeRunOut]
    accuracy: AccuracyOut | None
    metrics: list[MetricOut]


class AsStored:
    """Described as an event, and given out as it stands in the table: an older HelixWeb may have written it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        union = handler(TypeAdapter(Annotated[Event, Discriminator("type")]).core_schema)
        measured = handler.resolve_ref_schema({"$ref": union["discriminator"]["mapping"]["metric_recorded"]})
        measured["properties"]["value"] = {"anyOf": [{"type": "number"}, {"type": "null"}]}  # JSON has no word for NaN
        return union


class EventOut(Schema):
    """A run's event, its number in the run (from 1), and when it happened."""

    number: int
    at: datetime
    event: Annotated[dict[str, Any], AsStored()]


class EventsOut(Schema):
    events: list[EventOut]


class VersionRunOut(Schema):
    """``partial``: it computed some nodes alone, so metrics that it lacks say nothing of the version."""

    id: str
    status: RunStatus
    reuse: bool
    partial: bool
    seconds: float | None


class ScratchOut(Schema):
    """What computing everything of a version takes, in seconds: ``measured`` by a run that did, else estimated."""

    seconds: float
    measured: bool


class VersionListedOut(Schema):
    """``later``: when those metrics were computed that no run of the version measured."""

    id: str
    number: int
    message: str
    author: str
    created_at: datetime
    parent: str | None
    branches: list[str]
    tags: list[str]
    runs: list[VersionRunOut]
    scratch: ScratchOut | None
    metrics: dict[str, float | None]
    later: dict[str, datetime]


class VersionOut(VersionListedOut):
    text: str


class RefOut(Schema):
    """A branch or tag, with the id and the number of its version."""

    name: str
    version: str
    number: int


class BestOut(Schema):
    metric: str
    version: str
    number: int
    value: float
    higher_is_better: bool


class OutlineOut(Schema):
    """``parents`` are those of each version by number, newest version first: the first belongs to the highest number,
    and the last to version 1. ``head``: the number of the version that the draft stands on."""

    head: int | None
    branch: str
    parents: list[list[int]]
    branches: list[RefOut]
    tags: list[RefOut]


class SpanOut(Schema):
    """The versions of a workflow from ``first`` to ``last``, by their numbers."""

    workflow: str
    first: int
    last: int


class KeptOut(HoldingOut):
    """``versions`` have it in their graphs; none are told where nothing is known of that."""

    versions: list[SpanOut]


class WorkflowStoreOut(StoreTotalsOut):
    """The totals are the whole store's; ``results`` the largest of the ``matched``, which are the workflow's, or all.

    ``policy`` is the usual one; ``audited`` the share of loads that are recomputed; ``names`` are those of workflows.
    """

    policy: Policy
    audited: float
    matched: int
    names: dict[str, str]
    results: list[KeptOut]


Number: TypeAlias = Annotated[int, Field(ge=1, lt=1 << 31)]  # of a version


class VersionColumnsOut(Schema):
    """Versions in columns of one length, by number. ``parent`` is a number, ``created_at`` Unix seconds; ``seconds``
    and ``run`` are those of the newest whole run that succeeded."""

    id: list[str]
    number: list[int]
    parent: list[int | None]
    message: list[str]
    created_at: list[float]
    seconds: list[float | None]
    run: list[str | None]


class TrendOut(Schema):
    """``values`` are aligned with the versions; null where a version lacks it. ``later``: by the place of a version,
    when its value was computed (Unix seconds), where that was after its run."""

    name: str
    node: str
    higher_is_better: bool | None
    values: list[float | None]
    later: dict[int, float]


class TrendsOut(Schema):
    versions: VersionColumnsOut
    metrics: list[TrendOut]
    branches: list[RefOut]
    tags: list[RefOut]


class VaryingOut(Schema):
    """``values`` are aligned with the versions; null where a version lacks it."""

    name: str
    node: str
    values: list[float | str | None]


class ParametersOut(Schema):
    numbers: list[int]
    parameters: list[VaryingOut]


class CurveListedOut(Schema):
    """A value that was logged by step, and the numbers of the versions that have it."""

    node: str
    name: str
    numbers: list[int]


class CurveOut(Schema):
    number: int
    run: str
    steps: list[int]
    values: list[float | None]
