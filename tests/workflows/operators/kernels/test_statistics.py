"""Statistics of many groups at once: to the last bit what Python's exact sums make of each group alone."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.operators.kernels.statistics import of_groups

FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
MODEST = FLOATS.filter(lambda value: abs(value) < 2.0**480)
NOT_TINY = MODEST.filter(lambda value: value == 0.0 or abs(value) > 1e-100)  # whose squares are not 0
WHOLE = st.integers(-(2**63), 2**63 - 1)


def groups(numbers: Any) -> Any:
    return st.lists(st.lists(numbers, min_size=1, max_size=12), min_size=1, max_size=8)


def found(function: str, given_groups: list[list[Any]], dtype: Any) -> list[Any]:
    values = np.array([value for group in given_groups for value in group], dtype=dtype)
    return list(of_groups(function, values, np.array([len(group) for group in given_groups])))


@settings(max_examples=150)
@given(groups(st.one_of(MODEST, st.floats(-1e3, 1e3).map(lambda value: value + 0.0))))
def test_sums_and_means_of_floats_are_rounded_once(values: list[list[float]]) -> None:
    sums = [math.fsum(group) for group in values]
    assert found("sum", values, np.float64) == sums
    assert found("mean", values, np.float64) == [total / len(group) for total, group in zip(sums, values, strict=True)]


@settings(max_examples=100)
@given(groups(st.one_of(WHOLE, st.integers(-1000, 1000))))
def test_sums_and_means_of_whole_numbers_are_exact(values: list[list[int]]) -> None:
    assert found("sum", values, np.int64) == [sum(group) for group in values]
    assert found("mean", values, np.int64) == [sum(group) / len(group) for group in values]


@settings(max_examples=100)
@given(groups(NOT_TINY))
def test_deviations_and_medians_are_those_of_each_group_alone(values: list[list[float]]) -> None:
    assert found("median", values, np.float64) == [statistics.median(group) for group in values]
    for group, deviation in zip(values, found("std", values, np.float64), strict=True):
        if len(group) == 1:
            assert deviation is None
        else:
            assert deviation == pytest.approx(statistics.stdev(group), rel=1e-9, abs=max(map(abs, group)) * 1e-15)


@settings(max_examples=100)
@given(groups(st.one_of(FLOATS, st.integers(-9, 9).map(float))), st.sampled_from(["sum", "mean", "std", "median"]))
def test_a_group_has_the_same_statistics_whatever_other_groups_hold(values: list[list[float]], function: str) -> None:
    together = found(function, values, np.float64)
    alone = [found(function, [group], np.float64)[0] for group in values]
    assert [repr(value) for value in map(_plain, together)] == [repr(value) for value in map(_plain, alone)]


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


def test_what_floats_cannot_hold_is_infinite() -> None:
    assert found("sum", [[1e308, 1e308], [1.0, math.inf]], np.float64) == [math.inf, math.inf]
    assert found("std", [[1e200, -1e200], [1.0, 3.0]], np.float64) == [math.inf, math.sqrt(2)]


def test_no_groups_have_no_statistics() -> None:
    assert all(not found(function, [], np.float64) for function in ("sum", "mean", "std", "median"))
