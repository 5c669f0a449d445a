"""Answers questions, in a worker: takes one up under a lease, asks DuckDB, stores the figure, and has it delivered."""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

import duckdb
import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from snapshots import history, services, sources
from snapshots.charts.answer import answer, estimate
from snapshots.charts.frame import ChartRefused, Frame, NoSuchColumn, Piece, opened
from snapshots.charts.spec import State, obeyed
from snapshots.models import Answer, Snapshot, StoredFigure
from snapshots.services import PROFILE
from snapshots.watching import LEASE, Watch
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.ports import ArtifactDamaged, ArtifactMissing

log = structlog.get_logger()

TELL_AGAIN: Final = timedelta(seconds=10)
MAX_ATTEMPTS: Final = 3
SAMPLED_FROM: Final = 3_000_000  # rows from which on an estimate goes ahead of the exact answer
FRAMES: Final = 8  # of the data that were asked last, which stay open
EVICTED: Final = "The data had been evicted; they are computed anew first."
BROKEN: Final = "HelixWeb itself failed at this, which is no fault of yours: the log says why. Another chart may work."

Outcome: TypeAlias = Literal["answered", "evicted", "not ours"]

_opening = threading.Lock()
_writing = threading.Lock()  # of this process's threads one writes at a time: who waits in SQLite sleeps ever longer
_frames: OrderedDict[str, Frame] = OrderedDict()


class DataEvicted(Exception):
    """The data are not stored any more: they have to be made anew before they can be asked."""


def take_up(answer_id: str, owner: str, watch: Watch) -> Outcome:
    """Answer one question, if nobody else does. "evicted": it waits, and its data have to be made anew."""
    asked = _claim(answer_id, owner)
    if asked is None:
        return "not ours"
    began = time.perf_counter()
    try:
        figure = _figure(asked, watch)
    except DataEvicted:
        _put_off(asked)
        return "evicted"
    except HelixError as error:
        _finish(asked, "failed", code=error.code, message=_said(asked, error))
    except duckdb.InterruptException:
        return "not ours"  # cancelled meanwhile, or taken away
    except duckdb.Error as error:
        log.warning("a question failed", answer=asked.id, error=str(error))
        _finish(asked, "failed", code="query-failed", message=_in_words(error))
    else:
        _finish(asked, "ready", figure=figure, seconds=time.perf_counter() - began)
    return "answered"


def give_up(answer_id: str, owner: str) -> None:
    """HelixWeb itself failed at a question that ``owner`` holds: so it would again."""
    asked = held(answer_id, owner).select_related("snapshot__dashboard", "snapshot__version").first()
    if asked is not None:
        _finish(asked, "failed", code="internal-error", message=BROKEN)


def _claim(answer_id: str, owner: str) -> Answer | None:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    unclaimed = Answer.objects.filter(free, id=answer_id, status="pending", due_at=None)
    with _writing:
        taken = unclaimed.update(lease_owner=owner, lease_until=now + LEASE, attempt=F("attempt") + 1)
    if not taken:
        return None
    return Answer.objects.select_related("snapshot__dashboard", "snapshot__version").get(id=answer_id)


def held(answer_id: str, owner: str) -> Any:
    """The answer as far as ``owner`` still holds it: every write of a worker goes through this."""
    return Answer.objects.filter(id=answer_id, lease_owner=owner, status="pending")


def _figure(asked: Answer, watch: Watch) -> dict[str, Any]:
    """The figure as JSON. Raises HelixError, DataEvicted, or duckdb.Error."""
    known = StoredFigure.objects.filter(question=asked.question).first()
    if known is not None:
        return dict(known.figure)
    frame = _frame(asked.snapshot)
    if asked.chart == PROFILE:
        return frame.profile.model_dump(mode="json")
    state = State.model_validate(asked.snapshot.state)
    chart = next((each for each in state.charts if each.id == asked.chart), None)
    if chart is None:
        raise ChartRefused("This chart is no part of its snapshot.")
    filters = obeyed(chart, state)
    with watch.over(asked, frame.connection):
        if frame.rows >= SAMPLED_FROM:
            guessed = estimate(frame, chart, filters)
            if guessed is not None:
                _tell_estimate(asked, guessed.model_dump(mode="json"))
        return answer(frame, chart, filters).model_dump(mode="json")


def _frame(snapshot: Snapshot) -> Frame:
    """The open frame of a snapshot's data. Raises HelixError or DataEvicted."""
    identity = sources.of_snapshot(snapshot)
    with _opening:
        found = _frames.get(identity)
        if found is None:
            found = _frames[identity] = _opened(snapshot)
        _frames.move_to_end(identity)
        while len(_frames) > FRAMES:
            _frames.popitem(last=False)
        return found


def _opened(snapshot: Snapshot) -> Frame:
    if snapshot.version is None:
        return Frame([("versions", history.table(snapshot.dashboard.workflow_id))])
    pieces = []
    for part in sources.parts(snapshot.version, snapshot.dashboard.node):
        rows = None if part.rows is None else _source(part.rows)
        pieces.append(Piece(part.label, _source(part), rows))
    return opened(pieces)


def _source(part: sources.Part) -> Any:
    """Where a part's table is. Raises DataEvicted, or ChartRefused where it is none."""
    try:
        artifact = workflows.store().open(part.signature)
    except (ArtifactMissing, ArtifactDamaged):
        raise DataEvicted from None
    if artifact.codec != "arrow":
        raise ChartRefused(f"`{part.node}` is a {artifact.codec}, no table, so it has no charts.")
    return artifact.path if artifact.path is not None else artifact.inline


def _keep(question: str, figure: dict[str, Any], seconds: float) -> None:
    stored = StoredFigure(question=question, figure=figure, seconds=seconds, used_at=timezone.now())
    StoredFigure.objects.bulk_create(
        [stored],
        update_conflicts=True,
        unique_fields=["question"],
        update_fields=["figure", "seconds", "used_at"],
    )


def _tell_estimate(asked: Answer, guessed: dict[str, Any]) -> None:
    """Show an estimate, unless answers are delivered late: it would come before the delay that people want to see."""
    if asked.snapshot.dashboard.delay > 0.0:
        return
    with transaction.atomic():
        dashboard = services.locked(asked.snapshot.dashboard_id)
        held(asked.id, asked.lease_owner).update(estimate=guessed, revision=services.following(dashboard))
        services.changed(dashboard)


def _put_off(asked: Answer) -> None:
    with transaction.atomic():
        dashboard = services.locked(asked.snapshot.dashboard_id)
        held(asked.id, asked.lease_owner).update(
            status="waiting",
            note=EVICTED,
            lease_owner="",
            lease_until=None,
            attempt=F("attempt") - 1,
            revision=services.following(dashboard),
        )
        services.changed(dashboard)


def _finish(asked: Answer, status: str, *, figure: dict[str, Any] | None = None, **told: Any) -> None:
    """End an answer that is still this worker's; it is delivered now, or when its delay is over."""
    with _writing, transaction.atomic():
        dashboard = services.locked(asked.snapshot.dashboard_id)
        if figure is not None:
            _keep(asked.question, figure, told["seconds"])
        if asked.attempt == 1 and _drawn(asked.id, "failing") < dashboard.failing:
            told = {
                "code": "on-purpose",
                "message": "It failed on purpose, as the latency control asks for. Try again.",
            }
            status = "failed"
        now = timezone.now()
        late = max(0.0, dashboard.delay + (2.0 * _drawn(asked.id, "late") - 1.0) * dashboard.variation)
        due = max(now, asked.announced_at + timedelta(seconds=late)) if asked.announced_at else now
        at_once = {"delivered": True, "revision": services.following(dashboard)} if due <= now else {}
        held(asked.id, asked.lease_owner).update(
            status=status, due_at=due, estimate=None, lease_owner="", lease_until=None, **told, **at_once
        )
        services.changed(dashboard)


def _drawn(answer_id: str, what: str) -> float:
    """A number between 0 and 1, the same each time it is asked for."""
    return random.Random(f"{answer_id} {what}").random()


def _said(asked: Answer, error: HelixError) -> str:
    version = asked.snapshot.version
    if isinstance(error, NoSuchColumn) and version is not None:
        return error.said(f"v{version.number} has")
    return error.message


def _in_words(error: duckdb.Error) -> str:
    first = str(error).replace("\0", "\ufffd").strip().splitlines()[0]
    return f"The query failed: {first[:300]}. Try again, or change the chart."


def requeued() -> list[str]:
    """Answers that workers have to be told of: those whose worker has died, and those of which no word came through.

    After the third attempt they fail instead.
    """
    now = timezone.now()
    died = Answer.objects.filter(status="pending", lease_until__lt=now)
    for answered in died.filter(attempt__gte=MAX_ATTEMPTS).select_related("snapshot__dashboard", "snapshot__version"):
        _finish(answered, "failed", code="worker-died", message="Its worker died three times. The log may say why.")
    again = Q(lease_until__lt=now) | Q(lease_until=None, announced_at__lt=now - TELL_AGAIN)
    found = list(Answer.objects.filter(again, status="pending").values_list("id", flat=True))
    died.update(lease_owner="", lease_until=None)
    return found


def waiting() -> list[Answer]:
    """Answers whose data are made anew, or have to be."""
    return list(Answer.objects.filter(status="waiting").select_related("snapshot__dashboard", "snapshot__version"))


def made_by(answers: Sequence[Answer], run: str) -> None:
    """A run makes the data that these wait for."""
    with transaction.atomic():
        dashboard = services.locked(answers[0].snapshot.dashboard_id)
        ids = [each.id for each in answers]
        Answer.objects.filter(id__in=ids, status="waiting").update(run=run, revision=services.following(dashboard))
        services.changed(dashboard)


def made(answers: list[Answer]) -> list[str]:
    """The data of waiting answers are there again: they are pending once more. Returns their ids."""
    ids = [each.id for each in answers]
    Answer.objects.filter(id__in=ids, status="waiting").update(status="pending", run="")
    return ids


def unmade(answered: Answer, message: str) -> None:
    """The data of a waiting answer cannot be made: it fails."""
    with transaction.atomic():
        dashboard = services.locked(answered.snapshot.dashboard_id)
        Answer.objects.filter(id=answered.id, status="waiting").update(
            status="failed",
            code="data-evicted",
            message=message,
            delivered=True,
            due_at=timezone.now(),
            revision=services.following(dashboard),
        )
        services.changed(dashboard)
