"""What was staged is adopted by a thread of its own, which leaves nothing open behind it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from blake3 import blake3

from workflows.execution.adopter import Adopter
from workflows.hashing import Digest, Signature
from workflows.optimizer.materialize import Policy
from workflows.ports import Measurement, Staged
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
    staged = []
    for number in range(3):
        content = bytes([number]) * size
        (staging / f"{number}").write_bytes(content)
        digest, signature = Digest(blake3(content).hexdigest()), Signature(f"{number:064x}")
        adopter.put(Measurement(signature, "Scale", True, 0.1, 1, size))
        staged.append(Staged(signature, "arrow", digest, size, file=f"{number}", benefit=0.05))  # writing takes 0.1 s
    for item in staged:
        adopter.put(item)
    adopter.close()
    assert [staged.index(item) for item in adopted] == kept
    store.close()
