from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.optimizer.closure import best_closure, push_relabel


@st.composite
def projects(draw: st.DrawFn) -> tuple[list[int], list[list[int]]]:
    """Weights of any size that leave no two closures equal at the top: each project costs a little for itself."""
    count = draw(st.integers(1, 10))
    size = draw(st.sampled_from([3, 10**6, 10**30]))
    weights = [draw(st.integers(-size, size)) * (count + 1) - 1 for _ in range(count)]
    requires = [
        draw(st.lists(st.integers(i + 1, count - 1), max_size=4, unique=True)) if i + 1 < count else []
        for i in range(count)
    ]
    return weights, requires


def by_trying_all(weights: Sequence[int], requires: Sequence[Sequence[int]]) -> list[bool]:
    closures = (
        chosen
        for chosen in itertools.product((False, True), repeat=len(weights))
        if all(chosen[item] for project, items in enumerate(requires) if chosen[project] for item in items)
    )
    return list(max(closures, key=lambda chosen: sum(itertools.compress(weights, chosen))))


@settings(max_examples=500, deadline=None, derandomize=True)
@given(projects())
def test_the_best_closure_is_the_best_of_all(given_projects: tuple[list[int], list[list[int]]]) -> None:
    weights, requires = given_projects
    assert best_closure(weights, requires) == by_trying_all(weights, requires)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(projects())
def test_push_relabel_alone_finds_it_too(given_projects: tuple[list[int], list[list[int]]]) -> None:
    weights, requires = given_projects
    assert push_relabel(weights, requires) == by_trying_all(weights, requires)
