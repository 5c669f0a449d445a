"""What the next edit leaves useful, against the planner's own answer for each edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.operators.base import Kind
from workflows.optimizer.outlook import HORIZON, NO_EDIT, PRIOR, Outlook, edit_chances, regain
from workflows.optimizer.reuse import Choice, Selection, select


def outlook(requires: list[tuple[int, ...]], **given: object) -> Outlook:
    """Each part of a node of its own, all nodes equally likely to be edited, the last part wanted."""
    count = len(requires)
    options: dict[str, object] = {
        "nodes": tuple(range(count)),
        "chances": (0.9 / count,) * count,
        "wanted": frozenset({count - 1}),
        "seconds": (1.0,) * count,
        "bytes": (0.0,) * count,
        "light": frozenset(),
        "stored": frozenset(),
        "open": frozenset(range(count)),
        **given,
    }
    return Outlook(requires=tuple(requires), **options)  # type: ignore[arg-type]


@st.composite
def graphs(draw: st.DrawFn, tree: bool = False) -> tuple[Outlook, set[int]]:
    """A graph in which every part leads to a wanted one, and the parts that are kept."""
    count = draw(st.integers(2, 7))
    requires: list[list[int]] = [[] for _ in range(count)]
    for part in range(count - 1):
        readers = draw(st.lists(st.integers(part + 1, count - 1), min_size=1, max_size=1 if tree else 3, unique=True))
        for reader in readers:
            requires[reader].append(part)
    seconds = tuple(draw(st.lists(st.integers(1, 100), min_size=count, max_size=count)))
    wanted = {count - 1} if tree else {count - 1, *draw(st.sets(st.integers(0, count - 1), max_size=2))}
    kept = draw(st.sets(st.integers(0, count - 1)))
    graph = outlook([tuple(items) for items in requires], seconds=seconds, wanted=frozenset(wanted))
    return graph, kept


def demands_of(graph: Outlook, kept: set[int]) -> list[int]:
    demands = [0] * len(graph.requires)
    for part in reversed(range(len(demands))):
        demands[part] = graph.demand(part, kept, demands)
    return demands


def choices_after(graph: Outlook, kept: set[int], edit: int) -> tuple[list[Choice], int]:
    """What the planner does after the edit (of a node's number; one more than there are: none), and what that costs,
    where loading what is kept costs nothing."""
    stale = [bool(lineage >> edit & 1) for lineage in graph.lineages]
    load = [0 if part in kept and not stale[part] else None for part in range(len(stale))]
    compute = [int(seconds) for seconds in graph.seconds]
    choices = select(Selection(graph.requires, compute, load, sorted(graph.wanted)))
    return choices, sum(compute[part] for part, choice in enumerate(choices) if choice is Choice.COMPUTE)


@given(graphs())
def test_a_result_is_demanded_after_just_the_edits_after_which_the_planner_would_load_it(
    drawn: tuple[Outlook, set[int]],
) -> None:
    graph, kept = drawn
    for part, demand in enumerate(demands_of(graph, kept)):
        for edit in range(len(graph.chances) + 1):
            choices, _ = choices_after(graph, kept | {part}, edit)
            assert (choices[part] is Choice.LOAD) == bool(demand >> edit & 1), (part, edit)


def saved(graph: Outlook, kept: set[int], part: int) -> float:
    """What keeping the part saves the planner in the next run, as is to be expected."""
    total = 0.0
    for edit, chance in enumerate((*graph.chances, 1.0 - sum(graph.chances))):
        without, having = (choices_after(graph, names, edit)[1] for names in (kept - {part}, kept | {part}))
        total += chance * (without - having)
    return total


def benefit(graph: Outlook, kept: set[int], part: int) -> float:
    others = kept - {part}
    demand = demands_of(graph, others)[part]
    return graph.chance(demand) * regain(graph.requires, part, others, graph.seconds, [0.0] * len(graph.requires))


@given(graphs(tree=True), st.data())
def test_where_results_have_one_reader_each_the_benefit_is_what_the_planner_is_expected_to_save(
    drawn: tuple[Outlook, set[int]], data: st.DataObject
) -> None:
    graph, kept = drawn
    part = data.draw(st.integers(0, len(graph.requires) - 1))
    assert benefit(graph, kept, part) == pytest.approx(saved(graph, kept, part))


@given(graphs(), st.data())
def test_no_more_is_ever_saved_than_is_expected(drawn: tuple[Outlook, set[int]], data: st.DataObject) -> None:
    graph, kept = drawn
    part = data.draw(st.integers(0, len(graph.requires) - 1))
    assert benefit(graph, kept, part) >= saved(graph, kept, part) - 1e-9


def test_getting_a_result_again_computes_each_part_that_is_not_kept_once_and_loads_the_others() -> None:
    diamond = [(), (0,), (0,), (1, 2), (3,)]
    seconds, loads = [10.0, 1.0, 2.0, 3.0, 4.0], [0.5] * 5
    assert regain(diamond, 4, set(), seconds, loads) == 20.0
    assert regain(diamond, 4, {0}, seconds, loads) == 10.5
    assert regain(diamond, 4, {1, 2}, seconds, loads) == 8.0
    assert regain(diamond, 3, {3, 0}, seconds, loads) == 6.5


def test_what_is_expected_grows_with_the_runs_until_an_edit_makes_it_stale() -> None:
    chain = outlook([(), (0,), (1,)], chances=(0.0, 0.5, 0.4))
    assert chain.uses(0, 0b010) == HORIZON * 0.5
    assert chain.uses(1, 0b100) == pytest.approx(0.4 / 0.5)


def test_the_chances_of_edits_begin_with_those_of_kinds_and_follow_what_people_edit() -> None:
    kinds = [Kind.ROWS, Kind.FEATURE, Kind.FEATURE, Kind.MODEL, Kind.VALUE]
    at_first = edit_chances(kinds, {})
    assert sum(at_first) == pytest.approx(1.0 - NO_EDIT)
    assert at_first[1] == at_first[2]
    assert at_first[3] / at_first[4] == pytest.approx(PRIOR[Kind.MODEL] / PRIOR[Kind.VALUE])
    later = edit_chances(kinds, {Kind.VALUE: 20.0})
    assert sum(later) == pytest.approx(1.0 - NO_EDIT)
    assert later[4] > 2 * at_first[4] > 2 * later[3] > 0.0
    assert edit_chances([], {}) == ()
