from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.optimizer.graphs import graph, known, node, part, record, signatures
from workflows.graph.dag import FunctionSpec, NodeName, Part, PartGraph, PartId, PartInput
from workflows.hashing import Signature
from workflows.optimizer.costs import OVERHEAD_SECONDS, CostModel
from workflows.optimizer.history import Previous
from workflows.optimizer.plan import Plan, plan_run

COSTS = CostModel()
CHAIN = graph(node("rows"), node("feature", ["rows"]), node("model", ["feature"], C=1.0), wanted=["model"])


def actions(plan: Plan) -> dict[str, str]:
    return {name: item.action for name, item in plan.nodes.items()}


def reasons(plan: Plan) -> dict[str, str]:
    return {name: item.reason for name, item in plan.nodes.items()}


def test_with_an_empty_store_everything_wanted_is_computed_and_new() -> None:
    plan = plan_run(CHAIN, signatures(CHAIN), {}, costs=COSTS)
    assert actions(plan) == {"rows": "compute", "feature": "compute", "model": "compute"}
    assert set(reasons(plan).values()) == {"new"}
    assert all(item.stale for item in plan.nodes.values())
    assert plan.order == (part("rows"), part("feature"), part("model"))


def test_an_unchanged_run_loads_what_is_wanted_and_prunes_the_rest() -> None:
    signed = signatures(CHAIN)
    records = known(record("rows", load=0.1), record("feature", load=0.1), record("model", load=0.1))
    plan = plan_run(CHAIN, signed, records, costs=COSTS, previous=Previous(CHAIN, signed, "v12"))
    assert actions(plan) == {"rows": "prune", "feature": "prune", "model": "load"}
    assert reasons(plan)["model"] == "reused: unchanged since v12"
    assert reasons(plan)["rows"] == "pruned: nothing wanted needs it"
    assert not any(item.stale for item in plan.nodes.values())
    assert plan.order == (part("model"),)
    assert plan.estimate == pytest.approx(0.1)


def test_a_renamed_node_is_unchanged() -> None:
    before = graph(node("rows"), node("old", ["rows"]), wanted=["old"])
    after = graph(node("rows"), node("fresh", ["rows"]), wanted=["fresh"])
    plan = plan_run(
        after,
        signatures(after, fresh="same"),
        known(record("rows", load=0.1), record("same", load=0.1)),
        costs=COSTS,
        previous=Previous(before, signatures(before, old="same")),
    )
    assert not any(item.stale for item in plan.nodes.values())
    assert plan.nodes[NodeName("fresh")].reason == "reused: unchanged since last run"


def test_going_back_reuses_what_an_earlier_run_computed() -> None:
    edited = graph(node("rows"), node("feature", ["rows"]), node("model", ["feature"], C=0.1), wanted=["model"])
    plan = plan_run(
        CHAIN,
        signatures(CHAIN),
        known(record("rows", load=0.1), record("feature", load=0.1), record("model", load=0.1)),
        costs=COSTS,
        previous=Previous(edited, signatures(edited, model="model with 0.1")),
    )
    assert plan.nodes[NodeName("model")].reason == "reused: computed in an earlier run"


def test_a_stale_node_names_the_very_change_and_what_follows_names_its_input() -> None:
    before = graph(*(p.node for p in CHAIN.parts.values()), node("accuracy", ["model"]), wanted=["accuracy"])
    after = graph(
        node("rows"),
        node("feature", ["rows"]),
        node("model", ["feature"], C=0.1),
        node("accuracy", ["model"]),
        wanted=["accuracy"],
    )
    plan = plan_run(
        after,
        signatures(after, model="model'", accuracy="accuracy'"),
        known(*(record(name, load=0.1) for name in ("rows", "feature", "model", "accuracy"))),
        costs=COSTS,
        previous=Previous(before, signatures(before)),
    )
    assert reasons(plan) == {
        "rows": "pruned: nothing wanted needs it",
        "feature": "reused: unchanged since last run",
        "model": "stale: `C` 1.0 → 0.1",
        "accuracy": "stale: input `model` changed: `C` 1.0 → 0.1",
    }
    assert {name for name, item in plan.nodes.items() if item.stale} == {"model", "accuracy"}


def test_a_changed_helper_is_named() -> None:
    def text(identity: str) -> PartGraph:
        spec = FunctionSpec("over_50k", 1, 0, identity, {"helper `clean`": identity})
        return graph(node("target", fn=spec), wanted=["target"])

    plan = plan_run(
        text("b"),
        signatures(text("b"), target="new"),
        known(record("target", load=0.1)),
        costs=COSTS,
        previous=Previous(text("a"), signatures(text("a"))),
    )
    assert plan.nodes[NodeName("target")].reason == "stale: helper `clean` changed"


def test_a_changed_file_is_named() -> None:
    source = graph(node("data", operator="FileSource", files={"all": "adult/adult.data"}), wanted=["data"])
    plan = plan_run(
        source,
        signatures(source, data="other content"),
        known(record("data")),
        costs=COSTS,
        previous=Previous(source, signatures(source)),
    )
    assert plan.nodes[NodeName("data")].reason == "stale: data file changed: adult.data"


def test_what_the_last_run_did_not_complete_says_so() -> None:
    signed = signatures(CHAIN)
    records = known(record("rows", load=0.1), record("feature", load=0.1))
    plan = plan_run(CHAIN, signed, records, costs=COSTS, previous=Previous(CHAIN, signed))
    assert plan.nodes[NodeName("model")].reason == "stale: not completed before"
    assert plan.nodes[NodeName("model")].stale


def test_a_result_dearer_to_load_than_to_compute_is_computed_and_both_costs_are_told() -> None:
    parts = graph(node("rows"), node("feature", ["rows"]), wanted=["rows", "feature"])
    records = known(record("rows", 5.0, load=0.002), record("feature", 0.008 - OVERHEAD_SECONDS, load=0.041))
    plan = plan_run(parts, signatures(parts), records, costs=COSTS)
    assert actions(plan) == {"rows": "load", "feature": "compute"}
    assert plan.nodes[NodeName("feature")].reason == "computed though stored: cheaper than loading (8 ms against 41 ms)"
    assert not plan.nodes[NodeName("feature")].stale


def test_a_result_that_was_not_kept_is_computed_but_not_stale() -> None:
    plan = plan_run(
        CHAIN, signatures(CHAIN), known(*(record(name) for name in ("rows", "feature", "model"))), costs=COSTS
    )
    assert set(reasons(plan).values()) == {"computed: the result was not kept"}
    assert not any(item.stale for item in plan.nodes.values())


def test_a_small_stored_value_is_loaded_whatever_one_slow_load_measured() -> None:
    parts = graph(node("rows"), node("accuracy", ["rows"]), wanted=["accuracy"])
    slow = record("accuracy", 0.0, load=9.0, codec="json", bytes=20)
    plan = plan_run(parts, signatures(parts), known(record("rows", 0.0, load=9.0), slow), costs=COSTS)
    assert actions(plan) == {"rows": "prune", "accuracy": "load"}


def test_without_reuse_everything_is_computed_and_staleness_tells_the_truth() -> None:
    records = known(*(record(name, load=0.1) for name in ("rows", "feature")))
    plan = plan_run(CHAIN, signatures(CHAIN), records, costs=COSTS, reuse=False)
    assert set(actions(plan).values()) == {"compute"}
    assert {name: item.stale for name, item in plan.nodes.items()} == {"rows": False, "feature": False, "model": True}
    assert reasons(plan) == {"rows": "computed: reuse is off", "feature": "computed: reuse is off", "model": "new"}


def test_a_forced_node_is_computed_and_what_follows_is_not() -> None:
    records = known(*(record(name, load=0.1) for name in ("rows", "feature", "model")))
    plan = plan_run(CHAIN, signatures(CHAIN), records, costs=COSTS, force=frozenset({NodeName("feature")}))
    assert actions(plan) == {"rows": "load", "feature": "compute", "model": "load"}
    assert reasons(plan)["feature"] == "forced"


def test_the_unknown_is_computed_with_all_that_follows_and_its_origin_is_named() -> None:
    parts = graph(
        node("data"),
        node("rows", ["data"]),
        node("noise", ["rows"], cache=False),
        node("model", ["noise"]),
        wanted=["model"],
    )
    signed = signatures(parts, data=None, rows=None, noise=None, model=None)
    records = known(record("model", load=0.1))
    plan = plan_run(parts, signed, records, costs=COSTS, previous=Previous(parts, signed))
    assert reasons(plan) == {
        "data": "computed: data not read yet",
        "rows": "computed: data not read yet",
        "noise": "computed: `cache=False`",
        "model": "computed: input `noise` has `cache=False`",
    }
    assert set(actions(plan).values()) == {"compute"}
    assert all(item.stale for item in plan.nodes.values())


def test_code_without_an_identity_is_told_from_data_not_read() -> None:
    parts = graph(node("rows"), node("odd", ["rows"]), node("model", ["odd"]), wanted=["model"])
    plan = plan_run(parts, signatures(parts, odd=None, model=None), {}, costs=COSTS)
    assert reasons(plan)["odd"] == "computed: code that cannot be identified"
    assert reasons(plan)["model"] == "computed: input `odd` has code that cannot be identified"


def test_a_change_that_equality_does_not_see_is_named_all_the_same() -> None:
    before, after = (graph(node("model", flag=flag), wanted=["model"]) for flag in (1, True))
    plan = plan_run(
        after,
        signatures(after, model="other"),
        known(record("model", load=0.1)),
        costs=COSTS,
        previous=Previous(before, signatures(before)),
    )
    assert plan.nodes[NodeName("model")].reason == "stale: `flag` 1 → True"


def test_a_long_chain_of_the_unknown_is_explained_without_recursion() -> None:
    names = [f"n{place}" for place in range(5_000)]
    nodes = [node(name, names[place - 1 : place] if place else [], cache=place > 0) for place, name in enumerate(names)]
    parts = graph(*nodes, wanted=[names[-1]])
    plan = plan_run(parts, dict.fromkeys(parts.parts), {}, costs=COSTS)
    assert reasons(plan)[names[-1]] == "computed: input `n0` has `cache=False`"


def test_parts_of_equal_signature_are_computed_once() -> None:
    parts = graph(
        node("rows"), node("one", ["rows"]), node("other", ["rows"]), node("both", ["one", "other"]), wanted=["both"]
    )
    plan = plan_run(parts, signatures(parts, one="equal", other="equal"), {}, costs=COSTS)
    assert plan.order == (part("rows"), part("one"), part("both"))
    assert plan.parts[part("other")].same_as == part("one")
    assert plan.parts[part("other")].action == "compute"
    assert plan.parts[part("other")].estimate == 0.0
    assert plan.parts[part("one")].same_as is None


def test_a_node_of_several_parts_is_computed_if_any_part_is() -> None:
    made = node("scaled", ["rows"], operator="Scale")
    rows = node("rows")
    ids = {label: PartId(made.name, label) for label in ("state", "train", "test")}
    source = {label: PartId(rows.name, label) for label in ("train", "test")}
    parts = PartGraph(
        {
            **{part_id: Part(part_id, rows, ()) for part_id in source.values()},
            ids["state"]: Part(ids["state"], made, (PartInput("rows", None, source["train"]),)),
            **{
                ids[label]: Part(ids[label], made, (PartInput("rows", None, source[label]),), ids["state"])
                for label in ("train", "test")
            },
        },
        (ids["train"], ids["test"]),
    )
    signed: dict[PartId, Signature | None] = {part_id: Signature(str(part_id)) for part_id in parts.parts}
    records = known(
        record("scaled:state", load=0.1),
        record("scaled:train", load=0.1),
        record("rows:test", load=0.1),
        record("rows:train"),
    )
    plan = plan_run(parts, signed, records, costs=COSTS)
    assert {label: plan.parts[ids[label]].action for label in ids} == {
        "state": "load",
        "train": "load",
        "test": "compute",
    }
    assert plan.nodes[made.name].action == "compute"
    assert plan.nodes[made.name].stale
    assert plan.nodes[made.name].estimate == pytest.approx(sum(plan.parts[ids[label]].estimate for label in ids))
    assert actions(plan)["rows"] == "load"
    assert plan.parts[source["train"]].action == "prune"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_the_order_has_inputs_first_and_everything_that_is_needed(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    names = [f"n{place}" for place in range(count)]
    nodes = [
        node(name, data.draw(st.lists(st.sampled_from(names[:place]), max_size=3, unique=True)) if place else [])
        for place, name in enumerate(names)
    ]
    parts = graph(*nodes, wanted=data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
    records = known(
        *(
            record(name, data.draw(st.floats(1e-6, 1)), data.draw(st.none() | st.floats(1e-6, 1)))
            for name in names
            if data.draw(st.booleans())
        )
    )
    plan = plan_run(parts, signatures(parts), records, costs=COSTS, cores=data.draw(st.integers(1, 3)))
    done: set[PartId] = set()
    for part_id in plan.order:
        if plan.parts[part_id].action == "compute":
            assert set(parts.parts[part_id].requires) <= done
        done.add(part_id)
    assert set(parts.wanted) <= done
    assert done == {part_id for part_id, item in plan.parts.items() if item.action != "prune"}
    total = sum(plan.parts[part_id].estimate for part_id in plan.order)
    assert plan.estimate <= total * (1 + 1e-9)
    assert plan.error < 1e-2  # half a nanosecond in a microsecond, at the worst
