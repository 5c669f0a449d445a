"""The closed union of events: numbered facts about a run, in the order in which they happened.

The same union is generated into TypeScript (`make codegen`); both sides switch over it exhaustively.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

Action: TypeAlias = Literal["load", "compute", "prune"]
RunStatus: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Measured: TypeAlias = float  # NaN and infinities are null in JSON
NodeStatus: TypeAlias = Literal["waiting", "running", "done", "failed", "skipped", "pruned"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A worker took the run up. ``attempt`` counts from 1; ``estimate`` is the planned time in seconds."""

    attempt: int
    estimate: float
    type: Literal["run_started"] = "run_started"


@dataclass(frozen=True, slots=True)
class NodePlanned:
    """What the plan does with a node, and why. ``estimate`` in seconds; ``signature`` is that of its last part, and
    ``others`` are those of the parts before it."""

    node: str
    operator: str
    action: Action
    stale: bool
    reason: str
    estimate: float
    signature: str
    others: tuple[str, ...] = ()
    type: Literal["node_planned"] = "node_planned"


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """The first of the node's parts began."""

    node: str
    type: Literal["node_started"] = "node_started"


@dataclass(frozen=True, slots=True)
class NodeProgressed:
    """How far a running node is. ``fraction`` is between 0 and 1, None where nobody knows; ``message`` for people."""

    node: str
    fraction: float | None
    message: str
    type: Literal["node_progressed"] = "node_progressed"


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """All wanted parts of the node are there. ``seconds`` is their summed time, ``bytes`` their summed size."""

    node: str
    action: Action
    seconds: float
    bytes: int
    type: Literal["node_finished"] = "node_finished"


@dataclass(frozen=True, slots=True)
class NodeStored:
    """A result of the node entered the store."""

    node: str
    bytes: int
    digest: str
    type: Literal["node_stored"] = "node_stored"


@dataclass(frozen=True, slots=True)
class NodeFailed:
    """The node failed. ``line`` is the workflow text's (from 1); ``example`` the first input that broke it."""

    node: str
    code: str
    message: str
    line: int | None
    detail: str = ""
    example: str = ""
    type: Literal["node_failed"] = "node_failed"


@dataclass(frozen=True, slots=True)
class NodeSkipped:
    """The node could not run, because ``because`` failed or the run was cancelled."""

    node: str
    because: str
    type: Literal["node_skipped"] = "node_skipped"


@dataclass(frozen=True, slots=True)
class MetricRecorded:
    """A scalar a reducer gave. ``name`` is the node's name, or ``node.key`` where the reducer gave a dict."""

    node: str
    name: str
    value: Measured
    step: int | None = None
    type: Literal["metric_recorded"] = "metric_recorded"


@dataclass(frozen=True, slots=True)
class ValueMade:
    """A reducer gave more than one number: a table, a curve, texts. ``cut``: only the beginning of it is here."""

    node: str
    value: Any
    cut: bool
    type: Literal["value_made"] = "value_made"


@dataclass(frozen=True, slots=True)
class LogWritten:
    """What user code printed while a node ran."""

    node: str
    text: str
    type: Literal["log_written"] = "log_written"


@dataclass(frozen=True, slots=True)
class RunRequeued:
    """The run was interrupted by no fault of its own, and waits to be taken up anew: its nodes start from nothing."""

    reason: str
    type: Literal["run_requeued"] = "run_requeued"


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of a run. ``seconds`` is engine time: from handing over the plan to the last result."""

    status: RunStatus
    seconds: float
    message: str = ""
    type: Literal["run_finished"] = "run_finished"


Event: TypeAlias = (
    RunStarted
    | NodePlanned
    | NodeStarted
    | NodeProgressed
    | NodeFinished
    | NodeStored
    | NodeFailed
    | NodeSkipped
    | MetricRecorded
    | ValueMade
    | LogWritten
    | RunRequeued
    | RunFinished
)

_BY_TYPE = {variant.__dataclass_fields__["type"].default: variant for variant in get_args(Event)}


def to_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object; its ``type`` names the variant."""
    return asdict(event)


def from_json(data: dict[str, Any]) -> Event:
    """The event a JSON object stands for. Raises KeyError for an unknown type and TypeError for unknown fields."""
    return _BY_TYPE[data["type"]](**data)  # type: ignore[no-any-return]
