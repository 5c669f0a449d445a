"""Functions that misbehave, through the API and the worker: their run fails at its node, and the next goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helixweb.workflow_texts import write_table
from tests.stack import Client, Stack

pytestmark = pytest.mark.xdist_group("stack")

TEXT = """\
import os, signal, socket, sys, threading, time
data = FileSource("tiny.csv")
rows = CSVScanner(data)
y = Extractor(rows, lambda batch: batch["x"] * 2)


def total(values):
    return float(values.iloc[:, 0].sum())


fine = Reducer(y, total)


def break_it(values):
    {statement}


bad = Reducer(y, break_it)
Output(fine, bad)
"""


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    write_table(stack.data)
    return stack.client()


def told(client: Client, workflow: str, statement: str) -> dict[str, Any]:
    """The failure of `bad`; `fine` was computed, and the text, once repaired, computes nothing of it again."""
    done = client.finished(client.started(workflow, TEXT.format(statement=statement))["id"])
    assert done["status"] == "failed"
    nodes = {node["name"]: node for node in done["nodes"]}
    assert nodes["fine"]["status"] == "done"
    assert nodes["bad"]["status"] == "failed"
    repaired = client.finished(client.started(workflow, TEXT.format(statement="return 1"))["id"])
    assert repaired["status"] == "succeeded"
    assert {node["name"]: node["action"] for node in repaired["nodes"]}["fine"] == "load"
    return dict(nodes["bad"]["error"])


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("time.sleep(0.5) or os._exit(7)", "status 7"),
        ("time.sleep(0.5) or os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault"),
        ("time.sleep(0.5) or os.kill(os.getpid(), signal.SIGKILL)", "killed"),
        ("sys.exit('enough')", "SystemExit: enough"),
        ("return break_it(values)", "RecursionError"),
        ("return object()", "type object"),
        ("return bytes(1 << 44)", "HELIX_LIMIT_MEMORY"),
        ("return 'x' * 70_000_000", "takes about 70 MB"),
    ],
)
def test_a_function_that_misbehaves_is_told_at_its_node_and_the_worker_goes_on(
    client: Client, statement: str, problem: str
) -> None:
    error = told(client, str(client.created()["id"]), statement)
    assert problem in error["message"]
    assert error["line"] is not None


def test_functions_get_at_nothing_that_helixweb_keeps_where_there_is_a_sandbox(stack: Stack, client: Client) -> None:
    isolation = client.get("/isolation").raise_for_status().json()
    kept = [stack.home / "secret-key", stack.home / "store" / "key", stack.home / "helixweb.sqlite3"]
    assert all(path.exists() for path in kept)
    statement = f"return [os.path.exists(path) for path in {list(map(str, kept))!r}]"
    done = client.finished(client.started(str(client.created()["id"]), TEXT.format(statement=statement))["id"])
    values = {node["name"]: node for node in done["nodes"]}
    assert done["status"] == "succeeded", values
    found = client.get(f"/runs/{done['id']}/events").json()["events"]
    seen = [each["event"] for each in found if each["event"].get("node") == "bad" and "value" in each["event"]]
    assert seen[0]["value"] == [not isolation["sandbox"]] * len(kept)
    assert isolation["sandbox"] == (isolation["missing"] == "")
    assert any(("put into a sandbox" if isolation["sandbox"] else "in NO sandbox") in line for line in stack.lines)
