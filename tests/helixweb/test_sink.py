from __future__ import annotations

import threading

import pytest

from helixweb.jobs.sink import BACKLOG, RowSink
from metrics import history, services
from metrics.models import Run
from metrics.recorder import Recorder
from metrics.services import LeaseLost
from tests.metrics.test_recorder import PLANNED, claimed, fresh_version
from workflows.events import Event, LogWritten, NodeStarted, RunFinished, RunStarted

pytestmark = pytest.mark.django_db(transaction=True)  # the sink writes on a thread of its own


@pytest.fixture
def run() -> Run:
    return claimed(fresh_version())


def written(run: Run) -> list[str]:
    return [row.event["type"] for row in history.events_after(run.id, 0)]


def test_events_become_rows_in_order_and_all_of_them(run: Run) -> None:
    logs = [LogWritten("rows", str(number)) for number in range(5000)]
    with RowSink(Recorder(run), threading.Event()) as sink:
        sink.emit([RunStarted(1, 0.5), *PLANNED])
        for start in range(0, len(logs), 7):
            sink.emit(logs[start : start + 7])
    rows = history.events_after(run.id, 0)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert [row.event["text"] for row in rows[4:]] == [log.text for log in logs]


def test_the_last_event_is_left_to_whoever_ends_the_run(run: Run) -> None:
    with RowSink(Recorder(run), threading.Event()) as sink:
        sink.emit([RunStarted(1, 0.5), RunFinished("succeeded", 1.0)])
    assert written(run) == ["run_started"]
    services.finish(run.id, run.lease_owner, "succeeded", seconds=1.0, message="")
    assert written(run) == ["run_started", "run_finished"]


def test_a_run_that_emits_nothing_writes_nothing(run: Run) -> None:
    with RowSink(Recorder(run), threading.Event()):
        pass
    assert written(run) == []


def test_a_writer_that_fails_says_so_and_lets_nobody_wait(run: Run) -> None:
    failed = threading.Event()
    Run.objects.filter(id=run.id).update(lease_owner="another")
    many: list[Event] = [NodeStarted("rows")] * (2 * BACKLOG)

    def emit() -> None:
        with RowSink(Recorder(run), failed) as sink:
            sink.emit([RunStarted(1, 0.5), *PLANNED])
            assert failed.wait(30)
            sink.emit(many)

    with pytest.raises(LeaseLost):
        emit()
    assert written(run) == []


def test_a_writer_that_fails_at_the_last_events_lets_nobody_wait(run: Run) -> None:
    Run.objects.filter(id=run.id).update(lease_owner="another")
    for _ in range(20):  # the first event is mostly written together with the end
        with pytest.raises(LeaseLost), RowSink(Recorder(run), threading.Event()) as sink:
            sink.emit([RunStarted(1, 0.5)])
    assert written(run) == []
