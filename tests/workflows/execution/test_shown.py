"""What is told of a value is a beginning of it, and never long."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.execution.shown import CHARACTERS, DEPTH, ITEMS, shown

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner))


@given(value=values)
@settings(max_examples=100, derandomize=True, deadline=None)
def test_what_is_short_is_told_whole(value: Any) -> None:
    assert shown(value) == (value, False)


def test_of_a_long_list_the_beginning_is_told() -> None:
    told, cut = shown(list(range(ITEMS * 5)))
    assert cut
    assert told == list(range(len(told)))
    assert ITEMS / 2 < len(told) <= ITEMS


def test_of_many_rows_those_told_are_whole_but_the_last() -> None:
    told, cut = shown({"columns": ["a", "b"], "rows": [[number, str(number)] for number in range(100_000)]})
    assert cut
    assert told["columns"] == ["a", "b"]
    assert all(row == [number, str(number)] for number, row in enumerate(told["rows"][:-1]))


def test_of_a_long_text_the_beginning_is_told() -> None:
    told, cut = shown({"text": "é" * CHARACTERS, "more": "x"})
    assert cut
    assert told["text"] == "é" * (CHARACTERS - len("text"))
    assert len(json.dumps(told, ensure_ascii=False)) < CHARACTERS + 100


def test_what_is_nested_too_deep_is_left_out() -> None:
    deep: Any = 1
    for _ in range(DEPTH + 5):
        deep = [deep]
    told, cut = shown(deep)
    assert cut
    assert json.dumps(told).count("[") == DEPTH
