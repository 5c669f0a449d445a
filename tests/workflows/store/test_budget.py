"""A store with a budget: what it evicts, what it never does, and that no kill in between does harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.hashing import Digest, Signature
from workflows.ports import SPEED, USER, ArtifactMissing, Measurement, Order, Staged, Use
from workflows.store.catalog import SqliteCatalog
from workflows.store.codecs import INLINE_LIMIT, decode, stage
from workflows.store.eviction import LIGHT_BYTES, Budget
from workflows.store.filesystem import FileStore
from workflows.store.rebuild import rebuild

ROOT = Path(__file__).parents[3]
SIZE = INLINE_LIMIT + 1000  # of a result that lies in a file
LARGE = 2 * LIGHT_BYTES


def named(number: int) -> Signature:
    return Signature(f"{number:064x}")


def content(number: int, size: int = SIZE) -> dict[str, Any]:
    return {"number": f"{number:08d}", "text": "x" * (size - 31)}


def adopt(store: FileStore, results: dict[int, float], size: int = SIZE, order: Order = "benefit") -> list[int]:
    """Adopt results of these benefits; returns those that were."""
    staging = store.staging()
    staged: list[Staged] = []
    for number, benefit in results.items():
        each = stage(content(number, size), named(number), staging)
        staged.append(
            Staged(each.signature, each.codec, each.digest, each.bytes, each.file, each.inline, benefit=benefit)
        )
    measurements = [Measurement(each.signature, "Map", True, 1.0, 0, 0) for each in staged]
    adopted = store.adopt(staging, staged, measurements, order=order)
    store.discard(staging)
    return [int(each.signature, 16) for each in adopted]


def held(store: FileStore) -> set[int]:
    return {int(name, 16) for each in store.catalog.ledger.holdings() for name in each.signatures}


def whole(store: FileStore) -> bool:
    """Whether each result that is stored can be read and is what it was, and nothing else lies in ``blobs``."""
    for each in store.catalog.ledger.holdings():
        artifact = store.open(each.signatures[0])
        data = decode(artifact.codec, artifact.path or artifact.inline or b"")
        assert data == content(int(data["number"]), len(data["text"]) + 31)
    files = {path.name for path in (store.root / "blobs").iterdir()}
    return files == {each.digest for each in store.catalog.ledger.holdings() if each.bytes > INLINE_LIMIT}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    made = FileStore(tmp_path / "store", budget=Budget(bytes=3 * SIZE, count=5))
    yield made
    made.close()


def test_a_full_store_evicts_the_least_benefit_with_its_bytes_and_says_so(store: FileStore) -> None:
    assert adopt(store, {1: 5.0, 2: 1.0, 3: 3.0}) == [1, 2, 3]
    assert adopt(store, {4: 2.0}) == [4]
    assert held(store) == {1, 3, 4}
    assert whole(store)
    assert store.catalog.ledger.evicted([named(2), named(3)]) == {named(2)}
    with pytest.raises(ArtifactMissing):
        store.open(named(2))


def test_what_would_be_evicted_at_once_is_not_written_at_all(store: FileStore) -> None:
    adopt(store, {1: 5.0, 2: 4.0, 3: 3.0})
    assert adopt(store, {4: 2.0}) == []
    assert held(store) == {1, 2, 3}
    assert store.catalog.records([named(4)])[named(4)].seconds == 1.0, "what was measured is known all the same"
    assert whole(store)


def test_without_an_order_nothing_is_evicted(store: FileStore) -> None:
    adopt(store, {1: 0.1, 2: 0.1, 3: 0.1})
    assert adopt(store, {4: 9.0}, order="none") == []
    assert held(store) == {1, 2, 3}


def test_by_recency_the_longest_unused_goes(store: FileStore) -> None:
    for number in (1, 2, 3):
        adopt(store, {number: 10.0 - number}, order="recency")
    assert adopt(store, {4: 0.0}, order="recency") == [4]
    assert held(store) == {2, 3, 4}


def test_small_values_count_by_their_number(store: FileStore) -> None:
    assert len(adopt(store, {number: float(number) for number in range(1, 9)}, size=100)) == 5
    assert held(store) == {4, 5, 6, 7, 8}


def test_results_of_equal_bytes_are_evicted_together(store: FileStore) -> None:
    staging = store.staging()
    same = [stage(content(1), named(number), staging) for number in (1, 2)]
    store.adopt(staging, same, [Measurement(each.signature, "Map", True, 1.0, 0, 0) for each in same])
    assert store.catalog.ledger.stock().count == 1
    adopt(store, {3: 1.0, 4: 1.0, 5: 1.0})
    assert held(store) == {3, 4, 5}
    assert whole(store)


def test_what_is_pinned_stays_whatever_comes(store: FileStore) -> None:
    adopt(store, {1: 0.0, 2: 0.0, 3: 3.0})
    store.pin([named(1)])
    store.catalog.ledger.pin("run", [named(2)], 60.0)
    assert adopt(store, {4: 9.0, 5: 8.0}) == [4]
    assert held(store) == {1, 2, 4}
    assert not store.evict([Digest(str(store.catalog.records([named(1)])[named(1)].digest))])
    store.unpin([named(1)])
    assert adopt(store, {5: 8.0}) == [5]
    assert held(store) == {2, 4, 5}


def test_a_lower_budget_is_kept_from_the_next_adoption_on(store: FileStore) -> None:
    adopt(store, {1: 1.0, 2: 2.0, 3: 3.0})
    other = FileStore(store.root, budget=Budget(bytes=SIZE))
    adopt(other, {4: 0.5})
    assert held(other) == {3}
    assert whole(other)
    other.close()


def test_evicting_by_hand_and_pins_of_people_outlive_the_catalog(store: FileStore, tmp_path: Path) -> None:
    adopt(store, {1: 1.0, 2: 2.0}, size=100)
    adopt(store, {3: 3.0})
    store.pin([named(2), named(3)])
    store.unpin([named(3)])
    assert store.evict([Digest(str(store.catalog.records([named(1)])[named(1)].digest))])
    catalog = SqliteCatalog(tmp_path / "rebuilt.sqlite")
    rebuild(store.root, catalog)
    assert {(each.signatures, each.pinned, each.benefit) for each in catalog.ledger.holdings()} == {
        ((named(2),), "user", 2.0),
        ((named(3),), "", 3.0),
    }
    catalog.close()


def test_a_result_that_was_evicted_comes_back_whole(store: FileStore) -> None:
    for _ in range(3):
        for number in (1, 2, 3, 4):
            adopt(store, {number: 1.0}, order="recency")
            assert number in held(store)
            assert whole(store)


def test_tidying_evicts_what_versions_have_left_and_what_is_not_worth_its_room(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.catalog.ledger.count(SPEED, {"bytes": 1e12, "seconds": 1e3})  # so that what is written here changes little
    worth = store.speed.price(LARGE)
    adopt(store, {1: 5 * worth, 2: 15 * worth, 3: 5 * worth, 5: 0.0}, size=LARGE)
    adopt(store, {4: 0.0}, size=100)
    store.pin([named(3)])
    store.catalog.ledger.use("census", [Use(named(number), "rows") for number in (1, 2, 3, 4)])
    store.tidy()
    assert held(store) == {1, 2, 3, 4, 5}
    store.catalog.ledger.use("census", [Use(named(6), "rows")])
    store.tidy()
    assert held(store) == {2, 3, 4, 5}, "somebody may go back to another version, but seldom"
    assert whole(store)
    store.close()


batches = st.lists(st.dictionaries(st.integers(1, 12), st.floats(0, 10), min_size=1, max_size=4), max_size=8)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches, st.sets(st.integers(1, 12), max_size=2), st.sampled_from(["benefit", "recency", "none"]))
def test_the_budget_is_never_exceeded_and_no_pinned_result_is_lost(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[int, float]], pinned: set[int], order: Order
) -> None:
    store = FileStore(tmp_path_factory.mktemp("store"), budget=Budget(bytes=3 * SIZE, count=5))
    pins: set[int] = set()
    for results in drawn:
        adopt(store, results, order=order)
        stock = store.catalog.ledger.stock()
        assert store.budget.fits(stock.bytes, stock.count)
        assert pins <= held(store)
        pins |= pinned & held(store)
        store.catalog.ledger.pin(USER, map(named, pins), None)
    assert whole(store)
    store.close()


def test_processes_that_adopt_at_once_keep_one_budget(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.workflows.store.evicting", str(tmp_path)]
    workers = [subprocess.Popen([*program, str(number)], cwd=ROOT) for number in range(3)]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0, 0]
    store = FileStore(tmp_path)
    stock = store.catalog.ledger.stock()
    assert stock.bytes <= 3 * SIZE
    assert whole(store)
    store.close()


def test_a_kill_at_any_step_of_an_eviction_loses_nothing_else_and_tears_nothing(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.workflows.store.evicting", str(tmp_path), "killed"]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert int(done.stdout) > 6  # steps: the file that goes, and the writing, syncing and renaming of what comes
