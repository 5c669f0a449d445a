from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflows.optimizer.test_outlook import outlook
from workflows.optimizer.materialize import POLICIES, Result, expected_uses, keep
from workflows.optimizer.outlook import Outlook
from workflows.ports import Room, StoreSpeed
from workflows.store.eviction import LIGHT_BYTES, SMALL_BYTES

LARGE = 10_000_000
ROOM = Room()
COSTLY = Result(bytes=LARGE, load=1.0, price=1.0, compute=0.5, ancestors=1.6, regain=2.1)


def test_helix_keeps_what_took_more_than_twice_its_load_to_arrive_at() -> None:
    assert keep("helix", COSTLY, ROOM)
    assert not keep("helix", replace(COSTLY, ancestors=1.5), ROOM)


def test_helix_keeps_what_fits_its_budget_alone() -> None:
    assert keep("helix", COSTLY, Room(bytes=LARGE))
    assert not keep("helix", COSTLY, Room(bytes=LARGE - 1))


@pytest.mark.parametrize("policy", ["all", "lru"])
def test_all_and_lru_keep_everything(policy: str) -> None:
    quick = Result(bytes=LARGE, load=9.0, price=9.0, compute=0.0, ancestors=0.0, regain=0.0)
    assert keep(policy, quick, Room(bytes=0.0))  # type: ignore[arg-type]


def test_none_keeps_nothing() -> None:
    assert not keep("none", COSTLY, ROOM)
    assert not keep("none", replace(COSTLY, bytes=1, output=True, light=True), ROOM)


def test_a_small_output_is_kept_however_quick_it_was() -> None:
    quick = Result(bytes=100, load=1.0, price=0.0, compute=0.0, ancestors=0.0, regain=0.0, output=True, light=True)
    for policy in POLICIES:
        assert keep(policy, quick, ROOM) == (policy != "none")
    assert not keep("helix", replace(quick, bytes=SMALL_BYTES + 1), ROOM)
    assert not keep("helix", replace(quick, output=False), ROOM)


def test_adaptive_keeps_values_and_models_of_a_megabyte_and_whatever_is_small() -> None:
    useless = Result(bytes=LIGHT_BYTES, load=1.0, price=1.0, compute=0.0, ancestors=0.0, regain=0.0, light=True)
    assert keep("adaptive", useless, Room(bytes=0.0, floor=9.0))
    assert not keep("adaptive", replace(useless, bytes=LIGHT_BYTES + 1), ROOM)
    assert not keep("adaptive", replace(useless, light=False), ROOM)
    assert keep("adaptive", replace(useless, light=False, bytes=SMALL_BYTES), ROOM)


def test_adaptive_keeps_what_is_expected_to_save_more_than_its_price() -> None:
    worth = replace(COSTLY, regain=3.0, uses=0.6)  # 0.6 · (3 - 1) = 1.2 against 1
    assert keep("adaptive", worth, ROOM)
    assert not keep("adaptive", replace(worth, uses=0.4), ROOM)
    assert not keep("adaptive", replace(worth, regain=2.5), ROOM)
    assert not keep("adaptive", replace(worth, price=1.3), ROOM)
    assert not keep("adaptive", replace(worth, load=3.1, uses=10.0), ROOM), "it is quicker to compute than to load"


def test_adaptive_writes_nothing_that_would_be_evicted_at_once() -> None:
    worth = replace(COSTLY, regain=3.0, uses=0.6)
    assert not keep("adaptive", worth, Room(bytes=0.0, floor=1.3 / LARGE))
    assert keep("adaptive", worth, Room(bytes=0.0, floor=1.1 / LARGE))
    assert not keep("adaptive", worth, Room(bytes=0.0, largest=LARGE - 1))


FAST = StoreSpeed(0.0, 1e9, 1e9)


def learning(**given: object) -> Outlook:
    """rows (0) → feature (1) → examples (2) → model (3) → metric (4): the model and the metric are edited, then the
    feature, and never the rows or the examples."""
    chances = (0.0, 0.2, 0.0, 0.4, 0.35)
    return outlook([(), (0,), (1,), (2,), (3,)], chances=chances, light=frozenset({3, 4}), **given)


def test_what_the_parts_that_people_edit_read_is_wanted_and_what_lies_above_something_kept_is_not() -> None:
    seconds, sizes = [0.5, 0.5, 0.5, 0.5, 0.1], [1e7, 1e8, 1e8, 1e4, 10.0]
    rows, feature, examples, model, metric = expected_uses(learning(), seconds, sizes, FAST, {})
    assert examples == pytest.approx(0.4 / 0.2)
    assert feature == 0.0, "the examples are kept, and nobody edits them: nobody reads the feature again"
    assert rows == pytest.approx(0.2 * 10.0)
    assert model == pytest.approx(0.35 / 0.6)
    assert metric > 0.0


def test_where_a_result_cannot_be_kept_the_one_before_it_is_wanted_in_its_stead() -> None:
    seconds, sizes = [0.5, 0.5, 0.5, 0.5, 0.1], [1e7, 1e8, 1e8, 1e4, 10.0]
    without = expected_uses(learning(), seconds, sizes, FAST, {2: False})
    assert without[1] == pytest.approx(0.4 / 0.2)


def test_on_a_slow_store_nothing_is_wanted_of_what_is_quicker_to_compute() -> None:
    seconds, sizes = [0.5, 0.5, 0.5, 0.5, 0.1], [1e7, 1e8, 1e8, 1e4, 10.0]
    uses = expected_uses(learning(), seconds, sizes, StoreSpeed(0.0, 1e7, 1e7), {})
    assert uses[1] > 0.0, "the examples take 10 s to load, so they are not kept, and the feature is demanded"
