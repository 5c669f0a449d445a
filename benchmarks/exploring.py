"""Measures interaction snapshots: ``python -m benchmarks.exploring`` (four minutes; ``--quick`` leaves out 10 M).

The flights (200,000 rows; the same five and fifty times for 1 M and 10 M): a histogram in the explorer's own process
against DuckDB asked directly and against NumPy; then the running application: from asking to the figure on the socket,
with nothing stored, and ten people on ten dashboards who ask every 2 s for a minute. Least of several, but where a
percentile is told. The table is also written to ``benchmarks/results/exploring.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from snapshots.charts.answer import answer, estimate
from snapshots.charts.frame import Piece, opened
from snapshots.charts.spec import Density, Histogram, Range
from tests.data import data_folder
from tests.stack import Client, Socket, Stack

RESULTS = Path(__file__).resolve().parent / "results" / "exploring.json"
TEXT = '''"""Flights to look at."""
rows = ParquetScanner(FileSource("flights.parquet"))
n = Reducer(rows, lambda rows: len(rows))
Output(n)
'''
HISTOGRAM = {"id": "a", "kind": "histogram", "x": "delay"}
OTHERS = [{"id": "b", "kind": "histogram", "x": "time"}, {"id": "c", "kind": "density", "x": "distance", "y": "delay"}]
PEOPLE, SECONDS, EVERY = 10, 60.0, 2.0

Figures = dict[str, float]


def flights(times: int) -> pa.Table:
    with pa.memory_map(str(data_folder() / "flights" / "flights-200k.arrow")) as file:
        return pa.concat_tables([pa.ipc.open_file(file).read_all()] * times).combine_chunks()


def least(repetitions: int, of: Callable[[], object]) -> float:
    """Seconds of the quickest of several calls, after one that does not count."""
    of()
    taken = []
    for _ in range(repetitions):
        began = time.perf_counter()
        of()
        taken.append(time.perf_counter() - began)
    return min(taken)


def in_the_worker(table: pa.Table, folder: Path) -> Figures:
    """Milliseconds of questions as the explorer answers them, on a file that is mapped into memory."""
    path = folder / "table.arrow"
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    frame = opened([Piece("value", path)])
    assert frame.profile.rows == table.num_rows
    chart, density = Histogram(id="a", x="delay"), Density(id="a", x="distance", y="delay")
    brush = [Range(column="distance", low=500, high=1_000)]
    database = duckdb.connect()
    database.register("flights", table)
    sql = "SELECT floor(delay / 5), count(*) FROM flights WHERE distance BETWEEN 500 AND 1000 GROUP BY 1"
    delay, distance = table["delay"].to_numpy(), table["distance"].to_numpy()

    def by_numpy() -> object:
        return np.histogram(delay[(distance >= 500) & (distance <= 1_000)], bins=40)

    told = {
        "histogram": least(9, lambda: answer(frame, chart, brush)),
        "density": least(9, lambda: answer(frame, density, brush)),
        "duckdb directly": least(9, lambda: database.execute(sql).fetchall()),
        "numpy": least(3, by_numpy),
        "estimate": least(9, lambda: estimate(frame, chart, brush)),
    }
    path.unlink()
    return {name: 1000 * seconds for name, seconds in told.items()}


class Person:
    """Somebody with a dashboard of three linked charts, and the socket that tells of its answers."""

    def __init__(self, client: Client, socket: Socket, workflow: str, version: str) -> None:
        self._client = client
        self._socket = socket
        made = client.post(f"/workflows/{workflow}/dashboards", json={"node": "rows", "version": version})
        self._dashboard = made.raise_for_status().json()["id"]
        socket.say(type="show", dashboard=self._dashboard, after=0, looked_at="")

    def ask(self, low: float, charts: list[dict[str, Any]]) -> float:
        """Seconds from asking to the last figure, whose counts are checked against each other."""
        filters = [{"type": "range", "column": "distance", "low": low, "high": low + 400.0}]
        body = {"client": self._dashboard, "state": {"charts": charts, "filters": filters}}
        began = time.perf_counter()
        asked = self._client.post(f"/dashboards/{self._dashboard}/snapshots", json=body).raise_for_status().json()
        figures = {each["chart"]: each["figure"] for each in asked["answers"] if each["status"] == "ready"}
        while not figures.keys() >= {chart["id"] for chart in charts}:
            for snapshot in self._socket.hear_of("snapshots")["snapshots"]:
                if snapshot["id"] == asked["id"]:
                    told = [each for each in snapshot["answers"] if each["status"] == "ready"]
                    figures |= {each["chart"]: each["figure"] for each in told}
        taken = time.perf_counter() - began
        counts = {sum(figures[chart["id"]]["count"]) for chart in charts}
        assert len(counts) == 1, counts  # every chart counts the same rows: no answer is another's
        return taken


def end_to_end(table: pa.Table, folder: Path, *, people: bool) -> Figures:
    """Milliseconds from a question to its figure in the running application; nothing of it was asked before."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    pq.write_table(table, data / "flights.parquet")
    stack = Stack(folder / f"home-{table.num_rows}" / "var", data)
    try:
        client = stack.client()
        run = client.finished(client.started(client.created()["id"], TEXT, policy="all")["id"])
        assert run["status"] == "succeeded", run["message"]
        with stack.socket(client) as socket:
            person = Person(client, socket, run["workflow"], run["version"])
            person.ask(0.0, [HISTOGRAM])
            one = [person.ask(10.0 * place, [HISTOGRAM]) for place in range(1, 31)]
            three = [person.ask(10.0 * place + 5.0, [HISTOGRAM, *OTHERS]) for place in range(1, 31)]
        told = {"one chart, median": statistics.median(one), "three charts, median": statistics.median(three)}
        if people:
            taken = together(stack, run)
            told |= {"ten people, 95 %": float(np.quantile(taken, 0.95)), "ten people, worst": max(taken)}
            told["ten people, questions"] = len(taken) / 1000
        return {name: 1000 * seconds for name, seconds in told.items()}
    finally:
        stack.stop()


def together(stack: Stack, run: dict[str, Any]) -> list[float]:
    """Seconds that each question of ten people took, who ask at their own times."""
    taken: list[float] = []

    def person(place: int) -> None:
        client = stack.client()
        with stack.socket(client) as socket:
            mine = Person(client, socket, run["workflow"], run["version"])
            begin = time.perf_counter() + EVERY * place / PEOPLE
            for turn in range(round(SECONDS / EVERY)):
                time.sleep(max(0.0, begin + turn * EVERY - time.perf_counter()))
                taken.append(mine.ask(place + 23.0 * turn, [HISTOGRAM, *OTHERS]))

    threads = [threading.Thread(target=person, args=(place,)) for place in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == PEOPLE * round(SECONDS / EVERY), "somebody was left without an answer"
    return taken


BOUNDS = {
    ("worker", "1 M", "histogram"): 50.0,
    ("application", "10 M", "one chart, median"): 1000.0,
    ("application", "200 k", "ten people, 95 %"): 1000.0,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exploring", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 10 M rows")
    options = parser.parse_args()
    sizes = {"200 k": 1, "1 M": 5} | ({} if options.quick else {"10 M": 50})
    told: dict[str, dict[str, Figures]] = {"worker": {}, "application": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, times in sizes.items():
            table = flights(times)
            told["worker"][name] = in_the_worker(table, Path(folder))
            told["application"][name] = end_to_end(table, Path(folder), people=times == 1)
    missed = 0
    for where, by_size in told.items():
        for size, figures in by_size.items():
            for name, value in figures.items():
                bound = BOUNDS.get((where, size, name))
                judged = "" if bound is None else f"   {'held' if value <= bound else 'MISSED'}: at most {bound:.0f}"
                missed += bound is not None and value > bound
                unit = "" if name.endswith("questions") else " ms"
                print(f"{where:12} {size:6} {name:24} {value:9.1f}{unit}{judged}")
    measured = {"cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "milliseconds": told}
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
