"""What charts are told: marks in bounded number, whatever the number of rows."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, Field

MOST_MARKS: Final = 5_000
LONGEST: Final = 1_000  # characters of a value that stands at a chart

ColumnKind: TypeAlias = Literal["number", "time", "category", "other"]


class Column(BaseModel):
    """A column of the data that charts can name.

    ``low`` and ``high`` are the ends of its finite values (milliseconds since 1970 for times), null where there are
    none or the column is no number; ``distinct`` is an estimate; ``longest``: characters of a category's longest value.
    """

    name: str
    kind: ColumnKind
    whole: bool = False
    nulls: int = 0
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    longest: int = 0


class Profile(BaseModel):
    """What is known of a node's data: ``predictions`` says how many scores a row has where Predict made them."""

    rows: int
    columns: list[Column]
    predictions: int | None = None


class Bins(BaseModel):
    """Places between ``edges``, each with its lower edge and without its upper one; the last has both."""

    type: Literal["bins"] = "bins"
    edges: list[float]
    time: bool = False


class Values(BaseModel):
    """A place for each of ``values`` (null is where there is none), and one more where ``rest`` others share it."""

    type: Literal["values"] = "values"
    values: list[str | None]
    rest: int = 0


Axis: TypeAlias = Annotated[Bins | Values, Field(discriminator="type")]


class Outside(BaseModel):
    """Rows with no place on the axes, of those that the filters keep."""

    nulls: int = 0
    nan: int = 0
    infinite: int = 0


class Bars(BaseModel):
    """A figure for each place of an axis: ``total`` rows, ``count`` of them kept by the filters, and with an aggregate
    its ``value`` over those that are kept (null where none are)."""

    type: Literal["bars"] = "bars"
    axis: Axis
    total: list[int]
    count: list[int]
    value: list[float | None] | None = None
    outside: Outside = Outside()


class Grid(BaseModel):
    """A figure for each pair of places that has rows: their places on both axes, ``count``, and perhaps ``value``."""

    type: Literal["grid"] = "grid"
    x: Axis
    y: Axis
    at_x: list[int]
    at_y: list[int]
    count: list[int]
    value: list[float | None] | None = None
    outside: Outside = Outside()


class Quartiles(BaseModel):
    """Of ``count`` numbers: Tukey's whiskers (the furthest within 1.5 interquartile ranges), quartiles, ends."""

    count: int
    low: float
    whisker_low: float
    lower: float
    median: float
    upper: float
    whisker_high: float
    high: float


class Boxes(BaseModel):
    """Quartiles for each place of an axis, null where no number is."""

    type: Literal["boxes"] = "boxes"
    axis: Axis
    boxes: list[Quartiles | None]
    outside: Outside = Outside()


class Rows(BaseModel):
    """A page of rows, as text (null is no value), from ``offset`` on; ``count`` rows are kept of ``total``."""

    type: Literal["rows"] = "rows"
    columns: list[str]
    rows: list[list[str | None]]
    offset: int
    count: int
    total: int


class Single(BaseModel):
    """One number over ``count`` rows of ``total``; null where there is none."""

    type: Literal["single"] = "single"
    value: float | None
    count: int
    total: int


class Curve(BaseModel):
    """Points in the order of falling thresholds, exact at each; ``area``: under the ROC curve, or average precision, or
    the Brier score. ``count`` rows, ``positives`` of which are of the class."""

    type: Literal["curve"] = "curve"
    x: list[float]
    y: list[float]
    threshold: list[float | None]
    weight: list[int] | None = None
    area: float | None
    count: int
    positives: int


Figure: TypeAlias = Annotated[Bars | Grid | Boxes | Rows | Single | Curve, Field(discriminator="type")]


class Estimate(BaseModel):
    """A figure made of a sample: ``sampled`` rows of ``total``; with 95 % confidence no count is further from the exact
    one than ``error`` rows, and a mark's own error falls with it."""

    figure: Figure
    sampled: int
    total: int
    error: float
