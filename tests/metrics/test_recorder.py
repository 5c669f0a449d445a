from __future__ import annotations

import json
import math

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from metrics import history, services
from metrics.models import Run
from metrics.recorder import Recorder, finite
from metrics.services import LeaseLost
from versions.models import Version
from workflows.events import (
    Event,
    LogWritten,
    MetricRecorded,
    NodeFailed,
    NodeFinished,
    NodePlanned,
    NodeSkipped,
    NodeStarted,
    NodeStored,
    RunStarted,
    ValueMade,
    to_json,
)
from workflows.models import Workflow

NODES = ("rows", "model", "accuracy")
PLANNED = [NodePlanned(node, "Op", "compute", True, "new", 0.1, "f" * 64) for node in NODES]

nodes = st.sampled_from(NODES)
numbers = st.floats(allow_nan=True)
later_events = st.one_of(
    nodes.map(NodeStarted),
    st.builds(NodeFinished, nodes, st.just("compute"), st.floats(0, 9), st.integers(0, 2**40)),
    st.builds(NodeStored, nodes, st.just(1), st.just("d" * 64)),
    st.builds(NodeFailed, nodes, st.just("user-error"), st.text(max_size=5), st.integers(1, 99)),
    st.builds(NodeSkipped, nodes, nodes),
    st.builds(MetricRecorded, nodes, nodes, numbers, st.none() | st.integers(0, 9)),
    st.builds(ValueMade, nodes, st.lists(numbers) | st.dictionaries(st.text(max_size=3), numbers), st.booleans()),
    st.builds(LogWritten, nodes, st.text(max_size=20)),
)


def claimed(version: Version, owner: str = "one") -> Run:
    run = Run.objects.filter(version=version).first() or services.queue(version, reuse=True, force=[])
    taken = services.claim(run.id, owner)
    assert taken is not None
    return taken


class Recorded(TestCase):
    @given(later=st.lists(later_events, max_size=30), cuts=st.lists(st.integers(1, 7), max_size=10))
    @settings(max_examples=40, derandomize=True, deadline=None)
    def test_however_events_are_batched_the_rows_tell_the_same_story(self, later: list[Event], cuts: list[int]) -> None:
        events: list[Event] = [RunStarted(1, 0.5), *PLANNED, *later]
        version = fresh_version()
        run = claimed(version)
        recorder = Recorder(run)
        rest = list(events)
        for cut in cuts:
            if rest:
                recorder.write(rest[:cut])
                rest = rest[cut:]
        if rest:
            recorder.write(rest)

        rows = history.events_after(run.id, 0)
        assert [row.number for row in rows] == list(range(1, len(events) + 1))
        assert [row.event for row in rows] == [finite(to_json(event)) for event in events]
        run.refresh_from_db()
        assert run.last_event == len(events)
        for middle in range(len(events)):
            assert history.events_after(run.id, middle) == rows[middle:]
        out = history.run_out(run)
        assert [node.name for node in out.nodes] == list(NODES)
        for node in out.nodes:
            assert node.status == expected_status(node.name, later)
            assert node.stored == any(isinstance(each, NodeStored) and each.node == node.name for each in later)
        scalars = [each for each in later if isinstance(each, MetricRecorded) and each.step is None]
        assert [metric.value for metric in out.metrics] == [finite(each.value) for each in scalars]

    def test_a_node_whose_plan_changes_keeps_what_it_has_done_and_its_place(self) -> None:
        run = claimed(fresh_version())
        recorder = Recorder(run)
        anew = NodePlanned("model", "Op", "prune", True, "reused: `rows` turned out equal", 0.0, "f" * 64)
        loaded = NodePlanned("rows", "Op", "load", True, "reused", 0.0, "f" * 64)
        recorder.write([RunStarted(1, 0.5), *PLANNED, NodeStarted("rows"), anew])
        recorder.write([loaded])
        out = {node.name: node for node in history.run_out(run).nodes}
        assert list(out) == list(NODES)
        assert (out["model"].status, out["model"].action, out["model"].reason) == ("pruned", "prune", anew.reason)
        assert (out["rows"].status, out["rows"].action) == ("running", "load")


def expected_status(node: str, events: list[Event]) -> str:
    words = {NodeStarted: "running", NodeFinished: "done", NodeFailed: "failed", NodeSkipped: "skipped"}
    said = [words[type(each)] for each in events if type(each) in words and each.node == node]  # type: ignore[union-attr]
    return said[-1] if said else "waiting"


def fresh_version() -> Version:
    now = timezone.now()
    workflow = Workflow.objects.create(name="w", updated_at=now)
    return Version.objects.create(
        id=workflow.id.ljust(40, "0"), workflow=workflow, number=1, tree="t", message="", author="", created_at=now
    )


def test_a_batch_of_a_worker_that_lost_the_run_leaves_no_trace(version: Version) -> None:
    run = claimed(version)
    recorder = Recorder(run)
    recorder.write([RunStarted(1, 0.5), *PLANNED])
    Run.objects.filter(id=run.id).update(lease_owner="another")
    with pytest.raises(LeaseLost):
        recorder.write([NodeStarted("rows"), MetricRecorded("accuracy", "accuracy", 0.5)])
    assert len(history.events_after(run.id, 0)) == 4
    assert {node.status for node in run.nodes.all()} == {"waiting"}
    assert not run.metrics.exists()


def test_a_second_attempt_goes_on_counting_and_starts_its_nodes_anew(version: Version) -> None:
    run = claimed(version)
    Recorder(run).write(
        [RunStarted(1, 0.5), *PLANNED, NodeStarted("rows"), MetricRecorded("accuracy", "accuracy", 0.5)]
    )
    services.release(run.id, "one")
    waiting = history.run_out(services.get(run.id))
    assert (waiting.status, {node.status for node in waiting.nodes}, waiting.metrics) == ("queued", {"waiting"}, [])
    again = claimed(version, "two")
    Recorder(again).write([RunStarted(1, 0.5), *PLANNED[:2]])
    assert [event.number for event in history.events_after(run.id, 0)] == list(range(1, 11))
    assert [(node.name, node.status) for node in history.run_out(again).nodes] == [
        ("rows", "waiting"),
        ("model", "waiting"),
    ]
    assert history.run_out(again).metrics == []


def test_a_pruned_node_is_neither_waiting_nor_running(version: Version) -> None:
    run = claimed(version)
    planned = NodePlanned("rows", "Op", "prune", False, "nothing wanted needs it", 0.0, "")
    Recorder(run).write([RunStarted(1, 0.5), planned])
    services.finish(run.id, "one", "succeeded", seconds=0.1, message="")
    assert [node.status for node in history.run_out(run).nodes] == ["pruned"]


def test_a_failure_is_kept_with_its_line_and_its_example(version: Version) -> None:
    run = claimed(version)
    failed = NodeFailed("rows", "user-error", "ValueError: no", 7, "Traceback", "age = -1")
    Recorder(run).write([RunStarted(1, 0.5), *PLANNED, failed, NodeSkipped("model", "rows")])
    services.finish(run.id, "one", "failed", seconds=0.1, message="rows failed")
    rows, model, accuracy = history.run_out(run).nodes
    assert rows.error is not None
    assert (rows.error.line, rows.error.example) == (7, "age = -1")
    assert (model.status, accuracy.status) == ("skipped", "skipped")


def test_metrics_are_compared_with_the_last_run_that_succeeded(version: Version) -> None:
    for value, status in ((0.5, "succeeded"), (0.9, "failed"), (0.75, "succeeded")):
        run = services.queue(version, reuse=True, force=[])
        taken = services.claim(run.id, "one")
        assert taken is not None
        Recorder(taken).write([RunStarted(1, 0.5), *PLANNED, MetricRecorded("accuracy", "accuracy", value)])
        services.finish(run.id, "one", status, seconds=0.1, message="")  # type: ignore[arg-type]
    (metric,) = history.run_out(run).metrics
    assert (metric.value, metric.previous) == (0.75, 0.5)


@given(
    st.recursive(st.floats() | st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
@settings(max_examples=100, derandomize=True)
def test_every_number_that_is_written_is_one_that_json_knows(value: object) -> None:
    json.dumps(finite(value), allow_nan=False)  # raises where one is not


def test_what_is_no_finite_number_becomes_null() -> None:
    assert finite({"a": [math.nan, math.inf, 1.5]}) == {"a": [None, None, 1.5]}
