"""The one line that restates what was asked."""

from __future__ import annotations

from snapshots.charts.spec import Among, Bar, Histogram, Range, State
from snapshots.words import restated

CHARTS = (Histogram(id="a", x="delay"), Bar(id="b", x="carrier"))


def test_filters_are_named_with_their_ends_and_values() -> None:
    state = State(
        charts=CHARTS,
        filters=(
            Range(column="delay", low=60),
            Range(column="hour", low=17, high=20),
            Among(column="carrier", values=("AA", "DL", "UA", "WN", None)),
            Among(column="origin", values=("JFK",), excluded=True),
        ),
    )
    assert restated(state, None) == "delay ≥ 60 · hour 17–20 · carrier = AA, DL, UA and 2 more · origin ≠ JFK"


def test_ends_below_zero_and_large_ones_are_legible() -> None:
    state = State(filters=(Range(column="delay", low=-22, high=209), Range(column="distance", low=500, high=1_499)))
    assert restated(state, None) == "delay -22 to 209 · distance 500–1,499"
    assert restated(State(filters=(Among(column="carrier", values=("",)),)), None) == "carrier = empty text"


def test_times_are_written_as_days() -> None:
    state = State(charts=CHARTS, filters=(Range(column="day", low=0.0, high=86_400_000.0 * 1.5),))
    assert restated(state, state, frozenset({"day"})) == "day 1970-01-01–1970-01-02 12:00"


def test_what_was_changed_of_the_charts_comes_first() -> None:
    before = State(charts=CHARTS)
    bins = State(charts=(CHARTS[0].model_copy(update={"bins": 10}), CHARTS[1]))
    assert restated(bins, before) == "delay: bins 40 → 10"
    assert restated(State(charts=CHARTS[:1]), before) == "− rows by carrier"
    assert restated(before, State(charts=CHARTS[:1])) == "+ rows by carrier"
    assert restated(State(charts=CHARTS[::-1]), before) == "charts in another order"
    assert restated(before, before) == "everything"
    assert restated(State(), None) == "no charts yet"
