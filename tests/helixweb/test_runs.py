from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from helixweb import places
from tests.helixweb.workflow_texts import DOUBLED, FAILING, FAILING_LINE, gated, write_table
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.xdist_group("stack")

SPARK = 120.0  # seconds that a busy machine may take to start a server of it


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    write_table(stack.data)
    return stack.client()


@pytest.fixture
def workflow(client: Client) -> str:
    return str(client.created()["id"])


def events_of(client: Client, run: str) -> list[dict[str, Any]]:
    return list(client.get(f"/runs/{run}/events").json()["events"])


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [each["event"]["type"] for each in events]


def at_the_gate(client: Client, run: str) -> None:
    until(lambda: kinds(events_of(client, run)), lambda found: "log_written" in found or "node_started" in found)


def actions(run: dict[str, Any]) -> set[str]:
    return {node["action"] for node in run["nodes"]}


def test_a_run_is_followed_from_its_first_event_to_its_last(stack: Stack, client: Client, workflow: str) -> None:
    with stack.socket(client) as socket:
        run = client.started(workflow, DOUBLED, reuse=False)
        assert run["status"] == "queued"
        events = list(socket.follow(run["id"]))
    assert [each["number"] for each in events] == list(range(1, len(events) + 1))
    assert kinds(events)[0] == "run_started"
    assert events == events_of(client, run["id"])
    done = client.run(run["id"])
    assert (done["status"], done["last_event"]) == ("succeeded", len(events))
    assert {node["name"]: node["status"] for node in done["nodes"]} == dict.fromkeys(
        ("data", "rows", "y", "result"), "done"
    )
    assert [(metric["name"], metric["value"]) for metric in done["metrics"]] == [("result.total", 12.0)]
    opened = client.get(f"/workflows/{workflow}").json()
    assert (opened["head"], opened["active_run"], opened["last_run"]) == (done["version"], None, run["id"])


def test_running_the_same_again_computes_nothing_and_makes_no_version(client: Client, workflow: str) -> None:
    first = client.finished(client.started(workflow, DOUBLED)["id"])
    again = client.finished(client.started(workflow, DOUBLED)["id"])
    assert again["status"] == "succeeded"
    assert actions(again) <= {"load", "prune"}
    assert (
        [metric["value"] for metric in again["metrics"]]
        == [metric["previous"] for metric in again["metrics"]]
        == [12.0]
    )
    (version,) = client.get(f"/workflows/{workflow}/versions").json()
    assert (version["id"], version["number"], version["metrics"]) == (first["version"], 1, {"result.total": 12.0})
    assert [run["id"] for run in version["runs"]] == [first["id"], again["id"]]


def test_an_edit_makes_a_version_that_says_what_changed(client: Client, workflow: str) -> None:
    client.finished(client.started(workflow, DOUBLED)["id"])
    edited = DOUBLED.replace("FACTOR = 2", "FACTOR = 3").replace(
        "Output(result)", "also = Reducer(y, total)\nOutput(also)"
    )
    done = client.finished(client.started(workflow, edited)["id"])
    second, first = client.get(f"/workflows/{workflow}/versions").json()
    assert second["parent"] == first["id"]
    assert second["number"] == 2
    assert "+ also" in second["message"]
    assert "y: " in second["message"]
    assert client.get(f"/versions/{second['id']}").json()["text"] == edited
    assert {node["name"] for node in done["nodes"] if node["stale"]} >= {"y", "also"}
    assert not next(node for node in done["nodes"] if node["name"] == "rows")["stale"]


def test_checking_out_a_version_brings_its_text_back_and_can_be_undone(client: Client, workflow: str) -> None:
    client.put(f"/workflows/{workflow}/draft", json={"text": DOUBLED, "revision": 1}).raise_for_status()
    first = client.finished(client.started(workflow, DOUBLED)["id"])
    edited = DOUBLED + "# a remark\n"
    client.put(f"/workflows/{workflow}/draft", json={"text": edited, "revision": 2}).raise_for_status()
    client.finished(client.started(workflow, edited)["id"])
    answer = client.post(f"/workflows/{workflow}/checkout", json={"version": first["version"]})
    out = answer.raise_for_status().json()
    assert (out["text"], out["undo_text"], out["head"]) == (DOUBLED, edited, first["version"])
    assert out["revision"] == 4
    again = client.finished(client.started(workflow, DOUBLED)["id"])
    assert again["version"] == first["version"]
    assert actions(again) <= {"load", "prune"}
    others = client.created()["id"]
    assert client.post(f"/workflows/{others}/checkout", json={"version": first["version"]}).status_code == 404


def test_a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice(
    stack: Stack, client: Client, workflow: str, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    run = client.started(workflow, gated(gate))["id"]
    heard: list[dict[str, Any]] = []
    with stack.socket(client) as socket:
        for numbered in socket.follow(run):
            heard.append(numbered)
            if numbered["event"]["type"] == "node_started":
                break
    at_the_gate(client, run)
    with stack.socket(client) as socket:
        follower = socket.follow(run, after=heard[-1]["number"])
        gate.touch()
        heard += follower
    assert [each["number"] for each in heard] == list(range(1, len(heard) + 1))
    assert heard == events_of(client, run)


def test_two_tabs_hear_the_same(stack: Stack, client: Client, workflow: str) -> None:
    with stack.socket(client) as one, stack.socket(client) as other:
        run = client.started(workflow, DOUBLED)["id"]
        assert list(one.follow(run)) == list(other.follow(run))


def test_a_run_that_is_cancelled_ends_and_the_next_one_may_start(client: Client, workflow: str, tmp_path: Path) -> None:
    run = client.started(workflow, gated(tmp_path / "never"))["id"]
    assert client.post(f"/workflows/{workflow}/runs", json={"text": DOUBLED}).json()["code"] == "run-active"
    at_the_gate(client, run)
    assert client.post(f"/runs/{run}/cancel").status_code == 202
    done = client.finished(run)
    assert done["status"] == "cancelled"
    assert {node["name"]: node["status"] for node in done["nodes"]}["result"] == "skipped"
    assert kinds(events_of(client, run))[-1] == "run_finished"
    assert client.finished(client.started(workflow, DOUBLED)["id"])["status"] == "succeeded"


def test_a_functions_exception_is_told_at_its_own_line_and_the_rest_is_kept(client: Client, workflow: str) -> None:
    done = client.finished(client.started(workflow, FAILING)["id"])
    assert done["status"] == "failed"
    nodes = {node["name"]: node for node in done["nodes"]}
    assert nodes["y"]["status"] == "failed"
    assert nodes["y"]["error"]["line"] == FAILING_LINE
    assert "two is too much" in nodes["y"]["error"]["message"]
    assert nodes["bad"]["status"] == "skipped"
    assert nodes["good"]["status"] == "done"
    assert {metric["name"]: metric["value"] for metric in done["metrics"]} == {"good": 9.0}


def test_a_text_with_errors_is_not_run_and_says_why(client: Client, workflow: str) -> None:
    answer = client.post(f"/workflows/{workflow}/runs", json={"text": 'rows = CSVScaner("x")\n'})
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow-has-errors")
    assert answer.json()["diagnostics"][0]["line"] == 1
    assert client.get(f"/workflows/{workflow}/versions").json() == []


def test_a_message_that_comes_again_runs_nothing_again(
    stack: Stack, client: Client, workflow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    monkeypatch.setenv("HELIX_HOME", str(stack.home))
    with Celery(broker=f"redis+socket://{places.redis_socket()}", set_as_current=False) as broker:
        run = client.started(workflow, gated(gate))["id"]
        at_the_gate(client, run)
        for _ in range(3):
            broker.send_task("helixweb.run_workflow", args=[run], queue="runs")
        gate.touch()
        client.finished(run)
        broker.send_task("helixweb.run_workflow", args=[run], queue="runs")
        other = client.created()["id"]
        client.finished(client.started(other, DOUBLED)["id"])  # by then the messages before it were seen
    found = kinds(events_of(client, run))
    assert (found.count("run_started"), found.count("run_finished")) == (1, 1)


def test_asking_for_a_run_that_is_not_there_is_answered_kindly(stack: Stack, client: Client) -> None:
    assert client.get("/runs/none").json()["code"] == "run-not-found"
    with stack.socket(client) as socket:
        socket.say(type="subscribe", run="none", after=0)
        assert socket.hear_of("error")["code"] == "run-not-found"


def test_forced_nodes_are_computed_though_they_are_stored(client: Client, workflow: str) -> None:
    client.finished(client.started(workflow, DOUBLED)["id"])
    done = client.finished(client.started(workflow, DOUBLED, force=["result"])["id"])
    assert {node["name"]: node["action"] for node in done["nodes"]}["result"] == "compute"
    answer = client.post(f"/workflows/{workflow}/runs", json={"text": DOUBLED, "force": ["resul"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-node")


def test_without_reuse_everything_is_computed(client: Client, workflow: str) -> None:
    client.finished(client.started(workflow, DOUBLED)["id"])
    done = client.finished(client.started(workflow, DOUBLED, reuse=False)["id"])
    assert {node["action"] for node in done["nodes"]} == {"compute"}
    assert not any(node["stale"] for node in done["nodes"])


def test_the_web_process_loads_no_data_library(stack: Stack, client: Client, workflow: str) -> None:
    client.finished(client.started(workflow, DOUBLED)["id"])
    client.post(f"/workflows/{workflow}/check", json={"text": DOUBLED}).raise_for_status()
    loaded = {name: maps(pid) for name, pid in stack.children().items() if name != "redis"}
    for library in ("pandas", "pyarrow", "sklearn"):
        assert library not in loaded["web"]
        assert library not in loaded["worker"]  # it supervises, and leaves the data to the run process


def maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_a_run_of_one_node_alone_is_partial_and_claims_no_metrics(client: Client, workflow: str) -> None:
    whole = client.finished(client.started(workflow, DOUBLED)["id"])
    edited = DOUBLED.replace("FACTOR = 2", "FACTOR = 5")
    alone = client.finished(client.started(workflow, edited, only=["y"])["id"])
    assert (alone["status"], alone["only"], alone["metrics"]) == ("succeeded", ["y"], [])
    assert {node["name"] for node in alone["nodes"]} == {"data", "rows", "y"}
    second, first = client.get(f"/workflows/{workflow}/versions").json()
    assert [run["partial"] for run in (*first["runs"], *second["runs"])] == [False, True]
    assert second["metrics"] == {}
    assert next(each for each in client.get("/workflows").json() if each["id"] == workflow)["last_run"]["partial"]
    (metric,) = client.finished(client.started(workflow, edited)["id"])["metrics"]
    assert (metric["value"], metric["previous"]) == (30.0, whole["metrics"][0]["value"])


def test_options_of_a_run_are_refused_with_the_nearest_name(client: Client, workflow: str) -> None:
    answer = client.post(f"/workflows/{workflow}/runs", json={"text": DOUBLED, "only": ["resul"]})
    assert answer.status_code == 422
    assert (answer.json()["code"], "Did you mean `result`?" in answer.json()["message"]) == ("unknown-node", True)
    answer = client.post(f"/workflows/{workflow}/runs", json={"text": DOUBLED, "policy": "everything"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert client.get(f"/workflows/{workflow}/versions").json() == []


def test_what_is_kept_is_said_with_a_run(client: Client, workflow: str) -> None:
    text = DOUBLED.replace("FACTOR = 2", "FACTOR = 7")
    assert client.finished(client.started(workflow, text, policy="none")["id"])["nodes"][-1]["stored"] is False
    assert client.finished(client.started(workflow, text, policy="all")["id"])["nodes"][-1]["stored"] is True


def test_why_a_node_is_stale_is_told_with_the_way_and_the_lines(client: Client, workflow: str) -> None:
    client.finished(client.started(workflow, DOUBLED)["id"])
    edited = DOUBLED.replace('batch["x"] * FACTOR', 'FACTOR * batch["x"]')
    told = client.post(f"/workflows/{workflow}/explain", json={"text": edited, "node": "result"}).json()
    assert told["reason"] == "stale: input `y` changed: function `scaled` changed"
    (cause,) = told["causes"]
    assert cause["path"] == ["result", "y"]
    (change,) = cause["changes"]
    assert [(line["mark"], line["before"]) for line in change["diff"]["lines"] if line["mark"] == "removed"] == [
        ("removed", 9)
    ]
    # `y` and `result` at least: whether the rows are loaded or read anew is for what was measured to decide.
    assert told["alone"]["compute"] >= 2
    assert told["alone"]["compute"] + told["alone"]["load"] in (3, 4)
    answer = client.post(f"/workflows/{workflow}/explain", json={"text": edited, "node": "resul"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-node")


def test_a_run_is_computed_on_spark_where_that_is_asked_for(stack: Stack, client: Client, workflow: str) -> None:
    run = client.started(workflow, DOUBLED.replace("FACTOR = 2", "FACTOR = 7"), reuse=False, engine="spark")
    done = until(lambda: client.run(run["id"]), lambda found: found["status"] not in ("queued", "running"), SPARK)
    assert (done["status"], done["message"]) == ("succeeded", "")
    assert [(metric["name"], metric["value"]) for metric in done["metrics"]] == [("result.total", 42.0)]
    assert "Spark" in (stack.home / "spark" / "server.log").read_text()
