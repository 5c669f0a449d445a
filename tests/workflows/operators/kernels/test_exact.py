"""Exact statistics agree with the definition in rational numbers, and do not depend on batches."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.operators.kernels import exact

numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
samples = st.lists(numbers, min_size=1, max_size=60)


@given(samples)
def test_moments_are_the_exact_sums(values: list[float]) -> None:
    found = exact.moments(np.array(values))
    assert found.count == len(values)
    assert found.total == sum(map(Fraction, values))
    assert found.squares == sum(Fraction(value) ** 2 for value in values)


@given(samples, samples)
def test_moments_of_parts_add_up_to_those_of_the_whole(first: list[float], second: list[float]) -> None:
    whole = exact.moments(np.array(first + second))
    assert exact.moments(np.array(first)) + exact.moments(np.array(second)) == whole
    assert exact.moments(np.array(second)) + exact.moments(np.array(first)) == whole


@given(samples, samples)
def test_counts_of_parts_merge_to_those_of_the_whole(first: list[float], second: list[float]) -> None:
    whole = exact.counted(np.array(first + second))
    parts = [exact.counted(np.array(second)), exact.counted(np.array(first))]
    for found, expected in zip(exact.merged(parts), whole, strict=True):
        np.testing.assert_array_equal(found, expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_quantiles_are_those_of_numpy(values: list[float], probabilities: list[float]) -> None:
    found = exact.quantiles(exact.counted(np.array(values)), probabilities)
    np.testing.assert_allclose(found, np.quantile(values, probabilities), rtol=1e-9, atol=1e-9)


def test_the_deviation_of_values_far_from_zero_is_not_lost_to_rounding() -> None:
    values = np.array([1e15, 1e15 + 1, 1e15 + 2])
    assert exact.moments(values).deviation == pytest.approx(np.sqrt(2 / 3), rel=1e-15)
