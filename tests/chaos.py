"""Kills a part of the running application in the middle of a run, and looks at what became of that run.

``chaos`` is one kill; ``python -m tests.chaos --kills 10 --seed 0 --report FILE`` is a series of them for every victim,
which goes on where it was stopped and reports what it found as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from blake3 import blake3
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.data import data_folder
from tests.processes import alive, children_of, command_of, descendants, listed
from tests.stack import Client, Stack, until

VICTIMS = ("worker", "run process", "warm server", "redis", "web")
CHILDREN = 4  # of the supervisor: Redis, worker, explorer and web
PATIENCE = 60.0  # seconds in which a run that was hit has to end
STEP = 0.05  # seconds that a step of the workflow sleeps
SLEEPS = 6  # times that it sleeps so many steps

TEXT = '''"""Learns about incomes, and takes its time."""
import subprocess
import time

from sklearn.linear_model import LogisticRegression

data = FileSource(train="adult/adult.data", test="adult/adult.test")
rows = CSVScanner(data, columns=[
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
    "relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week",
    "native_country", "target"], na="?", strip=True, comment="|")


def slowly(steps):
    for step in range(steps):
        print("step", step, "of", MARK, flush=True)
        time.sleep(STEP)


def over_50k(batch):
    subprocess.Popen(["sleep", MARK])
    subprocess.Popen(["sleep", MARK], start_new_session=True)
    slowly(STEPS)
    return batch["target"].str.contains(">50K").astype("int8")


def years(batch):
    slowly(STEPS)
    return batch["age"] - 17


def share(batch):
    slowly(STEPS)
    return {"mean": float(batch.iloc[:, 0].mean()), "rows": len(batch)}


target = Extractor(rows, over_50k, each="split")
since = Extractor(rows, years, each="split")
education = Field(rows, "education")
examples = Examples(rows, features=[education, since], label=target)
model = Learner(examples, LogisticRegression(C=1.0, max_iter=50))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
rich = Reducer(target, share, split="test")
age = Reducer(since, share, split="test")
Output(accuracy, rich, age)
'''

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What became of a run in whose middle something was killed.

    ``moment``: seconds from its start to the kill. ``seconds``: from the kill to its end. ``faults``: what is wrong.
    """

    victim: str
    seed: int
    moment: float
    seconds: float
    status: str
    attempts: int
    message: str
    faults: tuple[str, ...]


def workflow_text(mark: str, steps: int) -> str:
    """A workflow of its own signatures, whose results are always the same. ``mark`` is what its child processes run."""
    return TEXT.replace("STEPS", str(steps)).replace("STEP", str(STEP)).replace("MARK", repr(mark))


class Series:
    """One application, and the results of a clean run, with which those of the runs that are hit are compared."""

    def __init__(self, stack: Stack, *, steps: int) -> None:
        self.stack = stack
        self.steps = steps
        self.client = stack.client()
        clean = self._started(workflow_text("0", steps))
        done = until(lambda: self.run(clean["id"]), lambda found: found["status"] not in ("queued", "running"))
        assert done["status"] == "succeeded", done["message"]
        self.clean = metrics_of(done)

    def _started(self, text: str) -> dict[str, Any]:
        workflow = patient(lambda: self.client.created(name="Chaos"))
        return patient(lambda: self.client.started(workflow["id"], text))

    def run(self, run: str) -> dict[str, Any]:
        return patient(lambda: self.client.run(run))

    def chaos(self, victim: str, seed: int) -> Outcome:
        """Start a run, kill the victim at a moment that follows from the seed, and wait for the run's end."""
        chance = random.Random(f"{victim} {seed}")
        mark = f"{chance.randrange(10**6, 10**7)}.{seed}"
        moment = chance.uniform(0.0, 0.9 * SLEEPS * self.steps * STEP)
        before = until(self.stack.children, lambda found: len(found) == CHILDREN)
        run = self._started(workflow_text(mark, self.steps))
        began = time.monotonic()
        with following(self.stack, self.client, run["id"]) as heard:
            self._kill(victim, began + moment, chance)
            killed = time.monotonic()
            done = until(lambda: self.run(run["id"]), _ended, PATIENCE)
            ended = time.monotonic()
            until(lambda: [each["event"]["type"] for each in heard], lambda kinds: kinds[-1:] == ["run_finished"])
        events = patient(lambda: self.client.get(f"/runs/{run['id']}/events").raise_for_status().json()["events"])
        faults = [*told_wrong(events, done), *self._left(mark)]
        if heard != events:
            faults.append(f"a follower heard {[each['number'] for each in heard]} of {len(events)} events")
        if done["status"] == "succeeded" and metrics_of(done) != self.clean:
            faults.append(f"{metrics_of(done)} is not what a clean run gave: {self.clean}")
        if done["status"] == "failed" and not done["message"]:
            faults.append("it failed without a reason")
        if done["status"] not in ("succeeded", "failed"):
            faults.append(f"it is {done['status']}")
        faults += self._versions(run)
        if victim in before:
            until(self.stack.children, lambda found: found.get(victim, before[victim]) != before[victim])
        return Outcome(
            victim, seed, round(killed - began, 2), round(ended - killed, 2), done["status"],
            sum(each["event"]["type"] == "run_started" for each in events), done["message"], tuple(faults),
        )  # fmt: skip

    def _kill(self, victim: str, when: float, chance: random.Random) -> None:
        time.sleep(max(0.0, when - time.monotonic()))
        pid = until(lambda: self._pid(victim, chance), lambda found: found is not None, 20)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def _pid(self, victim: str, chance: random.Random) -> int | None:
        children = self.stack.children()
        if victim in ("redis", "worker", "web"):
            return children.get(victim)
        server = warm_server(children.get("worker", 0))
        if victim == "warm server" or server is None:
            return server
        # A run is a process in the middle of its own family; the top and the bottom of it are killed alike.
        run = sorted(pid for pid in descendants(server) if "workflows.execution.warm" in command_of(pid))
        return run[chance.randrange(len(run))] if run else None

    def _left(self, mark: str) -> list[str]:
        """Processes that should be gone: what the run's own code had started, and run processes but the one that is on
        standby for the next run."""

        def found() -> list[str]:
            servers = [warm_server(self.stack.children().get("worker", 0)) or 0]
            runs = [pid for server in servers for pid in children_of(server) if alive(pid)]
            return [command_of(pid) for pid in (*marked(mark), *sorted(runs)[:-1])]

        deadline = time.monotonic() + 10
        while (left := found()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return [f"left behind: {command}" for command in left]

    def _versions(self, run: dict[str, Any]) -> list[str]:
        versions = patient(lambda: self.client.get(f"/workflows/{run['workflow']}/versions").raise_for_status().json())
        runs = [each["id"] for version in versions for each in version["runs"]]
        return [] if (len(versions), runs) == (1, [run["id"]]) else [f"{len(versions)} versions with runs {runs}"]


def told_wrong(events: Sequence[dict[str, Any]], run: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the events of a run that has ended."""
    if [each["number"] for each in events] != list(range(1, len(events) + 1)):
        yield f"events are numbered {[each['number'] for each in events]}"
    if run["last_event"] != len(events):
        yield f"the last event is said to be {run['last_event']} of {len(events)}"
    kinds = [each["event"]["type"] for each in events]
    if kinds.count("run_finished") != 1 or kinds[-1] != "run_finished":
        yield f"the end is told {kinds.count('run_finished')} times, the last event is {kinds[-1]}"
    if kinds.count("run_requeued") != max(0, kinds.count("run_started") - 1) and run["status"] == "succeeded":
        yield f"{kinds.count('run_started')} starts, but {kinds.count('run_requeued')} times back in the queue"
    attempts: list[Counter[tuple[str, str]]] = [Counter()]
    for each in events:
        event = each["event"]
        if event["type"] == "run_started":
            attempts.append(Counter())
        elif event["type"] in ("node_started", "node_finished", "node_failed"):  # planned anew is told again
            attempts[-1][event["type"], event["node"]] += 1
        elif event["type"] == "metric_recorded":
            attempts[-1][event["type"], event["name"]] += 1
    for attempt in attempts:
        for (kind, name), times in attempt.items():
            if times > 1:
                yield f"{kind} of {name} comes {times} times in one attempt"
    if run["status"] == "succeeded":
        finished = {name for kind, name in attempts[-1] if kind == "node_finished"}
        wanted = {node["name"] for node in run["nodes"] if node["status"] != "pruned"}
        if finished != wanted:
            yield f"finished were {sorted(finished)}, not {sorted(wanted)}"
    if unsettled := [node["name"] for node in run["nodes"] if node["status"] in ("waiting", "running")]:
        yield f"still waiting or running: {unsettled}"
    if doubled := [name for name, times in Counter(each["name"] for each in run["metrics"]).items() if times > 1]:
        yield f"metrics that are there twice: {doubled}"


@contextmanager
def following(stack: Stack, client: Client, run: str) -> Iterator[list[dict[str, Any]]]:
    """The events of a run as a page hears them, which connects again whenever its socket is cut."""
    heard: list[dict[str, Any]] = []
    over = threading.Event()

    def follow() -> None:
        while not over.is_set():
            with suppress(ConnectionClosed, InvalidHandshake, OSError, TimeoutError), stack.socket(client) as socket:
                for numbered in socket.follow(run, heard[-1]["number"] if heard else 0):
                    heard.append(numbered)
                return
            time.sleep(0.1)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join()


def damaged(home: Path) -> list[str]:
    """What the catalog of an application says to be stored, and is not there byte by byte."""
    store = home / "store"
    with closing(sqlite3.connect(f"file:{home / 'helixweb.sqlite3'}?mode=ro", uri=True)) as database:
        columns = "signature, digest, bytes, seal"
        rows = database.execute(f"select {columns} from workflows_catalogrecord where digest is not null").fetchall()
    found = []
    for signature, digest, size, seal in rows:
        pack, _, offset = seal.partition("@")[2].partition(":")
        try:
            if pack:
                content = (store / "packs" / f"{pack}.pack").read_bytes()[int(offset) : int(offset) + size]
            else:
                content = (store / "blobs" / digest).read_bytes()
        except OSError as error:
            found.append(f"{signature}: {error}")
        else:
            if blake3(content).hexdigest() != digest:
                found.append(f"{signature}: the bytes are not those of {digest}")
    return found if rows else ["nothing is stored"]


def metrics_of(run: dict[str, Any]) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in run["metrics"]}


def warm_server(worker: int) -> int | None:
    return next((pid for pid in children_of(worker) if "workflows.execution.warm" in command_of(pid)), None)


def marked(mark: str) -> list[int]:
    """Processes anywhere that the code of one run has started."""
    pids = [int(name) for name in listed("/proc") if name.isdecimal()]
    return [pid for pid in pids if command_of(pid).split() == ["sleep", mark] and alive(pid)]


def patient(ask: Callable[[], T]) -> T:
    """The answer of a server that may be away for a while."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (httpx.TransportError, httpx.HTTPStatusError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _ended(run: dict[str, Any]) -> bool:
    return run["status"] not in ("queued", "running")


@dataclass
class Report:
    """A series, as far as it has come."""

    seed: int
    kills: int
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def summed_up(self) -> dict[str, Any]:
        victims = {}
        for victim in VICTIMS:
            mine = [each for each in self.outcomes if each["victim"] == victim]
            victims[victim] = {
                "kills": len(mine),
                "statuses": dict(Counter(each["status"] for each in mine)),
                "attempts": dict(Counter(each["attempts"] for each in mine)),
                "longest": max((each["seconds"] for each in mine), default=None),
                "faults": [fault for each in mine for fault in each["faults"]],
            }
        return {"victims": victims, **asdict(self)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="of each victim")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--victim", action="append", choices=VICTIMS)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    report = Report(options.seed, options.kills)
    with suppress(OSError, ValueError):
        known = json.loads(options.report.read_text())
        if known["seed"] == options.seed:
            report.outcomes = known["outcomes"]
    with tempfile.TemporaryDirectory(prefix="helix-chaos-") as folder:
        stack = Stack(Path(folder) / "var", data_folder())
        try:
            _series(Series(stack, steps=20), options.victim or VICTIMS, report, options.report)
        finally:
            family = stack.family()
            stack.stop()
            report.log = stack.lines[-400:]
        left = [pid for pid in family if alive(pid)]
    found = report.summed_up()
    options.report.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found["victims"], indent=1))
    wrong = report.damaged or left or any(each["faults"] for each in report.outcomes)
    return 1 if wrong else 0


def _series(series: Series, victims: Sequence[str], report: Report, path: Path) -> None:
    done = {(each["victim"], each["seed"]) for each in report.outcomes}
    for number in range(report.kills):
        for victim in victims:
            seed = report.seed * 1000 + number
            if (victim, seed) not in done:
                outcome = series.chaos(victim, seed)
                print(outcome, flush=True)
                report.outcomes.append(asdict(outcome))
                report.damaged = damaged(series.stack.home)
                path.write_text(json.dumps(report.summed_up(), indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
