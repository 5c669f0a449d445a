"""The command line on the history of a running application: log, show, diff, checkout, metrics and import."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.helixweb.workflow_texts import DOUBLED, write_table
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.xdist_group("stack")

NAME = "told of on the command line"
TEXTS = [DOUBLED, DOUBLED.replace("2", "3"), DOUBLED + "more = Reducer(rows, lambda rows: len(rows))\n"]


class Command:
    """``helixweb`` with the var folder of the application."""

    def __init__(self, stack: Stack, workflow: str, ids: list[str], client: Client) -> None:
        self.stack = stack
        self.workflow, self.ids, self.client = workflow, ids, client

    def __call__(self, *arguments: str) -> str:
        done = self.stack.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        return dict(json.loads(self(*arguments, "--json")))

    def refused(self, *arguments: str) -> str:
        done = self.stack.command(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr


@pytest.fixture(scope="module")
def command(stack: Stack) -> Command:
    client = stack.client()
    write_table(stack.data)
    workflow = client.created(name=NAME)["id"]
    ids = []
    for text in TEXTS:
        done = client.finished(client.started(workflow, text)["id"])
        assert done["status"] == "succeeded", done["message"]
        ids.append(done["version"])
    client.put(f"/workflows/{workflow}/draft", json={"text": TEXTS[2], "revision": 1}).raise_for_status()
    tag = {"kind": "tag", "name": "kept", "version": ids[1]}
    client.post(f"/workflows/{workflow}/refs", json=tag).raise_for_status()
    return Command(stack, workflow, ids, client)


def test_the_log_lists_versions_with_what_changed_and_what_was_measured(command: Command) -> None:
    lines = command("log", NAME).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["*", "v2", "v1"]
    assert "* v3" in lines[1]
    assert command.ids[2][:8] in lines[1]
    assert "+ more (main)" in lines[1]
    assert "(kept)" in lines[2]
    assert "result.total 12" in lines[3]
    found = command.json("log", command.workflow, "--number", "1")["versions"]
    assert [each["id"] for each in found] == [command.ids[2]]
    assert "and 2 before them" in command("log", NAME, "-n", "1")
    assert [each["number"] for each in command.json("log", NAME, "--find", "kept")["versions"]] == [2]


def test_the_log_tells_what_computing_everything_takes(command: Command) -> None:
    listed = lambda: command.json("log", NAME)["versions"]  # noqa: E731
    until(listed, lambda found: found[0]["scratch"])  # which is estimated once the run is over
    head, newest, *_ = command("log", NAME).splitlines()
    assert "from scratch" in head
    assert "≈" in newest, "but for one node it was loaded"
    again = command.client.post(f"/versions/{command.ids[0]}/runs", json={"reuse": False}).raise_for_status().json()
    assert command.client.finished(again["id"])["status"] == "succeeded"
    assert "≈" not in command("log", NAME).splitlines()[-1]
    known = [each["scratch"] for each in listed()]
    assert (known[0]["measured"], known[-1]["measured"]) == (False, True)
    assert all(each["seconds"] > 0 for each in known)


def test_a_command_says_nothing_of_an_application_that_is_down(command: Command) -> None:
    away = {"HELIX_REDIS": "redis://127.0.0.1:1/0"}
    done = command.stack.command("checkout", NAME, "main", environment=away)
    assert (done.returncode, done.stderr) == (0, "")
    assert "could not publish" not in done.stdout


def test_show_tells_a_version_with_its_text(command: Command) -> None:
    told = command("show", NAME, "v1")
    assert command.ids[0] in told
    assert told.endswith(TEXTS[0])
    assert command.json("show", NAME, command.ids[1][:10])["number"] == 2
    assert command.json("show", NAME)["number"] == 3


def test_diff_tells_nodes_metrics_and_lines(command: Command) -> None:
    told = command("diff", NAME, "v1", "v2")
    assert "y: constant FACTOR 2 → 3" in told
    assert "result.total" in told
    assert "+ more" in command("diff", NAME, "v2", "v3")
    lines = command("diff", NAME, "v1", "v2", "--code").splitlines()
    assert lines[:2] == ["--- v1", "+++ v2"]
    assert any(line.startswith("-") and "2" in line for line in lines[2:])
    assert command("diff", NAME) == "No node differs.\n"
    assert command.json("diff", NAME, "v1")["after"]["version"] is None


def test_metrics_are_a_table_or_comma_separated(command: Command) -> None:
    rows = list(csv.reader(io.StringIO(command("metrics", NAME, "--csv"))))
    place = rows[0].index("result.total")
    assert [row[0] for row in rows[1:]] == ["v1", "v2", "v3"]
    assert float(rows[1][place]) == 12.0
    assert "result.total" in command("metrics", NAME).splitlines()[0]
    assert command.json("metrics", NAME)["versions"]["number"] == [1, 2, 3]


def test_checking_out_moves_the_draft_that_the_page_shows(command: Command) -> None:
    assert "on no branch" in command("checkout", NAME, "v1")
    assert command.client.get(f"/workflows/{command.workflow}").json()["text"] == TEXTS[0]
    assert command.json("checkout", NAME, "main") == {"version": command.ids[2], "number": 3, "branch": "main"}
    assert command.client.get(f"/workflows/{command.workflow}").json()["text"] == TEXTS[2]


def test_a_repository_is_imported_from_its_folder_and_from_a_bundle(command: Command, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = {f"GIT_{role}_{what}": "ada@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **who}
        subprocess.run(["git", *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)

    git("init", "--quiet", "elsewhere")
    for number in range(3):
        (tmp_path / "elsewhere" / "workflow.py").write_text(f"{DOUBLED}# {tmp_path} {number}\n")
        git("-C", "elsewhere", "add", ".")
        git("-C", "elsewhere", "commit", "--quiet", "--message", f"Number {number}")
    found = command.json("import", str(tmp_path / "elsewhere"))
    assert (found["name"], found["versions"]) == ("elsewhere", 3)
    assert [each["message"] for each in command.json("log", found["workflow"])["versions"]] == [
        "Number 2",
        "Number 1",
        "Number 0",
    ]
    command.client.delete(f"/workflows/{found['workflow']}").raise_for_status()
    git("-C", "elsewhere", "bundle", "create", "../all.bundle", "--all")
    assert "was deleted" in command.refused("import", str(tmp_path / "all.bundle"))
    assert "No git repository" in command.refused("import", str(tmp_path / "nowhere"))


def test_wrong_names_say_what_is_meant(command: Command) -> None:
    assert f"Did you mean `{NAME}`" in command.refused("log", NAME[:-1])
    assert "no such version" in command.refused("show", NAME, "v99")
    command.client.created(name="never run")
    assert "each run commits one" in command.refused("diff", "never run")
    assert "No version" in command("log", "never run")


def test_a_metric_is_computed_for_past_versions_and_marked(command: Command) -> None:
    workflow = command.client.created(name="to be filled")["id"]
    for text in TEXTS[:2]:
        assert command.client.finished(command.client.started(workflow, text)["id"])["status"] == "succeeded"
    command.client.put(f"/workflows/{workflow}/draft", json={"text": TEXTS[2], "revision": 1}).raise_for_status()
    told = command("backfill", "to be filled", "more", "--dry-run")
    assert "2 of 2 versions in about" in told
    assert command.client.get(f"/workflows/{workflow}/backfills").json() == []
    assert [each["number"] for each in command.json("backfill", workflow, "more", "--dry-run")["versions"]] == [2, 1]
    assert "succeeded: 1 of 1 versions have it" in command("backfill", workflow, "more", "--versions", "v1-v1")
    done = command.json("backfill", workflow, "more")
    assert (done["status"], [each["number"] for each in done["versions"]]) == ("succeeded", [2])
    table = command("metrics", workflow)
    assert table.count(" later") == 2
    rows = list(csv.DictReader(io.StringIO(command("metrics", workflow, "--csv"))))
    assert [(float(row["more"]), row["more computed later"] != "") for row in rows] == [(3.0, True)] * 2
    assert "more 3 (computed later)" in command("show", workflow, "v1")
    assert "Did you mean `more`?" in command.refused("backfill", workflow, "moer")
    assert "v3,v7-v12" in command.refused("backfill", workflow, "more", "--versions", "last")
    assert "already" in command.refused("backfill", workflow, "more")
