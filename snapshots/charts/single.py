"""Figures of rows as they are: one number, quartiles, a page of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from snapshots.charts.axes import INFINITE, NAN, NULL, Places, either
from snapshots.charts.conditions import condition
from snapshots.charts.figures import Boxes, Outside, Quartiles, Rows, Single, Values
from snapshots.charts.frame import Field, Frame, finite
from snapshots.charts.grouped import aggregate, number
from snapshots.charts.spec import Box, Filter, Number, Table

PAGE: Final = 50  # rows
_LONGEST: Final = 200  # characters of a cell


def single(frame: Frame, chart: Number, filters: Sequence[Filter]) -> Single:
    where, parameters = condition(frame, filters)
    measured = aggregate(frame, chart.aggregate, chart.y)
    ((value, count),) = frame.ask(f"SELECT {measured or 'count(*)'}, count(*) FROM data WHERE {where}", parameters)
    return Single(value=number(value), count=count, total=frame.rows)


def boxes(frame: Frame, chart: Box, filters: Sequence[Filter]) -> Boxes:
    """Quartiles are interpolated linearly, as NumPy's and scikit-learn's are."""
    field = frame.numeric(chart.y)
    axis = Places(Values(values=[None]), "0", "", {}) if chart.x is None else either(frame, chart.x, chart.top, "x")
    where, parameters = condition(frame, filters)
    given = {**axis.parameters, **parameters}
    kept = f"SELECT {axis.place} AS place, {field.number} AS v FROM data {axis.join} WHERE {where} AND {finite(field)}"
    told = frame.ask(
        f"""WITH kept AS ({kept}), quartered AS (
            SELECT place, count(*) AS n, min(v) AS low, max(v) AS high, quantile_cont(v, [0.25, 0.5, 0.75]) AS q
            FROM kept GROUP BY place)
        SELECT place, any_value(n), any_value(low),
            min(v) FILTER (WHERE v >= q[1] - 1.5 * (q[3] - q[1])), any_value(q[1]), any_value(q[2]), any_value(q[3]),
            max(v) FILTER (WHERE v <= q[3] + 1.5 * (q[3] - q[1])), any_value(high)
        FROM kept JOIN quartered USING (place) GROUP BY place""",
        given,
    )
    by_place = {row[0]: Quartiles(**dict(zip(Quartiles.model_fields, row[1:], strict=True))) for row in told}
    no_place = {place: box.count for place, box in by_place.items() if place < 0}
    return Boxes(
        axis=axis.axis,
        boxes=[by_place.get(place) for place in range(axis.count)],
        outside=_outside(frame, field, where, parameters, no_place),
    )


def rows(frame: Frame, chart: Table, filters: Sequence[Filter]) -> Rows:
    """Rows of equal rank come in the order in which they are stored."""
    fields = [frame.field(name) for name in chart.columns or list(frame.fields)[:_COLUMNS]]
    where, parameters = condition(frame, filters)
    ((count,),) = frame.ask(f"SELECT count(*) FROM data WHERE {where}", parameters)
    order = ""
    if chart.sort is not None:
        column = frame.field(chart.sort)
        order = f"ORDER BY {column.column} {'DESC' if chart.descending else 'ASC'} NULLS LAST"
    cells = ", ".join(f"substr({each.text}, 1, {_LONGEST})" for each in fields)
    told = frame.ask(
        f"SELECT {cells} FROM data WHERE {where} {order} LIMIT {PAGE} OFFSET $skipped",
        {**parameters, "skipped": chart.offset},
    )
    names = [each.name for each in fields]
    return Rows(columns=names, rows=[list(row) for row in told], offset=chart.offset, count=count, total=frame.rows)


_COLUMNS: Final = 12  # shown where none were chosen


def _outside(
    frame: Frame, field: Field, where: str, parameters: dict[str, object], no_place: dict[int, int]
) -> Outside:
    """Rows whose number is none that quartiles can be of, and those (``no_place``, by why) that belong to no box."""
    odd = f"count(*) FILTER (WHERE isnan({field.number})), count(*) FILTER (WHERE isinf({field.number}))"
    ((nulls, nan, infinite),) = frame.ask(
        f"SELECT count(*) FILTER (WHERE {field.number} IS NULL), {odd if field.floating else '0, 0'} "
        f"FROM data WHERE {where}",
        parameters,
    )
    return Outside(
        nulls=nulls + no_place.get(NULL, 0),
        nan=nan + no_place.get(NAN, 0),
        infinite=infinite + no_place.get(INFINITE, 0),
    )
