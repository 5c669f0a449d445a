"""Writes a run's events, and the state that they describe, in one transaction; then says that there is news."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, assert_never

from django.db import transaction
from django.utils import timezone

from metrics.models import MetricPoint, NodeRun, Run, RunEvent, VersionResult
from metrics.services import LeaseLost, held
from metrics.signals import run_changed
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
    NodeStored,
    RunFinished,
    RunRequeued,
    RunStarted,
    ValueMade,
    to_json,
)
from workflows.statements import insert, upsert


class Recorder:
    """The one writer of a claimed run. It keeps the run's node runs at hand, so that a batch writes each node once.

    Used by one thread at a time.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        earlier = run.nodes.all() if run.last_event else ()  # what was never told of has none
        self._last = run.last_event  # nobody else numbers events of a run that is held
        self._nodes: dict[str, NodeRun] = {node.name: node for node in earlier}

    def write(self, events: Sequence[Event]) -> None:
        """Number and write a batch, in order. Raises LeaseLost, having written nothing, where the run is not ours."""
        now = timezone.now()
        metrics: list[MetricPoint] = []
        touched: dict[str, NodeRun] = {}
        changes: dict[str, Any] = {}
        for event in events:
            self._apply(event, touched, metrics, changes)
        last = self._last + len(events)
        rows = [
            RunEvent(run=self._run, number=number, at=now, event=finite(to_json(event)))
            for number, event in enumerate(events, self._last + 1)
        ]
        with transaction.atomic():
            if not held(self._run.id, self._run.lease_owner).update(last_event=last, **changes):
                raise LeaseLost
            if self._last and isinstance(events[0], RunStarted):
                self._forget_earlier_attempts()
            insert(rows)
            upsert(list(touched.values()), ["run", "name"])
            insert(metrics)
            upsert(self._results(events), ["signature", "version"])
            transaction.on_commit(lambda: run_changed.send(Run, run=self._run.id))
        self._last = last

    def _forget_earlier_attempts(self) -> None:
        self._run.nodes.exclude(name__in=self._nodes).delete()
        self._run.metrics.all().delete()

    def _apply(
        self, event: Event, touched: dict[str, NodeRun], metrics: list[MetricPoint], changes: dict[str, Any]
    ) -> None:
        match event:
            case RunStarted():
                self._nodes.clear()
                changes["estimate"] = event.estimate
            case NodePlanned() if event.node in self._nodes:
                _replan(self._nodes[event.node], event)
            case NodePlanned():
                self._nodes[event.node] = self._planned(event)
            case MetricRecorded():
                value = event.value if math.isfinite(event.value) else None
                metrics.append(
                    MetricPoint(run=self._run, node=event.node, name=event.name, value=value, step=event.step)
                )
            case NodeStarted() | NodeFinished() | NodeStored() | NodeFailed() | NodeSkipped():
                _advance(self._nodes[event.node], event)
            case NodeProgressed() | ValueMade() | LogWritten() | RunRequeued() | RunFinished():
                return
            case _:
                assert_never(event)
        if not isinstance(event, RunStarted | MetricRecorded):
            touched[event.node] = self._nodes[event.node]

    def _results(self, events: Sequence[Event]) -> list[VersionResult]:
        planned = [event for event in events if isinstance(event, NodePlanned)]
        signatures = {name for event in planned for name in (*event.others, event.signature) if name}
        return [VersionResult(signature=name, version_id=self._run.version_id) for name in sorted(signatures)]

    def _planned(self, event: NodePlanned) -> NodeRun:
        return NodeRun(
            run=self._run,
            name=event.node,
            place=len(self._nodes),
            operator=event.operator,
            status="pruned" if event.action == "prune" else "waiting",
            action=event.action,
            stale=event.stale,
            reason=event.reason,
            signature=event.signature,
            estimate=event.estimate,
        )


def _replan(node: NodeRun, event: NodePlanned) -> None:
    """The plan changed while the run goes on: what the node has done stays, and what waited may be wanted no more."""
    node.action, node.reason, node.estimate = event.action, event.reason, event.estimate
    if event.action == "prune":
        node.status = "pruned"


def _advance(node: NodeRun, event: NodeStarted | NodeFinished | NodeStored | NodeFailed | NodeSkipped) -> None:
    match event:
        case NodeStarted():
            node.status = "running"
        case NodeFinished():
            node.status, node.action = "done", event.action
            node.seconds, node.bytes = event.seconds, event.bytes
        case NodeStored():
            node.stored = True
        case NodeFailed():
            node.status = "failed"
            node.error = {name: getattr(event, name) for name in ("code", "message", "line", "detail", "example")}
        case NodeSkipped():
            node.status = "skipped"
        case _:
            assert_never(event)


def finite(value: Any) -> Any:
    """The JSON value with null for every number that JSON has no word for (nan, inf)."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: finite(each) for key, each in value.items()}
        case list() | tuple():
            return [finite(each) for each in value]
    return value
