"""Computes metrics of today for versions of the past: in the worker's warm run processes, beside runs and after them.

Runs come first. Before each process that it starts, a backfill waits until no run is queued or under way, and one goes
on at a time, so that a worker's other threads stay free. What it has begun it brings to its end beside a run that comes
meanwhile: it is short for most versions, and stopping it would throw away what may be a long fit, again at each run.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction

from helixweb.jobs.lease import Lease, stopping, written
from helixweb.jobs.services import WorkflowHasErrors, enqueue
from helixweb.jobs.warm import warm_server
from metrics import backfilling, backfills
from metrics import services as runs
from metrics.backfilling import named
from metrics.models import Backfill, MetricPoint
from metrics.services import LeaseLost
from versions.models import Version
from workflows import services as workflows
from workflows.compiler import compile_workflow
from workflows.errors import HelixError
from workflows.events import Event, MetricRecorded, NodeFinished, NodePlanned, ValueMade
from workflows.execution import runner
from workflows.execution.planning import Prepared
from workflows.execution.runner import NodeResult, RunResult
from workflows.graph.dag import Dag

log = structlog.get_logger()

LOOK_EVERY: Final = 0.2


def dag_of(text: str) -> Dag:
    """What a text compiles to. Raises WorkflowHasErrors."""
    compiled = compile_workflow(text)
    if compiled.dag is None:
        raise WorkflowHasErrors(compiled.diagnostics)
    return compiled.dag


def estimate(
    workflow_id: str, text: str, nodes: Sequence[str], numbers: Sequence[int] | None
) -> tuple[backfilling.Planned, int]:
    """What a backfill would do, and how many versions it would leave out. Raises as ``request`` does."""
    workflows.get(workflow_id)
    dag = dag_of(text)
    backfilling.metrics_named(dag, nodes)
    wanted, left_out = backfilling.chosen(workflow_id, nodes, numbers)
    return backfilling.planned(workflow_id, text, dag, nodes, wanted), left_out


def request(workflow_id: str, text: str, nodes: Sequence[str], numbers: Sequence[int] | None) -> Backfill:
    """Have nodes of a text computed for the numbered versions, or for all that lack one of them; a worker is told.

    Raises WorkflowNotFound, WorkflowHasErrors, UnknownNode, NotAMetric, VersionNotFound, NothingLacking, or
    BackfillActive where one of the workflow is under way.
    """
    workflows.get(workflow_id)
    operators = backfilling.metrics_named(dag_of(text), nodes)
    wanted, _ = backfilling.chosen(workflow_id, nodes, numbers)
    with transaction.atomic():
        transaction.on_commit(lambda: announce(made.id), robust=True)
        made = backfills.queue(workflow_id, text, operators, wanted)
    return made


def announce(backfill_id: str) -> None:
    """Tell the workers of a queued backfill, now or as soon as that is possible."""
    if not enqueue("run_backfill", backfill_id):
        backfills.unannounced(backfill_id)


def run_backfill(backfill_id: str) -> None:
    """Do a queued backfill. A message that comes twice finds it claimed, and does nothing."""
    if stopping.is_set():
        backfills.unannounced(backfill_id)
        return
    backfill = backfills.claim(backfill_id, owner=secrets.token_hex(16))
    if backfill is None:
        log.info("nothing to do: the backfill is not queued, or another one is under way", backfill=backfill_id)
        return
    with structlog.contextvars.bound_contextvars(backfill=backfill_id):
        try:
            _execute(backfill)
        except LeaseLost:
            log.warning("stopped: the backfill was removed, or taken from this worker")
        except DatabaseError:
            log.exception(
                "how the backfill ended could not be written; it is taken up again when its lease has run out"
            )
        except Exception:  # the edge of a process: the user is told, the log says why
            log.exception("backfill failed in HelixWeb itself")
            message = "HelixWeb itself failed at this. The worker's log says why; what was computed is kept."
            with suppress(LeaseLost):
                backfills.finish(backfill, "failed", seconds=0.0, message=message)
    following = backfills.next_queued()
    if following is not None and not stopping.is_set():
        announce(following)


def _execute(backfill: Backfill) -> None:
    began = time.monotonic()
    failure = ""
    with Lease(backfill.id, backfill.lease_owner, backfills) as lease:
        try:
            interrupted = _work(backfill, lease)
        except HelixError as error:
            if isinstance(error, LeaseLost):
                raise
            interrupted, failure = "", error.message
        except DatabaseError as error:
            log.exception("the database failed while the backfill went on")
            interrupted = f"The database could not be used: {error}."
    if stopping.is_set() and not lease.cancelled.is_set():
        written(lambda: backfills.release(backfill))
        announce(backfill.id)
        log.info("put back into the queue, since this worker ends")
    elif lease.lost.is_set():
        raise LeaseLost
    elif interrupted and not lease.cancelled.is_set():
        if written(lambda: backfills.interrupted(backfill, interrupted)) == "queued":
            announce(backfill.id)
    else:
        seconds = time.monotonic() - began
        ended = backfills.outcome(backfill, cancelled=lease.requested(), failure=failure)
        written(lambda: backfills.finish(backfill, ended.status, seconds=seconds, message=ended.message))


def _work(backfill: Backfill, lease: Lease) -> str:
    """Compute what is missing. Returns why it was interrupted by no fault of its own, empty where it was not."""
    dag = dag_of(backfill.text)
    planned = _planned(backfill, dag, backfills.waiting(backfill))
    backfills.plan(backfill, planned.plan.estimate, planned.refused)
    if planned.plan.together is not None:
        names = planned.plan.estimates.keys() - planned.plan.alone.keys()
        members = [each.number for each in planned.versions if named(each.number) in names]
        result = _run(backfill, planned.plan.together, lease, members, together=True)
        if result is None or result.interrupted:
            return "" if result is None else result.error or "It was interrupted."
    for version in backfills.waiting(backfill):
        alone = planned.plan.alone.get(named(version.number))
        if alone is None:  # it was taken along by the end of others' process: then it is tried by itself
            once_more = _planned(backfill, dag, [version])
            alone = once_more.plan.alone.get(named(version.number))
        if alone is None:  # its data changed meanwhile
            backfills.fail(backfill, once_more.refused)
            continue
        result = _run(backfill, alone, lease, [version.number], together=False)
        if result is None:
            return ""
        if result.interrupted:
            return result.error or "It was interrupted."
        if result.status != "cancelled":
            backfills.fail(backfill, {version.number: result.error or backfills.NO_NUMBER})
    return ""


def _planned(backfill: Backfill, dag: Dag, wanted: Sequence[Version]) -> backfilling.Planned:
    return backfilling.planned(backfill.workflow_id, backfill.text, dag, list(backfill.nodes), wanted)


def _run(
    backfill: Backfill, prepared: Prepared, lease: Lease, numbers: Sequence[int], *, together: bool
) -> RunResult | None:
    """Run a plan of versions once no run is under way; None where it was to stop before that."""
    if not _free(lease):
        return None
    sink = Values(backfill, lease, numbers, together=together)
    result = runner.run(
        prepared,
        store=workflows.store(),
        data_root=settings.DATA_ROOT,
        sink=sink,
        cancellation=lease,
        limits=settings.LIMITS,
        isolation=settings.ISOLATION,
        warm=warm_server,
        attempt=backfill.attempt,
    )
    sink.close()
    if together and not result.interrupted:
        failures = _failures(result.nodes)
        ended = any(node.status == "skipped" for node in result.nodes if _number(node.name) not in failures)
        if not ended:  # else the process ended, with whatever it was at: they run again, each by itself
            backfills.fail(backfill, failures)
    return None if result.status == "cancelled" else result


def _failures(nodes: Iterable[NodeResult]) -> dict[int, str]:
    """By version, why the first node of it that failed did so."""
    found: dict[int, str] = {}
    for node in nodes:
        if node.error is not None:
            name = node.name.partition(".")[2]
            found.setdefault(_number(node.name), f"`{name}`: {node.error.message}")
    return found


def _number(name: str) -> int:
    """The version that a node of several versions' plan is of."""
    return int(name.partition(".")[0].removeprefix(named(0)[:-1]))


def _free(lease: Lease) -> bool:
    """Wait until no run is queued or under way. False where the backfill is to stop."""
    while runs.any_active():
        if lease.requested() or stopping.wait(LOOK_EVERY):
            break
    return not lease.requested()


class Values:
    """An event sink that writes what was measured: of each version as soon as its nodes are there, and told."""

    def __init__(self, backfill: Backfill, lease: Lease, numbers: Sequence[int], *, together: bool) -> None:
        self._backfill = backfill
        self._lease = lease
        self._only = None if together else numbers[0]
        self._unfinished = {number: set(backfill.nodes) for number in numbers}
        self._untold = {number: set(backfill.nodes) for number in numbers}
        self._points: dict[int, list[MetricPoint]] = defaultdict(list)
        self._written: set[int] = set()
        self._error: BaseException | None = None

    def emit(self, events: Sequence[Event]) -> None:
        """Raises nothing: a run is stopped where its values cannot be written."""
        if self._error is not None:
            return
        try:
            self._take(events)
        except Exception as error:  # noqa: BLE001  (the edge of the engine: raised by ``close``)
            self._error = error
            self._lease.lost.set()

    def close(self) -> None:
        """Write what is there and was told to be no number. Raises what kept values from being written."""
        if self._error is not None:
            raise self._error
        self._write(number for number, missing in self._unfinished.items() if not missing)

    def _take(self, events: Sequence[Event]) -> None:
        results: dict[int, list[str]] = defaultdict(list)
        for event in events:
            match event:
                case NodePlanned():
                    results[self._place(event.node)[0]] += [name for name in (*event.others, event.signature) if name]
                case NodeFinished():
                    number, node = self._place(event.node)
                    self._unfinished[number].discard(node)
                case MetricRecorded() | ValueMade():
                    number, node = self._place(event.node)
                    if isinstance(event, MetricRecorded):
                        self._measured(number, node, event)
                    if isinstance(event, ValueMade) or event.step is None:
                        self._untold[number].discard(node)
                case _:
                    pass
        if results:
            backfills.note_results(self._backfill, results)
        self._write(number for number, missing in self._untold.items() if not missing | self._unfinished[number])

    def _measured(self, number: int, node: str, event: MetricRecorded) -> None:
        if node in self._backfill.nodes:
            name = event.name if self._only is not None else event.name.removeprefix(f"{named(number)}.")
            self._points[number].append(MetricPoint(node=node, name=name, value=event.value, step=event.step))

    def _write(self, complete: Iterable[int]) -> None:
        numbers = set(complete) - self._written
        if numbers:
            self._written |= numbers
            backfills.add(self._backfill, {number: self._points[number] for number in sorted(numbers)})

    def _place(self, node: str) -> tuple[int, str]:
        """The version, and what the node is called in it."""
        if self._only is not None:
            return self._only, node
        return _number(node), node.partition(".")[2]
