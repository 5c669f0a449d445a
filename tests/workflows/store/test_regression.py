from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.store.regression import Sums


def learned(*runs: tuple[int, float]) -> tuple[float, float]:
    sums = Sums()
    for size, seconds in runs:
        sums = sums.add(size, seconds)
    return sums.line()


def test_runs_on_a_line_give_the_line() -> None:
    assert learned((0, 1.0), (100, 3.0), (50, 2.0)) == pytest.approx((1.0, 0.02))


def test_sizes_that_tell_nothing_give_the_mean() -> None:
    assert learned((100, 1.0), (100, 3.0)) == pytest.approx((2.0, 0.0))
    assert learned() == (0.0, 0.0)


def test_a_line_that_falls_gives_the_mean_and_one_that_starts_below_nothing_goes_through_it() -> None:
    assert learned((0, 3.0), (100, 1.0)) == pytest.approx((2.0, 0.0))
    fixed, per_byte = learned((100, 1.0), (200, 4.0))
    assert fixed == 0.0
    assert per_byte == pytest.approx((100 * 1.0 + 200 * 4.0) / (100**2 + 200**2))


def test_old_runs_are_forgotten() -> None:
    runs = [(100, 1.0)] * 500 + [(100, 2.0)] * 500
    assert learned(*runs)[0] == pytest.approx(2.0, rel=0.01)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 10**12), st.floats(0, 3e6)), min_size=1, max_size=20))
def test_a_cost_is_never_negative_and_no_run_is_out_of_reach(runs: list[tuple[int, float]]) -> None:
    fixed, per_byte = learned(*runs)
    assert fixed >= 0.0
    assert per_byte >= 0.0
