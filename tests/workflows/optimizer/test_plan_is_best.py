"""The whole plan against every other: equal signatures, forced nodes, unknown ones and reuse turned off, mixed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.optimizer.graphs import graph, known, node, part, record
from workflows.graph.dag import NodeName, PartId
from workflows.hashing import Signature
from workflows.optimizer.costs import CostModel
from workflows.optimizer.plan import Plan, plan_run
from workflows.optimizer.reasons import FORCED, PRUNED, REUSE_OFF

THIRTY_DAYS = 30 * 24 * 3600.0
SECONDS = st.sampled_from([1e-6, 0.001, 0.01, 0.5, 3.0, 1000.0, THIRTY_DAYS]) | st.floats(1e-6, THIRTY_DAYS)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, frozenset[NodeName], bool, tuple[PartId, ...], Mapping[PartId, list[PartId]]]:
    """A plan, what was forced, whether reuse was on, what was wanted, and what each part requires."""
    count = draw(st.integers(1, 6))
    names = [f"n{number}" for number in range(count)]
    inputs = [sorted(draw(st.sets(st.sampled_from(names[:i]), max_size=3))) if i else [] for i in range(count)]
    for i in range(1, count):
        if draw(st.booleans()) and draw(st.booleans()):
            inputs[i] = inputs[i - 1]  # perhaps of equal signature
    parts = graph(
        *(node(name, items) for name, items in zip(names, inputs, strict=True)),
        wanted=sorted(draw(st.sets(st.sampled_from(names), min_size=1))),
    )
    signed: dict[PartId, Signature | None] = {}
    for name, items in zip(names, inputs, strict=True):
        above = [signed[part(item)] for item in items]
        unknown = None in above or draw(st.integers(0, 5)) == 0
        # Two kinds of nodes: those of a kind with the same inputs are equal.
        kind = draw(st.sampled_from([name, "same"]))
        signed[part(name)] = None if unknown else Signature(f"{kind}({','.join(map(str, above))})")
    ran = sorted({signature for signature in signed.values() if signature is not None and draw(st.booleans())})
    records = known(*(record(name, draw(SECONDS), draw(st.none() | SECONDS)) for name in ran))
    force = frozenset(NodeName(name) for name in draw(st.sets(st.sampled_from(names), max_size=2)))
    reuse = draw(st.integers(0, 4)) > 0
    plan = plan_run(parts, signed, records, costs=CostModel(), reuse=reuse, force=force)
    return plan, force, reuse, parts.wanted, {part_id: list(one.requires) for part_id, one in parts.parts.items()}


def stands_for(plan: Plan, part_id: PartId) -> PartId:
    return plan.parts[part_id].same_as or part_id


def least(
    plan: Plan, force: frozenset[NodeName], wanted: tuple[PartId, ...], requires: Mapping[PartId, list[PartId]]
) -> int:
    """The least summed cost, in nanoseconds, of all valid choices of an action for each part that stands for itself."""
    own = [part_id for part_id, one in plan.parts.items() if one.same_as is None]
    forced = {stands_for(plan, part_id) for part_id in plan.parts if part_id.node in force}
    best: list[int] = []
    for chosen in product(("prune", "load", "compute"), repeat=len(own)):
        actions = dict(zip(own, chosen, strict=True))
        computed = [part_id for part_id in own if actions[part_id] == "compute"]
        loaded = [part_id for part_id in own if actions[part_id] == "load"]
        needed = [*wanted, *(item for part_id in computed for item in requires[part_id])]
        if any(plan.parts[part_id].load_cost is None for part_id in loaded):
            continue
        if any(actions[stands_for(plan, part_id)] == "prune" for part_id in needed) or forced - set(computed):
            continue
        loads = sum(nanoseconds(plan.parts[part_id].load_cost or 0.0) for part_id in loaded)
        best.append(loads + sum(nanoseconds(plan.parts[part_id].compute_cost) for part_id in computed))
    return min(best)


def nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


@given(plans())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_other_plan_costs_less(
    drawn: tuple[Plan, frozenset[NodeName], bool, tuple[PartId, ...], Mapping[PartId, list[PartId]]],
) -> None:
    plan, force, reuse, wanted, requires = drawn
    assert sum(nanoseconds(one.estimate) for one in plan.parts.values()) == least(plan, force, wanted, requires)
    for part_id, one in plan.parts.items():
        assert one.action == plan.parts[stands_for(plan, part_id)].action
        reason = plan.nodes[part_id.node].reason
        assert (reason == PRUNED) == (one.action == "prune")
        assert (one.action == "load") == reason.startswith("reused")
        if part_id.node in force:
            assert (one.action, reason) == ("compute", FORCED)
        if reason == REUSE_OFF:
            assert not reuse
            assert not one.stale
        if reason.startswith("computed though stored"):
            assert one.load_cost is not None
            assert one.compute_cost < one.load_cost
