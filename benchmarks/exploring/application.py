"""What an interaction takes in the running application: from the question to its figures on the socket."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.exploring import ROWS, Measured, dashboard, flights, running
from tests.stack import Client, Socket, Stack, until

ONE = [{"id": "a", "kind": "histogram", "x": "delay"}]
THREE = [
    *ONE,
    {"id": "b", "kind": "histogram", "x": "time"},
    {"id": "c", "kind": "density", "x": "distance", "y": "delay"},
]
PEOPLE, SECONDS, EVERY = 10, 60.0, 2.0
TURNS = 30
BOUNDS = {ROWS: 60.0, 50 * ROWS: 1_000.0}  # milliseconds of a histogram
TRAINING = '''"""Learns for a while, on all cores."""
from sklearn.ensemble import RandomForestClassifier

rows = ParquetScanner(FileSource("flights.parquet"))


def late(batch):
    return (batch["delay"] > 15).astype("int8")


distance = Field(rows, "distance")
hour     = Field(rows, "time")
flights  = Examples(rows, features=[distance, hour], label=Extractor(rows, late))
model    = Learner(flights, RandomForestClassifier(n_estimators=400, random_state=1))
Output(model)
'''


def measure(*, quick: bool) -> list[Measured]:
    told = []
    for times in (1, 5) if quick else (1, 5, 50):
        rows = times * ROWS
        with TemporaryDirectory() as folder, running(flights(times), Path(folder)) as (stack, client, run):
            with stack.socket(client) as socket:
                somebody = Person(client, socket, run)
                told += somebody.alone(rows)
                if times == 1:
                    told += beside_training(somebody)
            if times == 1:
                told += together(stack, run)
    return told


class Person:
    """Somebody with a dashboard, and the socket that tells of its answers."""

    def __init__(self, client: Client, socket: Socket, run: dict[str, Any]) -> None:
        self.client = client
        self._socket = socket
        self._dashboard = dashboard(client, run)
        socket.say(type="show", dashboard=self._dashboard, after=0, looked_at="")

    def ask(self, low: float, charts: list[dict[str, Any]]) -> tuple[float, float]:
        """Seconds until the question has its place, and until its last figure is there. Nothing else is heard of."""
        filters = [{"type": "range", "column": "distance", "low": low, "high": low + 400.0}]
        body = {"client": self._dashboard, "state": {"charts": charts, "filters": filters}}
        began = time.perf_counter()
        asked = self.client.post(f"/dashboards/{self._dashboard}/snapshots", json=body).raise_for_status().json()
        placed = time.perf_counter() - began
        figures = {each["chart"]: each["figure"] for each in asked["answers"] if each["status"] == "ready"}
        while not figures.keys() >= {chart["id"] for chart in charts}:
            message = self._socket.hear_of("snapshots")
            assert message["dashboard"] == self._dashboard
            for snapshot in message["snapshots"]:
                if snapshot["id"] == asked["id"]:
                    told = [each for each in snapshot["answers"] if each["status"] == "ready"]
                    figures |= {each["chart"]: each["figure"] for each in told}
        taken = time.perf_counter() - began
        counts = {sum(figures[chart["id"]]["count"]) for chart in charts}
        assert len(counts) == 1, counts  # every chart counts the same rows: no answer is another's
        return placed, taken

    def alone(self, rows: int) -> list[Measured]:
        """Medians of questions that were not asked before."""
        self.ask(0.0, THREE)
        one = [self.ask(10.0 * place, ONE) for place in range(1, TURNS + 1)]
        three = [self.ask(10.0 * place + 5.0, THREE) for place in range(1, TURNS + 1)]
        named = f"of {rows:,} rows"
        return [
            Measured(f"one histogram {named}: to its place in the strip", 1e3 * middle(one, 0)),
            Measured(f"one histogram {named}: to its figure", 1e3 * middle(one, 1), most=BOUNDS.get(rows)),
            Measured(f"three charts {named}: to the last figure", 1e3 * middle(three, 1)),
        ]


def beside_training(somebody: Person) -> list[Measured]:
    """The same while a run trains a forest on all cores."""
    client = somebody.client
    run = client.started(client.created()["id"], TRAINING, reuse=False)["id"]
    until(lambda: client.run(run), lambda found: _learns(found))
    began = time.perf_counter()
    taken = [somebody.ask(10.0 * place + 2.0, ONE)[1] for place in range(1, TURNS + 1)]
    assert client.run(run)["status"] == "running", "it was trained too soon: what was measured says nothing"
    asked_for = time.perf_counter() - began
    client.post(f"/runs/{run}/cancel").raise_for_status()
    client.finished(run)
    return [
        Measured("one histogram beside a training run on all cores, median", 1e3 * float(np.median(taken))),
        Measured("one histogram beside a training run, 95 %", 1e3 * float(np.quantile(taken, 0.95)), most=150.0),
        Measured("questions beside a training run", TURNS / asked_for, "1/s"),
    ]


def _learns(run: dict[str, Any]) -> bool:
    return any(node["name"] == "model" and node["status"] == "running" for node in run["nodes"])


def together(stack: Stack, run: dict[str, Any]) -> list[Measured]:
    """Ten people on ten dashboards, each with a question of three charts every two seconds for a minute."""
    taken: list[float] = []

    def person(place: int) -> None:
        client = stack.client()
        with stack.socket(client) as socket:
            mine = Person(client, socket, run)
            begin = time.perf_counter() + EVERY * place / PEOPLE
            for turn in range(round(SECONDS / EVERY)):
                time.sleep(max(0.0, begin + turn * EVERY - time.perf_counter()))
                taken.append(mine.ask(place + 23.0 * turn, THREE)[1])

    threads = [threading.Thread(target=person, args=(place,)) for place in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = PEOPLE * round(SECONDS / EVERY) - len(taken)
    return [
        Measured("ten people, three charts every 2 s each: 95 %", 1e3 * float(np.quantile(taken, 0.95)), most=1_000.0),
        Measured("ten people: the slowest of all", 1e3 * max(taken)),
        Measured("ten people: questions", len(taken), ""),
        Measured("ten people: questions without their own answer", lost, "", most=0.0),
    ]


def middle(taken: list[tuple[float, float]], which: int) -> float:
    return float(np.median([each[which] for each in taken]))
