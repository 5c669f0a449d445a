"""What was staged is adopted by a thread of its own, which leaves nothing open behind it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from blake3 import blake3

from workflows.execution.adopter import Adopter
from workflows.hashing import Digest, Signature
from workflows.optimizer.materialize import Policy
from workflows.ports import Measurement, Staged, StoreSpeed
from workflows.store.catalog import SqliteCatalog
from workflows.store.filesystem import FileStore


class Watched(SqliteCatalog):
    """Notes which threads write, and which let go."""

    def __init__(self, path: Path) -> None:
        self.wrote: list[str] = []
        self.released: list[str] = []
        super().__init__(path)

    def commit(self, *_: object) -> None:
        self.wrote.append(threading.current_thread().name)
        raise RuntimeError("the database is gone")

    def release(self) -> None:
        self.released.append(threading.current_thread().name)


def test_the_thread_that_wrote_lets_go_of_its_connection_whatever_happened(tmp_path: Path) -> None:
    catalog = Watched(tmp_path / "catalog.sqlite")
    store = FileStore(tmp_path, catalog)
    adopter = Adopter(store, store.staging(), lambda _: None)
    for number in range(2):
        adopter.put(Measurement(f"{number:064x}", "Scale", True, 0.1, 1, 1))  # type: ignore[arg-type]
    adopter.close()
    assert set(catalog.wrote) == set(catalog.released) == {"adopter"}
    assert len(catalog.released) == 1
    store.close()
    catalog.close()


@pytest.mark.parametrize(("policy", "kept"), [("adaptive", [0]), ("all", [0, 1, 2])])
def test_what_writing_turns_out_to_take_too_long_for_is_not_kept(
    tmp_path: Path, policy: Policy, kept: list[int]
) -> None:
    store = FileStore(tmp_path, throttle=20e6)  # until something was written it passes for one of 500 MB/s
    staging, size = store.staging(), 2_000_000
    adopter = Adopter(store, staging, lambda some: adopted.extend(some), policy)
    adopted: list[Staged] = []
    staged = [_put(adopter, staging, number, size, benefit=0.05) for number in range(3)]  # writing takes 0.1 s each
    adopter.close()
    assert [staged.index(item) for item in adopted] == kept
    store.close()


class Speedless(FileStore):
    """Cannot tell its speed the first time it is asked."""

    asked = 0

    @property
    def speed(self) -> StoreSpeed:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("the database is locked")
        return super().speed


def test_a_store_that_cannot_tell_its_speed_costs_one_result_and_not_the_thread(tmp_path: Path) -> None:
    store = Speedless(tmp_path)
    staging = store.staging()
    adopter = Adopter(store, staging, lambda some: adopted.extend(some), "adaptive")
    adopted: list[Staged] = []
    staged = [_put(adopter, staging, number, 2_000_000, benefit=60.0) for number in range(2)]
    adopter.close()
    assert adopted == [staged[1]]
    store.close()


def _put(adopter: Adopter, staging: Path, number: int, size: int, benefit: float) -> Staged:
    """Stages a result of its own, and has it adopted."""
    content = bytes([number]) * size
    (staging / f"{number}").write_bytes(content)
    digest, signature = Digest(blake3(content).hexdigest()), Signature(f"{number:064x}")
    adopter.put(Measurement(signature, "Scale", True, 0.1, 1, size))
    staged = Staged(signature, "arrow", digest, size, file=f"{number}", benefit=benefit)
    adopter.put(staged)
    return staged
