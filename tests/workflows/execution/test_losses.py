"""A stored result that is damaged or gone is computed anew, says so, and gives what it gave before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab, Outcome, Recorder
from workflows.events import Event, NodePlanned, RunStarted
from workflows.optimizer.reasons import DAMAGED, GONE
from workflows.store.filesystem import FileStore

TEXT = """
import time
K = 1

rows = Dataset("digits")


def doubled(batch):
    time.sleep(0.2)
    return batch.iloc[:, :64] * 2


def summed(frame):
    time.sleep(0.2)
    return float(frame.to_numpy().sum())


big = Extractor(rows, doubled, each="split")
small = Reducer(big, summed)
left = Reducer(big, lambda frame: float(frame.to_numpy().max()) * K)
right = Reducer(small, lambda value: value * K)
Output(left, right)
"""
EDITED = TEXT.replace("K = 1", "K = 2")


def digest_of(outcome: Outcome) -> str:
    """The digest of what ``big`` gave."""
    digest = outcome.node("big").digest
    assert digest is not None
    return digest


def blob_of(lab: Lab, outcome: Outcome) -> Path:
    return lab.root / "blobs" / digest_of(outcome)


def rewrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    rewrite(path, bytes(content))


def flipped_bit(lab: Lab, outcome: Outcome) -> None:
    path = blob_of(lab, outcome)
    flip(path, path.stat().st_size // 2)


def torn(lab: Lab, outcome: Outcome) -> None:
    path = blob_of(lab, outcome)
    rewrite(path, path.read_bytes()[:-100])


def emptied(lab: Lab, outcome: Outcome) -> None:
    rewrite(blob_of(lab, outcome), b"")


def removed(lab: Lab, outcome: Outcome) -> None:
    blob_of(lab, outcome).unlink()


def replaced_by_a_link(lab: Lab, outcome: Outcome) -> None:
    path = blob_of(lab, outcome)
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def damaged_packs(lab: Lab, outcome: Outcome) -> None:  # noqa: ARG001
    for pack in (lab.root / "packs").iterdir():
        rewrite(pack, pack.read_bytes().replace(b".0", b".1"))


def removed_packs(lab: Lab, outcome: Outcome) -> None:  # noqa: ARG001
    for pack in (lab.root / "packs").iterdir():
        pack.unlink()


def another_seal(lab: Lab, outcome: Outcome) -> None:
    entry(lab, outcome, "seal = iif(seal like 'f%', '0', 'f') || substr(seal, 2)")


def another_digest(lab: Lab, outcome: Outcome) -> None:
    entry(lab, outcome, "digest = iif(digest like 'f%', '0', 'f') || substr(digest, 2)")


def another_size(lab: Lab, outcome: Outcome) -> None:
    entry(lab, outcome, "bytes = bytes + 1")


def entry(lab: Lab, outcome: Outcome, change: str) -> None:
    """Damage what the catalog says of a result."""
    with closing(sqlite3.connect(lab.root / "catalog.sqlite", isolation_level=None)) as catalog:
        changed = catalog.execute(f"update artifact set {change} where digest = ?", (digest_of(outcome),))
        assert changed.rowcount == 1


Damage = Callable[[Lab, Outcome], None]


@pytest.mark.parametrize(
    ("damage", "node", "reason", "quarantined"),
    [
        (flipped_bit, "big", DAMAGED, True),
        (torn, "big", DAMAGED, True),
        (emptied, "big", DAMAGED, True),
        (removed, "big", GONE, False),
        (replaced_by_a_link, "big", GONE, False),
        (damaged_packs, "small", DAMAGED, True),
        (removed_packs, "small", GONE, False),
        (another_seal, "big", DAMAGED, False),
        (another_digest, "big", DAMAGED, False),
        (another_size, "big", DAMAGED, False),
    ],
)
def test_what_is_lost_is_computed_anew_and_says_so(
    lab: Lab, damage: Damage, node: str, reason: str, quarantined: bool
) -> None:
    first = lab.succeed(TEXT, policy="all")
    before = lab.prepare(EDITED, policy="all").plan
    assert before is not None
    assert before.nodes["big"].action == before.nodes["small"].action == "load"  # type: ignore[index]
    damage(lab, first)
    outcome = lab.succeed(EDITED, policy="all")
    assert outcome.result.outputs == {name: 2 * value for name, value in first.result.outputs.items()}
    assert (outcome.node(node).action, outcome.node(node).reason) == ("compute", reason)
    assert [event.reason for event in outcome.sink.of(NodePlanned) if event.node == node] == [reason]
    assert bool(list((lab.root / "quarantine").iterdir())) == quarantined
    again = lab.succeed(EDITED.replace("K = 2", "K = 3"), policy="all")
    assert (again.node("big").action, again.node("small").action) == ("load", "load")
    assert again.node("big").digest == first.node("big").digest


def test_a_catalog_that_is_lost_is_rebuilt_and_nothing_is_computed_anew(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    lab.store.close()
    for path in lab.root.glob("catalog.sqlite*"):
        path.write_bytes(b"this is no database, and was never one; it is long enough to be read")
    lab.store = FileStore(lab.root)
    outcome = lab.succeed(EDITED, policy="all")
    assert outcome.result.outputs == {name: 2 * value for name, value in first.result.outputs.items()}
    assert outcome.with_action("load") >= {"big", "small"}


@pytest.mark.parametrize("damage", [removed, torn])
def test_a_result_that_is_lost_after_it_was_opened_interrupts_the_run_and_blames_no_node(
    lab: Lab, damage: Damage
) -> None:
    first = lab.succeed(TEXT, policy="all")
    sink = Recorder()

    def lose(event: Event) -> None:
        if isinstance(event, RunStarted):  # the plan is made, and what it loads was verified
            damage(lab, first)

    sink.listeners.append(lose)
    outcome = lab.run(EDITED, policy="all", sink=sink)
    assert (outcome.result.status, outcome.result.interrupted) == ("failed", True)
    assert "removed or damaged" in (outcome.result.error or "")
    assert outcome.failures == {}
    again = lab.succeed(EDITED, policy="all")
    assert again.result.outputs == {name: 2 * value for name, value in first.result.outputs.items()}
    assert again.node("big").action == "compute"
