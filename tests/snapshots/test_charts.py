"""Every chart against the same figures made in another way: NumPy, pandas, scikit-learn, or DuckDB asked directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, confusion_matrix, roc_auc_score, roc_curve

from snapshots.charts.answer import answer, estimate
from snapshots.charts.figures import MOST_MARKS, Bars, Bins, Boxes, Curve, Grid, Rows, Single, Values
from snapshots.charts.frame import ChartRefused, Frame, beside
from snapshots.charts.proposals import proposed
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
from tests.snapshots.frames import ODD, ROWS, messy, one, predicted

TABLE = messy()
FRAME = one(TABLE)
DATA: pd.DataFrame = TABLE.to_pandas(strings_to_categorical=False).astype({"kind": object})
JUDGED = predicted()
OF_PREDICTIONS = one(JUDGED)
LABEL, SCORE = JUDGED["label"].to_numpy(), JUDGED["score[1]"].to_numpy()


def told(chart: Chart, *filters: Filter, frame: Frame = FRAME) -> Any:
    return answer(frame, chart, filters)


def finite(column: str) -> pd.Series[float]:
    values = DATA[column].astype(float)
    return values[np.isfinite(values)]


def test_a_histogram_counts_as_numpy_does_and_tells_what_has_no_place() -> None:
    found = told(Histogram(id="a", x="number", bins=30))
    assert isinstance(found, Bars)
    assert isinstance(found.axis, Bins)
    counts, _ = np.histogram(finite("number"), found.axis.edges)
    assert found.count == found.total == counts.tolist()
    assert len(counts) <= 31
    column = TABLE["number"]
    values = column.drop_null().to_numpy()
    assert found.outside.nulls == column.null_count
    assert found.outside.nan == np.isnan(values).sum()
    assert found.outside.infinite == np.isinf(values).sum()
    assert sum(found.count) + sum(found.outside.model_dump().values()) == ROWS


def test_edges_are_round_and_those_of_whole_numbers_are_whole() -> None:
    found = told(Histogram(id="a", x="whole", bins=100))
    assert found.axis.edges == [float(n) for n in range(25)]  # 23 has a range of its own, as any other
    assert found.count == np.histogram(DATA["whole"], found.axis.edges)[0].tolist()
    edges = told(Histogram(id="a", x="number", bins=200)).axis.edges
    assert all(edge == float(f"{edge:.3g}") or abs(edge) >= 100 for edge in edges)


def test_filters_leave_the_axis_alone_and_what_they_leave_out_is_told_beside() -> None:
    everything = told(Histogram(id="a", x="number"))
    some = told(Histogram(id="a", x="number"), Range(column="whole", low=6, high=12))
    assert (some.axis, some.total) == (everything.axis, everything.total)
    kept = DATA[DATA["whole"].between(6, 12)]["number"]
    assert some.count == np.histogram(kept[np.isfinite(kept)], some.axis.edges)[0].tolist()


def test_a_range_keeps_no_row_without_a_number() -> None:
    for low, high in ((5.0, None), (None, 12.0), (5.0, 12.0)):
        kept = told(Number(id="a"), Range(column="number", low=low, high=high))
        values = TABLE["number"].drop_null().to_numpy()
        wanted = ~np.isnan(values) & (values >= (-np.inf if low is None else low))
        wanted &= values <= (np.inf if high is None else high)
        assert (kept.count, kept.total) == (wanted.sum(), ROWS)


@pytest.mark.parametrize("column", ["kind", ODD, "flag", "place", "key"])
def test_bars_count_each_value_whatever_the_column_is_called(column: str) -> None:
    found = told(Bar(id="a", x=column))
    assert isinstance(found.axis, Values)
    counts = TABLE[column].combine_chunks().value_counts().to_pylist()
    expected = {_text(each["values"]): each["counts"] for each in counts}
    assert dict(zip(found.axis.values, found.count, strict=True)) == expected
    assert found.count == sorted(found.count, reverse=True)


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_values_that_are_not_named_share_a_bar() -> None:
    found = told(Bar(id="a", x="many", top=10))
    distinct = DATA["many"].nunique()
    assert (len(found.axis.values), found.axis.rest) == (10, distinct - 10)
    assert len(found.count) == 11
    assert sum(found.count) == ROWS


@pytest.mark.parametrize("function", ["sum", "mean", "median", "min", "max"])
def test_an_aggregate_is_over_finite_numbers(function: str) -> None:
    found = told(Bar(id="a", x="kind", y="number", aggregate=function), Among(column="flag", values=("true",)))
    kept = DATA[DATA["flag"] & np.isfinite(DATA["number"].astype(float))]
    expected = kept.fillna({"kind": "none"}).groupby("kind", observed=True)["number"].agg(function)
    by_name = {name or "none": value for name, value in zip(found.axis.values, found.value, strict=True)}
    assert by_name == pytest.approx(expected.to_dict())


def test_a_line_over_a_time_has_a_point_a_unit() -> None:
    found = told(Line(id="a", x="time", unit="month", y="whole", aggregate="mean"))
    expected = DATA.set_index("time")["whole"].resample("MS").mean()
    assert [pd.Timestamp(edge, unit="ms") for edge in found.axis.edges[:-1]] == expected.index.to_list()
    assert found.value == pytest.approx(expected.to_list())


def test_a_line_with_too_many_points_is_made_coarser() -> None:
    fine = told(Line(id="a", x="time", unit="minute"))
    assert 100 < len(fine.count) <= MOST_MARKS
    assert sum(fine.count) == ROWS
    assert len(told(Line(id="a", x="number", bins=20)).count) <= 21


def test_a_density_counts_each_cell() -> None:
    found = told(Density(id="a", x="number", y="whole", bins=20), Among(column="kind", values=("k1", None)))
    assert isinstance(found, Grid)
    assert isinstance(found.x, Bins)
    assert isinstance(found.y, Bins)
    kept = DATA[(DATA["kind"] == "k1") | DATA["kind"].isna()]
    kept = kept[np.isfinite(kept["number"].astype(float))]
    counts, _, _ = np.histogram2d(kept["number"], kept["whole"], [found.x.edges, found.y.edges])
    for at_x, at_y, count in zip(found.at_x, found.at_y, found.count, strict=True):
        assert counts[at_x, at_y] == count > 0
    assert sum(found.count) == counts.sum()


def test_a_heat_map_names_values_and_ranges_alike() -> None:
    found = told(HeatMap(id="a", x="kind", y="key", z="whole", aggregate="mean"))
    expected = DATA.fillna({"kind": "none"}).groupby(["kind", "key"], observed=True)["whole"].mean()
    for at_x, at_y, value in zip(found.at_x, found.at_y, found.value, strict=True):
        assert value == pytest.approx(expected[found.x.values[at_x] or "none", found.y.values[at_y]])
    assert isinstance(told(HeatMap(id="a", x="number", y="key")).x, Bins)


def test_boxes_are_numpys_quartiles_and_tukeys_whiskers() -> None:
    found = told(Box(id="a", x="key", y="number"))
    assert isinstance(found, Boxes)
    for name, box in zip(found.axis.values, found.boxes, strict=True):
        values = DATA[DATA["key"] == name]["number"].astype(float)
        values = values[np.isfinite(values)]
        lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
        reach = 1.5 * (upper - lower)
        assert box is not None
        assert (box.count, box.low, box.high) == (len(values), values.min(), values.max())
        assert (box.lower, box.median, box.upper) == pytest.approx((lower, median, upper))
        assert box.whisker_low == values[values >= lower - reach].min()
        assert box.whisker_high == values[values <= upper + reach].max()
    assert told(Box(id="a", y="empty")).boxes == [None]


def test_boxes_by_a_number_of_many_values_are_in_ranges_and_by_one_of_few_in_their_order() -> None:
    found = told(Box(id="a", x="number", y="whole", top=8))
    assert isinstance(found.axis, Bins)
    places = np.digitize(DATA["number"], found.axis.edges) - 1
    places[DATA["number"] == found.axis.edges[-1]] -= 1  # the last range has its upper edge too
    for place, box in enumerate(found.boxes):
        values = DATA["whole"][places == place]
        assert (box.count if box else 0) == len(values)
        if box:
            assert (box.low, box.high) == (values.min(), values.max())
            assert box.median == pytest.approx(np.median(values))
    column = TABLE["number"]
    values = column.drop_null().to_numpy()
    lost = (column.null_count, np.isnan(values).sum(), np.isinf(values).sum())
    assert (found.outside.nulls, found.outside.nan, found.outside.infinite) == lost
    some = told(Box(id="a", x="whole", y="number", top=100))
    assert some.axis.values == [str(n) for n in sorted(set(DATA["whole"]))]


def test_a_table_is_a_page_in_the_order_that_is_asked_for() -> None:
    found = told(Table(id="a", columns=("whole", ODD, "kind"), sort="whole", descending=True, offset=50))
    assert isinstance(found, Rows)
    expected = DATA.sort_values("whole", ascending=False, kind="stable").iloc[50:100]
    assert [row[0] for row in found.rows] == expected["whole"].astype(str).to_list()
    assert (found.count, found.total, len(found.rows)) == (ROWS, ROWS, 50)
    assert "__row_id" not in told(Table(id="a")).columns
    assert told(Table(id="a", offset=ROWS)).rows == []


def test_a_number_that_is_none_or_too_large_is_none() -> None:
    nothing = Among(column="key", values=())
    assert told(Number(id="a", y="number", aggregate="mean"), nothing) == Single(value=None, count=0, total=ROWS)
    huge = one(pa.table({"x": [1e308, 1e308]}))
    assert told(Number(id="a", y="x", aggregate="sum"), frame=huge).value is None


def test_the_roc_curve_and_its_area_are_scikit_learns() -> None:
    found = told(Roc(id="a"), frame=OF_PREDICTIONS)
    assert isinstance(found, Curve)
    assert found.area == pytest.approx(roc_auc_score(LABEL, SCORE))
    x, y, thresholds = roc_curve(LABEL, SCORE, drop_intermediate=False)
    exact = {threshold: (at_x, at_y) for at_x, at_y, threshold in zip(x, y, thresholds, strict=True)}
    for at_x, at_y, threshold in list(zip(found.x, found.y, found.threshold, strict=True))[1:]:
        assert exact[threshold] == pytest.approx((at_x, at_y))
    assert (found.x[-1], found.y[-1], found.count) == (1.0, 1.0, ROWS)
    other = told(Roc(id="a", positive=0), frame=OF_PREDICTIONS)
    assert other.area == pytest.approx(roc_auc_score(LABEL == 0, JUDGED["score[0]"].to_numpy()))


def test_a_curve_of_many_thresholds_is_drawn_with_few_points_and_judged_by_all() -> None:
    chance = np.random.default_rng(3)
    label, score = chance.integers(0, 2, 20_000), chance.random(20_000)
    frame = one(pa.table({"label": label, "prediction": label, "score[0]": 1 - score, "score[1]": score}))
    found = told(Roc(id="a"), frame=frame)
    assert len(found.x) <= 1_001
    assert found.area == pytest.approx(roc_auc_score(label, score))
    kept = told(PrecisionRecall(id="a"), Range(column="score[1]", low=0.5), frame=frame)
    assert kept.area == pytest.approx(average_precision_score(label[score >= 0.5], score[score >= 0.5]))


def test_precision_and_recall_are_scikit_learns() -> None:
    found = told(PrecisionRecall(id="a"), frame=OF_PREDICTIONS)
    assert found.area == pytest.approx(average_precision_score(LABEL, SCORE))
    for recall, precision, threshold in zip(found.x, found.y, found.threshold, strict=True):
        chosen = threshold <= SCORE
        assert precision == pytest.approx(LABEL[chosen].mean())
        assert recall == pytest.approx(LABEL[chosen].sum() / LABEL.sum())


def test_calibration_is_the_share_of_the_class_for_each_score() -> None:
    found = told(Calibration(id="a", bins=5), frame=OF_PREDICTIONS)
    assert found.area == pytest.approx(brier_score_loss(LABEL, SCORE))
    for mean, share, start, weight in zip(found.x, found.y, found.threshold, found.weight, strict=True):
        inside = np.minimum(np.floor(SCORE * 5), 4) == round(start * 5)
        assert (mean, share, weight) == pytest.approx((SCORE[inside].mean(), LABEL[inside].mean(), inside.sum()))


def test_confusion_is_scikit_learns() -> None:
    three = predicted(classes=3)
    found = told(Confusion(id="a"), frame=one(three))
    expected = confusion_matrix(three["label"].to_numpy(), three["prediction"].to_numpy())
    for at_x, at_y, count in zip(found.at_x, found.at_y, found.count, strict=True):
        assert expected[int(found.y.values[at_y]), int(found.x.values[at_x])] == count
    assert sum(found.count) == ROWS


def test_error_slices_begin_with_the_worst() -> None:
    chance = np.random.default_rng(5)
    wrong = chance.random(ROWS) < np.repeat([0.1, 0.4], ROWS // 2)
    table = pa.table(
        {
            "label": np.zeros(ROWS, int),
            "prediction": wrong.astype(int),
            "who": ["good"] * (ROWS // 2) + ["bad"] * (ROWS // 2),
        }
    )
    found = told(Slices(id="a", x="who"), frame=one(table))
    assert found.axis.values == ["bad", "good"]
    assert found.value == pytest.approx([wrong[ROWS // 2 :].mean(), wrong[: ROWS // 2].mean()])


def test_splits_are_one_table_with_a_column_that_tells_them_apart() -> None:
    both = Frame([("train", TABLE), ("test", TABLE.slice(0, 100))])
    found = told(Bar(id="a", x="split"), frame=both)
    assert dict(zip(found.axis.values, found.count, strict=True)) == {"train": ROWS, "test": 100}
    named = TABLE.append_column("split", pa.array(["mine"] * ROWS))
    assert told(Bar(id="a", x="split"), frame=Frame([("train", named), ("test", named)])).axis.values == ["mine"]


@pytest.mark.parametrize(
    ("chart", "says"),
    [
        (Histogram(id="a", x="numbr"), "There is no column `numbr` in these data. Did you mean `number`?"),
        (Histogram(id="a", x="kind"), "`kind` is no number here"),
        (Bar(id="a", x="kind", aggregate="mean"), "Choose the column whose mean is wanted."),
        (Roc(id="a"), "choose a node of Predict"),
        (Box(id="a", y="list"), "is no number here"),
    ],
)
def test_a_chart_that_cannot_be_made_says_what_stands_in_the_way(chart: Chart, says: str) -> None:
    with pytest.raises(ChartRefused, match=_pattern(says)):
        told(chart)


def _pattern(text: str) -> str:
    return text.replace("?", r"\?").replace(".", r"\.").replace("`", "`")


def test_a_score_that_is_not_there_is_named() -> None:
    with pytest.raises(ChartRefused, match="There is no score of class 2: there are 2 classes, counted from 0"):
        told(Roc(id="a", positive=2), frame=OF_PREDICTIONS)


def test_columns_and_rows_of_nothing_are_nothing() -> None:
    empty = one(TABLE.slice(0, 0))
    assert proposed(empty.profile) == []
    assert told(Histogram(id="a", x="number"), frame=empty).count == []
    assert told(Bar(id="a", x="kind"), frame=empty).count == []
    assert told(Line(id="a", x="time"), frame=empty).count == []
    assert told(Histogram(id="a", x="empty")).outside.nulls == ROWS


def test_a_column_of_one_number_has_one_range() -> None:
    for value in (0.0, 5.0, -2.5):
        found = told(Histogram(id="a", x="x"), frame=one(pa.table({"x": [value] * 7})))
        assert found.count == [7]


def test_the_profile_knows_kinds_ends_and_gaps() -> None:
    found = {each.name: each for each in FRAME.profile.columns}
    assert "__row_id" not in found
    assert {name: each.kind for name, each in found.items()} == {
        "number": "number",
        "whole": "number",
        "time": "time",
        "kind": "category",
        ODD: "category",
        "flag": "category",
        "place": "number",
        "key": "category",
        "many": "category",
        "empty": "number",
        "list": "other",
    }
    assert (found["number"].low, found["number"].high) == (finite("number").min(), finite("number").max())
    assert found["number"].nulls == TABLE["number"].null_count
    assert (found["whole"].whole, found["empty"].low) == (True, None)
    assert (FRAME.profile.predictions, OF_PREDICTIONS.profile.predictions) == (None, 2)


def test_rows_stand_beside_predictions_by_their_ids() -> None:
    made = predicted(4)
    rows = pa.table({"__row_id": [0, 1, 2, 3], "label": ["a", "b", "c", "d"], "x": [5, 6, 7, 8]})
    assert beside(made, rows).to_pydict() == {
        **made.to_pydict(),
        "rows.label": ["a", "b", "c", "d"],
        "x": [5, 6, 7, 8],
    }
    assert beside(made, rows.take([2, 0, 3]))["x"].to_pylist() == [5, None, 7, 8]


def test_proposed_charts_can_be_made() -> None:
    for frame in (FRAME, OF_PREDICTIONS, one(predicted(classes=3))):
        charts = proposed(frame.profile)
        assert len(charts) >= 3
        assert len({chart.id for chart in charts}) == len(charts)
        for chart in charts:
            told(chart, frame=frame)


def test_an_estimate_is_within_its_error_nearly_always() -> None:
    """95 % of marks at least: the error told is the largest mark's, so that smaller ones hold it by far."""
    large = one(messy(400_000))
    within = total = 0
    for chart in (Histogram(id="a", x="number"), Bar(id="a", x="kind"), Density(id="a", x="number", y="whole")):
        exact, guess = told(chart, frame=large), estimate(large, chart, ())
        assert guess is not None
        assert (guess.sampled, guess.total) == (50_000, 400_000)
        if isinstance(exact, Bars):
            by_name = dict(zip(_places(guess.figure), guess.figure.count, strict=True))
            pairs = [(by_name.get(place, 0), count) for place, count in zip(_places(exact), exact.count, strict=True)]
            within += sum(abs(one - other) <= guess.error for one, other in pairs)
            total += len(pairs)
    assert within / total >= 0.95
    assert estimate(large, Table(id="a"), ()) is None


def _places(figure: Any) -> list[object]:
    return figure.axis.edges[:-1] if isinstance(figure.axis, Bins) else figure.axis.values
