"""Answers what a chart asks: exactly, and of a sample, with the error that has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, assert_never

from snapshots.charts import predicted, single
from snapshots.charts.axes import binned, either, frequent, periods
from snapshots.charts.figures import MOST_MARKS, Bars, Boxes, Curve, Estimate, Figure, Grid, Rows, Single
from snapshots.charts.frame import Frame
from snapshots.charts.grouped import aggregate, bars, grid
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

_NORMAL: Final = 1.96  # standard deviations that hold 95 % of a normal distribution
_SIDE: Final = math.isqrt(MOST_MARKS) - 1  # ranges of either axis of a grid; round edges may make one more


def answer(frame: Frame, chart: Chart, filters: Sequence[Filter]) -> Figure:
    """The figure that a chart shows of the rows that filters keep. Raises ChartRefused."""
    match chart:
        case Histogram():
            return bars(frame, binned(frame, chart.x, chart.bins, "x"), None, filters)
        case Bar():
            axis = frequent(frame, chart.x, chart.top, "x")
            return bars(frame, axis, aggregate(frame, chart.aggregate, chart.y), filters)
        case Line():
            is_time = frame.numeric(chart.x).kind == "time"
            axis = (
                periods(frame, chart.x, chart.unit, chart.bins, "x")
                if is_time
                else binned(frame, chart.x, chart.bins, "x")
            )
            return bars(frame, axis, aggregate(frame, chart.aggregate, chart.y), filters)
        case Density():
            bins = min(chart.bins, _SIDE)
            x, y = binned(frame, chart.x, bins, "x"), binned(frame, chart.y, bins, "y")
            return grid(frame, x, y, None, filters)
        case HeatMap():
            x, y = either(frame, chart.x, chart.top, "x"), either(frame, chart.y, chart.top, "y")
            return grid(frame, x, y, aggregate(frame, chart.aggregate, chart.z), filters)
        case Box():
            return single.boxes(frame, chart, filters)
        case Table():
            return single.rows(frame, chart, filters)
        case Number():
            return single.single(frame, chart, filters)
        case Roc():
            return predicted.roc(frame, chart, filters)
        case PrecisionRecall():
            return predicted.precision_recall(frame, chart, filters)
        case Calibration():
            return predicted.calibration(frame, chart, filters)
        case Confusion():
            return predicted.confusion(frame, chart, filters)
        case Slices():
            return predicted.slices(frame, chart, filters)
        case _:
            assert_never(chart)


def estimate(frame: Frame, chart: Chart, filters: Sequence[Filter]) -> Estimate | None:
    """The same of a sample; None where a sample cannot tell it. Raises ChartRefused."""
    if isinstance(chart, Table | Box) or getattr(chart, "aggregate", "count") in ("sum", "min", "max"):
        return None
    sample = frame.sample
    if sample.rows == 0:
        return None
    figure = answer(sample, chart, filters)
    scale = frame.rows / sample.rows
    if isinstance(figure, Curve | Boxes | Rows):
        return None
    largest = max(figure.count, default=0) if isinstance(figure, Bars | Grid) else figure.count
    share = largest / sample.rows
    error = _NORMAL * math.sqrt(max(share * (1.0 - share), 1.0 / sample.rows) / sample.rows) * frame.rows
    return Estimate(figure=_scaled(figure, scale, chart), sampled=sample.rows, total=frame.rows, error=error)


def _scaled(figure: Bars | Grid | Single, scale: float, chart: Chart) -> Figure:
    counted = getattr(chart, "aggregate", "count") == "count"
    match figure:
        case Bars():
            return figure.model_copy(
                update={"total": _times(figure.total, scale), "count": _times(figure.count, scale)}
            )
        case Grid():
            return figure.model_copy(update={"count": _times(figure.count, scale)})
        case Single():
            value = figure.value * scale if counted and figure.value is not None else figure.value
            return figure.model_copy(
                update={"value": value, "count": round(figure.count * scale), "total": round(figure.total * scale)}
            )
        case _:
            assert_never(figure)


def _times(counts: list[int], scale: float) -> list[int]:
    return [round(count * scale) for count in counts]
