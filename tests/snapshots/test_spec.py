"""States and questions: what is asked in several ways is one question, and what is another one never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from snapshots.charts.spec import (
    Among,
    Bar,
    Histogram,
    Range,
    State,
    canonical,
    obeyed,
    profile_hash,
    question_hash,
    state_hash,
)

DELAY, HOUR = Histogram(id="a", x="delay"), Bar(id="b", x="hour")


def asked(*filters: Range | Among) -> State:
    return canonical(State(charts=(DELAY, HOUR), filters=filters))


def test_a_filter_that_leaves_nothing_out_is_none() -> None:
    assert asked(Range(column="delay"), Among(column="hour", values=(), excluded=True)) == asked()
    assert asked(Among(column="hour", values=())) != asked()


def test_ends_values_and_order_of_filters_are_one_question_in_every_writing() -> None:
    one = asked(Range(column="delay", low=1, high=9, source="a"), Among(column="hour", values=("7", None, "7", "3")))
    other = asked(Among(column="hour", values=("3", "7", None)), Range(column="delay", low=9, high=1, source="a"))
    assert one == other
    assert state_hash(one, "data") == state_hash(other, "data") != state_hash(one, "other data")


def test_a_filter_of_a_chart_that_is_gone_is_the_dashboards_own() -> None:
    assert asked(Range(column="delay", low=1, source="gone")) == asked(Range(column="delay", low=1))


def test_a_chart_obeys_the_filters_of_the_others_alone() -> None:
    state = asked(Range(column="delay", low=1, source="a"), Among(column="hour", values=("7",), source="b"))
    assert [each.column for each in obeyed(DELAY, state)] == ["hour"]
    assert [each.column for each in obeyed(HOUR, state)] == ["delay"]
    assert all(each.source is None for each in obeyed(HOUR, state))


def test_what_a_chart_is_called_and_who_filters_is_no_part_of_its_question() -> None:
    here, there = asked(Range(column="hour", low=1, source="b")), asked(Range(column="hour", low=1))
    one = question_hash(DELAY, obeyed(DELAY, here), "data")
    assert one == question_hash(DELAY.model_copy(update={"id": "z"}), obeyed(DELAY, there), "data")
    assert one != question_hash(DELAY.model_copy(update={"bins": 41}), obeyed(DELAY, here), "data")
    assert one != question_hash(DELAY, obeyed(DELAY, asked()), "data")
    assert one != question_hash(DELAY, obeyed(DELAY, here), "other data")


def test_hashes_are_pinned() -> None:
    """Where one of these changes, what was stored under it is lost: raise FORMAT, and write the new ones here."""
    assert question_hash(DELAY, (), "data") == "8142fdf4b2aa60f595b9352a608bb77fc92504cc40cf5a00073515a080282cfc"
    assert profile_hash("data") == "0857ae3707685890666ad491120561f6adc3edbae64190a5189c8869922ddd44"
    assert state_hash(asked(), "data") == "97b96dbd78d879e5303e7d810c427a28d3bdc0207ddb1c92e8a5f0cce40e98d4"


@pytest.mark.parametrize(
    "wrong",
    [
        {"charts": [{"id": "a", "kind": "pie", "x": "delay"}]},
        {"charts": [{"id": "a", "kind": "histogram", "x": "delay", "bins": 0}]},
        {"charts": [{"id": "a", "kind": "histogram", "x": "delay", "size": 3}]},
        {"charts": [{"id": "a", "kind": "histogram", "x": ""}]},
        {"charts": [{"id": "<b>", "kind": "histogram", "x": "delay"}]},
        {"charts": [{"id": "a", "kind": "number"}, {"id": "a", "kind": "table"}]},
        {"filters": [{"type": "range", "column": "x", "low": float("nan")}]},
        {"filters": [{"type": "among", "column": "x", "values": [1]}]},
    ],
)
def test_what_is_no_state_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        State.model_validate(wrong)


TEXTS = st.none() | st.text(max_size=3)
FILTERS = st.lists(
    st.builds(
        Range,
        column=st.sampled_from("xy"),
        source=st.sampled_from(["a", "b", "z", None]),
        low=st.none() | st.integers(0, 3).map(float),
        high=st.none() | st.integers(0, 3).map(float),
    )
    | st.builds(
        Among,
        column=st.sampled_from("xy"),
        source=st.sampled_from(["a", None]),
        values=st.lists(TEXTS, max_size=3).map(tuple),
        excluded=st.booleans(),
    ),
    max_size=5,
)


@given(FILTERS, st.randoms())
def test_a_canonical_state_is_its_own_and_the_same_for_any_order(filters: list[Range | Among], chance: object) -> None:
    one = asked(*filters)
    assert canonical(one) == one
    chance.shuffle(filters)  # type: ignore[attr-defined]
    assert asked(*filters, *filters[:1]) == one
