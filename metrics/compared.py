"""What the API takes and gives where two versions are compared, or a version and the draft, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from workflows.events import Action, NodeStatus, RunStatus
from workflows.graph.comparison import Difference, EdgeStatus
from workflows.operators.base import Family, Kind
from workflows.schemas import ChangeOut, DiagnosticOut, InputOut, Kept


class SideIn(Schema):
    """``version``: its id or the beginning of it, or its number with a v (v12); else ``text``, which is the draft's.
    ``run``: one of the version's, null for the last whole one that succeeded, else its last."""

    version: Kept | None = None
    text: str | None = None
    run: Kept | None = None


class CompareIn(Schema):
    before: SideIn
    after: SideIn


class ComparedVersionOut(Schema):
    id: str
    number: int
    message: str
    author: str
    created_at: datetime
    parent: str | None


class ComparedRunOut(Schema):
    """``partial``: it computed some nodes alone. ``compute``, ``load`` and ``prune`` count the nodes that it did so."""

    id: str
    status: RunStatus
    reuse: bool
    partial: bool
    queued_at: datetime
    seconds: float | None
    estimate: float | None
    compute: int
    load: int
    prune: int


class ComparedPlanOut(Schema):
    """``estimate`` is in seconds."""

    estimate: float
    compute: int
    load: int
    prune: int


class ComparedSideOut(Schema):
    """``version`` is null for a draft. ``runs`` are those of the version, the newest first, and ``run`` the one whose
    costs are told; of a draft ``plan`` is what a run of it would do. ``errors`` keep the text from having a DAG."""

    version: ComparedVersionOut | None
    text: str
    errors: list[DiagnosticOut]
    run: ComparedRunOut | None
    runs: list[ComparedRunOut]
    plan: ComparedPlanOut | None


class CostOut(Schema):
    """What a run did with a node; of a draft's plan, what a run would do: then ``status`` is null."""

    status: NodeStatus | None
    action: Action
    reason: str
    estimate: float
    seconds: float | None
    bytes: int | None
    stored: bool


class NodeSideOut(Schema):
    """A node on one side. ``params``: values as the text could write them."""

    name: str
    label: str
    operator: str
    family: Family
    kind: Kind
    metric: bool
    output: bool
    line: int
    end_line: int
    inputs: list[InputOut]
    params: dict[str, str]
    cost: CostOut | None


class MergedNodeOut(Schema):
    """A node of either side, or of both; ``differences`` are none where it is the same."""

    id: str
    before: NodeSideOut | None
    after: NodeSideOut | None
    differences: list[Difference]
    changes: list[ChangeOut]


class MergedEdgeOut(Schema):
    source: str
    target: str
    status: EdgeStatus


class GroupOut(Schema):
    """What is one node on one side and several on the other, by ids."""

    kind: Literal["split", "merge"]
    before: list[str]
    after: list[str]


class MergedDagOut(Schema):
    nodes: list[MergedNodeOut]
    edges: list[MergedEdgeOut]
    groups: list[GroupOut]


class ComparedMetricOut(Schema):
    """A metric on both sides, null where it was not measured. ``node`` is an id of the merged DAG; ``key`` says which
    of a node's metrics it is (a slice, a class), empty where it has one alone. ``before_later`` and ``after_later``:
    when it was computed, where that was after the version's run."""

    name: str
    node: str
    key: str
    before: float | None
    after: float | None
    before_later: datetime | None
    after_later: datetime | None
    higher_is_better: bool | None


class ComparisonOut(Schema):
    """Two sides and what differs. ``dag`` is null where a side has errors."""

    before: ComparedSideOut
    after: ComparedSideOut
    dag: MergedDagOut | None
    metrics: list[ComparedMetricOut]
