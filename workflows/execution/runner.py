"""The front door: prepare a text, and run what was prepared. Used by the command line and by the worker alike."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from workflows.errors import HelixError
from workflows.events import NodeFailed, NodeStatus, RunFinished, RunStarted, RunStatus
from workflows.execution.accuracy import Accuracy, accuracy
from workflows.execution.bookkeeping import enter_run
from workflows.execution.limits import Limits
from workflows.execution.loading import delivered, needed_loads, opened
from workflows.execution.pins import Pins
from workflows.execution.planning import MissingFile, Prepared, UnknownNode, prepare, remember
from workflows.execution.progress import Events, NodeProgress, Progress, digest_of
from workflows.execution.queries import queried
from workflows.execution.sandbox import Isolation
from workflows.execution.spark.server import SparkServer
from workflows.execution.supervision import End, stand_by, supervise
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import NodeName
from workflows.optimizer.cutoff import equal_by
from workflows.ports import ArtifactStore, Cancellation, EventSink, JsonValue, Learned

logger = logging.getLogger(__name__)

__all__ = [
    "Isolation",
    "Limits",
    "MissingFile",
    "NodeResult",
    "Prepared",
    "RunResult",
    "UnknownNode",
    "prepare",
    "run",
    "stand_by",
]


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of a node: the fields of ``helixweb run --json``, its status, and why it failed."""

    name: str
    operator: str
    action: str
    stale: bool
    reason: str
    estimate: float
    seconds: float
    bytes: int
    stored: bool
    signature: str | None
    digest: str | None
    status: NodeStatus
    error: NodeFailed | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. ``seconds``: from handing the plan to a warm run process to the last result.

    ``interrupted`` says of one that failed that it did so by no fault of the workflow, and may be tried again.
    """

    status: RunStatus
    seconds: float
    estimate: float = 0.0
    outputs: dict[str, JsonValue] = field(default_factory=dict)
    nodes: tuple[NodeResult, ...] = ()
    error: str | None = None
    interrupted: bool = False

    @property
    def accuracy(self) -> Accuracy | None:
        """How well the estimates of its nodes foretold what they took."""
        return accuracy((node.name, node.estimate, node.seconds) for node in self.nodes if node.status == "done")

    @classmethod
    def failed(cls, message: str, *, interrupted: bool = False) -> RunResult:
        """A run that could not take place."""
        return cls("failed", 0.0, error=message, interrupted=interrupted)


class DoesNotCompile(HelixError):
    """A text with errors was to be run."""

    code = "does-not-compile"

    def __init__(self, prepared: Prepared) -> None:
        errors = [diagnostic for diagnostic in prepared.diagnostics if diagnostic.severity == "error"]
        first = f" Line {errors[0].span.line}: {errors[0].message}" if errors else ""
        super().__init__(f"The workflow has {len(errors)} error(s).{first}", diagnostics=errors)


class NeverCancelled:
    """Cancellation for a run that nobody can cancel."""

    def requested(self) -> bool:
        return False


def run(
    prepared: Prepared,
    *,
    store: ArtifactStore,
    data_root: Path,
    sink: EventSink,
    cancellation: Cancellation | None = None,
    limits: Limits | None = None,
    isolation: Isolation | None = None,
    warm: WarmServer | None = None,
    spark: SparkServer | None = None,
    attempt: int = 1,
) -> RunResult:
    """Run what was prepared; events go to ``sink`` as it goes on, RunFinished when what is kept is durable.

    Computes in a run process of ``warm`` (without one: of a warm server for this run alone), and loads without any
    where there is nothing to compute. ``spark`` is the server of runs on that engine. Raises DoesNotCompile for a text
    with errors.
    """
    if prepared.plan is None:
        raise DoesNotCompile(prepared)
    began = time.perf_counter()
    with Pins(store.catalog) as pins, ExitStack() as afterwards:
        prepared, loads = opened(prepared, store, pins)
        plan = prepared.plan
        assert plan is not None
        events = Events(sink)
        progress = Progress(prepared, events)
        events.add(RunStarted(attempt, plan.estimate))
        progress.planned()
        events.flush(now=True)
        enter_run(prepared, loads, store)
        remember(prepared, store, data_root)
        handed_on = needed_loads(prepared)
        twins = {part: decision.same_as for part, decision in plan.parts.items() if decision.same_as is not None}
        delivered(progress, {part: load for part, load in loads.items() if part not in handed_on}, twins)
        prepared = queried(prepared, store, cancellation)
        loading = time.perf_counter() - began
        if cancellation is not None and cancellation.requested():  # while files were fetched, most likely
            end = _cancelled(progress)
        elif any(decision.action == "compute" for decision in plan.parts.values()):
            end = supervise(
                prepared,
                {part: loads[part] for part in handed_on},
                store=store,
                data_root=data_root,
                progress=progress,
                events=events,
                cancellation=cancellation or NeverCancelled(),
                limits=limits or Limits(),
                isolation=isolation or Isolation(),
                warm=warm,
                spark=spark,
                afterwards=afterwards,
            )
        else:
            end = End("succeeded", 0.0)
        _enter_told(prepared, store)
        events.add(RunFinished(end.status, loading + end.seconds, end.message))
        events.flush(now=True)
        return _result(prepared, progress, loading, end)


def _cancelled(progress: Progress) -> End:
    for name in progress.unfinished():
        progress.skipped(name, "cancelled")
    return End("cancelled", 0.0, "Cancelled.")


def _enter_told(prepared: Prepared, store: ArtifactStore) -> None:
    """Have the next plan know by their signatures the results that traces told of before the run."""
    assert prepared.plan is not None
    equals = [
        equal_by(prepared.parts.parts[part], decision.signature, trace, decision.holder)
        for part, trace in prepared.foresight.told.items()
        if (decision := prepared.plan.parts[part]).action != "compute" and prepared.parts is not None
    ]
    if equals:
        try:
            store.learn(Learned(equals=equals))
        except Exception:  # whatever a store or its database raises costs what is known of the next run, not this one
            logger.exception("equal results could not be entered")


def _result(prepared: Prepared, progress: Progress, loading: float, end: End) -> RunResult:
    assert prepared.plan is not None
    assert prepared.compiled.dag is not None
    outputs: dict[str, JsonValue] = {
        name: progress.values[name] for name in prepared.compiled.dag.outputs if name in progress.values
    }
    nodes = tuple(_node_result(name, node) for name, node in progress.nodes.items())
    seconds, estimate = loading + end.seconds, prepared.plan.estimate
    return RunResult(end.status, seconds, estimate, outputs, nodes, end.message or None, end.interrupted)


def _node_result(name: NodeName, node: NodeProgress) -> NodeResult:
    plan = node.plan
    return NodeResult(
        name=name,
        operator=plan.operator,
        action=plan.action,
        stale=plan.stale,
        reason=plan.reason,
        estimate=plan.estimate,
        seconds=node.seconds,
        bytes=node.bytes,
        stored=bool(node.digests),
        signature=plan.signature,
        digest=digest_of(node),
        status=node.status,
        error=node.error,
    )
