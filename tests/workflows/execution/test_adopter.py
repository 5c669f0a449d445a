"""What was staged is adopted by a thread of its own, which leaves nothing open behind it."""

from __future__ import annotations

import threading
from pathlib import Path

from workflows.execution.adopter import Adopter
from workflows.ports import Measurement
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
