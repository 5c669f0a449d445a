"""Counts and aggregates by place: what histograms, bars, lines, densities, heat maps and slices have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from snapshots.charts.axes import INFINITE, NAN, NULL, Places
from snapshots.charts.conditions import condition
from snapshots.charts.figures import Bars, Grid, Outside
from snapshots.charts.frame import ChartRefused, Frame, finite
from snapshots.charts.spec import Aggregate, Filter

_FUNCTIONS: Final = {"sum": "sum", "mean": "avg", "median": "median", "min": "min", "max": "max"}


def bars(frame: Frame, axis: Places, measured: str | None, filters: Sequence[Filter]) -> Bars:
    """Every place of an axis with its rows; ``measured`` is an aggregate's SQL, over the rows that the filters keep."""
    where, parameters = condition(frame, filters)
    value = "NULL" if measured is None else f"{measured} FILTER (WHERE {where})"
    told = frame.ask(
        f"SELECT {axis.place}, count(*), count(*) FILTER (WHERE {where}), {value} FROM data {axis.join} GROUP BY 1",
        {**axis.parameters, **parameters},
    )
    by_place = {place: (total, count, number(found)) for place, total, count, found in told}
    rows = [by_place.get(place, (0, 0, None)) for place in range(axis.count)]
    return Bars(
        axis=axis.axis,
        total=[total for total, _, _ in rows],
        count=[count for _, count, _ in rows],
        value=None if measured is None else [found for _, _, found in rows],
        outside=outside({place: count for place, (_, count, _) in by_place.items()}),
    )


def grid(frame: Frame, x: Places, y: Places, measured: str | None, filters: Sequence[Filter]) -> Grid:
    """Every pair of places that has rows, of those that the filters keep."""
    where, parameters = condition(frame, filters)
    told = frame.ask(
        f"SELECT {x.place}, {y.place}, count(*), {measured or 'NULL'} "
        f"FROM data {x.join} {y.join} WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2",
        {**x.parameters, **y.parameters, **parameters},
    )
    cells = [row for row in told if row[0] >= 0 and row[1] >= 0]
    lost: dict[int, int] = {}
    for at_x, at_y, count, _ in told:
        place = min(at_x, at_y)
        if place < 0:
            lost[place] = lost.get(place, 0) + count
    return Grid(
        x=x.axis,
        y=y.axis,
        at_x=[row[0] for row in cells],
        at_y=[row[1] for row in cells],
        count=[row[2] for row in cells],
        value=None if measured is None else [number(row[3]) for row in cells],
        outside=outside(lost),
    )


def aggregate(frame: Frame, function: Aggregate, column: str | None) -> str | None:
    """An aggregate's SQL over the finite numbers of a column; None for the number of rows. Raises ChartRefused."""
    if function == "count":
        return None
    if column is None:
        raise ChartRefused(f"Choose the column whose {function} is wanted.")
    field = frame.numeric(column)
    value = f"CASE WHEN {finite(field)} THEN {field.number} END" if field.floating else field.number
    return f"{_FUNCTIONS[function]}({value})"


def number(found: float | None) -> float | None:
    """What JSON can hold: no value where there is none, or it overflowed."""
    return None if found is None or not math.isfinite(found) else float(found)


def outside(counts: dict[int, int]) -> Outside:
    return Outside(nulls=counts.get(NULL, 0), nan=counts.get(NAN, 0), infinite=counts.get(INFINITE, 0))
