"""What every ledger must do: subclass LedgerSuite, and give it a fixture ``catalog``."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.workflows.store.catalog_suite import A, B, C, computed, staged
from workflows.hashing import Digest, Signature
from workflows.ports import USER, Catalog, Evicted, Stock, Use

D, E = Digest("d" * 64), Digest("e" * 64)


def stored(catalog: Catalog) -> None:
    """A and B of equal bytes, C of others."""
    catalog.commit(
        [computed(A), computed(B), computed(C)],
        [
            (replace(staged(A), benefit=1.5), "a"),
            (replace(staged(B), benefit=0.5), "b"),
            (replace(staged(C, "e", 70), benefit=4.0), "c"),
        ],
    )


class LedgerSuite:
    def test_nothing_is_held_at_first(self, catalog: Catalog) -> None:
        assert catalog.ledger.stock() == Stock(0, 0)
        assert catalog.ledger.holdings() == []
        assert catalog.ledger.doomed() == []
        assert catalog.ledger.tally("edits") == {}

    def test_equal_bytes_are_held_once_for_all_whose_they_are(self, catalog: Catalog) -> None:
        stored(catalog)
        assert catalog.ledger.stock() == Stock(90, 2)
        large, shared = catalog.ledger.holdings()
        assert (large.digest, large.signatures, large.bytes, large.benefit) == (E, (C,), 70, 4.0)
        assert (shared.digest, shared.signatures, shared.bytes, shared.benefit) == (D, (A, B), 20, 2.0)
        assert (shared.operator, shared.codec, shared.hits, shared.saved, shared.pinned) == ("Map", "arrow", 0, 0.0, "")
        assert shared.used_at > 1_700_000_000

    def test_what_is_evicted_is_forgotten_as_such_with_all_that_share_its_bytes(self, catalog: Catalog) -> None:
        stored(catalog)
        assert sorted(catalog.ledger.evict([D])) == [Evicted(D, A, "a"), Evicted(D, B, "b")]
        records = catalog.records([A, B, C])
        assert [records[name].stored for name in (A, B, C)] == [False, False, True]
        assert catalog.ledger.evicted([A, B, C]) == {A, B}
        assert records[A].seconds == 1.0
        assert catalog.seal(A) is None
        assert catalog.ledger.doomed() == [D]
        assert catalog.ledger.evict([D]) == []
        catalog.ledger.settled([D])
        assert catalog.ledger.doomed() == []
        assert catalog.ledger.stock() == Stock(70, 1)

    def test_what_is_stored_again_is_no_longer_evicted_and_its_bytes_not_doomed(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.evict([D])
        catalog.commit([], [(staged(A), "again")])
        assert catalog.ledger.evicted([A, B]) == {B}
        assert catalog.ledger.doomed() == []

    def test_what_is_being_written_is_doomed_until_a_result_has_it(self, catalog: Catalog) -> None:
        catalog.ledger.doom([D, E, D])
        assert sorted(catalog.ledger.doomed()) == [D, E]
        catalog.commit([computed(A)], [(staged(A), "a")])
        assert catalog.ledger.doomed() == [E]
        catalog.ledger.settled([D, E])
        catalog.ledger.evict([D])
        assert catalog.ledger.doomed() == [D]

    def test_what_is_pinned_is_not_evicted_until_its_holder_lets_go(self, catalog: Catalog) -> None:
        stored(catalog)
        assert catalog.ledger.pin("run", [A, Signature("f" * 64)], 60.0) == {A}
        assert catalog.ledger.evict([D]) == [], "B has no pin, but its bytes are A's"
        assert catalog.records([A])[A].stored
        assert [holding.pinned for holding in catalog.ledger.holdings()] == ["", "run"]
        catalog.ledger.unpin("other")
        assert catalog.ledger.evict([D]) == []
        catalog.ledger.unpin("run")
        assert catalog.ledger.evict([D])

    def test_parts_of_a_node_are_told_apart_and_bytes_of_two_parts_named_after_both(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.use("census", [Use(A, "rows", part="train"), Use(B, "rows", part="test"), Use(C, "model")])
        model, rows = catalog.ledger.holdings()
        assert (model.nodes, model.parts) == (("model",), ())
        assert (rows.nodes, sorted(rows.parts)) == (("rows",), ["test", "train"])

    def test_of_several_those_go_that_nobody_pinned(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.pin("run", [B], 60.0)
        unknown = Digest("f" * 64)
        assert catalog.ledger.evict([D, E, unknown]) == [Evicted(E, C, "c")]
        assert catalog.ledger.doomed() == [E]
        assert catalog.ledger.stock() == Stock(20, 1)
        assert catalog.ledger.evict([]) == []

    def test_thousands_are_evicted_at_once(self, catalog: Catalog) -> None:
        names = [Signature(f"{number:064x}") for number in range(5000)]
        measured = [computed(name) for name in names]
        catalog.commit(measured, [(replace(staged(name), digest=Digest(name)), "") for name in names])
        began = time.perf_counter()
        gone = catalog.ledger.evict([Digest(name) for name in names[1:]])
        assert time.perf_counter() - began < 2.0
        assert {each.signature for each in gone} == set(names[1:])
        assert catalog.ledger.stock().count == 1

    def test_the_pins_of_a_run_end_with_their_lease_and_are_renewed_by_pinning_again(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.pin("killed", [A], 0.0)
        catalog.ledger.pin("run", [A, C], 60.0)
        assert catalog.ledger.pin("run", [C], 60.0) == {C}
        assert catalog.ledger.evict([D])
        assert catalog.ledger.evict([E]) == []

    def test_people_pin_for_good_one_after_the_other(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.pin(USER, [A], None)
        catalog.ledger.pin(USER, [C], None)
        catalog.ledger.pin("run", [A], 60.0)
        assert [holding.pinned for holding in catalog.ledger.holdings()] == ["user", "user"]
        catalog.ledger.unpin(USER, [C])
        assert [holding.pinned for holding in catalog.ledger.holdings()] == ["", "user"]

    def test_runs_say_what_is_theirs_and_what_a_load_saved(self, catalog: Catalog) -> None:
        stored(catalog)
        catalog.ledger.use("census", [Use(A, "rows"), Use(C, "model", 2.5)])
        catalog.ledger.use("digits", [Use(C, "learner", 0.5), Use(B, "pixels")])
        large, shared = catalog.ledger.holdings()
        assert (large.hits, large.saved) == (2, 3.0)
        assert set(large.nodes) == {"model", "learner"}
        assert set(large.workflows) == {"census", "digits"}
        assert (shared.hits, shared.saved) == (0, 0.0)
        assert set(shared.nodes) == {"rows", "pixels"}

    def test_what_no_workflow_has_in_its_graph_any_more_is_not_current(self, catalog: Catalog) -> None:
        stored(catalog)
        assert all(holding.current for holding in catalog.ledger.holdings()), "no run spoke of it yet"
        catalog.ledger.use("census", [Use(A, "rows"), Use(C, "model")])
        catalog.ledger.use("digits", [Use(C, "model")])
        catalog.ledger.use("census", [Use(Signature("f" * 64), "others")])
        assert [(holding.digest, holding.current) for holding in catalog.ledger.holdings()] == [(E, True), (D, False)]
        catalog.ledger.use("census", [Use(B, "rows")])
        assert all(holding.current for holding in catalog.ledger.holdings())

    def test_a_use_brings_a_holding_up_to_the_inflation_and_the_time_of_now(self, catalog: Catalog) -> None:
        stored(catalog)
        before = time.time()
        catalog.ledger.inflate(7.0)
        catalog.ledger.inflate(3.0)
        catalog.ledger.use("census", [Use(A, "rows"), Use(C, "model", 1.0)])
        large, shared = catalog.ledger.holdings()
        assert (large.base, shared.base) == (7.0, 0.0)
        assert large.used_at >= before
        catalog.commit([], [(staged(A), "again")])
        assert catalog.ledger.holdings()[1].base == 7.0

    def test_counts_are_added_up_and_forgotten_slowly(self, catalog: Catalog) -> None:
        catalog.ledger.count("edits", {"model": 1.0, "value": 0.5})
        catalog.ledger.count("edits", {"model": 1.0})
        catalog.ledger.count("audits", {"checked": 5.0})
        assert catalog.ledger.tally("edits") == {"model": 2.0, "value": 0.5}
        catalog.ledger.count("edits", {"value": 2.5}, most=4.0)
        assert catalog.ledger.tally("edits") == {"model": pytest.approx(1.6), "value": pytest.approx(2.4)}
        assert catalog.ledger.tally("audits") == {"checked": 5.0}
