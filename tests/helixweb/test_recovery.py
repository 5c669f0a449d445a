"""What hangs, is locked or is away for a while costs time, and neither a run nor what it gave."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import CHILDREN, patient, told_wrong
from tests.helixweb.workflow_texts import DOUBLED, gated, write_table
from tests.processes import alive, descendants, file_of, files_of
from tests.stack import ROOT, Client, Stack, until

pytestmark = pytest.mark.xdist_group("stack")
LEASE = 3


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stack]:
    """An application that this test alone may break."""
    running = Stack(tmp_path / "var", tmp_path / "data", environment={"HELIX_LEASE_SECONDS": str(LEASE)})
    write_table(running.data)
    yield running
    running.stop(signal.SIGKILL)


def events_of(client: Client, run: str) -> list[dict[str, Any]]:
    return list(client.get(f"/runs/{run}/events").json()["events"])


def kinds(client: Client, run: str) -> list[str]:
    return [each["event"]["type"] for each in events_of(client, run)]


def at_the_gate(client: Client, run: str) -> None:
    until(lambda: kinds(client, run), lambda found: "log_written" in found)


def reading(worker: int, path: Path) -> set[int]:
    """The processes below a worker that have a file open, by whatever name their sandbox gives it."""
    return {pid for pid in descendants(worker) if file_of(path) in files_of(pid)}


@pytest.fixture
def second_worker(own: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """A further worker of the same application, as there may be several beyond one machine."""
    environment = os.environ | {
        "HELIX_HOME": str(own.home),
        "HELIX_DATA": str(own.data),
        "HELIX_LEASE_SECONDS": str(LEASE),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    worker = subprocess.Popen([sys.executable, "-P", "-m", "helixweb.worker"], cwd=ROOT, env=environment)
    yield worker
    below = descendants(worker.pid)
    worker.kill()
    worker.wait()
    until(lambda: {pid for pid in below if alive(pid)}, lambda left: not left)


def test_a_worker_that_comes_back_after_its_lease_writes_nothing_into_a_run_that_another_has(
    own: Stack, second_worker: subprocess.Popen[bytes]
) -> None:
    client = own.client()
    gate, table = own.data / "gate", own.data / "tiny.csv"
    text = gated(gate).replace("def gated(batch):", f"def gated(batch):\n    table = open({str(table)!r})")
    run = client.started(client.created()["id"], text)["id"]
    at_the_gate(client, run)
    (busy,) = (worker for worker in (own.children()["worker"], second_worker.pid) if reading(worker, table))
    os.kill(busy, signal.SIGSTOP)
    try:
        until(lambda: kinds(client, run), lambda found: found.count("run_started") == 2)
        at_the_gate_again = until(lambda: kinds(client, run), lambda found: found.count("log_written") == 2)
    finally:
        os.kill(busy, signal.SIGCONT)
    assert "run_requeued" in at_the_gate_again
    # The worker that was away ends its run process, and says nothing of it: the other's is the only one that is left.
    until(lambda: reading(busy, table), lambda left: not left)
    gate.touch()
    done = client.finished(run)
    assert done["status"] == "succeeded"
    assert list(told_wrong(events_of(client, run), done)) == []
    told = kinds(client, run)
    assert [told.count(kind) for kind in ("run_started", "run_requeued", "run_finished")] == [2, 1, 1]
    assert told[told.index("run_requeued") :].count("log_written") == 1


def test_redis_being_away_for_long_costs_no_run_and_no_socket(own: Stack) -> None:
    client = own.client()
    gate = own.data / "gate"
    running = client.started(client.created()["id"], gated(gate))["id"]
    at_the_gate(client, running)
    redis = own.children()["redis"]
    with own.socket(client) as socket:
        heard = socket.follow(running)
        assert next(heard)["number"] == 1
        os.kill(redis, signal.SIGSTOP)  # it answers nobody: worse than one that is gone
        try:
            with own.socket(client) as other:
                other.say(type="subscribe", run=running, after=0)
                gate.touch()
                assert client.finished(running)["status"] == "succeeded"
        finally:
            os.kill(redis, signal.SIGKILL)
        assert [each["number"] for each in heard] == list(range(2, len(events_of(client, running)) + 1))
    waiting = client.started(client.created()["id"], DOUBLED)["id"]
    assert client.finished(waiting)["status"] == "succeeded"
    assert [line for line in own.lines if "Traceback" in line or "never retrieved" in line] == []


def test_a_database_that_another_process_locks_is_waited_for(own: Stack) -> None:
    client = own.client()
    gate = own.data / "gate"
    run = client.started(client.created()["id"], gated(gate))["id"]
    at_the_gate(client, run)
    with closing(sqlite3.connect(own.home / "helixweb.sqlite3", isolation_level=None)) as database:
        database.execute("begin immediate")
        gate.touch()
        # A run goes on without the tables, until there is nothing left to do but to write.
        with pytest.raises(AssertionError):
            until(lambda: client.run(run)["status"], lambda status: status == "succeeded", patience=2 * LEASE)
        database.execute("rollback")
    done = client.finished(run)
    assert (done["status"], {node["status"] for node in done["nodes"]}) == ("succeeded", {"done"})
    assert kinds(client, run).count("run_finished") == 1


def test_a_database_that_takes_nothing_for_a_while_has_the_run_tried_again(own: Stack) -> None:
    client = own.client()
    gate = own.data / "gate"
    run = client.started(client.created()["id"], gated(gate))["id"]
    at_the_gate(client, run)
    full = "database or disk is full"
    with closing(sqlite3.connect(own.home / "helixweb.sqlite3", timeout=60.0, isolation_level=None)) as database:
        database.execute(
            f"create trigger full before insert on metrics_runevent begin select raise(abort, '{full}'); end"
        )
        gate.touch()
        until(lambda: [line for line in own.lines if full in line], bool)
        database.execute("drop trigger full")
    done = client.finished(run)
    assert done["status"] == "succeeded"
    events = events_of(client, run)
    assert list(told_wrong(events, done)) == []
    (requeued,) = [each["event"] for each in events if each["event"]["type"] == "run_requeued"]
    assert full in requeued["reason"] or "could not be reached" in requeued["reason"]
    assert {metric["name"]: metric["value"] for metric in done["metrics"]} == {"result": 6.0}


def test_children_that_hang_are_replaced_and_the_run_goes_on(tmp_path: Path) -> None:
    environment = {"HELIX_LEASE_SECONDS": str(LEASE), "HELIX_HUNG_SECONDS": "10"}
    own = Stack(tmp_path / "var", tmp_path / "data", environment=environment)
    try:
        write_table(own.data)
        client = own.client()
        gate = own.data / "gate"
        run = client.started(client.created()["id"], gated(gate))["id"]
        at_the_gate(client, run)
        hung = own.children()
        assert len(hung) == CHILDREN
        for pid in hung.values():
            os.kill(pid, signal.SIGSTOP)
        until(own.children, lambda found: len(found) == CHILDREN and not set(found.values()) & set(hung.values()))
        assert [line for line in own.lines if "no sign of life" in line]
        gate.touch()
        done = until(
            lambda: patient(lambda: client.run(run)), lambda found: found["status"] not in ("queued", "running")
        )
        assert done["status"] == "succeeded"
    finally:
        family = own.family()
        assert own.stop() == 0
    until(lambda: {pid for pid in family if alive(pid)}, lambda left: not left)


def test_a_backfill_whose_worker_is_killed_goes_on_where_it_was_and_adds_nothing_twice(own: Stack) -> None:
    client, gate = own.client(), own.data / "gate"
    workflow = client.created()["id"]
    texts = [DOUBLED.replace("FACTOR = 2", f"FACTOR = {factor}") for factor in (1, 2, 3)]
    for text in texts:
        assert client.finished(client.started(workflow, text)["id"])["status"] == "succeeded"
    slow = f"""
def slow(values):
    import time
    from pathlib import Path
    if values.iloc[0, 0] > 1:
        print("at the gate", flush=True)
        while not Path({str(gate)!r}).exists():
            time.sleep(0.02)
    return float(values.iloc[:, 0].max())


highest = Reducer(y, slow)
"""
    text = texts[0].replace("Output(result)", f"{slow}Output(result, highest)")
    made = client.post(f"/workflows/{workflow}/backfills", json={"text": text, "nodes": ["highest"]}).json()

    def told() -> dict[str, Any]:
        return dict(client.get(f"/backfills/{made['id']}").json())

    until(told, lambda found: found["values"] == 1)  # that of the first; the second waits at the gate
    worker = own.children()["worker"]
    os.kill(worker, signal.SIGKILL)
    until(lambda: own.children().get("worker"), lambda found: found not in (None, worker))
    gate.touch()
    done = until(told, lambda found: found["status"] not in ("queued", "running"))
    assert (done["status"], done["values"]) == ("succeeded", 3), done
    trends = client.get(f"/workflows/{workflow}/trends").json()["metrics"]
    (highest,) = [each["values"] for each in trends if each["name"] == "highest"]
    assert highest == [3.0, 6.0, 9.0]
