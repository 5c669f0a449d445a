"""What every catalog must do: subclass CatalogSuite, and give it a fixture ``catalog``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from workflows.hashing import Digest, Signature
from workflows.ports import (
    LOADING,
    TRACES,
    UNMEASURED,
    Catalog,
    Equal,
    FileStamp,
    Learned,
    Measurement,
    Record,
    Staged,
    Trace,
)

A, B, C = (Signature(letter * 64) for letter in "abc")
STAMP = FileStamp("/data/adult.data", 100, 1_700_000_000_000_000_001, 1_700_000_000_000_000_002, 2**63 - 1)


def computed(signature: Signature, seconds: float = 1.0, input_bytes: int = 10, size: int = 20) -> Measurement:
    return Measurement(signature, "Map", True, seconds, input_bytes, size)


def loaded(signature: Signature, seconds: float, size: int = 20) -> Measurement:
    return Measurement(signature, "Map", False, seconds, 0, size)


def staged(signature: Signature, digest: str = "d", size: int = 20, value: str | None = None) -> Staged:
    return Staged(signature, "arrow", Digest(digest * 64), size, file="x", value=None if value is None else of(value))


def of(letter: str) -> Digest:
    return Digest(letter * 64)


def trace(key: str, operation: str = "o", value: str = "v", seconds: float = 1.5) -> Trace:
    return Trace(Signature(key * 64), Signature(operation * 64), of(value), seconds, 10, 20)


def equal(signature: Signature, digest: str | None = None) -> Equal:
    record = Record(signature, "Map", 2.5, 10, 30, None, None, None, 1_800_000_000.0, of("v"))
    if digest is None:
        return Equal(record)
    return Equal(replace(record, digest=of(digest), codec="arrow"), B, f"seal of {signature[0]}")


class CatalogSuite:
    def test_what_never_completed_is_not_known(self, catalog: Catalog) -> None:
        assert catalog.records([A]) == {}
        assert catalog.records([]) == {}
        assert catalog.seal(A) is None

    def test_a_measured_part_is_known_and_not_stored(self, catalog: Catalog) -> None:
        catalog.commit([computed(A, 1.5, 10, 20)], [])
        record = catalog.records([A, B])[A]
        assert (record.signature, record.operator, record.seconds) == (A, "Map", 1.5)
        assert (record.input_bytes, record.bytes) == (10, 20)
        assert (record.digest, record.codec, record.load_seconds) == (None, None, None)
        assert not record.stored
        assert record.completed_at > 1_700_000_000
        assert catalog.records([A, B]).keys() == {A}

    def test_a_stored_part_has_its_digest_codec_size_and_seal(self, catalog: Catalog) -> None:
        catalog.commit([computed(A)], [(staged(A, size=77), "seal of a")])
        record = catalog.records([A])[A]
        assert record.stored
        assert (record.digest, record.codec, record.bytes) == ("d" * 64, "arrow", 77)
        assert catalog.seal(A) == "seal of a"

    def test_a_result_may_arrive_after_its_measurement(self, catalog: Catalog) -> None:
        catalog.commit([computed(A)], [])
        catalog.commit([], [(staged(A), "seal")])
        assert catalog.records([A])[A].stored

    def test_a_result_that_was_never_measured_is_refused_and_its_commit_with_it(self, catalog: Catalog) -> None:
        with pytest.raises(ValueError, match="never measured"):
            catalog.commit([computed(B)], [(staged(A), "seal")])
        assert catalog.records([A, B]) == {}

    def test_a_later_measurement_replaces_the_time_and_leaves_what_is_stored(self, catalog: Catalog) -> None:
        catalog.commit([computed(A, 1.0, size=20)], [(staged(A, size=77), "seal")])
        catalog.commit([computed(A, 3.0, input_bytes=11, size=99)], [])
        record = catalog.records([A])[A]
        assert (record.seconds, record.input_bytes, record.bytes) == (3.0, 11, 77)
        assert record.stored
        assert catalog.seal(A) == "seal"

    def test_a_load_is_remembered_with_what_was_loaded(self, catalog: Catalog) -> None:
        catalog.commit([computed(A)], [(staged(A), "seal")])
        catalog.commit([loaded(A, 0.25)], [])
        record = catalog.records([A])[A]
        assert (record.load_seconds, record.seconds) == (0.25, 1.0)
        catalog.commit([], [(staged(A), "the same again")])
        assert catalog.records([A])[A].load_seconds == 0.25
        catalog.commit([], [(staged(A, "e"), "another")])
        assert catalog.records([A])[A].load_seconds is None

    def test_the_features_without_weight_are_those_of_the_last_computation(self, catalog: Catalog) -> None:
        catalog.commit([replace(computed(A), weightless="1 12"), computed(B)], [(staged(A), "seal")])
        catalog.commit([loaded(A, 0.25)], [])
        assert catalog.records([A])[A].weightless == "1 12"
        assert catalog.records([B])[B].weightless == ""
        equal = replace(catalog.records([A])[A], signature=C)
        catalog.commit([], [], Learned(equals=[Equal(equal, A, "another seal")]))
        assert catalog.records([C])[C].weightless == "1 12"
        catalog.commit([replace(computed(A), weightless="2")], [])
        assert catalog.records([A])[A].weightless == "2"

    def test_a_load_of_what_is_not_stored_makes_no_record(self, catalog: Catalog) -> None:
        catalog.commit([loaded(A, 0.25), computed(B), loaded(B, 0.5)], [])
        assert catalog.records([A, B]).keys() == {B}
        assert catalog.records([B])[B].load_seconds is None

    def test_what_was_forgotten_is_not_stored_but_its_costs_are_known(self, catalog: Catalog) -> None:
        catalog.commit([computed(A, 1.5), computed(B)], [(staged(A), "a"), (staged(B), "b")])
        catalog.commit([loaded(A, 0.25)], [])
        catalog.forget(A)
        catalog.forget(C)
        record = catalog.records([A])[A]
        assert (record.digest, record.codec, record.load_seconds, record.seconds) == (None, None, None, 1.5)
        assert catalog.seal(A) is None
        assert catalog.records([B])[B].stored
        catalog.commit([], [(staged(A), "again")])
        assert catalog.records([A])[A].stored

    def test_the_costs_of_operators_are_a_line_through_their_runs(self, catalog: Catalog) -> None:
        assert catalog.operator_costs() == {}
        catalog.commit([computed(A, 1.0, input_bytes=0), computed(B, 3.0, input_bytes=1_000)], [])
        catalog.commit([computed(C, 2.0, input_bytes=500)], [])
        fixed, per_byte = catalog.operator_costs()["Map"]
        assert fixed == pytest.approx(1.0)
        assert per_byte == pytest.approx(0.002)

    def test_the_cost_of_loading_is_learned_from_loads_alone(self, catalog: Catalog) -> None:
        catalog.commit([computed(A), computed(B)], [(staged(A), "a"), (staged(B), "b")])
        assert LOADING not in catalog.operator_costs()
        catalog.commit([loaded(A, 0.010, 0), loaded(B, 2.010, 100_000_000)] * 30, [])
        latency, per_byte = catalog.operator_costs()[LOADING]
        assert latency == pytest.approx(0.010, rel=0.05)
        assert per_byte == pytest.approx(2e-8, rel=0.05)

    def test_small_loads_do_not_tell_what_large_ones_take(self, catalog: Catalog) -> None:
        catalog.commit([computed(A), computed(B)], [(staged(A), "a"), (staged(B), "b")])
        catalog.commit([loaded(A, 0.001, 500), loaded(B, 0.009, 9_000)] * 10, [])
        _, per_byte = catalog.operator_costs()[LOADING]
        assert per_byte == pytest.approx(1.0 / UNMEASURED.bytes_per_second, rel=0.1)

    def test_a_hash_is_remembered_for_exactly_its_stamp(self, catalog: Catalog) -> None:
        catalog.remember_hash(STAMP, "f" * 64)
        assert catalog.content_hash(STAMP) == "f" * 64
        for other in (
            replace(STAMP, path="/data/other"),
            replace(STAMP, size=101),
            replace(STAMP, mtime_ns=STAMP.mtime_ns + 1),
            replace(STAMP, ctime_ns=STAMP.ctime_ns + 1),
            replace(STAMP, inode=1),
        ):
            assert catalog.content_hash(other) is None

    def test_a_file_that_changed_has_its_new_hash_only(self, catalog: Catalog) -> None:
        later = replace(STAMP, mtime_ns=STAMP.mtime_ns + 1)
        catalog.remember_hash(STAMP, "f" * 64)
        catalog.remember_hash(later, "e" * 64)
        assert catalog.content_hash(later) == "e" * 64
        assert catalog.content_hash(STAMP) is None

    def test_what_the_last_run_of_a_workflow_was_made_from_is_remembered(self, catalog: Catalog) -> None:
        assert catalog.last_run("census") is None
        catalog.remember_run("census", "first")
        catalog.remember_run("digits", "another")
        catalog.remember_run("census", "second \N{GREEK SMALL LETTER ALPHA}\n")
        assert catalog.last_run("census") == "second \N{GREEK SMALL LETTER ALPHA}\n"
        assert catalog.last_run("digits") == "another"

    def test_a_stored_result_has_its_value_and_is_found_by_it(self, catalog: Catalog) -> None:
        catalog.commit([computed(A), computed(B)], [(staged(A, "d", value="v"), "a")])
        assert [catalog.records([each])[each].value for each in (A, B)] == [of("v"), None]
        assert catalog.holders([of("v"), of("w")]) == {of("v"): catalog.records([A])[A]}
        assert catalog.holders([]) == {}

    def test_who_has_lost_its_bytes_holds_nothing_but_is_known_by_its_value(self, catalog: Catalog) -> None:
        both = [(staged(A, value="v"), "a"), (staged(B, value="v"), "b")]
        catalog.commit([computed(A), computed(B)], both)
        catalog.forget(A)
        assert catalog.records([A])[A].value == of("v")
        assert catalog.holders([of("v")]) == {of("v"): catalog.records([B])[B]}
        catalog.forget(B)
        assert catalog.holders([of("v")]) == {}

    def test_a_value_may_be_learned_without_bytes_and_never_belies_stored_ones(self, catalog: Catalog) -> None:
        catalog.commit([computed(A)], [], Learned({A: of("v"), C: of("v")}))
        assert catalog.records([A, C]) == {A: catalog.records([A])[A]}
        assert catalog.records([A])[A].value == of("v")
        catalog.commit([computed(B)], [(staged(B, value="w"), "b")])
        catalog.commit([], [], Learned({B: of("v")}))
        assert catalog.records([B])[B].value == of("w")

    def test_the_newest_traces_of_an_operation_are_found_by_it(self, catalog: Catalog) -> None:
        assert catalog.traces([Signature("o" * 64)]) == {}
        catalog.commit([], [], Learned(traces=[trace("1"), trace("2", value="w"), trace("3", "p")]))
        found = catalog.traces([Signature("o" * 64), Signature("q" * 64)])
        assert found == {each.key: each for each in (trace("1"), trace("2", value="w"))}
        for number in range(TRACES):
            catalog.commit([], [], Learned(traces=[trace(chr(ord("A") + number))]))
        assert {key[0] for key in catalog.traces([Signature("o" * 64)])} == set("ABCDEFGHIJKLMNOP"[:TRACES])

    def test_a_trace_stays_as_it_was_first_entered_and_is_as_new_as_its_last(self, catalog: Catalog) -> None:
        catalog.commit([], [], Learned(traces=[trace("1", value="v", seconds=1.0)]))
        for number in range(TRACES - 1):
            catalog.commit([], [], Learned(traces=[trace(chr(ord("A") + number))]))
        again = trace("1", value="w", seconds=9.0)
        catalog.commit([], [], Learned(traces=[again, again, trace("Z")]))
        found = catalog.traces([Signature("o" * 64)])
        assert found[again.key] == trace("1", value="v", seconds=1.0)
        assert "A" not in {key[0] for key in found}

    def test_a_result_that_equals_another_is_entered_with_its_bytes(self, catalog: Catalog) -> None:
        catalog.commit([], [], Learned(equals=[equal(A, "d"), equal(C)]))
        assert catalog.records([A, C]) == {A: equal(A, "d").record, C: equal(C).record}
        assert (catalog.seal(A), catalog.seal(C)) == ("seal of a", None)
        assert catalog.holders([of("v")]) == {of("v"): equal(A, "d").record}
        assert catalog.operator_costs() == {}

    def test_an_equal_result_replaces_nothing_that_is_stored_and_gives_bytes_to_what_is_not(
        self, catalog: Catalog
    ) -> None:
        catalog.commit([computed(A), computed(B)], [(staged(A, "e", value="v"), "own")])
        catalog.commit([], [], Learned(equals=[equal(A, "d"), equal(B, "d")]))
        assert (catalog.records([A])[A].digest, catalog.seal(A)) == (of("e"), "own")
        assert (catalog.records([B])[B].digest, catalog.seal(B)) == (of("d"), "seal of b")
        catalog.commit([], [], Learned(equals=[equal(B)]))
        assert catalog.records([B])[B].stored

    def test_thousands_of_signatures_are_looked_up_at_once(self, catalog: Catalog) -> None:
        many = [Signature(f"{number:064x}") for number in range(2_500)]
        catalog.commit([computed(signature) for signature in many], [])
        assert catalog.records(many).keys() == set(many)

    def test_threads_may_write_at_once(self, catalog: Catalog) -> None:
        def write(thread: int) -> None:
            for number in range(10):
                signature = Signature(f"{thread:032x}{number:032x}")
                catalog.commit([computed(signature, input_bytes=0)], [(staged(signature), "seal")])
                assert catalog.records([signature])[signature].stored
            catalog.release()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        assert catalog.operator_costs()["Map"] == (1.0, 0.0)
