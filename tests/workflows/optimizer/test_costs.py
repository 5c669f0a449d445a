from __future__ import annotations

import pytest

from tests.workflows.optimizer.graphs import graph, known, node, record, signatures
from workflows.graph.dag import PartGraph
from workflows.hashing import Signature
from workflows.optimizer.costs import OVERHEAD_SECONDS, UNKNOWN_SECONDS, VALUE_LOAD_SECONDS, Cost, CostModel
from workflows.optimizer.history import Previous
from workflows.ports import Record, StoreSpeed

MODEL = CostModel({"Map": (0.5, 1e-6)}, StoreSpeed(latency=0.01, bytes_per_second=1e8))
PARTS = graph(node("rows"), node("feature", ["rows"]), wanted=["feature"])


def estimate(
    parts: PartGraph, *records: Record, model: CostModel = MODEL, previous: Previous | None = None
) -> dict[str, Cost]:
    members = list(parts.parts.values())
    places = {member.id: place for place, member in enumerate(members)}
    requires = [[places[item] for item in member.requires] for member in members]
    signed = [signatures(parts)[member.id] for member in members]
    found = model.estimate(members, requires, signed, known(*records), previous)
    return {member.id.node: cost for member, cost in zip(members, found, strict=True)}


def test_what_ran_has_its_own_time() -> None:
    cost = estimate(PARTS, record("rows", 2.0, bytes=7))["rows"]
    assert cost == Cost(2.0 + OVERHEAD_SECONDS, None, 7)


def test_what_never_ran_takes_its_kins_time_by_the_size_of_its_inputs() -> None:
    before = signatures(PARTS, rows="rows before", feature="feature before")
    cost = estimate(
        PARTS,
        record("rows", bytes=3_000),
        record("rows before", bytes=1_000),
        record("feature before", 2.0, bytes=50),
        previous=Previous(PARTS, before),
    )["feature"]
    assert cost.compute == pytest.approx(6.0 + OVERHEAD_SECONDS)
    assert cost.bytes == pytest.approx(150)


def test_where_the_inputs_are_those_of_the_kin_the_time_is_the_kins() -> None:
    """The kin's inputs were larger in memory, when it ran, than they are in the store: that is no change of size."""
    cost = estimate(
        PARTS,
        record("rows", bytes=3_000),
        record("feature before", 2.0, input_bytes=9_000, bytes=50),
        previous=Previous(PARTS, signatures(PARTS, feature="feature before")),
    )["feature"]
    assert cost == Cost(2.0 + OVERHEAD_SECONDS, None, 50)


def test_another_operator_at_the_same_place_is_no_kin() -> None:
    before = graph(node("rows"), node("feature", ["rows"], operator="Filter"), wanted=["feature"])
    cost = estimate(
        PARTS,
        record("rows", bytes=1_000_000),
        record("feature before", 99.0),
        previous=Previous(before, signatures(before, feature="feature before")),
    )["feature"]
    assert cost.compute == pytest.approx(0.5 + 1.0 + OVERHEAD_SECONDS)


def test_what_has_no_kin_takes_what_its_operator_took_elsewhere_and_else_the_default() -> None:
    assert estimate(PARTS, record("rows", bytes=2_000_000))["feature"].compute == pytest.approx(2.5 + OVERHEAD_SECONDS)
    assert estimate(PARTS, model=CostModel())["feature"].compute == UNKNOWN_SECONDS + OVERHEAD_SECONDS


def test_a_load_takes_what_it_took_else_latency_and_bytes_over_throughput() -> None:
    measured = record("a", load=0.7)
    assert MODEL.load_seconds(measured) == 0.7
    assert MODEL.load_seconds(record("a")) is None
    never = Record(Signature("a"), "Map", 1.0, 0, 10**8, measured.digest, "arrow", None, 0.0)
    assert MODEL.load_seconds(never) == pytest.approx(1.01)


def test_a_small_value_is_read_from_a_pack_in_no_time_and_a_large_one_is_not() -> None:
    assert MODEL.load_seconds(record("a", load=0.7, codec="json", bytes=100)) == VALUE_LOAD_SECONDS
    assert MODEL.load_seconds(record("a", load=0.7, codec="json", bytes=10**7)) == 0.7


def test_where_the_kins_inputs_are_not_known_its_measured_input_counts() -> None:
    before = signatures(PARTS, rows="rows before", feature="feature before")
    records = [record("rows", bytes=3_000), record("feature before", 2.0, input_bytes=1_000)]
    cost = estimate(PARTS, *records, previous=Previous(PARTS, before))["feature"]
    assert cost.compute == pytest.approx(6.0 + OVERHEAD_SECONDS)
