"""What is known of a run while it goes on: parts become nodes, and messages become events and results."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from workflows.events import (
    Event,
    LogWritten,
    MetricRecorded,
    NodeFailed,
    NodeFinished,
    NodePlanned,
    NodeProgressed,
    NodeSkipped,
    NodeStarted,
    NodeStatus,
    NodeStored,
    ValueMade,
)
from workflows.execution.planning import Prepared
from workflows.execution.shown import shown
from workflows.graph.dag import NodeName, PartId
from workflows.hashing import Digest, Signature, fingerprint
from workflows.operators.registry import OPERATORS
from workflows.optimizer.plan import NodePlan, Plan
from workflows.ports import EventSink, JsonValue, Staged

_LONGEST_NAME = 200  # characters of a metric's name: what a table's column takes
_PAUSE = 0.04  # seconds for which events are put together before they are handed on


class Events:
    """Hands events on in order, a few at a time. Safe for several threads."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self._lock = Lock()
        self._waiting: list[Event] = []
        self._since = 0.0

    def add(self, *events: Event) -> None:
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.extend(events)

    def flush(self, *, now: bool = False) -> None:
        with self._lock:
            if self._waiting and (now or time.monotonic() - self._since >= _PAUSE):
                waiting, self._waiting = self._waiting, []
                self._sink.emit(waiting)


@dataclass(slots=True)
class NodeProgress:
    """A node of a run. ``expected`` are its parts that are to be there in the end; ``seconds`` and ``bytes`` sums."""

    plan: NodePlan
    expected: set[PartId]
    status: NodeStatus
    seconds: float = 0.0
    bytes: int = 0
    digests: dict[PartId, Digest] = field(default_factory=dict)
    error: NodeFailed | None = None


class Progress:
    """The nodes of a run, and the events that tell of them."""

    def __init__(self, prepared: Prepared, events: Events) -> None:
        assert prepared.plan is not None
        assert prepared.compiled.dag is not None
        self._events = events
        self._metrics = {name for name, node in prepared.compiled.dag.nodes.items() if OPERATORS[node.operator].metric}
        self.nodes = _beginning(prepared.plan)
        self._places: dict[Signature, list[PartId]] = {}
        self._signatures: dict[NodeName, list[Signature]] = {name: [] for name in self.nodes}
        for part, signature in prepared.signatures.items():
            if signature is not None:
                self._places.setdefault(signature, []).append(part)
                self._signatures[part.node].append(signature)
        self.values: dict[NodeName, JsonValue] = {}

    def planned(self) -> None:
        self._events.add(*(_planned(node.plan, self._signatures[name]) for name, node in self.nodes.items()))

    def started(self, name: str) -> None:
        node = self.nodes[NodeName(name)]
        if node.status == "waiting":
            node.status = "running"
            self._events.add(NodeStarted(name))

    def progressed(self, name: str, fraction: float | None, message: str) -> None:
        if self.nodes[NodeName(name)].status == "running":
            self._events.add(NodeProgressed(name, fraction, message))

    def finished(self, part: PartId, seconds: float, size: int) -> None:
        node = self.nodes[part.node]
        node.seconds += seconds
        node.bytes += size
        node.expected.discard(part)
        if not node.expected and node.status in ("waiting", "running"):
            node.status = "done"
            self._events.add(NodeFinished(part.node, node.plan.action, node.seconds, node.bytes))

    def failed(self, event: NodeFailed) -> None:
        node = self.nodes[NodeName(event.node)]
        if node.status not in ("failed", "done"):
            node.status, node.error = "failed", event
            self._events.add(event)

    def skipped(self, name: str, because: str) -> None:
        node = self.nodes[NodeName(name)]
        if node.status in ("waiting", "running"):
            node.status = "skipped"
            self._events.add(NodeSkipped(name, because))

    def unfinished(self) -> list[NodeName]:
        return [name for name, node in self.nodes.items() if node.status in ("waiting", "running")]

    def running(self) -> list[NodeName]:
        return [name for name, node in self.nodes.items() if node.status == "running"]

    def value(self, name: NodeName, value: JsonValue) -> None:
        self.values[name] = value
        if name in self._metrics:
            self._events.add(*_metrics(name, value))
        if isinstance(value, Mapping | list | str):
            self._events.add(ValueMade(name, *shown(value)))

    def logged(self, name: str, text: str) -> None:
        self._events.add(LogWritten(name, text))

    def metric(self, node: str, name: str, value: float, step: int | None) -> None:
        if math.isfinite(value):
            self._events.add(MetricRecorded(node, name[:_LONGEST_NAME], value, step))

    def replanned(self, plans: Mapping[NodeName, NodePlan], dropped: Iterable[PartId]) -> None:
        """The plan of these nodes changed while the run goes on; the ``dropped`` parts will not be there."""
        for part in dropped:
            self.nodes[part.node].expected.discard(part)
        for name, plan in plans.items():
            node = self.nodes[name]
            node.plan = plan
            self._events.add(_planned(plan))
            if node.expected or node.status not in ("waiting", "running"):
                continue
            if plan.action == "prune":
                node.status = "pruned"
            else:
                node.status = "done"
                self._events.add(NodeFinished(name, plan.action, node.seconds, node.bytes))

    def loaded(self, part: PartId, digest: Digest) -> None:
        """A stored result was verified."""
        self.nodes[part.node].digests[part] = digest

    def stored(self, adopted: Sequence[Staged]) -> None:
        """Results entered the store (called by the adopter's thread)."""
        for staged in adopted:
            for part in self._places.get(staged.signature, ()):
                self.nodes[part.node].digests[part] = staged.digest
                self._events.add(NodeStored(part.node, staged.bytes, staged.digest))


def _beginning(plan: Plan) -> dict[NodeName, NodeProgress]:
    expected: dict[NodeName, set[PartId]] = {name: set() for name in plan.nodes}
    for part, decision in plan.parts.items():
        if decision.action != "prune":
            expected[part.node].add(part)
    return {
        name: NodeProgress(node, expected[name], "waiting" if expected[name] else "pruned")
        for name, node in plan.nodes.items()
    }


def digest_of(node: NodeProgress) -> Digest | None:
    """The digest of a node's only stored part, or over those of its stored parts by label."""
    digests = sorted(node.digests.items(), key=lambda item: item[0].label)
    if len(digests) < 2:
        return digests[0][1] if digests else None
    return Digest(fingerprint("node", *((part.label, digest) for part, digest in digests)))


def _planned(plan: NodePlan, signatures: Sequence[Signature] = ()) -> NodePlanned:
    last = plan.signature or ""
    others = tuple(dict.fromkeys(signature for signature in signatures if signature != last))
    return NodePlanned(plan.node, plan.operator, plan.action, plan.stale, plan.reason, plan.estimate, last, others)


def _metrics(name: NodeName, value: JsonValue) -> Iterator[MetricRecorded]:
    """A scalar is a metric called as its node, a dict of scalars one for each key; what is not finite is none."""
    scalars = {f"{name}.{key}": item for key, item in value.items()} if isinstance(value, Mapping) else {name: value}
    for metric, scalar in scalars.items():
        if (number := _number(scalar)) is not None:
            text = metric.encode(errors="replace").decode().replace("\0", "\ufffd")
            yield MetricRecorded(name, text[:_LONGEST_NAME], number)


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer beyond every float
        return None
    return number if math.isfinite(number) else None
