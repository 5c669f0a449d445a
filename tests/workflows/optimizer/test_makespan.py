from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.optimizer.makespan import simulate


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[float], list[list[int]], int]:
    count = draw(st.integers(0, 6))
    requires = [draw(st.lists(st.integers(0, i - 1), max_size=2, unique=True)) if i else [] for i in range(count)]
    return [float(draw(st.integers(0, 5))) for _ in range(count)], requires, draw(st.integers(1, 3))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(schedules())
def test_the_makespan_lies_between_its_bounds(schedule: tuple[list[float], list[list[int]], int]) -> None:
    seconds, requires, cores = schedule
    makespan, order = simulate(seconds, requires, cores)
    ends = list(seconds)
    for task, items in enumerate(requires):
        ends[task] += max((ends[item] for item in items), default=0.0)
    longest = max(ends, default=0.0)
    assert max(longest, sum(seconds) / cores) <= makespan <= longest + sum(seconds) / cores  # Graham's bound
    assert sorted(order) == list(range(len(seconds)))
    assert all(order.index(item) < order.index(task) for task, items in enumerate(requires) for item in items)


def test_one_core_takes_the_sum_and_two_cores_less() -> None:
    seconds, requires = [1.0, 2.0, 2.0, 1.0], [[], [0], [0], [1, 2]]
    assert simulate(seconds, requires, 1)[0] == pytest.approx(6.0)
    assert simulate(seconds, requires, 2)[0] == pytest.approx(4.0)


def test_the_longest_way_to_the_end_goes_first() -> None:
    seconds, requires = [1.0, 1.0, 1.0, 5.0], [[], [], [], [2]]
    makespan, order = simulate(seconds, requires, 2)
    assert order[0] == 2
    assert makespan == pytest.approx(6.0)
    assert makespan == min(fixed(seconds, requires, permutation) for permutation in itertools.permutations(range(4)))


def fixed(seconds: list[float], requires: list[list[int]], priority: tuple[int, ...]) -> float:
    """The makespan on two cores where tasks are taken in a fixed order, each as soon as it can."""
    free, ends = [0.0, 0.0], dict[int, float]()
    for task in priority:
        if any(item not in ends for item in requires[task]):
            return float("inf")
        core = free.index(min(free))
        start = max(free[core], *(ends[item] for item in requires[task]), 0.0)
        free[core] = ends[task] = start + seconds[task]
    return max(free)
