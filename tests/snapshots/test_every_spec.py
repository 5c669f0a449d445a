"""Whatever a spec and its filters ask: a bounded figure, which for counts is what NumPy counts in its places."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from snapshots.charts.answer import answer
from snapshots.charts.figures import Bars, Bins, Grid
from snapshots.charts.spec import (
    Among,
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
    Range,
    Roc,
    Slices,
    Table,
)
from tests.snapshots.frames import ODD, figure_or_refusal, messy, one, predicted, well_formed

ROWS = 700
_MESSY, _MADE = messy(ROWS), predicted(ROWS, classes=3)
_tenths = np.random.default_rng(8).integers(-400, 400, ROWS) / 10.0  # which lie on edges
TABLE = pa.table(
    {name: _MESSY[name] for name in _MESSY.column_names}
    | {name: _MADE[name] for name in _MADE.column_names if name != "__row_id"}
    | {"tenth": pa.array(_tenths), "cent": pa.array(np.round(_tenths / 7.0, 2))}
)
FRAME = one(TABLE)
NUMBERS = ("number", "whole", "place", "tenth", "cent", "label", "score[1]")
GROUPS = ("kind", ODD, "flag", "key", "many", "place", "whole")
COLUMNS = st.sampled_from([*(name for name in TABLE.column_names if name != "__row_id"), "no such"])
AGGREGATES = st.sampled_from(["count", "sum", "mean", "median", "min", "max"])
MAYBE = st.none() | COLUMNS
FILTERS = st.lists(
    st.builds(
        Range,
        column=st.sampled_from(NUMBERS),
        low=st.none() | st.integers(-30, 30).map(lambda n: n / 2.0),
        high=st.none() | st.integers(-30, 60).map(lambda n: n / 2.0),
    )
    | st.builds(
        Among,
        column=st.sampled_from(GROUPS),
        values=st.lists(
            st.none() | st.sampled_from(["k1", "k2", "it's 1", "true", "false", "0", "1", "3", "v7", "", "'"]),
            max_size=4,
        ).map(tuple),
        excluded=st.booleans(),
    ),
    max_size=3,
)
COUNTED = st.one_of(
    st.builds(Histogram, id=st.just("a"), x=st.sampled_from(NUMBERS), bins=st.integers(1, 200)),
    st.builds(Bar, id=st.just("a"), x=st.sampled_from(GROUPS), top=st.integers(1, 100)),
    st.builds(
        Density,
        id=st.just("a"),
        x=st.sampled_from(NUMBERS),
        y=st.sampled_from(NUMBERS),
        bins=st.integers(1, 70),
    ),
)
ANY = st.one_of(
    COUNTED,
    st.builds(Histogram, id=st.just("a"), x=COLUMNS, bins=st.integers(1, 200)),
    st.builds(Bar, id=st.just("a"), x=COLUMNS, y=MAYBE, aggregate=AGGREGATES, top=st.integers(1, 100)),
    st.builds(
        Line,
        id=st.just("a"),
        x=COLUMNS,
        y=MAYBE,
        aggregate=AGGREGATES,
        bins=st.integers(1, 200),
        unit=st.sampled_from(["auto", "minute", "hour", "day", "week", "month", "year"]),
    ),
    st.builds(HeatMap, id=st.just("a"), x=COLUMNS, y=COLUMNS, z=MAYBE, aggregate=AGGREGATES, top=st.integers(1, 50)),
    st.builds(Box, id=st.just("a"), x=MAYBE, y=COLUMNS, top=st.integers(1, 100)),
    st.builds(
        Table,
        id=st.just("a"),
        columns=st.lists(COLUMNS, max_size=50).map(tuple),
        sort=MAYBE,
        descending=st.booleans(),
        offset=st.integers(0, 2 * ROWS),
    ),
    st.builds(Number, id=st.just("a"), y=MAYBE, aggregate=AGGREGATES),
    st.builds(Roc, id=st.just("a"), positive=st.integers(0, 3)),
    st.builds(PrecisionRecall, id=st.just("a"), positive=st.integers(0, 3)),
    st.builds(Calibration, id=st.just("a"), positive=st.integers(0, 3), bins=st.integers(2, 50)),
    st.builds(Confusion, id=st.just("a"), top=st.integers(2, 50)),
    st.builds(Slices, id=st.just("a"), x=COLUMNS, top=st.integers(1, 100)),
)


def values(name: str) -> list[Any]:
    return list(TABLE[name].to_pylist())


def text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def kept(filters: Sequence[Filter]) -> np.ndarray:
    """Which rows all filters keep, as Python says it."""
    mask = np.ones(ROWS, bool)
    for each in filters:
        if isinstance(each, Among):
            among = np.array([text(value) in each.values for value in values(each.column)])
            mask &= ~among if each.excluded else among
        else:
            low = -np.inf if each.low is None else each.low
            high = np.inf if each.high is None else each.high
            mask &= [value is not None and low <= value <= high for value in values(each.column)]
    return mask


def place(axis: Bins, value: float | None) -> int | None:
    """Between which edges a number is; the last range has both of its own."""
    if value is None or not np.isfinite(value):
        return None
    return min(bisect.bisect_right(axis.edges, value) - 1, len(axis.edges) - 2)


@settings(max_examples=300)
@given(COUNTED, FILTERS)
def test_counts_are_those_of_numpy(chart: Histogram | Bar | Density, filters: list[Filter]) -> None:
    mask = kept(filters)
    figure = answer(FRAME, chart, filters)
    well_formed(figure, ROWS)
    if isinstance(chart, Density):
        assert isinstance(figure, Grid)
        assert isinstance(figure.x, Bins)
        assert isinstance(figure.y, Bins)
        at = zip(values(chart.x), values(chart.y), mask, strict=True)
        cells = Counter((place(figure.x, x), place(figure.y, y)) for x, y, keep in at if keep)
        found = zip(figure.at_x, figure.at_y, figure.count, strict=True)
        expected = {cell: count for cell, count in cells.items() if None not in cell}
        assert {(x, y): count for x, y, count in found} == expected
        assert sum(figure.count) + sum(figure.outside.model_dump().values()) == mask.sum()
        return
    assert isinstance(figure, Bars)
    if isinstance(figure.axis, Bins):
        assert len(figure.count) <= getattr(chart, "bins", 0) + 1
        axis = figure.axis
        at = [place(axis, value) for value in values(chart.x)]
        expected_rest = mask.sum() - sum(keep and each is not None for keep, each in zip(mask, at, strict=True))
        assert sum(figure.outside.model_dump().values()) == expected_rest
    else:
        named = {value: n for n, value in enumerate(figure.axis.values)}
        at = [named.get(text(value), len(named)) for value in values(chart.x)]
        counts = Counter(map(text, values(chart.x)))
        most = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
        assert figure.axis.values == most[: len(named)]
        assert len(named) + figure.axis.rest == len(counts)
    total, count = Counter(at), Counter(each for keep, each in zip(mask, at, strict=True) if keep)
    assert figure.total == [total[n] for n in range(len(figure.total))]
    assert figure.count == [count[n] for n in range(len(figure.count))]


@settings(max_examples=400)
@given(ANY, FILTERS)
def test_a_figure_is_bounded_whatever_is_asked(chart: Chart, filters: list[Filter]) -> None:
    figure = figure_or_refusal(FRAME, chart, filters)
    if isinstance(figure, str):
        assert figure.endswith((".", "?"))
    else:
        well_formed(figure, ROWS)
