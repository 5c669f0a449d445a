"""Figures of a model's predictions: curves over thresholds, calibration, confusion, error slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from snapshots.charts.axes import either, frequent
from snapshots.charts.conditions import condition
from snapshots.charts.figures import Bars, Curve, Grid, Values
from snapshots.charts.frame import ChartRefused, Frame
from snapshots.charts.grouped import bars, grid, number
from snapshots.charts.spec import Calibration, Confusion, Filter, PrecisionRecall, Roc, Slices

POINTS: Final = 1_000  # of a curve
_NOTHING: Final = Curve(x=[], y=[], threshold=[], area=None, count=0, positives=0)


def roc(frame: Frame, chart: Roc, filters: Sequence[Filter]) -> Curve:
    """The ROC curve and the area under it, of all thresholds; drawn with at most POINTS of them."""
    told = _thresholds(frame, chart.positive, filters)
    if not told:
        return _NOTHING
    rows, positives = _totals(told)
    negatives = rows - positives
    area = None
    if positives and negatives:
        area = told[0][5] / (positives * negatives)
    return Curve(
        x=[0.0, *(_share(n - p, negatives) for _, p, n, *_ in told)],
        y=[0.0, *(_share(p, positives) for _, p, *_ in told)],
        threshold=[None, *(row[0] for row in told)],
        area=area,
        count=rows,
        positives=positives,
    )


def precision_recall(frame: Frame, chart: PrecisionRecall, filters: Sequence[Filter]) -> Curve:
    """Recall along, precision up, and the average precision: weighted by what recall gains, of all thresholds."""
    told = _thresholds(frame, chart.positive, filters)
    if not told:
        return _NOTHING
    rows, positives = _totals(told)
    return Curve(
        x=[_share(p, positives) for _, p, *_ in told],
        y=[p / n for _, p, n, *_ in told],
        threshold=[row[0] for row in told],
        area=told[0][6] / positives if positives else None,
        count=rows,
        positives=positives,
    )


def calibration(frame: Frame, chart: Calibration, filters: Sequence[Filter]) -> Curve:
    """For each range of the score that has rows: its mean along, the share of the class up; the Brier score."""
    score, where, parameters = _score(frame, chart.positive, filters)
    hit = f"CAST({_label(frame)} = $positive AS INTEGER)"
    told = frame.ask(
        f"SELECT least(CAST(floor({score} * $bins) AS INTEGER), $bins - 1), avg({score}), avg({hit}), count(*), "
        f"sum({hit}), sum(({score} - {hit}) * ({score} - {hit})) FROM data WHERE {where} GROUP BY 1 ORDER BY 1",
        {**parameters, "bins": chart.bins},
    )
    rows = sum(row[3] for row in told)
    return Curve(
        x=[row[1] for row in told],
        y=[row[2] for row in told],
        threshold=[row[0] / chart.bins for row in told],
        weight=[row[3] for row in told],
        area=sum(row[5] for row in told) / rows if rows else None,
        count=rows,
        positives=sum(row[4] for row in told),
    )


def confusion(frame: Frame, chart: Confusion, filters: Sequence[Filter]) -> Grid:
    """Predictions along, labels up."""
    _check(frame)
    return grid(
        frame, frequent(frame, "prediction", chart.top, "x"), frequent(frame, "label", chart.top, "y"), None, filters
    )


def slices(frame: Frame, chart: Slices, filters: Sequence[Filter]) -> Bars:
    """The share of rows whose prediction is not their label, by place; by values, the worst first."""
    _check(frame)
    wrong = f"avg(CAST({_label(frame)} <> {frame.field('prediction').column} AS INTEGER))"
    found = bars(frame, either(frame, chart.x, chart.top, "x"), wrong, filters)
    if not isinstance(found.axis, Values) or found.value is None:
        return found
    shares = found.value
    named = len(found.axis.values)
    order = sorted(range(named), key=lambda place: (-(shares[place] or 0.0), -found.count[place]))
    order += range(named, len(shares))  # what the others share stays last
    return found.model_copy(
        update={
            "axis": found.axis.model_copy(update={"values": [found.axis.values[place] for place in order[:named]]}),
            "total": [found.total[place] for place in order],
            "count": [found.count[place] for place in order],
            "value": [shares[place] for place in order],
        }
    )


def _check(frame: Frame) -> None:
    if frame.profile.predictions is None:
        raise ChartRefused(
            "This chart is made of predictions: choose a node of Predict, whose rows have label and prediction."
        )


def _score(frame: Frame, positive: int, filters: Sequence[Filter]) -> tuple[str, str, dict[str, object]]:
    """A class's score, and the condition under which a row counts, with its parameters. Raises ChartRefused."""
    _check(frame)
    scores = frame.profile.predictions or 0
    if positive >= scores:
        told = f"there are {scores} classes, counted from 0" if scores else "this model gives none"
        raise ChartRefused(f"There is no score of class {positive}: {told}.")
    score = frame.numeric(f"score[{positive}]").number
    where, parameters = condition(frame, filters)
    kept = f"{where} AND isfinite({score}) AND {_label(frame)} IS NOT NULL"
    return score, kept, {**parameters, "positive": positive}


def _label(frame: Frame) -> str:
    return frame.field("label").column


def _thresholds(
    frame: Frame, positive: int, filters: Sequence[Filter]
) -> list[tuple[float, int, int, int, int, float, float]]:
    """At most POINTS thresholds, highest first, with positives and rows at or above each; after these, the same
    in every row, totals, the pairs in right order (equal ones half) and the sum of precision times positives gained.
    """
    score, where, parameters = _score(frame, positive, filters)
    told = frame.ask(
        f"""WITH scored AS (
            SELECT {score} AS s, count(*) FILTER (WHERE {_label(frame)} = $positive) AS p, count(*) AS n
            FROM data WHERE {where} GROUP BY 1),
        summed AS (
            SELECT s, p, n, CAST(sum(p) OVER falling AS BIGINT) AS ps, CAST(sum(n) OVER falling AS BIGINT) AS ns,
                row_number() OVER falling AS rank, count(*) OVER () AS ranks
            FROM scored WINDOW falling AS (ORDER BY s DESC ROWS UNBOUNDED PRECEDING)),
        whole AS (
            SELECT CAST(sum(p) AS BIGINT) AS ps, CAST(sum(n) AS BIGINT) AS ns,
                CAST(sum((n - p) * (ps - p / 2.0)) AS DOUBLE) AS pairs, CAST(sum(p * (ps / ns)) AS DOUBLE) AS gained
            FROM summed)
        SELECT s, summed.ps, summed.ns, whole.ps, whole.ns, pairs, gained FROM summed, whole
        WHERE rank % greatest(1, CAST(ceil(ranks / $points) AS BIGINT)) = 0 OR rank IN (1, ranks) ORDER BY rank""",
        {**parameters, "points": POINTS - 2},
    )
    return [(s, p, n, ps, ns, float(pairs), float(gained)) for s, p, n, ps, ns, pairs, gained in told]


def _totals(told: Sequence[tuple[float, int, int, int, int, float, float]]) -> tuple[int, int]:
    return told[0][4], told[0][3]


def _share(part: int, whole: int) -> float:
    return number(part / whole) or 0.0 if whole else 0.0
