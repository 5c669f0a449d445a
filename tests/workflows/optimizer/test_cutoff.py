"""What traces tell: of parts whose inputs are known, through as many as follow, and never of more."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.optimizer.graphs import graph, known, node, part, record, signatures
from workflows.graph.dag import PartId
from workflows.graph.signature import operations, trace_key
from workflows.hashing import Digest, Signature
from workflows.optimizer.costs import CostModel
from workflows.optimizer.cutoff import Foresight, Standing, foresee, origins, replan, tell
from workflows.optimizer.plan import plan_run
from workflows.optimizer.reuse import Choice
from workflows.ports import Record, Trace

CHAIN = graph(node("rows"), node("a", ["rows"], k=1), node("b", ["a"], k=2), node("c", ["b"], k=3), wanted=["c"])
OPERATIONS = operations(CHAIN, {}, CHAIN.parts)


def value(name: str) -> Digest:
    return Digest(f"value of {name}")


def stored(name: str) -> Record:
    made = record(name, load=0.1)
    return Record(**{field: getattr(made, field) for field in made.__dataclass_fields__} | {"value": value(name)})


def traced(name: str, **inputs: str) -> Trace:
    """What the operation of a part gave for inputs of these values, by part: a value of its own name."""
    values = {part(each): value(given) for each, given in inputs.items()}
    key = trace_key(CHAIN.parts[part(name)], OPERATIONS[part(name)], values, CHAIN.parts)
    assert key is not None
    return Trace(key, OPERATIONS[part(name)], value(name), 2.0, 10, 20)


def by_key(*traces: Trace) -> dict[Signature, Trace]:
    return {trace.key: trace for trace in traces}


def test_a_part_with_known_inputs_is_told_and_so_is_what_follows() -> None:
    traces = by_key(traced("a", rows="rows"), traced("b", a="a"))
    found = foresee(CHAIN, signatures(CHAIN), known(stored("rows")), OPERATIONS, traces)
    assert found.told == {part("a"): traced("a", rows="rows"), part("b"): traced("b", a="a")}
    assert found.values == {part(name): value(name) for name in ("rows", "a", "b")}
    assert not found.conditional


def test_a_part_whose_inputs_are_not_known_may_be_told_if_its_operation_was_traced() -> None:
    found = foresee(CHAIN, signatures(CHAIN), known(stored("rows")), OPERATIONS, by_key(traced("b", a="a")))
    assert found.conditional == {part("b")}
    assert not found.told


def test_other_values_tell_nothing() -> None:
    traces = by_key(traced("a", rows="others"), traced("b", a="a"))
    found = foresee(CHAIN, signatures(CHAIN), known(stored("rows")), OPERATIONS, traces)
    assert not found.told
    assert found.conditional == {part("b")}


def test_what_has_no_signature_is_never_told() -> None:
    signed = signatures(CHAIN, a=None, b=None, c=None)
    traces = by_key(traced("a", rows="rows"))
    assert foresee(CHAIN, signed, known(stored("rows")), OPERATIONS, traces).values == {part("rows"): value("rows")}


def test_what_is_told_and_stored_elsewhere_is_loaded_with_its_reason() -> None:
    traces = by_key(traced("a", rows="rows"), traced("b", a="a"), traced("c", b="b"))
    records = known(stored("rows"))
    foresight = foresee(CHAIN, signatures(CHAIN), records, OPERATIONS, traces)
    plan = plan_run(
        CHAIN, signatures(CHAIN), records, costs=CostModel(), foresight=foresight, holders={value("c"): stored("other")}
    )
    assert [each.action for each in plan.nodes.values()] == ["prune", "prune", "prune", "load"]
    assert plan.parts[part("c")].holder == "other"
    assert plan.nodes[part("c").node].reason == "reused: an earlier run made the same of equal inputs"
    assert plan.nodes[part("c").node].stale


def test_what_is_told_and_stored_nowhere_is_computed_at_its_known_cost() -> None:
    traces = by_key(traced("a", rows="rows"))
    records = known(stored("rows"))
    foresight = foresee(CHAIN, signatures(CHAIN), records, OPERATIONS, traces)
    plan = plan_run(CHAIN, signatures(CHAIN), records, costs=CostModel(), foresight=foresight)
    assert plan.parts[part("a")].action == "compute"
    assert plan.parts[part("a")].compute_cost == pytest.approx(2.0003)


def test_the_plan_says_what_may_turn_out_equal() -> None:
    foresight = Foresight(conditional=frozenset([part("b")]))
    plan = plan_run(CHAIN, signatures(CHAIN), known(stored("rows")), costs=CostModel(), foresight=foresight)
    assert [name for name, each in plan.nodes.items() if each.conditional] == ["b"]


def test_traces_tell_through_an_equal_of_another_part() -> None:
    parts = graph(
        node("rows"), node("a", ["rows"], k=1), node("a2", ["rows"], k=1), node("b", ["a2"], k=2), wanted=["b"]
    )
    found = operations(parts, {}, parts.parts)
    key = trace_key(parts.parts[part("b")], found[part("b")], {part("a2"): value("a")}, parts.parts)
    assert key is not None
    trace = Trace(key, found[part("b")], value("b"), 1.0, 1, 1)
    told = tell(parts, {part("b")}, {part("a2"): part("a")}, found, {key: trace}, {part("a"): value("a")})
    assert told == {part("b"): trace}


def test_the_origin_is_what_was_computed_anew() -> None:
    requires = {item.id: item.requires for item in CHAIN.parts.values()}
    assert origins(requires, [part("b"), part("c")], {part("a")}) == {part("b"): "a", part("c"): "a"}


def _cheapest(standing: Standing) -> int:
    """The least cost by trying every choice, in nanoseconds."""
    compute = list(standing.compute)
    options = [[c for c in ("prune", "load", "compute") if c != "load" or each in standing.load] for each in compute]

    def cost(places: int, chosen: dict[PartId, str]) -> int:
        if places < len(compute):
            return min(cost(places + 1, {**chosen, compute[places]: each}) for each in options[places])
        there = standing.there | {each for each, choice in chosen.items() if choice != "prune"}
        needed = {item for each, choice in chosen.items() if choice == "compute" for item in standing.requires[each]}
        needed |= set(standing.wanted)
        if needed - there - standing.fixed:
            return 1 << 80
        total = sum(round(standing.load[each] * 1e9) for each in standing.fixed & needed)
        for each, choice in chosen.items():
            seconds = {"prune": 0.0, "load": standing.load.get(each, 0.0), "compute": standing.compute[each]}[choice]
            total += round(seconds * 1e9)
        return total

    return cost(0, {})


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_the_rest_is_planned_at_the_least_cost(seed: int) -> None:
    chance = random.Random(seed)
    parts = [part(f"p{number}") for number in range(chance.randint(2, 8))]
    kinds = {each: chance.choice(["there", "fixed", "compute", "compute"]) for each in parts}
    requires = {
        each: chance.sample(parts[:place], min(place, chance.randint(0, 3))) for place, each in enumerate(parts)
    }
    compute = {each: 10 ** chance.uniform(-6, 6) for each in parts if kinds[each] == "compute"}
    load = {each: 10 ** chance.uniform(-6, 6) for each in parts if kinds[each] == "fixed" or chance.random() < 0.5}
    standing = Standing(
        {each for each in parts if kinds[each] == "there"},
        compute,
        {each: seconds for each, seconds in load.items() if kinds[each] != "there"},
        {each for each in parts if kinds[each] == "fixed"},
        requires,
        chance.sample(parts, chance.randint(1, len(parts))),
    )
    choices = replan(standing)
    assert choices.keys() == {each for each in parts if kinds[each] != "there"}
    assert not any(choices[each] is Choice.COMPUTE for each in standing.fixed)
    there = standing.there | {each for each, choice in choices.items() if choice is not Choice.PRUNE}
    assert set(standing.wanted) <= there
    for each, choice in choices.items():
        assert choice is not Choice.COMPUTE or set(requires[each]) <= there
    total = sum(
        round((standing.load if choice is Choice.LOAD else compute)[each] * 1e9)
        for each, choice in choices.items()
        if choice is not Choice.PRUNE
    )
    assert total == _cheapest(standing)
