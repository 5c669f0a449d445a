"""Dashboards over the running application: answered beside runs, through deaths, with data that had been evicted."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from snapshots.watching import LEASE
from tests.helixweb.workflow_texts import gated
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.xdist_group("stack")

TEXT = '''"""Rows to look at."""
rows = CSVScanner(FileSource("looked-at.csv"))
tidy = Filter(rows, "x >= 0")
n = Reducer(tidy, lambda rows: len(rows))
Output(n)
'''
PREDICTED = '''"""Predictions to look at."""
from sklearn.linear_model import LogisticRegression

rows = Split(CSVScanner(FileSource("judged.csv")), test=0.25)
x = Field(rows, "x")
target = Field(rows, "target")
examples = Examples(rows, features=[x], label=target)
model = Learner(examples, LogisticRegression())
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
Output(accuracy)
'''
HISTOGRAM = {"id": "a", "kind": "histogram", "x": "x"}
BAR = {"id": "b", "kind": "bar", "x": "kind"}
EVICTED = "The data had been evicted; they are computed anew first."
STARTING = 30.0  # seconds that a busy machine may take to start an explorer again


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    lines = [f"{n % 50},{'abc'[n % 3]}" for n in range(3_000)]
    (stack.data / "looked-at.csv").write_text("\n".join(["x,kind", *lines]) + "\n")
    judged = [f"{n % 50},{'abc'[n % 3]},{int(n % 50 > 25)}" for n in range(3_000)]
    (stack.data / "judged.csv").write_text("\n".join(["x,kind,target", *judged]) + "\n")
    (stack.data / "tiny.csv").write_text("x\n1\n2\n3\n")
    return stack.client()


@pytest.fixture(scope="module")
def ran(client: Client) -> dict[str, Any]:
    """A run of the workflow that dashboards look at."""
    workflow = client.created()["id"]
    return client.finished(client.started(workflow, TEXT, policy="all")["id"])


@pytest.fixture
def dashboard(client: Client, ran: dict[str, Any]) -> dict[str, Any]:
    return made(client, ran, "tidy")


def made(client: Client, ran: dict[str, Any], node: str) -> dict[str, Any]:
    body = {"node": node, "version": ran["version"]}
    answer = client.post(f"/workflows/{ran['workflow']}/dashboards", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def ask(client: Client, dashboard: dict[str, Any], *filters: dict[str, Any], charts: Any = (HISTOGRAM, BAR)) -> Any:
    body = {"client": "test", "state": {"charts": charts, "filters": filters}}
    answer = client.post(f"/dashboards/{dashboard['id']}/snapshots", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def strip(client: Client, dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return list(client.get(f"/dashboards/{dashboard['id']}").raise_for_status().json()["strip"])


def settled(client: Client, dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """The strip once no answer is pending."""
    return until(
        lambda: strip(client, dashboard),
        lambda found: all(each["status"] not in ("pending", "waiting") for one in found for each in one["answers"]),
    )


def figures(client: Client, snapshot: dict[str, Any]) -> dict[str, Any]:
    questions = {each["chart"]: each["question"] for each in snapshot["answers"]}
    told = client.post("/figures", json={"questions": list(questions.values())}).raise_for_status().json()["figures"]
    return {chart: told[question] for chart, question in questions.items()}


def test_an_interaction_is_answered_over_the_socket(stack: Stack, client: Client, dashboard: dict[str, Any]) -> None:
    with stack.socket(client) as socket:
        socket.say(type="show", dashboard=dashboard["id"], after=0, looked_at="")
        asked = ask(client, dashboard, {"type": "range", "column": "x", "low": 10, "high": 19, "source": "a"})
        told: dict[str, Any] = {}
        revisions = [0]
        while not (told.keys() >= {"a", "b"} and all(told[chart]["status"] == "ready" for chart in "ab")):
            message = socket.hear_of("snapshots")
            assert message["revision"] > revisions[-1]
            revisions.append(message["revision"])
            mine = [each for each in message["snapshots"] if each["id"] == asked["id"]]
            told |= {each["chart"]: each for one in mine for each in one["answers"]}
    assert sum(told["a"]["figure"]["count"]) == 3_000  # its own brush leaves it whole
    assert dict(zip(told["b"]["figure"]["axis"]["values"], told["b"]["figure"]["count"], strict=True)) == {
        kind: len([n for n in range(3_000) if 10 <= n % 50 <= 19 and "abc"[n % 3] == kind]) for kind in "abc"
    }
    assert asked["words"] == "+ x, + rows by kind · x 10–19"


def test_whatever_a_page_says_it_looks_at_it_is_told_of_changes(
    stack: Stack, client: Client, dashboard: dict[str, Any]
) -> None:
    with stack.socket(client) as socket:
        for looked_at in ("\0", "'; --", "x" * 1_000, "é"):
            socket.say(type="show", dashboard=dashboard["id"], after=-1, looked_at=looked_at)
            assert [each["number"] for each in socket.hear_of("snapshots")["snapshots"]] == [1]


def test_columns_are_told_and_charts_proposed(client: Client, dashboard: dict[str, Any]) -> None:
    (first,) = settled(client, dashboard)
    profile = figures(client, first)["profile"]
    assert [(each["name"], each["kind"]) for each in profile["columns"]] == [("x", "number"), ("kind", "category")]
    proposed = client.get(f"/dashboards/{dashboard['id']}/proposals").json()["charts"]
    assert {"histogram", "bar", "table"} <= {chart["kind"] for chart in proposed}
    ask(client, dashboard, charts=proposed)
    assert all(each["status"] == "ready" for each in settled(client, dashboard)[1]["answers"])


def test_charts_are_answered_while_every_worker_is_busy_with_runs(
    client: Client, dashboard: dict[str, Any], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    busy = [client.started(client.created()["id"], gated(gate), reuse=False)["id"] for _ in range(5)]
    try:
        ask(client, dashboard, {"type": "among", "column": "kind", "values": ["a"]})
        settled(client, dashboard)
        assert [client.run(run)["status"] for run in busy].count("succeeded") == 0
    finally:
        gate.touch()
    for run in busy:
        assert client.finished(run)["status"] == "succeeded"


def test_questions_outlive_the_explorer(stack: Stack, client: Client, dashboard: dict[str, Any]) -> None:
    os.kill(stack.children()["explorer"], signal.SIGSTOP)  # so that it takes what is asked, and dies with it
    asked = [ask(client, dashboard, {"type": "range", "column": "x", "low": low}) for low in range(10)]
    os.kill(stack.children()["explorer"], signal.SIGKILL)
    found = {each["id"]: each for each in settled(client, dashboard)}
    for low, snapshot in enumerate(asked):
        counts = figures(client, found[snapshot["id"]])["b"]["count"]
        assert sum(counts) == len([n for n in range(3_000) if n % 50 >= low])


def test_an_explorer_that_is_killed_amid_many_questions_loses_none_and_answers_none_twice(
    stack: Stack, client: Client, dashboard: dict[str, Any]
) -> None:
    settled(client, dashboard)
    number = {"id": "c", "kind": "number", "y": "x", "aggregate": "sum"}
    told: Counter[tuple[str, str]] = Counter()
    with stack.socket(client) as socket, ThreadPoolExecutor(1) as pool:
        socket.say(type="show", dashboard=dashboard["id"], after=0, looked_at="")

        def question(low: int) -> Any:
            chosen = {"type": "range", "column": "x", "low": low / 2.0 - 0.1}
            return ask(client, dashboard, chosen, charts=(HISTOGRAM | {"bins": low + 1}, BAR, number))

        asking = pool.submit(lambda: [question(low) for low in range(100)])
        for share in (25, 75):
            until(lambda: len(strip(client, dashboard)), lambda found, share=share: found > share)  # type: ignore[misc]
            os.kill(stack.children()["explorer"], signal.SIGKILL)
        asked = asking.result()
        began = time.monotonic()
        while len(told) < 3 * len(asked):
            for snapshot in socket.hear_of("snapshots")["snapshots"]:
                final = [each for each in snapshot["answers"] if each["status"] not in ("pending", "waiting")]
                told.update((snapshot["id"], each["chart"]) for each in final if each["chart"] in "abc")
        assert time.monotonic() - began < LEASE.total_seconds() + STARTING
    assert set(told.values()) == {1}
    found = {each["id"]: each for each in strip(client, dashboard)}
    for low, snapshot in enumerate(asked):
        assert {each["status"] for each in found[snapshot["id"]]["answers"]} == {"ready"}
        shown = figures(client, found[snapshot["id"]])
        kept = [n % 50 for n in range(3_000) if n % 50 >= low / 2.0 - 0.1]
        assert (sum(shown["a"]["count"]), sum(shown["b"]["count"])) == (len(kept), len(kept))
        assert (shown["c"]["value"] or 0) == sum(kept)


def test_whoever_sends_the_same_question_twice_at_once_has_asked_once(
    client: Client, dashboard: dict[str, Any]
) -> None:
    body = {"client": "test", "state": {"charts": [BAR]}, "key": "lost on the way"}
    with ThreadPoolExecutor(4) as pool:
        path = f"/dashboards/{dashboard['id']}/snapshots"
        answers = list(pool.map(lambda _: client.post(path, json=body).raise_for_status().json()["id"], range(8)))
    assert len(set(answers)) == 1
    assert [each["number"] for each in strip(client, dashboard)] == [1, 2]


def test_charts_of_columns_that_a_newer_version_has_no_more_say_so_and_the_others_are_answered(
    stack: Stack, client: Client
) -> None:
    data = stack.data / "changing.csv"
    text = TEXT.replace("looked-at.csv", data.name).replace("x >= 0", "size >= 0")
    workflow = client.created()["id"]
    data.write_text("width,size,kind\n1,10,a\n2,20,b\n")
    ran = client.finished(client.started(workflow, text, policy="all")["id"])
    assert ran["status"] == "succeeded", ran["message"]
    dashboard = made(client, ran, "rows")
    charts = [HISTOGRAM | {"id": chart, "x": x} for chart, x in (("a", "width"), ("c", "size"))] + [BAR]
    ask(client, dashboard, charts=charts)
    assert {each["status"] for each in settled(client, dashboard)[-1]["answers"]} == {"ready"}

    data.write_text("widths,size,kind\n1,ten,a\n2,twenty,b\n")
    newer = client.finished(client.started(workflow, text.replace("size >= 0", "widths >= 0"), policy="all")["id"])
    assert newer["status"] == "succeeded", newer["message"]
    narrow = {"type": "range", "column": "widths", "low": 2}
    asked = {"client": "test", "state": {"charts": charts, "filters": [narrow]}, "version": newer["version"]}
    client.post(f"/dashboards/{dashboard['id']}/snapshots", json=asked).raise_for_status()
    newest = settled(client, dashboard)[-1]
    told = {each["chart"]: each for each in newest["answers"]}
    assert newest["version"] == 2
    assert told["a"]["message"] == "v2 has no column `width`. Did you mean `widths`?"
    assert told["c"]["message"].startswith("`size` is no number here")
    assert {chart: each["status"] for chart, each in told.items()} == {
        "profile": "ready",
        "a": "failed",
        "b": "ready",
        "c": "failed",
    }
    counted = client.post("/figures", json={"questions": [told["b"]["question"]]}).json()["figures"]
    assert counted[told["b"]["question"]]["count"] == [0, 1]


def test_evicted_data_are_made_anew_and_the_tile_says_so(stack: Stack, client: Client, ran: dict[str, Any]) -> None:
    dashboard = made(client, ran, "rows")
    settled(client, dashboard)
    kept = client.get("/store").json()["results"]
    digests = [each["digest"] for each in kept if "rows" in each["nodes"]]
    client.post("/store/evict", json={"digests": digests}).raise_for_status()
    os.kill(stack.children()["explorer"], signal.SIGKILL)  # which has the file open still
    ask(client, dashboard)
    newest = settled(client, dashboard)[-1]
    assert {each["status"] for each in newest["answers"]} == {"ready"}
    assert EVICTED in [each["note"] for each in newest["answers"]]  # the other may be taken up when they are back
    run = client.get(f"/workflows/{ran['workflow']}/runs").json()[0]
    assert (run["status"], run["only"]) == ("succeeded", ["rows"])


def test_predictions_have_the_columns_of_their_rows_and_those_are_made_anew_too(client: Client) -> None:
    text = PREDICTED
    run = client.finished(client.started(client.created()["id"], text, policy="all")["id"])
    assert run["status"] == "succeeded", run["message"]
    kept = client.get("/store").json()["results"]
    evicted = [each["digest"] for each in kept if set(each["nodes"]) & {"rows.source", "rows"}]
    client.post("/store/evict", json={"digests": evicted}).raise_for_status()
    dashboard = made(client, run, "predictions")
    slices = {"id": "a", "kind": "slices", "x": "kind"}
    ask(client, dashboard, {"type": "among", "column": "kind", "values": ["a", "b"]}, charts=[slices])
    strip = settled(client, dashboard)
    newest = strip[-1]
    profile = figures(client, newest)["profile"]
    names = [each["name"] for each in profile["columns"]]
    assert names == ["label", "prediction", "score[0]", "score[1]", "x", "kind", "target"]
    assert EVICTED in [each["note"] for one in strip for each in one["answers"]]
    shown = figures(client, newest)["a"]
    assert sum(shown["total"]) == profile["rows"]
    assert 0 < sum(shown["count"]) < profile["rows"]
    made_by = client.get(f"/workflows/{run['workflow']}/runs").json()[0]
    assert (made_by["status"], made_by["only"]) == ("succeeded", ["predictions", "rows"])
    proposals = client.get(f"/dashboards/{dashboard['id']}/proposals").json()
    assert "slices" in [each["kind"] for each in proposals["charts"]]


def test_a_workflows_versions_are_explored_as_data_are(client: Client, ran: dict[str, Any]) -> None:
    history = client.post(f"/workflows/{ran['workflow']}/dashboards", json={}).json()
    ask(client, history, charts=[{"id": "a", "kind": "number", "y": "run seconds", "aggregate": "max"}])
    newest = settled(client, history)[-1]
    assert figures(client, newest)["a"]["value"] > 0.0


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"node": "tidyy"}, 422, "Did you mean `tidy`?"),
        ({"node": "n"}, 422, "`n` is no table (Reducer)"),
        ({"node": ""}, 422, "Name a node and a version, or neither"),
        ({"node": "tidy", "version": "0" * 40}, 404, "There is no such version"),
    ],
)
def test_what_has_no_charts_is_refused(
    client: Client, ran: dict[str, Any], body: dict[str, Any], status: int, says: str
) -> None:
    answer = client.post(f"/workflows/{ran['workflow']}/dashboards", json={"version": ran["version"]} | body)
    assert (answer.status_code, says in answer.json()["message"]) == (status, True), answer.text


def test_what_is_no_state_is_refused(client: Client, dashboard: dict[str, Any]) -> None:
    for wrong in ({"charts": [{"id": "a", "kind": "pie"}]}, {"filters": [{"type": "range", "column": ""}]}):
        body = {"client": "test", "state": wrong}
        answer = client.post(f"/dashboards/{dashboard['id']}/snapshots", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert len(strip(client, dashboard)) == 1
