"""Runs over a store with a budget: what they keep, pin and learn, and that none of it changes what they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.execution.lab import CENSUS, Lab, Recorder
from workflows.events import Event, NodeStarted
from workflows.execution.pins import Pins
from workflows.execution.warmserver import WarmServer
from workflows.hashing import Digest, Signature
from workflows.operators.base import Kind
from workflows.optimizer.materialize import POLICIES, Policy
from workflows.ports import EDITS, Measurement
from workflows.store.codecs import stage
from workflows.store.eviction import Budget
from workflows.store.filesystem import FileStore

EDITED = CENSUS.replace("C=1.0", "C=0.5")


@pytest.fixture
def small(lab: Lab) -> Lab:
    """A lab whose store holds 100 kB."""
    lab.store.close()
    lab.store = FileStore(lab.root, budget=Budget(bytes=100_000, count=12))
    return lab


@pytest.mark.parametrize("policy", POLICIES)
def test_however_little_room_there_is_runs_give_the_same_and_keep_the_budget(
    small: Lab, policy: Policy, tmp_path: Path, small_adult: Path, warm: WarmServer
) -> None:
    without = Lab(tmp_path / "other", small_adult, warm)
    for text in (CENSUS, EDITED, CENSUS):
        outcome = small.succeed(text, policy=policy)
        assert outcome.result.outputs == without.succeed(text, policy="none", reuse=False).result.outputs
        stock = small.store.catalog.ledger.stock()
        assert small.store.budget.fits(stock.bytes, stock.count)
    without.store.close()


def test_a_plan_says_that_a_result_was_evicted(lab: Lab) -> None:
    lab.succeed(CENSUS)
    record = next(each for each in lab.store.catalog.ledger.holdings() if "model" in each.nodes)
    assert lab.store.evict([record.digest])
    plan = lab.prepare(CENSUS, force=["predictions"]).plan
    assert plan is not None
    assert plan.nodes["model"].reason == "computed: the result was evicted"  # type: ignore[index]


def test_what_a_run_loads_is_pinned_while_it_computes_and_let_go_of_at_its_end(lab: Lab) -> None:
    lab.succeed(CENSUS, policy="all")
    seen: list[set[str]] = []
    sink = Recorder()

    def look(event: Event) -> None:
        if isinstance(event, NodeStarted) and event.node == "model":
            holdings = lab.store.catalog.ledger.holdings()
            seen.append({node for each in holdings if each.pinned == "run" for node in each.nodes})
            assert not any(lab.store.evict([each.digest]) for each in holdings if each.pinned)

    sink.listeners.append(look)
    outcome = lab.succeed(EDITED, policy="all", sink=sink)
    assert seen
    assert seen[0] & outcome.with_action("load")
    assert not any(each.pinned for each in lab.store.catalog.ledger.holdings())


def test_runs_learn_what_kinds_of_nodes_people_edit(lab: Lab) -> None:
    lab.succeed(CENSUS)
    lab.succeed(CENSUS)
    assert lab.store.catalog.ledger.tally(EDITS) == {}
    lab.succeed(EDITED)
    assert lab.store.catalog.ledger.tally(EDITS) == {Kind.MODEL: 1.0}
    lab.succeed(EDITED + "\nalso = F1(predictions)\nOutput(also)\n")
    assert lab.store.catalog.ledger.tally(EDITS) == {Kind.MODEL: 1.0, Kind.VALUE: 1.0}


def test_pins_are_renewed_for_as_long_as_they_are_held(lab: Lab) -> None:
    staging = lab.store.staging()
    signature = Signature("a" * 64)
    staged = stage({"n": 1}, signature, staging)
    lab.store.adopt(staging, [staged], [Measurement(signature, "Reducer", True, 1.0, 0, 0)])
    with Pins(lab.store.catalog, lease=0.3) as pins:
        pins.hold([signature])
        pins._done.wait(1.0)
        assert not lab.store.evict([Digest(staged.digest)])
        pins.hold([])
        assert lab.store.evict([Digest(staged.digest)])
