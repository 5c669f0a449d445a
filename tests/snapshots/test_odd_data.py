"""Charts of data that are not nice: every kind of chart makes a bounded, well-formed figure of them, or says why."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snapshots.charts.answer import answer
from snapshots.charts.axes import ruled
from snapshots.charts.figures import Bars, Bins, Boxes, Curve, Grid, Rows, Single
from snapshots.charts.frame import ChartRefused
from snapshots.charts.proposals import proposed
from snapshots.charts.spec import Among, Bar, Filter, Histogram, Line, Number, Range, State, Table
from tests.snapshots.frames import every_chart, figure_or_refusal, messy, one, predicted, well_formed

HUGE = 2**53
COLUMNS: dict[str, Any] = {
    "no rows": pa.array([], pa.float64()),
    "no rows of text": pa.array([], pa.string()),
    "one row": pa.array([3.5]),
    "one text": pa.array(["a"]),
    "all null": pa.nulls(7),
    "null numbers": pa.nulls(7, pa.float64()),
    "null texts": pa.nulls(7, pa.string()),
    "constant": pa.array([2.5] * 7),
    "constant whole": pa.array([0] * 7, pa.int8()),
    "empty texts": pa.array(["", "", None, "a"]),
    "booleans": pa.array([True, False, None, True]),
    "days": pa.array([date(2020, 2, 29), None, date(1969, 12, 31), date(2020, 2, 29)]),
    "all days": pa.array([date(1, 1, 1), date(9999, 12, 31)]),
    "moments": pa.array([datetime(2020, 1, 1, 0, 0, 1), datetime(1900, 1, 1), None], pa.timestamp("us")),
    "fine moments": pa.array([1, 2, 3], pa.timestamp("ns")),
    "moments somewhere": pa.array([datetime(2020, 7, 1, 12, tzinfo=UTC)] * 2, pa.timestamp("ms", "America/New_York")),
    "times of day": pa.array([time(12), time(13), None]),
    "durations": pa.array([1, 2, None], pa.duration("s")),
    "decimals": pa.array([Decimal("0.10"), Decimal("0.30"), Decimal("-99999999.99"), None], pa.decimal128(20, 2)),
    "huge whole": pa.array([HUGE, HUGE + 1, HUGE + 2, 2**63 - 1, -(2**63)]),
    "huge and near": pa.array([2**60 + k for k in range(20)]),
    "huge unsigned": pa.array([0, 2**64 - 1], pa.uint64()),
    "not finite": pa.array([math.nan, math.inf, -math.inf, None], from_pandas=False),
    "far apart": pa.array([-1.7e308, 1.7e308, 0.0]),
    "largest": pa.array([1.7e308, 1.6e308, 1.5e308]),
    "smallest": pa.array([5e-324, 1e-323, 0.0]),
    "near": pa.array([1.0, math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0)]),
    "short numbers": pa.array([1.5, None, math.inf], pa.float32()),
    "lists": pa.array([[1, 2], [], None]),
    "structs": pa.array([{"a": 1}, None]),
    "bytes": pa.array([b"\xff\x00", None]),
    "large texts": pa.array(["a", "b"], pa.large_string()),
    "coded": pa.array(["a", "b", None]).dictionary_encode(),
    "long": pa.array(["a" * 100_000, "b"]),
}


def table_of(column: Any) -> pa.Table:
    """The odd column ``x`` beside nice ones, and what Predict makes."""
    rows = len(column)
    nice = {"k": pa.array([f"k{n % 3}" for n in range(rows)]), "y": pa.array(np.arange(rows) / 2.0)}
    return pa.table({"x": column, **nice, **{name: predicted(rows)[name] for name in _MADE}})


_MADE = ("label", "prediction", "score[0]", "score[1]")


@pytest.mark.parametrize("name", COLUMNS)
def test_every_chart_of_an_odd_column_is_bounded_or_says_what_stands_in_the_way(name: str) -> None:
    frame = one(table_of(COLUMNS[name]))
    for chart in every_chart("x", "k", "y"):
        for filters in ([], [Among(column="k", values=("k1",))], [Range(column="y", low=1.0)]):
            figure = figure_or_refusal(frame, chart, filters)
            if isinstance(figure, str):
                assert "`x`" in figure, (name, chart)
            else:
                well_formed(figure, frame.rows, whole=not filters)
    for chart in proposed(frame.profile):
        well_formed(answer(frame, chart, []), frame.rows)


@pytest.mark.parametrize("filters", [[Among(column="key", values=())], [Range(column="whole", low=1e6)]])
def test_an_empty_selection_is_an_empty_figure_of_every_kind(filters: list[Filter]) -> None:
    rows = messy(400)
    frame = one(pa.table({**{name: rows[name] for name in rows.column_names}, **_predicted(400)}))
    kinds = set()
    for x in ("number", "kind", "time"):
        for chart in every_chart(x, "key", "whole"):
            if isinstance(figure_or_refusal(frame, chart, []), str):
                continue
            figure = answer(frame, chart, filters)
            well_formed(figure, frame.rows)
            kinds.add(chart.kind)
            match figure:
                case Bars() | Grid():
                    assert set(figure.count) <= {0}
                    assert set(figure.value or ()) <= {None}
                case Boxes():
                    assert set(figure.boxes) <= {None}
                case Curve():
                    assert (figure.x, figure.area, figure.count, figure.positives) == ([], None, 0, 0)
                case Rows():
                    assert (figure.rows, figure.count, figure.total) == ([], 0, 400)
                case Single():
                    assert (figure.value or 0.0, figure.count) == (0.0, 0)
    assert kinds == {chart.kind for chart in every_chart("number", "key", "whole")}


def _predicted(rows: int) -> dict[str, Any]:
    return {name: predicted(rows)[name] for name in _MADE}


def test_ten_thousand_categories_are_the_most_frequent_ones_and_the_rest() -> None:
    chance = np.random.default_rng(6)
    many = [f"v{n}" for n in range(10_000)] + [f"v{n}" for n in chance.geometric(0.05, 10_000)]
    frame = one(table_of(pa.array(many)))
    counts = Counter(many)
    found = answer(frame, Bar(id="a", x="x", top=100), [])
    assert isinstance(found, Bars)
    assert found.axis.type == "values"
    assert found.count[:100] == sorted(counts.values(), reverse=True)[:100]
    assert found.axis.rest == len(counts) - 100
    assert sum(found.count) == len(many)
    for chart in every_chart("x", "k", "y"):
        figure = figure_or_refusal(frame, chart, [])
        if not isinstance(figure, str):
            well_formed(figure, frame.rows, whole=True)


def test_values_that_are_too_long_for_a_chart_are_left_to_the_table() -> None:
    frame = one(table_of(COLUMNS["long"]))
    with pytest.raises(ChartRefused, match="up to 100,000 characters"):
        answer(frame, Bar(id="a", x="x"), [])
    shown = answer(frame, Table(id="a", columns=("x",)), [])
    assert isinstance(shown, Rows)
    assert [len(row[0] or "") for row in shown.rows] == [200, 1]


def test_whole_numbers_beyond_doubles_are_told_apart_as_text() -> None:
    frame = one(table_of(COLUMNS["huge and near"]))
    shown = answer(frame, Table(id="a", columns=("x",), sort="x"), [])
    assert isinstance(shown, Rows)
    assert [row[0] for row in shown.rows] == [str(2**60 + k) for k in range(20)]
    chosen = answer(frame, Number(id="a"), [Among(column="x", values=(str(2**60 + 7),))])
    assert isinstance(chosen, Single)
    assert chosen.count == 1


def test_moments_are_those_of_utc_wherever_the_server_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    frame = one(table_of(COLUMNS["moments somewhere"]))
    column = next(each for each in frame.profile.columns if each.name == "x")
    assert column.low == column.high == datetime(2020, 7, 1, 12, tzinfo=UTC).timestamp() * 1000
    shown = answer(frame, Table(id="a", columns=("x",)), [])
    assert isinstance(shown, Rows)
    assert shown.rows[0][0] == "2020-07-01 12:00:00+00"


NASTY = [
    *("a", "A", '"', "'", "''; DROP TABLE data; --", 'x" FROM data; --', "$x_keys", "data", "c0", "piece_0", "key"),
    *("<script>alert(1)</script>", "&amp;", "ünï©ode 🙂", "ا", " ", "\n", "\\", "%s", "{}", "select", "a.b", "NULL"),
]
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=60)
@given(st.lists(TEXTS.filter(bool), min_size=2, max_size=2, unique=True), st.lists(TEXTS | st.none(), max_size=8))
@example(["a", "A"], ["", None, "''; DROP TABLE data; --"])
def test_a_name_is_only_ever_a_name_and_a_value_a_value(names: list[str], values: list[str | None]) -> None:
    name, other = names
    frame = one(pa.table({other: np.arange(len(values)), name: pa.array(values, pa.string())}))
    bars = answer(frame, Bar(id="a", x=name), [])
    assert isinstance(bars, Bars)
    assert bars.axis.type == "values"
    counts = Counter(values)
    assert dict(zip(bars.axis.values, bars.count, strict=True)) == counts
    for value, count in counts.items():
        kept = answer(frame, Number(id="a"), [Among(column=name, values=(value,))])
        left = answer(frame, Number(id="a"), [Among(column=name, values=(value,), excluded=True)])
        assert isinstance(kept, Single)
        assert isinstance(left, Single)
        assert (kept.count, left.count) == (count, len(values) - count)
    shown = answer(frame, Table(id="a", columns=(name, other), sort=other), [])
    assert isinstance(shown, Rows)
    assert (shown.columns, [row[0] for row in shown.rows]) == ([name, other], values)
    with pytest.raises(ChartRefused):
        answer(frame, Histogram(id="a", x=name), [])


def test_a_text_with_nul_is_a_value_like_others() -> None:
    frame = one(pa.table({"x": ["a\0b", "a", "a\0b"]}))
    bars = answer(frame, Bar(id="a", x="x"), [])
    assert isinstance(bars, Bars)
    assert bars.axis.type == "values"
    assert dict(zip(bars.axis.values, bars.count, strict=True)) == {"a\0b": 2, "a": 1}


def test_a_line_over_more_years_than_marks_has_ranges_instead() -> None:
    frame = one(table_of(COLUMNS["all days"]))
    found = answer(frame, Line(id="a", x="x", unit="day"), [])
    assert isinstance(found, Bars)
    assert isinstance(found.axis, Bins)
    assert sum(found.count) == 2
    assert len(found.count) <= 61


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE, st.integers(1, 200), st.booleans())
def test_edges_rise_around_both_ends_and_are_few(one: float, other: float, bins: int, whole: bool) -> None:
    low, high = min(one, other), max(one, other)
    if whole:
        low, high = float(math.floor(low)), float(math.ceil(high))
    edges = ruled(low, high, bins, whole=whole, time=False).edges
    assert edges[0] <= low <= high <= edges[-1] or not math.isfinite(edges[-1] - edges[0])
    assert all(before < after for before, after in itertools.pairwise(edges))
    assert len(edges) - 1 <= bins + 1


def test_a_state_with_a_name_that_no_column_has_is_refused() -> None:
    for name in ("", "a\0"):
        with pytest.raises(ValueError, match="charts"):
            State.model_validate({"charts": [{"id": "a", "kind": "histogram", "x": name}]})
