"""Metrics of today for versions of the past: what it takes, what becomes of it, and how it is undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helixweb.workflow_texts import write_table
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.xdist_group("stack")

TEXT = """\
from sklearn.neighbors import KNeighborsClassifier
data = Dataset("iris")
rows = Split(data, test=0.4)
examples = Examples(rows, features=[Field(rows, "sepal width (cm)")], label=Field(rows, "target"))
model = Learner(examples, KNeighborsClassifier(n_neighbors=1))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
Output(accuracy)
"""
WITH_F1 = TEXT.replace("Output(", 'f1 = F1(predictions, average="macro")\nOutput(f1, ')
NEIGHBOURS = (1, 3, 9, 25)

COUNTED = """\
data = FileSource("tiny.csv")
rows = CSVScanner(data)
y = Field(rows, "x")


def total(values):
    return float(values.iloc[:, 0].sum()) + PLUS


result = Reducer(y, total)
Output(result)
"""
# A metric that waits for its test, which says when it may go on.
GATED = """\
def slow(values):
    import time
    from pathlib import Path
    while not Path(GATE).exists():
        time.sleep(0.02)
    return float(values.iloc[:, 0].max())


slowest = Reducer(y, slow)
Output(result, slowest)
"""


def text_of(neighbours: int, text: str = TEXT) -> str:
    return text.replace("n_neighbors=1", f"n_neighbors={neighbours}")


def counted(plus: int) -> str:
    return COUNTED.replace("PLUS", str(plus))


def gated(gate: Path) -> str:
    return counted(0).replace("Output(result)\n", GATED.replace("GATE", repr(str(gate))))


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    write_table(stack.data)
    return stack.client()


def history(client: Client, texts: list[str]) -> str:
    workflow = str(client.created()["id"])
    for text in texts:
        run = client.finished(client.started(workflow, text)["id"])
        assert run["status"] == "succeeded", run
    return workflow


@pytest.fixture
def irises(client: Client) -> str:
    return history(client, [text_of(each) for each in NEIGHBOURS])


def asked(client: Client, workflow: str, what: str = "", **body: Any) -> Any:
    return client.post(f"/workflows/{workflow}/backfills{what}", json=body)


def started(client: Client, workflow: str, text: str, *nodes: str, **body: Any) -> dict[str, Any]:
    answer = asked(client, workflow, text=text, nodes=list(nodes), **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def ended(client: Client, backfill: str) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        return dict(client.get(f"/backfills/{backfill}").raise_for_status().json())

    return until(look, lambda found: found["status"] not in ("queued", "running"))


def column(client: Client, workflow: str, name: str) -> dict[str, Any]:
    metrics = client.get(f"/workflows/{workflow}/trends").json()["metrics"]
    return next((each for each in metrics if each["name"] == name), {"values": [], "later": {}})


def became(backfill: dict[str, Any]) -> dict[int, str]:
    return {each["number"]: each["status"] for each in backfill["versions"]}


def test_what_is_computed_for_past_versions_is_what_they_would_have_measured(client: Client, irises: str) -> None:
    estimate = asked(client, irises, "/estimate", text=WITH_F1, nodes=["f1"]).json()
    assert [each["number"] for each in estimate["versions"]] == [4, 3, 2, 1]
    assert all(each["refused"] == "" and each["seconds"] > 0 for each in estimate["versions"])
    assert 0 < estimate["seconds"] <= sum(each["seconds"] for each in estimate["versions"]) + 1e-9
    done = ended(client, started(client, irises, WITH_F1, "f1")["id"])
    assert (done["status"], done["message"], done["values"]) == ("succeeded", "", 4)
    assert became(done) == dict.fromkeys((1, 2, 3, 4), "done")
    f1 = column(client, irises, "f1")
    assert (f1["higher_is_better"], f1["node"], sorted(f1["later"])) == (True, "f1", ["0", "1", "2", "3"])
    other = history(client, [text_of(each, WITH_F1) for each in NEIGHBOURS])
    assert f1["values"] == column(client, other, "f1")["values"]
    assert column(client, other, "f1")["later"] == {}


def test_every_reader_tells_what_was_computed_later(client: Client, irises: str) -> None:
    done = ended(client, started(client, irises, WITH_F1, "f1", numbers=[1, 2])["id"])
    last, *_, first = client.get(f"/workflows/{irises}/versions").json()
    assert first["metrics"].keys() == {"accuracy", "f1"}
    assert first["later"] == {"f1": done["finished_at"]}
    assert (last["metrics"].keys(), last["later"]) == ({"accuracy"}, {})
    run = client.run(first["runs"][0]["id"])
    told = {each["name"]: (each["later"], each["higher_is_better"]) for each in run["metrics"]}
    assert told == {"accuracy": (None, True), "f1": (done["finished_at"], True)}
    assert "f1" in {each["metric"] for each in client.get(f"/workflows/{irises}/best").json()}
    body = {"before": {"version": "v1"}, "after": {"version": "v4"}}
    compared = client.post(f"/workflows/{irises}/compare", json=body).json()["metrics"]
    (f1,) = [each for each in compared if each["name"] == "f1"]
    assert (f1["before"], f1["after"]) == (first["metrics"]["f1"], None)
    assert (f1["before_later"], f1["after_later"]) == (done["finished_at"], None)
    assert f1["higher_is_better"] is True


def test_another_run_of_a_version_neither_loses_nor_doubles_it(client: Client, irises: str) -> None:
    ended(client, started(client, irises, WITH_F1, "f1")["id"])
    before = column(client, irises, "f1")
    version = client.get(f"/workflows/{irises}/versions").json()[-1]["id"]
    again = client.finished(client.post(f"/versions/{version}/runs", json={"reuse": False}).json()["id"])
    assert again["status"] == "succeeded"
    assert column(client, irises, "f1") == before
    listed = client.get(f"/workflows/{irises}/versions").json()[-1]
    assert listed["metrics"]["f1"] == before["values"][0]
    body = {"before": {"version": "v1"}, "after": {"version": "v2"}}
    compared = client.post(f"/workflows/{irises}/compare", json=body).json()["metrics"]
    assert [each["before"] for each in compared if each["name"] == "f1"] == [before["values"][0]]
    assert asked(client, irises, text=WITH_F1, nodes=["f1"]).json()["code"] == "nothing-lacking"
    told = asked(client, irises, "/estimate", text=WITH_F1, nodes=["f1"], numbers=[1]).json()
    assert told["versions"][0]["refused"] == "It has the metric already."


def test_undoing_takes_away_its_values_and_nothing_else(client: Client, irises: str) -> None:
    accuracy = column(client, irises, "accuracy")
    first = ended(client, started(client, irises, WITH_F1, "f1", numbers=[1])["id"])
    second = ended(client, started(client, irises, WITH_F1, "f1")["id"])
    assert became(second) == dict.fromkeys((2, 3, 4), "done")
    assert client.delete(f"/backfills/{second['id']}").status_code == 204
    f1 = column(client, irises, "f1")
    assert [value is None for value in f1["values"]] == [False, True, True, True]
    assert column(client, irises, "accuracy") == accuracy
    assert client.delete(f"/backfills/{second['id']}").json()["code"] == "backfill-not-found"
    assert [each["id"] for each in client.get(f"/workflows/{irises}/backfills").json()] == [first["id"]]


def test_what_cannot_be_asked_for_is_told_with_what_can(client: Client, irises: str) -> None:
    def told(**body: Any) -> tuple[int, str, str]:
        answers = [
            asked(client, irises, what, **{"text": WITH_F1, "nodes": ["f1"], **body}) for what in ("/estimate", "")
        ]
        (one,) = {(answer.status_code, answer.json()["code"], answer.json()["message"]) for answer in answers}
        return one

    status, code, message = told(nodes=["f"])
    assert (status, code) == (422, "unknown-node")
    assert "Did you mean `f1`?" in message
    assert told(nodes=["rows"])[:2] == (422, "not-a-metric")
    assert "`accuracy`, `f1`" in told(nodes=["rows"])[2] or "`f1`, `accuracy`" in told(nodes=["rows"])[2]
    assert told(nodes=["accuracy"])[:2] == (422, "nothing-lacking")
    assert told(text="f1 = F1(")[:2] == (409, "workflow-has-errors")
    assert told(numbers=[1, 9])[:2] == (404, "version-not-found")
    assert told(nodes=[])[:2] == (422, "invalid-request")
    assert told(numbers=[])[:2] == (422, "invalid-request")
    assert asked(client, "none", text=WITH_F1, nodes=["f1"]).json()["code"] == "workflow-not-found"
    assert client.get("/backfills/none").json()["code"] == "backfill-not-found"
    assert client.post("/backfills/none/cancel").json()["code"] == "backfill-not-found"


def test_a_version_that_cannot_have_it_says_why_and_the_others_get_it(client: Client) -> None:
    plain = TEXT.replace('Dataset("iris")', 'Dataset("digits")').replace("sepal width (cm)", "pixel_0_3")
    workflow = history(client, [TEXT, plain, TEXT.replace("predictions", "told")])
    donor = TEXT.replace(
        "Output(", 'narrow = Accuracy(predictions, by=Field(rows, "petal width (cm)"))\nOutput(narrow, '
    )
    estimate = asked(client, workflow, "/estimate", text=donor, nodes=["narrow"]).json()
    assert {each["number"] for each in estimate["versions"]} == {1, 2, 3}
    done = ended(client, started(client, workflow, donor, "narrow")["id"])
    found = {each["number"]: (each["status"], each["message"]) for each in done["versions"]}
    assert found[1][0] == found[3][0] == "done", found
    assert found[2][0] == "failed"
    assert "petal width" in found[2][1]
    assert (done["status"], done["message"]) == ("succeeded", "1 of 3 versions could not have it.")


def test_functions_of_ones_own_come_along_and_one_is_cancelled(client: Client, stack: Stack, tmp_path: Path) -> None:
    workflow, gate = history(client, [counted(each) for each in (1, 2, 3)]), tmp_path / "gate"
    with stack.socket(client) as socket:
        backfill = started(client, workflow, gated(gate), "slowest")
        active = asked(client, workflow, text=gated(gate), nodes=["slowest"])
        assert (active.status_code, active.json()["code"]) == (409, "backfill-active")
        until(lambda: client.get(f"/backfills/{backfill['id']}").json(), lambda found: found["estimate"] is not None)
        user = client.finished(client.started(workflow, counted(9))["id"])
        assert user["status"] == "succeeded"  # a run waits for no backfill
        assert client.post(f"/backfills/{backfill['id']}/cancel").status_code == 202
        done = ended(client, backfill["id"])
        assert done["status"] == "cancelled"
        assert became(done) == dict.fromkeys((1, 2, 3), "cancelled")
        while (told := socket.hear_of("backfill")["backfill"])["status"] != "cancelled":
            assert told["status"] in ("queued", "running")
        assert told == done
    assert column(client, workflow, "slowest")["values"] == []
    gate.touch()
    again = ended(client, started(client, workflow, gated(gate), "slowest")["id"])
    assert (again["status"], again["values"]) == ("succeeded", 4)
    assert column(client, workflow, "slowest")["values"] == [3.0, 3.0, 3.0, 3.0]
