"""Tables for the tests of charts: with all that data have that is not nice."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from snapshots.charts.answer import answer
from snapshots.charts.figures import MOST_MARKS, Bars, Bins, Boxes, Curve, Figure, Grid, Rows, Single, Values
from snapshots.charts.frame import ChartRefused, Frame
from snapshots.charts.spec import (
    Bar,
    Box,
    Calibration,
    Chart,
    Confusion,
    Density,
    Filter,
    HeatMap,
    Histogram,
    Line,
    Number,
    PrecisionRecall,
    Roc,
    Slices,
    Table,
)

ROWS = 5_000
ODD = 'say "a" <b>&; DROP TABLE data'


def messy(rows: int = ROWS, seed: int = 1) -> pa.Table:
    """Numbers with nulls, NaN and infinities; whole numbers; times; categories, one with an odd name."""
    chance = np.random.default_rng(seed)
    number = chance.normal(10.0, 4.0, rows)
    number[::97], number[1::101], number[2::103] = np.nan, np.inf, -np.inf
    began = datetime(2020, 1, 1)
    return pa.table(
        {
            "__row_id": np.arange(rows),
            "number": pa.array(number, mask=chance.random(rows) < 0.05, from_pandas=False),
            "whole": pa.array(chance.integers(0, 24, rows), pa.int16()),
            "time": pa.array([began + timedelta(minutes=int(m)) for m in chance.integers(0, 400_000, rows)]),
            "kind": pa.array([None if k == 9 else f"k{k}" for k in chance.integers(0, 10, rows)]).dictionary_encode(),
            ODD: pa.array([f"it's {k}" for k in chance.integers(0, 3, rows)]),
            "flag": pa.array(chance.random(rows) < 0.3),
            "place": pa.array(chance.integers(0, 5, rows)),  # names that queries use themselves
            "key": pa.array([str(k) for k in chance.integers(0, 4, rows)]),
            "many": pa.array([f"v{k}" for k in chance.integers(0, 10_000, rows)]),
            "empty": pa.nulls(rows, pa.float64()),
            "list": pa.array([[1, 2]] * rows),
        }
    )


def predicted(rows: int = ROWS, classes: int = 2, seed: int = 2) -> pa.Table:
    """Rows as Predict makes them, a bit better than chance."""
    chance = np.random.default_rng(seed)
    label = chance.integers(0, classes, rows)
    scores = chance.random((rows, classes)) + 0.4 * np.eye(classes)[label]
    scores = np.round(scores / scores.sum(axis=1, keepdims=True), 3)
    columns = {f"score[{k}]": pa.array(scores[:, k]) for k in range(classes)}
    return pa.table(
        {
            "__row_id": np.arange(rows),
            "label": pa.array(label, pa.int8()),
            "prediction": pa.array(scores.argmax(axis=1), pa.int8()),
            **columns,
        }
    )


def one(table: pa.Table) -> Frame:
    return Frame([("value", table)])


def every_chart(x: str, group: str, y: str) -> list[Chart]:
    """A chart of every kind that has something to do with ``x``."""
    return [
        Histogram(id="a", x=x, bins=200),
        Bar(id="a", x=x, top=100),
        Bar(id="a", x=group, y=x, aggregate="mean"),
        Line(id="a", x=x),
        Line(id="a", x=x, y=y, aggregate="median", unit="minute", bins=200),
        Density(id="a", x=x, y=y, bins=70),
        Density(id="a", x=x, y=x, bins=70),
        HeatMap(id="a", x=x, y=group, top=50),
        HeatMap(id="a", x=group, y=x, z=y, aggregate="max", top=50),
        Box(id="a", y=x),
        Box(id="a", x=x, y=y, top=100),
        Table(id="a", columns=(x, group), sort=x, descending=True),
        Number(id="a", y=x, aggregate="sum"),
        Roc(id="a"),
        PrecisionRecall(id="a"),
        Calibration(id="a", bins=50),
        Confusion(id="a", top=50),
        Slices(id="a", x=x, top=100),
    ]


def figure_or_refusal(frame: Frame, chart: Chart, filters: Sequence[Filter]) -> Figure | str:
    """What a chart shows, or what stands in its way."""
    try:
        return answer(frame, chart, filters)
    except ChartRefused as refused:
        return refused.message


def marks(figure: Figure) -> int:
    """How many marks a figure has at most: of a grid, every pair of places."""
    match figure:
        case Bars():
            return len(figure.total)
        case Grid():
            return places(figure.x) * places(figure.y)
        case Boxes():
            return len(figure.boxes)
        case Rows():
            return len(figure.rows) * len(figure.columns)
        case Curve():
            return len(figure.x)
        case Single():
            return 1


def places(axis: Bins | Values) -> int:
    return max(0, len(axis.edges) - 1) if isinstance(axis, Bins) else len(axis.values) + (axis.rest > 0)


def well_formed(figure: Figure, rows: int, *, whole: bool = False) -> None:
    """A figure is bounded, survives its way through JSON, and counts no row twice; ``whole``: and every row."""
    assert marks(figure) <= MOST_MARKS
    assert type(figure).model_validate_json(json.dumps(figure.model_dump(mode="json"), allow_nan=False)) == figure
    if isinstance(figure, Bars):
        assert len(figure.total) == len(figure.count) == places(figure.axis)
        assert figure.value is None or len(figure.value) == len(figure.count)
        assert all(0 <= count <= total for count, total in zip(figure.count, figure.total, strict=True))
    if isinstance(figure, Bars) and isinstance(figure.axis, Bins):
        assert all(one < other for one, other in itertools.pairwise(figure.axis.edges))
    if isinstance(figure, Grid):
        assert all(0 <= at < places(figure.x) for at in figure.at_x)
        assert all(0 <= at < places(figure.y) for at in figure.at_y)
        assert len({*zip(figure.at_x, figure.at_y, strict=True)}) == len(figure.count)
    if isinstance(figure, Bars | Grid):
        counted = sum(figure.count) + sum(figure.outside.model_dump().values())
        assert counted == rows if whole else counted <= rows
