"""What goes over the wire of dashboards, snapshots and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from ninja import Schema
from pydantic import Field

from snapshots.charts.figures import Estimate, Figure, Profile
from snapshots.charts.spec import Chart, State
from workflows.schemas import Kept

Title: TypeAlias = Annotated[Kept, Field(max_length=120)]
Name: TypeAlias = Annotated[Kept, Field(min_length=1, max_length=64)]  # that a browser gives itself, or what it asks
Status: TypeAlias = Literal["pending", "waiting", "ready", "failed", "cancelled"]


class AnswerOut(Schema):
    """What came of a chart's question: ``figure`` where it is ready and sent along, ``estimate`` while it is pending.

    ``question`` is the hash that a figure can be asked for under. "waiting": ``run`` makes the data anew (``note``).
    """

    chart: str
    question: str
    status: Status
    figure: Annotated[Figure | Profile, Field(union_mode="left_to_right")] | None = None
    estimate: Estimate | None = None
    code: str
    message: str
    note: str
    run: str
    seconds: float | None
    revision: int


class SnapshotOut(Schema):
    """A snapshot with its answers: all of them, or in a message those that changed. ``version`` is a number."""

    id: str
    number: int
    version: int | None
    state: State
    words: str
    label: str
    pinned: bool
    deleted: bool
    asked_at: datetime
    revision: int
    answers: list[AnswerOut]


class DelayOut(Schema):
    """The latency control: answers come ``seconds`` late, give or take ``variation``; some fail at first."""

    seconds: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    variation: Annotated[float, Field(ge=0.0, le=5.0)] = 0.0
    failing: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0


class DashboardListedOut(Schema):
    """``node`` is empty where it shows the versions themselves; ``version``: the newest that was asked of."""

    id: str
    title: str
    node: str
    version: int | None
    snapshots: int
    created_at: datetime


class DashboardOut(DashboardListedOut):
    """A dashboard with its strip, oldest first, without figures. ``revision``: what has to be asked for comes after."""

    workflow: str
    revision: int
    delay: DelayOut
    strip: list[SnapshotOut]


class DashboardIn(Schema):
    """``version`` is an id; null for a dashboard over the versions, which has no ``node`` either."""

    node: Annotated[Kept, Field(max_length=1_000)] = ""
    version: Kept | None = None
    title: Title = ""


class DashboardTitleIn(Schema):
    title: Annotated[Kept, Field(min_length=1, max_length=120)]


class SnapshotIn(Schema):
    """An interaction: the state that is asked for, of a version's data (an id; null for the last snapshot's).

    Under the same ``key``, whoever asks again (the answer was lost on the way) gets the same snapshot.
    """

    client: Name
    state: State
    version: Kept | None = None
    key: Name | None = None


class SnapshotNoteIn(Schema):
    label: Annotated[Kept, Field(max_length=200)] | None = None
    pinned: bool | None = None


class SnapshotsIn(Schema):
    """``snapshots``: which; null for all."""

    snapshots: list[Kept] | None = None


class SnapshotsDeletedIn(Schema):
    snapshots: list[Kept]
    deleted: bool


class RetryIn(Schema):
    """``charts``: which; none for all that failed or were cancelled."""

    charts: Annotated[list[Kept], Field(default_factory=list)]


class FiguresIn(Schema):
    questions: Annotated[list[Kept], Field(max_length=500)]


class FiguresOut(Schema):
    """By question; those that are not stored any more are left out, and have to be asked again."""

    figures: dict[str, Annotated[Figure | Profile, Field(union_mode="left_to_right")]]


class ProposalsOut(Schema):
    """Charts that suit the columns; none while these are not known yet."""

    charts: list[Chart]
