"""HelixWeb as processes of its own on PostgreSQL and a Redis elsewhere: what they say, and that no run is run twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from redis import Redis

from tests.deployment import Deployment
from tests.helixweb.workflow_texts import DOUBLED, gated, write_table
from tests.stack import Client, until

pytestmark = pytest.mark.xdist_group("deployment")

# Appends a line to a file whenever it is computed: it can be counted how often that was.
COUNTING = '''"""Counts how often it is computed."""
import time

NUMBER = 0
data = FileSource("tiny.csv")
rows = CSVScanner(data)


def counted(batch):
    print("computed", NUMBER, flush=True)
    time.sleep(PAUSE)
    return batch["x"] + NUMBER


def total(values):
    return float(values.iloc[:, 0].sum())


y = Extractor(rows, counted)
result = Reducer(y, total)
Output(result)
'''


@pytest.fixture
def deployment(tmp_path: Path, postgres_server: str) -> Iterator[Deployment]:
    with Deployment(tmp_path, postgres_server) as running:
        yield running


def counting(number: int, pause: float) -> str:
    return COUNTING.replace("NUMBER = 0", f"NUMBER = {number}").replace("PAUSE", str(pause))


def events_of(client: Client, run: str) -> list[dict[str, Any]]:
    return list(client.get(f"/runs/{run}/events").raise_for_status().json()["events"])


def said_twice(deployment: Deployment, run: str) -> None:
    """Deliver a run's message once more, as a broker may."""
    with Celery(broker=deployment.environment["HELIX_REDIS"], set_as_current=False) as broker:
        broker.send_task("helixweb.run_workflow", args=[run], queue="runs")


def test_every_command_says_in_one_line_what_is_missing(deployment: Deployment) -> None:
    for command in ("web", "worker", "explorer", "health"):
        done = deployment.command(command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            "helixweb: The database has not this release's tables yet. Run `helixweb migrate` first.\n"
        )
    named = deployment.environment["HELIX_DATABASE"]
    secret = named.split(":")[2].split("@")[0]
    for change, words in (
        ({"HELIX_DATABASE": named.replace(secret, "wrong-" + secret)}, "password authentication failed"),
        ({"HELIX_DATABASE": f"postgresql://helix:{secret}@127.0.0.1:1/helix"}, "Connection refused"),
        ({"HELIX_DATABASE": f"mysql://helix:{secret}@127.0.0.1/helix"}, "it begins with postgresql://"),
        ({"HELIX_DATABASE": named.rpartition("/")[0] + "/none"}, 'database "none" does not exist'),
    ):
        done = deployment.command("migrate", **change)
        assert done.returncode == 1
        assert words in done.stderr
        assert "HELIX_DATABASE" in done.stderr
        assert done.stderr.count("\n") == 1
        assert secret not in done.stderr


def test_health_turns_good_with_migration_and_bad_without_redis(deployment: Deployment) -> None:
    for _ in range(2):  # migrating what is migrated is free
        assert deployment.command("migrate").returncode == 0
    assert deployment.command("health").stdout == "healthy\n"
    done = deployment.command("health", HELIX_REDIS="redis://:hush@127.0.0.1:1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Redis at redis://127.0.0.1:1/0, which HELIX_REDIS names, does not answer" in done.stderr
    assert "The web process" in deployment.command("health", "web", "--port", str(deployment.port)).stderr
    beat = {"HELIX_BEAT": str(deployment.folder / "none")}
    assert "Nothing has touched" in deployment.command("health", "worker", **beat).stderr
    done = deployment.command("serve", "--port", "0")
    assert (done.returncode, "Unset it" in done.stderr) == (1, True)


def test_two_workers_run_each_of_many_runs_once_though_messages_come_twice(deployment: Deployment) -> None:
    write_table(deployment.data)
    assert deployment.command("migrate").returncode == 0
    deployment.web()
    client = deployment.client()
    workflows = [client.created(name=f"w{number}")["id"] for number in range(30)]
    runs = []
    for number, workflow in enumerate(workflows):
        runs.append(client.started(workflow, counting(number, 0.05))["id"])
        said_twice(deployment, runs[-1])
    workers = [deployment.worker("one"), deployment.worker("two")]
    done = [client.finished(run) for run in runs]
    for run in runs[::5]:
        said_twice(deployment, run)
    client.finished(client.started(client.created()["id"], DOUBLED)["id"])  # by then the messages before it were seen
    with Redis.from_url(deployment.environment["HELIX_REDIS"]) as broker:
        assert broker.llen("runs") == 0
    assert [run["status"] for run in done] == ["succeeded"] * 30
    assert [run["metrics"][0]["value"] for run in done] == [6.0 + 3 * number for number in range(30)]
    for number, run in enumerate(runs):
        events = events_of(client, run)
        assert [each["number"] for each in events] == list(range(1, len(events) + 1))
        kinds = Counter(each["event"]["type"] for each in events)
        assert (kinds["run_started"], kinds["run_finished"]) == (1, 1)
        printed = [each["event"]["text"] for each in events if each["event"]["type"] == "log_written"]
        assert "".join(printed) == f"computed {number}\n"  # the function itself ran once
    assert [deployment.end(worker) for worker in workers] == [0, 0]


def test_the_runs_of_a_worker_that_is_killed_are_taken_up_by_the_other(deployment: Deployment) -> None:
    write_table(deployment.data)
    assert deployment.command("migrate").returncode == 0
    deployment.web()
    client = deployment.client()
    doomed = deployment.worker("doomed")
    workflows = [client.created(name=f"w{number}")["id"] for number in range(6)]
    gate = deployment.folder / "gate"
    runs = [client.started(each, gated(gate))["id"] for each in workflows]
    until(lambda: [client.run(run)["status"] for run in runs], lambda found: found.count("running") >= 3)
    other = deployment.worker("other")
    deployment.end(doomed, signal.SIGKILL)
    gate.touch()
    done = [client.finished(run) for run in runs]
    assert [run["status"] for run in done] == ["succeeded"] * 6
    attempts = [
        [each["event"]["attempt"] for each in events_of(client, run) if each["event"]["type"] == "run_started"]
        for run in runs
    ]
    assert all(each in ([1], [1, 2], [2]) for each in attempts), attempts
    assert max(max(each) for each in attempts) == 2
    assert deployment.end(other) == 0


def test_edits_and_runs_from_many_tabs_at_once_are_all_answered_in_order(deployment: Deployment) -> None:
    write_table(deployment.data)
    assert deployment.command("migrate").returncode == 0
    deployment.web()
    client = deployment.client()
    workflow = client.created()["id"]

    def start(number: int) -> int:
        text = f"{DOUBLED}# {number}\n"
        return client.post(f"/workflows/{workflow}/runs", json={"text": text}).status_code

    def save(number: int) -> int:
        body = {"text": str(number), "revision": 1}
        return client.put(f"/workflows/{workflow}/draft", json=body).status_code

    with ThreadPoolExecutor(6) as pool:
        saved = Counter(pool.map(save, range(6)))
        started = Counter(pool.map(start, range(6)))
    assert saved == {200: 1, 409: 5}
    assert started == {201: 1, 409: 5}
    versions = client.get(f"/workflows/{workflow}/versions").json()
    assert [version["number"] for version in versions] == [1]  # who was refused left no version
