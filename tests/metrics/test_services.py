from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from metrics import services
from metrics.models import Run
from metrics.recorder import Recorder
from metrics.services import LEASE, MAX_ATTEMPTS, LeaseLost, RunActive
from versions.models import Version
from workflows.events import MetricRecorded, NodeFailed, NodePlanned, NodeStored, RunStarted

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(version: Version) -> Run:
    return services.queue(version, reuse=True, force=[])


def expire(run: Run) -> None:
    Run.objects.filter(id=run.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def status(run: Run) -> str:
    run.refresh_from_db()
    return run.status


def told(run: Run) -> list[str]:
    return [event.event["type"] for event in run.events.order_by("number")]


def test_a_run_is_claimed_once_however_often_its_message_comes(run: Run) -> None:
    assert services.claim(run.id, "one") is not None
    assert services.claim(run.id, "two") is None
    assert services.claim(run.id, "one") is None
    run.refresh_from_db()
    assert (run.status, run.lease_owner, run.attempt) == ("running", "one", 1)


def test_an_ended_run_is_claimed_by_nobody(run: Run) -> None:
    services.claim(run.id, "one")
    services.finish(run.id, "one", "succeeded", seconds=1.0, message="")
    assert services.claim(run.id, "two") is None
    assert services.claim("no such run", "two") is None


def test_a_workflow_has_one_active_run_at_a_time(run: Run, version: Version) -> None:
    with pytest.raises(RunActive):
        services.queue(version, reuse=True, force=[])
    services.claim(run.id, "one")
    with pytest.raises(RunActive):
        services.queue(version, reuse=True, force=[])
    services.finish(run.id, "one", "failed", seconds=1.0, message="")
    assert services.queue(version, reuse=True, force=[]).status == "queued"


def test_a_lease_that_is_renewed_is_not_taken_away(run: Run) -> None:
    services.claim(run.id, "one")
    expire(run)
    services.renew(run.id, "one")
    assert services.requeue_expired() == []
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now() + LEASE / 2


def test_a_run_whose_worker_died_is_queued_again(run: Run) -> None:
    services.claim(run.id, "one")
    expire(run)
    assert services.requeue_expired() == [run.id]
    assert status(run) == "queued"
    claimed = services.claim(run.id, "two")
    assert claimed is not None
    assert claimed.attempt == 2


def test_whoever_lost_the_lease_can_write_nothing_more(run: Run) -> None:
    services.claim(run.id, "one")
    expire(run)
    services.requeue_expired()
    services.claim(run.id, "two")
    for attempt in (
        lambda: services.renew(run.id, "one"),
        lambda: services.cancel_requested(run.id, "one"),
        lambda: services.finish(run.id, "one", "succeeded", seconds=1.0, message=""),
        lambda: services.interrupted(run.id, "one", "It was interrupted."),
        lambda: services.release(run.id, "one"),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    assert status(run) == "running"


def test_a_run_that_kills_its_worker_again_and_again_fails_with_that_reason(run: Run) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claimed = services.claim(run.id, f"worker {attempt}")
        assert claimed is not None
        expire(run)
        services.requeue_expired()
    assert status(run) == "failed"
    assert f"attempt {MAX_ATTEMPTS}, and the last" in run.message
    assert told(run) == ["run_requeued", "run_requeued", "run_finished"]


def test_a_run_that_is_interrupted_says_why_and_starts_from_nothing(run: Run) -> None:
    claimed = services.claim(run.id, "one")
    assert claimed is not None
    planned = [
        NodePlanned(name, "Op", action, True, "", 0.1, "") for name, action in (("a", "compute"), ("b", "prune"))
    ]
    failed = NodeFailed("a", "process-ended", "It ended.", 1)
    Recorder(claimed).write(
        [RunStarted(1, 0.5), *planned, NodeStored("a", 1, "d"), MetricRecorded("a", "a", 1.0), failed]
    )
    assert services.interrupted(run.id, "one", "The disk was full.") == "queued"
    assert status(run) == "queued"
    assert run.events.order_by("number").last().event == {"type": "run_requeued", "reason": "The disk was full."}
    assert [event.number for event in run.events.order_by("number")] == list(range(1, run.last_event + 1))
    assert list(run.nodes.order_by("place").values_list("status", "stored", "error")) == [
        ("waiting", False, None),
        ("pruned", False, None),
    ]
    assert not run.metrics.exists()
    assert services.requeue_expired() == [run.id]


def test_an_interrupted_run_that_was_to_be_cancelled_is_not_run_again(run: Run) -> None:
    services.claim(run.id, "one")
    services.request_cancel(run.id)
    assert services.interrupted(run.id, "one", "The disk was full.") == "cancelled"
    assert status(run) == "cancelled"


def test_a_cancelled_run_whose_worker_died_is_not_run_again(run: Run) -> None:
    services.claim(run.id, "one")
    services.request_cancel(run.id)
    expire(run)
    assert services.requeue_expired() == []
    assert status(run) == "cancelled"


def test_a_run_whose_message_was_lost_is_enqueued_again(run: Run) -> None:
    assert services.requeue_expired() == []
    Run.objects.filter(id=run.id).update(announced_at=timezone.now() - services.TELL_AGAIN * 2)
    assert services.requeue_expired() == [run.id]
    assert services.requeue_expired() == []


def test_a_run_that_could_not_be_announced_is_announced_soon(run: Run) -> None:
    services.unannounced(run.id)
    assert services.requeue_expired() == [run.id]
    services.claim(run.id, "one")
    services.unannounced(run.id)
    assert services.requeue_expired() == []


def test_a_queued_run_is_cancelled_at_once(run: Run) -> None:
    assert services.request_cancel(run.id).status == "cancelled"
    assert services.claim(run.id, "one") is None


def test_a_running_run_is_cancelled_by_its_worker(run: Run) -> None:
    services.claim(run.id, "one")
    assert not services.cancel_requested(run.id, "one")
    assert services.request_cancel(run.id).status == "running"
    assert services.cancel_requested(run.id, "one")


def test_an_ended_run_stays_as_it_ended(run: Run) -> None:
    services.claim(run.id, "one")
    services.finish(run.id, "one", "succeeded", seconds=1.0, message="")
    assert services.request_cancel(run.id).status == "succeeded"


def test_a_worker_that_is_told_to_end_gives_its_run_back_without_using_up_an_attempt(run: Run) -> None:
    services.claim(run.id, "one")
    services.release(run.id, "one")
    run.refresh_from_db()
    assert (run.status, run.attempt, run.lease_owner) == ("queued", 0, "")
    claimed = services.claim(run.id, "two")
    assert claimed is not None
    assert claimed.attempt == 1
