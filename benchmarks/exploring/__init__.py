"""Measures interaction snapshots: in the explorer's process, in the running application, and in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.data import data_folder
from tests.stack import Client, Stack

TEXT = '''"""Flights to look at."""
rows = ParquetScanner(FileSource("flights.parquet"))
n = Reducer(rows, lambda rows: len(rows))
Output(n)
'''
ROWS = 200_000  # of the flights


@dataclass(frozen=True)
class Measured:
    """A figure, and what it may be at most, where that is judged."""

    what: str
    value: float
    unit: str = "ms"
    most: float | None = None

    @property
    def held(self) -> bool:
        return self.most is None or self.value <= self.most

    def line(self) -> str:
        judged = "" if self.most is None else f"   {'held' if self.held else 'MISSED'}: at most {self.most:.4g}"
        return f"  {self.what:74} {self.value:10.4g} {self.unit:6}{judged}"


def flights(times: int = 1) -> pa.Table:
    """The flights, so many times over."""
    with pa.memory_map(str(data_folder() / "flights" / "flights-200k.arrow")) as file:
        return pa.concat_tables([pa.ipc.open_file(file).read_all()] * times).combine_chunks()


@contextmanager
def running(table: pa.Table, folder: Path) -> Iterator[tuple[Stack, Client, dict[str, Any]]]:
    """The running application, a client of it, and a run whose node ``rows`` is the table."""
    home = folder / f"of-{table.num_rows}"
    data = home / "data"
    data.mkdir(parents=True)
    pq.write_table(table, data / "flights.parquet")
    stack = Stack(home / "home" / "var", data)
    try:
        client = stack.client()
        run = client.finished(client.started(client.created()["id"], TEXT, policy="all")["id"])
        assert run["status"] == "succeeded", run["message"]
        yield stack, client, run
    finally:
        stack.stop()


def dashboard(client: Client, run: dict[str, Any]) -> str:
    """A new dashboard over ``rows``."""
    body = {"node": "rows", "version": run["version"]}
    return str(client.post(f"/workflows/{run['workflow']}/dashboards", json=body).raise_for_status().json()["id"])


def seconds(of: Callable[[], object]) -> float:
    began = perf_counter()
    of()
    return perf_counter() - began
