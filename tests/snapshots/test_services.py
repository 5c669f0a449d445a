"""Dashboards and snapshots in the tables: order, bounds, cancelling, late delivery, and what a page is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from snapshots import answering, services, strip
from snapshots.charts.spec import Among, Histogram, Number, Range, State
from snapshots.models import Answer, Dashboard, Snapshot, StoredFigure
from snapshots.signals import answers_wanted
from snapshots.watching import Watch
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

CHARTS = (Number(id="a"), Histogram(id="b", x="version"))
WATCH = Watch()


@pytest.fixture
def wanted() -> Any:
    told: list[str] = []

    def hear(answers: list[str], **_: Any) -> None:
        told.extend(answers)

    answers_wanted.connect(hear)
    yield told
    answers_wanted.disconnect(hear)


def state(low: float | None = None) -> State:
    filters = () if low is None else (Range(column="version", low=low, source="b"),)
    return State(charts=CHARTS, filters=filters)


def answered(snapshot: Snapshot, owner: str = "me") -> None:
    for each in snapshot.answers.filter(status="pending", due_at=None):
        assert answering.take_up(each.id, owner, WATCH) == "answered"


def statuses(snapshot: Snapshot) -> dict[str, str]:
    return {each.chart: each.status for each in strip.snapshot_out(snapshot).answers}


def test_a_new_dashboard_asks_what_columns_there_are(dashboard: Dashboard) -> None:
    (first,) = dashboard.snapshots.all()
    assert (first.number, first.words) == (1, "no charts yet")
    assert strip.proposals(dashboard.id) == []
    answered(first)
    told = strip.snapshot_out(first).answers[0]
    assert (told.chart, told.status) == ("profile", "ready")
    assert [each.name for each in told.figure.columns][:2] == ["version", "message"]  # type: ignore[union-attr]
    assert strip.proposals(dashboard.id)[0].kind == "number"


def test_whoever_asks_again_under_the_same_key_gets_the_same_snapshot(dashboard: Dashboard) -> None:
    first = services.ask(dashboard.id, state(2), "tab", key="one")
    revision, _ = strip.changes(dashboard.id, 0)
    again = services.ask(dashboard.id, state(2), "tab", key="one")
    assert again == first
    assert strip.changes(dashboard.id, revision) == (revision, [])
    assert services.ask(dashboard.id, state(2), "tab", key="two") != first
    assert services.ask(dashboard.id, state(2), "tab").number == 4  # without a key, each is another one
    services.delete(dashboard.id, [first.id])
    assert services.ask(dashboard.id, state(2), "tab", key="one") == first
    other = services.create(dashboard.workflow_id, "", None, "")
    assert services.ask(other.id, state(2), "tab", key="one") != first


def test_what_was_deleted_long_ago_is_forgotten_with_its_figures(dashboard: Dashboard) -> None:
    kept, gone = (services.ask(dashboard.id, state(low), "tab") for low in (1, 2))
    other = services.create(dashboard.workflow_id, "", None, "")
    for each in (kept, gone):
        answered(each)
    of_kept, of_gone = ({answer.question for answer in each.answers.all()} for each in (kept, gone))
    services.delete(dashboard.id, [gone.id])
    services.remove(other.id)
    services.forget()
    assert services.restore(other.id) == other
    services.delete(dashboard.id, [gone.id], deleted=False)
    services.delete(dashboard.id, [gone.id])
    services.remove(other.id)
    long_ago = timezone.now() - services.FORGOTTEN - timedelta(days=1)
    Snapshot.objects.filter(id=gone.id).update(deleted_at=long_ago)
    Dashboard.objects.filter(id=other.id).update(deleted_at=long_ago)
    StoredFigure.objects.update(used_at=long_ago)
    services.forget()
    assert not Dashboard.objects.filter(id=other.id).exists()
    assert not Snapshot.objects.filter(id=gone.id).exists()
    left = set(StoredFigure.objects.values_list("question", flat=True))
    assert of_kept <= left
    assert of_gone - of_kept
    assert not (of_gone - of_kept) & left


@pytest.mark.django_db(transaction=True)
def test_what_is_overtaken_in_another_dashboard_is_cancelled_too(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_PENDING", 1)
    other = services.create(dashboard.workflow_id, "", None, "")
    old = services.ask(other.id, state(), "tab")
    services.ask(other.id, state(1), "another tab")
    services.ask(dashboard.id, state(2), "tab")
    assert set(statuses(old).values()) == {"cancelled"}
    assert Dashboard.objects.get(id=other.id).revision > old.revision


@pytest.mark.django_db(transaction=True)
def test_snapshots_stand_in_the_order_asked_and_workers_are_told(dashboard: Dashboard, wanted: list[str]) -> None:
    asked = [services.ask(dashboard.id, state(low), "tab") for low in (None, 2, 3)]
    assert [each.number for each in asked] == [2, 3, 4]
    assert [each.words for each in asked[1:]] == ["version ≥ 2", "version ≥ 3"]
    pending = Answer.objects.filter(snapshot__in=asked, status="pending")
    assert set(pending.values_list("id", flat=True)) <= set(wanted)
    for each in reversed(asked):
        answered(each)
    numbers = [strip.snapshot_out(each).answers[1].figure.value for each in asked]  # type: ignore[union-attr]
    assert numbers == [3, 2, 1]


def test_what_was_asked_before_is_ready_at_once(dashboard: Dashboard) -> None:
    first = services.ask(dashboard.id, state(2), "tab")
    answered(first)
    again = services.ask(dashboard.id, state(2), "tab")
    assert statuses(again) == {"profile": "ready", "a": "ready", "b": "ready"}
    other = services.ask(dashboard.id, state(3), "tab")
    assert statuses(other) == {"profile": "ready", "a": "pending", "b": "ready"}  # its own filter moves no histogram


def test_a_question_is_answered_once_whoever_is_told_of_it(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    answer = snapshot.answers.get(chart="a")
    assert answering.take_up(answer.id, "me", WATCH) == "answered"
    assert answering.take_up(answer.id, "another", WATCH) == "not ours"
    assert answering.take_up("no such answer", "me", WATCH) == "not ours"


def test_a_page_is_told_of_what_changed_after_a_revision_in_order_and_once(dashboard: Dashboard) -> None:
    first = services.ask(dashboard.id, state(), "tab")
    revision, told = strip.changes(dashboard.id, 0)
    assert [each.number for each in told] == [1, 2]
    assert strip.changes(dashboard.id, revision) == (revision, [])
    assert len(strip.changes(dashboard.id, 10**30)[1]) == 2  # of a revision that never was, nothing is known
    answered(first)
    after, changed = strip.changes(dashboard.id, revision)
    assert after > revision
    assert [each.id for each in changed] == [first.id]
    assert {each.chart: each.status for each in changed[0].answers} == {"profile": "ready", "a": "ready", "b": "ready"}
    assert len({each.revision for each in changed[0].answers}) == 3


def test_what_is_cancelled_stays_so_though_its_answer_comes(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    mine = answering._claim(snapshot.answers.get(chart="a").id, "me")
    assert mine is not None
    services.cancel(dashboard.id, [snapshot.id])
    answering._finish(mine, "ready", seconds=0.1)
    assert set(statuses(snapshot).values()) == {"cancelled"}
    services.retry(dashboard.id, snapshot.id, ["a"])
    assert statuses(snapshot)["a"] == "pending"
    answered(snapshot)
    assert statuses(snapshot)["a"] == "ready"


def test_beyond_the_bound_the_oldest_that_nobody_looks_at_is_cancelled(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_PENDING", 3)
    asked = [services.ask(dashboard.id, state(low), "tab") for low in range(3)]
    services.note(dashboard.id, asked[0].id, pinned=True)
    asked += [services.ask(dashboard.id, state(low), "tab") for low in range(3, 6)]
    done = {each.number: statuses(each)["a"] for each in asked}
    assert done == {2: "pending", 3: "cancelled", 4: "cancelled", 5: "cancelled", 6: "pending", 7: "pending"}
    assert "Ask again" in strip.snapshot_out(asked[1]).answers[1].message
    services.ask(dashboard.id, state(9), "another tab")
    assert statuses(asked[0])["a"] == "pending"


def test_answers_come_late_where_that_is_asked_for_and_hold_no_worker(dashboard: Dashboard) -> None:
    services.delay(dashboard.id, 5.0, 0.0, 0.0)
    snapshot = services.ask(dashboard.id, state(), "tab")
    answered(snapshot)  # at once
    assert set(statuses(snapshot).values()) == {"pending"}
    revision, _ = strip.changes(dashboard.id, 0)
    due = services.deliver(dashboard.id)
    assert due is not None
    assert 0.0 < due <= 5.0
    assert strip.changes(dashboard.id, revision)[1] == []
    snapshot.answers.update(due_at=timezone.now())
    assert services.deliver(dashboard.id) is None
    assert set(statuses(snapshot).values()) == {"ready"}
    assert [each.id for each in strip.changes(dashboard.id, revision)[1]] == [snapshot.id]


def test_a_share_of_the_answers_fails_on_purpose_and_not_again(dashboard: Dashboard) -> None:
    services.delay(dashboard.id, 0.0, 0.0, 1.0)
    snapshot = services.ask(dashboard.id, state(), "tab")
    answered(snapshot)
    assert set(statuses(snapshot).values()) == {"failed"}
    assert strip.snapshot_out(snapshot).answers[0].code == "on-purpose"
    services.retry(dashboard.id, snapshot.id)
    answered(snapshot)
    assert set(statuses(snapshot).values()) == {"ready"}


def test_what_a_dead_worker_left_is_taken_up_again_and_given_up_after_the_third(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    answer = snapshot.answers.get(chart="a")
    for attempt in range(answering.MAX_ATTEMPTS):
        assert answering._claim(answer.id, f"worker {attempt}") is not None
        assert answer.id not in answering.requeued()
        Answer.objects.filter(id=answer.id).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert (answer.id in answering.requeued()) is (attempt + 1 < answering.MAX_ATTEMPTS)
    assert strip.snapshot_out(snapshot).answers[1].code == "worker-died"


def test_a_message_that_was_lost_is_told_again(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    assert answering.requeued() == []
    Answer.objects.update(announced_at=timezone.now() - 2 * answering.TELL_AGAIN)
    assert {each.id for each in snapshot.answers.all()} <= set(answering.requeued())


def test_what_nobody_looks_at_any_more_is_cancelled_but_what_is_pinned(dashboard: Dashboard) -> None:
    left, pinned = (services.ask(dashboard.id, state(low), "tab") for low in (1, 2))
    services.note(dashboard.id, pinned.id, pinned=True)
    services.cancel_unwatched()
    assert statuses(left)["a"] == "pending"
    Dashboard.objects.update(watched_until=timezone.now() - timedelta(seconds=1))
    services.cancel_unwatched()
    assert (statuses(left)["a"], statuses(pinned)["a"]) == ("cancelled", "pending")
    services.watch(dashboard.id)
    assert Dashboard.objects.get().watched_until > timezone.now()


def test_a_chart_of_a_column_that_is_not_there_fails_alone(dashboard: Dashboard) -> None:
    wrong = State(charts=(Histogram(id="a", x="versoin"), CHARTS[1]))
    snapshot = services.ask(dashboard.id, wrong, "tab")
    answered(snapshot)
    assert statuses(snapshot) == {"profile": "ready", "a": "failed", "b": "ready"}
    told = strip.snapshot_out(snapshot).answers[1]
    assert told.message == "There is no column `versoin` in these data. Did you mean `version`?"


def test_a_question_at_which_helixweb_itself_fails_ends_at_once(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    snapshot = services.ask(dashboard.id, state(), "tab")
    mine = snapshot.answers.get(chart="a")
    monkeypatch.setattr(answering, "answer", fail)
    with pytest.raises(ZeroDivisionError):
        answering.take_up(mine.id, "me", WATCH)
    answering.give_up(mine.id, "another")
    assert statuses(snapshot)["a"] == "pending"
    answering.give_up(mine.id, "me")
    told = strip.snapshot_out(snapshot).answers[1]
    assert (told.status, told.code, told.message) == ("failed", "internal-error", answering.BROKEN)


def test_names_and_values_that_no_database_takes_as_they_are_are_kept_and_told(dashboard: Dashboard) -> None:
    odd = Among(column="message", values=("a\0b", "<b>", "''; --"))
    snapshot = services.ask(dashboard.id, State(charts=CHARTS, filters=(odd,)), "tab")
    answered(snapshot)
    told = strip.snapshot_out(snapshot)
    assert {each.status for each in told.answers} == {"ready"}
    assert told.state.filters == (Among(column="message", values=("''; --", "<b>", "a\0b")),)
    assert told.words.endswith("message = ''; --, <b>, a\ufffdb")


def test_deleted_snapshots_leave_the_strip_and_come_back(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    services.delete(dashboard.id, [snapshot.id])
    assert [each.number for each in strip.whole(dashboard.id).strip] == [1]
    revision, told = strip.changes(dashboard.id, 0)
    assert [(each.number, each.deleted) for each in told] == [(1, False), (2, True)]
    with pytest.raises(services.SnapshotNotFound):
        services.note(dashboard.id, snapshot.id, label="gone")
    services.delete(dashboard.id, [snapshot.id], deleted=False)
    assert [each.number for each in strip.changes(dashboard.id, revision)[1]] == [2]
    services.note(dashboard.id, snapshot.id, label="the late ones")
    assert strip.whole(dashboard.id).strip[1].label == "the late ones"


def test_dashboards_are_listed_renamed_deleted_and_restored(workflow: Workflow, dashboard: Dashboard) -> None:
    services.rename(dashboard.id, "How it went")
    assert [(each.title, each.node, each.snapshots) for each in strip.listed(workflow.id)] == [("How it went", "", 1)]
    services.remove(dashboard.id)
    assert strip.listed(workflow.id) == []
    with pytest.raises(services.DashboardNotFound):
        services.ask(dashboard.id, state(), "tab")
    services.restore(dashboard.id)
    assert len(strip.listed(workflow.id)) == 1


def test_a_stored_figure_is_told_by_its_question(dashboard: Dashboard) -> None:
    snapshot = services.ask(dashboard.id, state(), "tab")
    answered(snapshot)
    questions = [each.question for each in strip.snapshot_out(snapshot).answers]
    assert set(strip.figures([*questions, "unknown"])) == set(questions)
    assert StoredFigure.objects.count() == 3
