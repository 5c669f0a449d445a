"""What is kept, by the command line and by the API: budgets, ``helixweb store``, and audits after a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as DjangoClient

from helixweb import auth, cli, keeping
from tests.helixweb.workflow_texts import DOUBLED, write_table
from tests.stack import Client, Stack, until
from workflows.hashing import Signature
from workflows.ports import Measurement
from workflows.store.codecs import stage
from workflows.store.eviction import COUNT, Budget
from workflows.store.filesystem import FileStore

IRIS = 'rows = Dataset("iris")\nn = Reducer(rows, lambda frame: len(frame))\n'


@pytest.fixture
def iris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HELIX_BUDGET", "HELIX_BUDGET_COUNT", "HELIX_AUDIT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HELIX_HOME", str(tmp_path / "var"))
    path = tmp_path / "iris.py"
    path.write_text(IRIS)
    return path


def helixweb(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def answer(*arguments: object, capsys: pytest.CaptureFixture[str]) -> Any:
    status, out, _ = helixweb(*arguments, "--json", capsys=capsys)
    assert status == 0
    return json.loads(out)


@pytest.mark.usefixtures("iris")
def test_a_budget_is_what_was_given_else_the_environments_else_half_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself = keeping.budget(tmp_path / "not there yet")
    assert 0 < by_itself.bytes < float("inf")
    assert by_itself.count == COUNT
    monkeypatch.setenv("HELIX_BUDGET", "2GB")
    monkeypatch.setenv("HELIX_BUDGET_COUNT", "70")
    assert keeping.budget(tmp_path) == Budget(2e9, 70)
    assert keeping.budget(tmp_path, "1.5 MiB") == Budget(1_572_864, 70)


@pytest.mark.usefixtures("iris")
@pytest.mark.parametrize(("name", "word"), [("BUDGET", "much"), ("BUDGET", "0"), ("BUDGET_COUNT", "-1")])
def test_a_budget_that_is_none_is_refused(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"HELIX_{name}", word)
    with pytest.raises(keeping.KeepingRefused, match=word):
        keeping.budget(tmp_path)


@pytest.mark.usefixtures("iris")
def test_the_share_of_audits_is_a_number_or_a_percentage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keeping.audit() == keeping.AUDIT
    assert (keeping.audit("5%"), keeping.audit("0.25"), keeping.audit("0")) == (0.05, 0.25, 0.0)
    monkeypatch.setenv("HELIX_AUDIT", "100%")
    assert keeping.audit() == 1.0
    for word in ("2", "-1", "some", "nan"):
        with pytest.raises(keeping.KeepingRefused, match=word):
            keeping.audit(word)


def test_what_is_kept_is_listed_with_whom_it_is_for_and_what_it_saved(
    iris: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer("run", iris, capsys=capsys)
    answer("run", iris, capsys=capsys)
    results = {tuple(each["nodes"]): each for each in answer("store", "list", capsys=capsys)["results"]}
    assert results.keys() == {("rows",), ("n",)}
    number = results["n",]
    assert (number["operator"], number["hits"], number["pinned"], number["current"]) == ("Reducer", 1, "", True)
    assert number["saved"] > 0.0
    assert number["workflows"] == [str(iris)]
    totals = answer("store", "stats", capsys=capsys)
    assert (totals["count"], totals["hits"], totals["audits"]) == (2, 1, {"checked": 0, "false_hits": 0})
    text = helixweb("store", "list", capsys=capsys)[1]
    assert "iris.py" in text
    assert "0 false hits in 0 loads checked" in helixweb("store", "stats", capsys=capsys)[1]


def test_results_are_evicted_and_pinned_by_their_names(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer("run", iris, capsys=capsys)
    assert len(answer("store", "pin", "n", capsys=capsys)["pinned"]) == 1
    evicted = answer("store", "evict", "n", "rows", capsys=capsys)
    assert (len(evicted["evicted"]), len(evicted["pinned"])) == (1, 1)
    reasons = {each["name"]: each["reason"] for each in answer("plan", iris, capsys=capsys)["nodes"]}
    assert reasons["n"].startswith("reused")
    answer("store", "unpin", evicted["pinned"][0][:8], capsys=capsys)
    assert len(answer("store", "evict", "n", capsys=capsys)["evicted"]) == 1
    reasons = {each["name"]: each["reason"] for each in answer("plan", iris, capsys=capsys)["nodes"]}
    assert reasons == {"rows": "computed: the result was evicted", "n": "computed: the result was evicted"}


def test_a_name_that_nothing_has_is_told_with_the_nearest(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer("run", iris, capsys=capsys)
    status, _, error = helixweb("store", "evict", "row", capsys=capsys)
    assert status == 1
    assert "Did you mean `rows`?" in error


def test_a_budget_of_the_command_line_is_kept(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer("run", iris, "--budget", "100B", "--policy", "all", capsys=capsys)
    totals = answer("store", "stats", "--budget", "100B", capsys=capsys)
    assert totals["bytes"] <= 100
    assert totals["count"] == 1, "the number fits, the rows do not"
    status, _, error = helixweb("run", iris, "--budget", "much", capsys=capsys)
    assert status == 2
    assert "500MB" in error


def test_a_run_that_loaded_is_audited_after_its_answer_and_a_false_hit_fails_it(
    iris: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer("run", iris, "--audit", "100%", capsys=capsys)
    status, out, error = helixweb("run", iris, "--audit", "100%", "--json", capsys=capsys)
    assert status == 0
    assert "0 false hits in 1 load checked" in error
    store = FileStore(tmp_path / "var" / "cli")
    signature = Signature(next(node["signature"] for node in json.loads(out)["nodes"] if node["name"] == "n"))
    store.catalog.forget(signature)
    staging = store.staging()
    staged = stage(151, signature, staging)
    store.adopt(staging, [staged], [Measurement(signature, "Reducer", True, 0.001, 0, 0)])
    store.close()
    status, out, error = helixweb("run", iris, "--audit", "100%", "--json", capsys=capsys)
    assert status == 1
    assert json.loads(out)["outputs"] == {"n": 151}
    assert "`n`" in error
    assert "run again" in error
    assert answer("store", "stats", capsys=capsys)["audits"] == {"checked": 2, "false_hits": 1}
    assert answer("run", iris, capsys=capsys)["outputs"] == {"n": 150}


@pytest.mark.django_db
def test_the_api_tells_what_is_kept_before_anything_ran() -> None:
    client = DjangoClient(headers={"host": "127.0.0.1:8000"})
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    kept = client.get("/api/store").json()
    assert (kept["bytes"], kept["count"], kept["results"]) == (0, 0, [])
    assert kept["audits"] == {"checked": 0, "false_hits": 0}
    assert kept["budget_bytes"] > 0


@pytest.mark.xdist_group("stack")
def test_the_api_tells_for_which_workflow_a_result_is_kept_and_how_often_it_was_loaded(stack: Stack) -> None:
    write_table(stack.data)
    client: Client = stack.client()
    workflow = str(client.created()["id"])
    text = DOUBLED + "\n# for itself\n"
    client.finished(client.started(workflow, text)["id"])
    client.finished(client.started(workflow, text)["id"])

    def kept() -> list[dict[str, Any]]:
        return [each for each in client.get("/store").json()["results"] if workflow in each["workflows"]]

    found = until(kept, lambda results: any(each["hits"] for each in results))
    assert any("result" in each["nodes"] for each in found)
    assert all(each["saved"] >= 0.0 for each in found)


@pytest.mark.xdist_group("stack")
def test_the_application_audits_what_a_run_loaded_and_tells_how_much(tmp_path: Path) -> None:
    own = Stack(tmp_path / "var", tmp_path / "data", environment={"HELIX_AUDIT": "100%"})
    try:
        write_table(own.data)
        client = own.client()
        workflow = client.created()["id"]
        for _ in range(2):
            assert client.finished(client.started(workflow, DOUBLED)["id"])["status"] == "succeeded"
        audits = until(lambda: client.get("/store").json()["audits"], lambda found: found["checked"] > 0)
        assert audits["false_hits"] == 0
        until(lambda: [line for line in own.lines if "event='audited'" in line], bool)
    finally:
        own.stop()
