from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from helixweb import auth
from tests.helixweb.workflow_texts import DOUBLED, write_table
from workflows import services
from workflows.models import Workflow
from workflows.signals import files_unread
from workflows.store.files import SETTLED_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(tmp_path: Path, settings: Settings) -> Client:
    settings.DATA_ROOT = tmp_path
    client = Client(headers={"host": "127.0.0.1:8000"})
    assert post(client, "/session", token=auth.new_token())[0] == 204
    return client


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    answer = getattr(client, method)(f"/api{path}", body, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def post(client: Client, path: str, **body: Any) -> tuple[int, Any]:
    return send(client, "post", path, body)


def get(client: Client, path: str) -> Any:
    return client.get(f"/api{path}").json()


@pytest.fixture
def workflow(client: Client) -> str:
    return str(post(client, "/workflows", name="A workflow", template="blank")[1]["id"])


def check(client: Client, workflow: str, text: str) -> dict[str, Any]:
    status, answer = post(client, f"/workflows/{workflow}/check", text=text)
    assert status == 200
    return dict(answer)


def test_every_template_makes_a_workflow_without_errors(client: Client) -> None:
    templates = get(client, "/templates")
    assert {each["name"] for each in templates} >= {"census", "digits", "blank"}
    for template in templates:
        status, made = post(client, "/workflows", name=template["title"], template=template["name"])
        assert status == 201
        assert [
            each for each in check(client, made["id"], made["text"])["diagnostics"] if each["severity"] == "error"
        ] == []
    listed = {each["name"]: each for each in get(client, "/workflows")}
    for template in templates:
        assert listed[template["title"]]["last_run"] is None
        assert listed[template["title"]]["version_count"] == 0


def test_a_template_that_is_not_there_is_told_with_the_nearest_one(client: Client) -> None:
    status, answer = post(client, "/workflows", name="x", template="cencus")
    assert (status, answer["code"]) == (404, "template-not-found")
    assert "census" in answer["message"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_says_something(client: Client, workflow: str, name: str) -> None:
    assert post(client, "/workflows", name=name)[0] == 422
    assert send(client, "patch", f"/workflows/{workflow}", {"name": name})[0] == 422


def test_a_workflow_is_renamed_deleted_and_brought_back(client: Client, workflow: str) -> None:
    path = f"/workflows/{workflow}"
    assert send(client, "patch", path, {"name": "  Another   name "})[1]["name"] == "Another name"
    assert client.delete(f"/api{path}").status_code == 204
    assert get(client, path)["code"] == "workflow-not-found"
    assert workflow not in {each["id"] for each in get(client, "/workflows")}
    assert client.delete(f"/api{path}").status_code == 404
    assert post(client, f"{path}/restore")[1]["name"] == "Another name"
    assert workflow in {each["id"] for each in get(client, "/workflows")}


def test_a_draft_is_saved_by_whoever_saw_its_last_revision(client: Client, workflow: str) -> None:
    path = f"/workflows/{workflow}/draft"
    assert send(client, "put", path, {"text": "mine", "revision": 1})[1]["revision"] == 2
    status, answer = send(client, "put", path, {"text": "yours", "revision": 1})
    assert (status, answer["code"], answer["text"], answer["revision"]) == (409, "draft-changed", "mine", 2)
    assert get(client, f"/workflows/{workflow}")["text"] == "mine"
    assert send(client, "put", path, {"text": "yours", "revision": 2})[0] == 200


def test_saving_the_same_text_once_more_is_no_conflict(client: Client, workflow: str) -> None:
    path = f"/workflows/{workflow}/draft"
    for _ in range(2):  # the answer to the first was lost on its way
        status, answer = send(client, "put", path, {"text": "mine", "revision": 1})
        assert (status, answer["revision"]) == (200, 2)


def test_a_request_that_makes_no_sense_is_told_where(client: Client, workflow: str) -> None:
    status, answer = send(client, "put", f"/workflows/{workflow}/draft", {"text": "x"})
    assert (status, answer["code"]) == (422, "invalid-request")
    assert "revision" in answer["message"]
    broken = client.put(f"/api/workflows/{workflow}/draft", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "not-json")


def test_a_check_gives_the_dag_and_the_plan(client: Client, workflow: str, tmp_path: Path) -> None:
    write_table(tmp_path)
    answer = check(client, workflow, DOUBLED)
    assert answer["diagnostics"] == []
    assert answer["missing"] == []
    nodes = {node["name"]: node for node in answer["dag"]["nodes"]}
    assert list(nodes) == ["data", "rows", "y", "result"]
    assert (nodes["y"]["operator"], nodes["y"]["family"], nodes["y"]["kind"]) == ("Extractor", "extractor", "feature")
    assert [given["node"] for given in nodes["y"]["inputs"]] == ["rows"]
    assert nodes["y"]["params"]["fn"] == "scaled"
    assert DOUBLED.splitlines()[nodes["y"]["line"] - 1].startswith("y =")
    assert [name for name, node in nodes.items() if node["output"]] == answer["dag"]["outputs"] == ["result"]
    plan = answer["plan"]
    assert plan["compute"] == 4
    assert (plan["load"], plan["prune"]) == (0, 0)
    assert all(node["stale"] for node in plan["nodes"].values())
    assert plan["estimate"] > 0


def test_a_check_tells_all_that_is_wrong_with_its_place_and_a_way_out(client: Client, workflow: str) -> None:
    answer = check(client, workflow, 'rows = CSVScaner("x")\nother = Map(rows)\n')
    assert answer["dag"] is answer["plan"] is None
    first = answer["diagnostics"][0]
    assert (first["line"], first["severity"]) == (1, "error")
    assert "CSVScanner" in first["message"] + first["hint"]


def test_any_text_is_answered(client: Client, workflow: str) -> None:
    for text in ("", "\0", "é" * 70_000, "(" * 500, "def", "\ud83d\ude00 = 1", "x = 1\r\ny = 2"):
        check(client, workflow, text)


def test_a_missing_public_data_set_is_named(client: Client, workflow: str) -> None:
    text = 'data = FileSource(train="adult/adult.data")\nrows = CSVScanner(data)\nOutput(rows)\n'
    (missing,) = check(client, workflow, text)["missing"]
    assert (missing["node"], missing["split"], missing["path"]) == ("data", "train", "adult/adult.data")
    assert missing["dataset"]["name"] == "adult"
    assert missing["dataset"]["bytes"] > 3_000_000
    (other,) = check(client, workflow, text.replace("adult/adult.data", "mine.csv"))["missing"]
    assert other["dataset"] is None
    assert "mine.csv" in other["message"]


def test_a_file_that_was_never_read_is_left_to_a_worker(client: Client, workflow: str, tmp_path: Path) -> None:
    write_table(tmp_path)
    asked: list[tuple[str, list[str]]] = []

    def listener(workflow: str, paths: list[str], **_: Any) -> None:
        asked.append((workflow, paths))

    files_unread.connect(listener)
    try:
        check(client, workflow, DOUBLED)
        assert asked == [(workflow, ["tiny.csv"])]
        services.read_files(workflow, ["tiny.csv", "gone.csv"])
        check(client, workflow, DOUBLED)
        assert len(asked) == 1
        check(client, workflow, DOUBLED.replace("tiny.csv", "t*.csv"))
        assert len(asked) == 1  # the members of the pattern are known
        write_table(tmp_path / "more")
        check(client, workflow, DOUBLED.replace("tiny.csv", "more/*.csv"))
        assert asked[1:] == [(workflow, ["more/*.csv"])]
        services.read_files(workflow, ["more/*.csv"])
        for address in ("http://127.0.0.1:1/half.csv", "memory://tiny.csv"):  # half typed, as it may be
            assert check(client, workflow, DOUBLED.replace("tiny.csv", address))["missing"] == []
        assert len(asked) == 2
    finally:
        files_unread.disconnect(listener)
    assert SETTLED_SECONDS < 5  # that is how long the file was waited for


def test_a_workflow_that_is_not_there_cannot_be_checked(client: Client) -> None:
    assert post(client, "/workflows/none/check", text="")[1]["code"] == "workflow-not-found"


def test_operators_are_declared_with_their_parameters(client: Client) -> None:
    operators = {each["name"]: each for each in get(client, "/operators")}
    assert operators["Bucketizer"]["family"] == "extractor"
    assert {each["name"] for each in operators["Bucketizer"]["parameters"]} >= {"bins", "by"}


def test_the_description_is_the_docstrings_first_line() -> None:
    assert services.describe('"""One.\n\nTwo."""\n') == "One."
    assert services.describe("x = (") == services.describe("") == ""


def test_a_deleted_workflow_keeps_its_row(client: Client, workflow: str) -> None:
    client.delete(f"/api/workflows/{workflow}")
    assert Workflow.objects.filter(id=workflow).exists()
