"""The planner against brute force: random graphs, costs, wishes and stores, drawn by the tests of the optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.soak.suite import Case, Suite, Tried
from tests.workflows.optimizer import test_plan_is_best, test_reuse

PROBLEMS = 50  # of a case
_SETTINGS = settings(
    max_examples=PROBLEMS,
    deadline=None,
    database=None,
    derandomize=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
_Test = tuple[Callable[[Any], None], st.SearchStrategy[Any]]


def _inner(test: Any) -> Callable[[Any], None]:
    function: Callable[[Any], None] = test.hypothesis.inner_test
    return function


# Each case is of one of these: a failing problem is told as hypothesis tells it, as small as it gets.
TESTS: tuple[_Test, ...] = (
    (_inner(test_plan_is_best.test_no_other_plan_costs_less), test_plan_is_best.plans()),
    (_inner(test_reuse.test_the_selection_is_the_one_and_only_best_of_all), test_reuse.problems(7)),
    (_inner(test_reuse.test_what_presolving_decides_is_what_the_whole_cut_decides), test_reuse.problems(25)),
)


def _case(run_seed: int, number: int) -> Tried:
    test, strategy = TESTS[number % len(TESTS)]

    def problem_holds(drawn: Any) -> None:
        test(drawn)

    seed(run_seed * 1_000_003 + number)(_SETTINGS(given(strategy)(problem_holds)))()
    return Tried(PROBLEMS)


@contextmanager
def opened(_folder: Path, run_seed: int) -> Iterator[Case]:
    yield lambda number: _case(run_seed, number)


SUITE = Suite(
    "planning",
    "The plan is the cheapest of all that are valid, and the only one; what is decided early is what the cut decides.",
    "problems",
    24,
    300,
    opened,
)
