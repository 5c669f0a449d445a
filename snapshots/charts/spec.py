"""What a dashboard shows: its charts and filters, in the one form by which equal questions are known to be equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from blake3 import blake3
from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_CHARTS: Final = 24
MOST_BINS: Final = 200
FORMAT: Final = "2"  # of figures: what was stored under another one is asked anew

Aggregate: TypeAlias = Literal["count", "sum", "mean", "median", "min", "max"]
Unit: TypeAlias = Literal["auto", "minute", "hour", "day", "week", "month", "year"]
Column: TypeAlias = Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$")]
Bins: TypeAlias = Annotated[int, Field(ge=1, le=MOST_BINS)]
Top: TypeAlias = Annotated[int, Field(ge=1, le=100)]


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Chart(_Spec):
    """``id`` is the chart's place in its dashboard's states: filters name it as their source."""

    id: str = Field(pattern=r"^[a-z0-9]{1,16}$")


class Histogram(_Chart):
    """How many rows lie in each of about so many equal ranges of a number or a time."""

    kind: Literal["histogram"] = "histogram"
    x: Column
    bins: Bins = 40


class Bar(_Chart):
    """An aggregate of ``y`` (or the number of rows) for the ``top`` most frequent values of ``x``, and for the rest."""

    kind: Literal["bar"] = "bar"
    x: Column
    y: Column | None = None
    aggregate: Aggregate = "count"
    top: Top = 20


class Line(_Chart):
    """An aggregate of ``y`` (or the number of rows) along a number, in so many ranges, or a time, a ``unit`` each."""

    kind: Literal["line"] = "line"
    x: Column
    y: Column | None = None
    aggregate: Aggregate = "count"
    bins: Bins = 60
    unit: Unit = "auto"


class Density(_Chart):
    """A scatter of two numbers or times, binned: how many rows lie in each cell of a grid of bins by bins."""

    kind: Literal["density"] = "density"
    x: Column
    y: Column
    bins: Annotated[int, Field(ge=1, le=70)] = 40


class HeatMap(_Chart):
    """An aggregate of ``z`` (or the number of rows) for pairs of the most frequent values of two columns, or of ranges
    where a column is a number of more values."""

    kind: Literal["heatmap"] = "heatmap"
    x: Column
    y: Column
    z: Column | None = None
    aggregate: Aggregate = "count"
    top: Annotated[int, Field(ge=1, le=50)] = 20


class Box(_Chart):
    """Quartiles, whiskers (Tukey's) and extremes of ``y`` by ``x``, or of all rows: for its most frequent values, in
    ranges where it is a number of more."""

    kind: Literal["box"] = "box"
    x: Column | None = None
    y: Column
    top: Top = 12


class Table(_Chart):
    """A page of rows, ordered by a column or as they are stored."""

    kind: Literal["table"] = "table"
    columns: Annotated[tuple[Column, ...], Field(max_length=50)] = ()
    sort: Column | None = None
    descending: bool = False
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class Number(_Chart):
    """One number: an aggregate of ``y``, or the number of rows."""

    kind: Literal["number"] = "number"
    y: Column | None = None
    aggregate: Aggregate = "count"


class _OfPredictions(_Chart):
    """Of the rows that Predict made; ``positive`` is the place of the class that is looked for, from 0."""

    positive: Annotated[int, Field(ge=0, le=10_000)] = 1


class Roc(_OfPredictions):
    """True against false positive rate, threshold by threshold."""

    kind: Literal["roc"] = "roc"


class PrecisionRecall(_OfPredictions):
    """Precision against recall, threshold by threshold."""

    kind: Literal["precision_recall"] = "precision_recall"


class Calibration(_OfPredictions):
    """How often the class is there, against the score that it got, in so many equal ranges of the score."""

    kind: Literal["calibration"] = "calibration"
    bins: Annotated[int, Field(ge=2, le=50)] = 10


class Confusion(_Chart):
    """How many rows of each label got each prediction, for the most frequent labels."""

    kind: Literal["confusion"] = "confusion"
    top: Annotated[int, Field(ge=2, le=50)] = 20


class Slices(_Chart):
    """The share of wrong predictions by the values of ``x``, in ranges where that is a number; the worst first."""

    kind: Literal["slices"] = "slices"
    x: Column
    top: Top = 20


Chart: TypeAlias = Annotated[
    Histogram
    | Bar
    | Line
    | Density
    | HeatMap
    | Box
    | Table
    | Number
    | Roc
    | PrecisionRecall
    | Calibration
    | Confusion
    | Slices,
    Field(discriminator="kind"),
]


class _Filter(_Spec):
    """``source``: the chart that it was made in, which shows what it leaves out too; null for a filter of its own."""

    column: Column
    source: str | None = None


class Range(_Filter):
    """From ``low`` up to ``high``, both included, null for no end; times are milliseconds since 1970."""

    type: Literal["range"] = "range"
    low: float | None = None
    high: float | None = None


class Among(_Filter):
    """One of these values, written as text; null is where there is none. ``excluded``: none of them."""

    type: Literal["among"] = "among"
    values: Annotated[tuple[str | None, ...], Field(max_length=1_000)]
    excluded: bool = False


Filter: TypeAlias = Annotated[Range | Among, Field(discriminator="type")]


class State(_Spec):
    """All that a snapshot shows: charts in their order, and filters, which every chart but their source obeys."""

    charts: Annotated[tuple[Chart, ...], Field(max_length=MOST_CHARTS)] = ()
    filters: Annotated[tuple[Filter, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> State:
        ids = [chart.id for chart in self.charts]
        if len(set(ids)) < len(ids):
            raise ValueError("two charts have one id")
        return self


def canonical(state: State) -> State:
    """The same state as every way of asking for it writes it.

    Filters are in order, values too; a filter that leaves nothing out is left out itself, and one whose source is no
    chart any more is the dashboard's own.
    """
    charts = {chart.id for chart in state.charts}
    kept = {_canonical(each, charts) for each in state.filters if not _idle(each)}
    return state.model_copy(update={"filters": tuple(sorted(kept, key=_in_order))})


def state_hash(state: State, data: str) -> str:
    """The hash of a canonical state on data of this identity."""
    return _hash(["state", FORMAT, data, state.model_dump(mode="json")])


def question_hash(chart: Chart, filters: Sequence[Filter], data: str) -> str:
    """The hash of what a chart asks of data of this identity: what it is called and who filters is no part of it."""
    return _hash(["question", FORMAT, data, chart.model_dump(mode="json", exclude={"id"}), _dumped(filters)])


def profile_hash(data: str) -> str:
    """The hash under which what is known of the columns of data of this identity is stored."""
    return _hash(["profile", FORMAT, data])


def obeyed(chart: Chart, state: State) -> tuple[Filter, ...]:
    """The filters of a canonical state that a chart obeys, as a question has them: without their sources, in order."""
    others = {each.model_copy(update={"source": None}) for each in state.filters if each.source != chart.id}
    return tuple(sorted(others, key=_in_order))


def columns_of(chart: Chart) -> tuple[str, ...]:
    """The columns that a chart names."""
    if isinstance(chart, Table):
        named: list[str | None] = [*chart.columns, chart.sort]
    else:
        named = [getattr(chart, axis, None) for axis in ("x", "y", "z")]
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _canonical(each: Range | Among, charts: set[str]) -> Range | Among:
    source = each.source if each.source in charts else None
    if isinstance(each, Among):
        values = tuple(sorted(set(each.values), key=lambda value: (value is None, value or "")))
        return each.model_copy(update={"source": source, "values": values})
    low, high = each.low, each.high
    if low is not None and high is not None and low > high:
        low, high = high, low
    return each.model_copy(update={"source": source, "low": low, "high": high})


def _idle(each: Range | Among) -> bool:
    if isinstance(each, Among):
        return each.excluded and not each.values
    return each.low is None and each.high is None


def _in_order(each: Range | Among) -> str:
    return json.dumps(each.model_dump(mode="json"), sort_keys=True)


def _dumped(filters: Iterable[Filter]) -> list[object]:
    return [each.model_dump(mode="json", exclude={"source"}) for each in filters]


def _hash(told: Sequence[object]) -> str:
    return blake3(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
