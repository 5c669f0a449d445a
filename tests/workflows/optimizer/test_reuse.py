from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import maximum_flow

from workflows.optimizer import closure, reuse
from workflows.optimizer.reuse import Choice, Selection, presolve, select

MICROSECOND, THIRTY_DAYS = 1_000, 30 * 24 * 3600 * 10**9  # in nanoseconds
COSTS = {
    "few values, many ties": st.integers(0, 4),
    "1 µs to 30 days": st.integers(MICROSECOND, THIRTY_DAYS) | st.integers(MICROSECOND, 10**9),
}


@st.composite
def problems(draw: st.DrawFn, most: int = 8) -> Selection:
    parts = draw(st.integers(1, most))
    costs = draw(st.sampled_from(list(COSTS.values())))
    reuse_ = draw(st.sampled_from([True, True, True, False]))
    requires = [draw(st.lists(st.integers(0, i - 1), max_size=3, unique=True)) if i else [] for i in range(parts)]
    return Selection(
        requires=requires,
        compute=[draw(costs) for _ in range(parts)],
        load=[draw(st.none() | costs) if reuse_ else None for _ in range(parts)],
        wanted=draw(st.lists(st.integers(0, parts - 1), min_size=1, max_size=3)),
        forced=draw(st.just(frozenset()) | st.frozensets(st.integers(0, parts - 1), max_size=2)),
    )


def feasible(problem: Selection, choices: Sequence[int]) -> bool:
    return (
        all(choices[part] != Choice.PRUNE for part in problem.wanted)
        and all(choices[part] == Choice.COMPUTE for part in problem.forced)
        and all(choice != Choice.LOAD or problem.load[part] is not None for part, choice in enumerate(choices))
        and all(
            choice != Choice.COMPUTE or all(choices[item] != Choice.PRUNE for item in problem.requires[part])
            for part, choice in enumerate(choices)
        )
    )


def value(problem: Selection, choices: Sequence[int]) -> tuple[int, int, int]:
    """Cost, how many are computed, how many are touched: what is minimised, in this order."""
    cost = sum(
        problem.compute[part] if choice == Choice.COMPUTE else problem.load[part] or 0
        for part, choice in enumerate(choices)
        if choice != Choice.PRUNE
    )
    computed = sum(choice == Choice.COMPUTE for choice in choices)
    return cost, computed, sum(choice != Choice.PRUNE for choice in choices)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(problems())
def test_the_selection_is_the_one_and_only_best_of_all(problem: Selection) -> None:
    actions = (Choice.PRUNE, Choice.LOAD, Choice.COMPUTE)
    every = [c for c in itertools.product(actions, repeat=len(problem.requires)) if feasible(problem, c)]
    least = min(value(problem, choices) for choices in every)
    assert [choices for choices in every if value(problem, choices) == least] == [tuple(select(problem))]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(problems(most=25))
def test_what_presolving_decides_is_what_the_whole_cut_decides(problem: Selection) -> None:
    expected = select(problem)
    early = presolve(problem)
    for part, choice in enumerate(early):
        if choice in (Choice.LOAD, Choice.COMPUTE):
            assert expected[part] is choice
        elif choice is Choice.OPEN:
            assert expected[part] is not Choice.PRUNE
    assert whole_cut(problem) == expected


def whole_cut(problem: Selection) -> list[Choice]:
    """The same problem as one closure over all parts: nothing presolved, nothing reduced."""
    unit, total = len(problem.requires) + 1, sum(problem.compute) + sum(load or 0 for load in problem.load) + 1
    weights: list[int] = []
    edges: list[list[int]] = []
    for part, items in enumerate(problem.requires):
        cost, load = problem.compute[part], None if part in problem.forced else problem.load[part]
        load = 2 * total if load is None else load  # dearer than everything: never loaded
        bonus = 4 * total * unit * unit * (part in problem.wanted)
        earned = 4 * total * unit * unit * (part in problem.forced)
        weights += [bonus + earned - load * unit * unit - 1, (load - cost) * unit * unit - unit]
        edges += [[], [2 * part, *(2 * item for item in items)]]
        if load == 2 * total:
            edges[2 * part] = [2 * part + 1]  # it cannot be available without being computed: the two are one
            weights[2 * part] += weights[2 * part + 1]
            edges[2 * part] = [2 * item for item in items]
            weights[2 * part + 1], edges[2 * part + 1] = -1, []
    chosen = closure.push_relabel(weights, edges)
    choices = []
    for part in range(len(problem.requires)):
        whole = problem.load[part] is None or part in problem.forced
        computed = chosen[2 * part] and (whole or chosen[2 * part + 1])
        choices.append(Choice.COMPUTE if computed else Choice.LOAD if chosen[2 * part] else Choice.PRUNE)
    return choices


def large(parts: int, seed: int, shape: str) -> Selection:
    """A problem where nearly every load is dearer than its compute, so that next to nothing is decided early."""
    draw = random.Random(seed)
    if shape == "ladder":
        requires = [[item for item in (i - 1, i - 2, i - 3) if item >= 0] for i in range(parts)]
    else:
        requires = [sorted({draw.randrange(i) for _ in range(draw.randint(0, 5))}) if i else [] for i in range(parts)]
    compute = [int(10 ** draw.uniform(1, 4)) for _ in range(parts)]
    load = [cost + int(10 ** draw.uniform(1, 5)) if draw.random() < 0.9 else None for cost in compute]
    required = set(itertools.chain.from_iterable(requires))
    wanted = [part for part in range(parts) if part not in required or draw.random() < 0.05]
    return Selection(requires, compute, load, wanted)


@pytest.mark.parametrize(("shape", "seed"), [("random", 0), ("random", 1), ("ladder", 2)])
def test_the_least_cost_is_that_of_scipys_maximum_flow(shape: str, seed: int) -> None:
    problem = large(1_500, seed, shape)
    choices = select(problem)
    assert feasible(problem, choices)
    assert Choice.COMPUTE in choices
    assert value(problem, choices)[0] == least_cost_by_scipy(problem)


def least_cost_by_scipy(problem: Selection) -> int:
    """The capacity of the minimum cut with a_i and b_i as in engine.md: their costs here fit into int32."""
    parts = len(problem.requires)
    source, sink, infinite = 2 * parts, 2 * parts + 1, 2**29  # residuals are sums of two: they must fit, too
    rows: list[tuple[int, int, int]] = []
    base = 0
    for part, items in enumerate(problem.requires):
        a, b, cost, load = 2 * part, 2 * part + 1, problem.compute[part], problem.load[part]
        if part in problem.wanted:
            rows.append((source, a, infinite))
        if load is None:
            rows += [(a, sink, cost), (a, b, infinite), (b, a, infinite)]
        else:
            rows += [(a, sink, load), (b, a, infinite)]
            rows.append((source, b, load - cost) if load > cost else (b, sink, cost - load))
            base += max(load - cost, 0)
        rows += [(b, 2 * item, infinite) for item in items]
    start, end, capacity = np.array(rows).T
    network = sp.csr_array((capacity.astype(np.int32), (start, end)), shape=(2 * parts + 2, 2 * parts + 2))
    return int(maximum_flow(network, source, sink, method="dinic").flow_value) - base


def test_a_chain_of_ten_thousand_parts_is_no_matter_of_recursion() -> None:
    parts = 10_000
    requires = [[part - 1] if part else [] for part in range(parts)]
    compute, load = [10] * parts, [None, *[20] * (parts - 1)]
    assert select(Selection(requires, compute, load, [parts - 1])) == [Choice.PRUNE] * (parts - 1) + [Choice.LOAD]
    load[-1] = 10 * parts + 1
    middle = select(Selection(requires, compute, load, [parts - 1]))
    assert middle == [Choice.PRUNE] * (parts - 2) + [Choice.LOAD, Choice.COMPUTE]


def test_where_everything_is_stored_cheaply_no_cut_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a cut was made")

    monkeypatch.setattr(reuse, "best_closure", refuse)
    problem = Selection([[], [0], [1]], [50, 50, 50], [1, 1, 1], [2])
    assert select(problem) == [Choice.PRUNE, Choice.PRUNE, Choice.LOAD]


def test_planning_imports_neither_numpy_nor_scipy() -> None:
    program = "import sys, workflows.optimizer.plan; assert not {'numpy', 'scipy', 'pyarrow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
