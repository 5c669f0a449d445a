"""The command line: its JSON, its words, its exit status; and that it loads nothing it has no need of."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helixweb import cli, terminal
from tests.data import data_folder
from workflows.events import LogWritten, NodeProgressed, RunFinished

ROOT = Path(__file__).resolve().parents[2]
CENSUS = ROOT / "examples" / "census.py"
IRIS = """\
TIMES = 1
rows = Dataset("iris")

def count(frame):
    print("counting")
    return TIMES * len(frame)

n = Reducer(rows, count)
"""
WEIGHED = """\
from sklearn.linear_model import LogisticRegression
rows = CSVScanner(FileSource(train="learned.csv", test="first.csv"))
size = Field(rows, "size")
both = Interaction(Field(rows, "colour"), size)
examples = Examples(rows, features=[size, both], label=Field(rows, "kind"))
model = Learner(examples, LogisticRegression(C=0.001, l1_ratio=1.0, solver="liblinear"))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
"""
NODE_KEYS = {
    *("name", "operator", "action", "stale", "reason", "estimate", "seconds", "bytes", "stored", "signature", "digest"),
}


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    path = tmp_path / "iris.py"
    path.write_text(IRIS)
    return path


@pytest.fixture(autouse=True)
def _store_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_HOME", str(tmp_path / "var"))


def helixweb(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def answer(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status, out, _ = helixweb(*arguments, "--json", capsys=capsys)
    assert out.count("\n") == 1
    return status, json.loads(out)


def test_run_prints_the_one_object_of_the_contract(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, first = answer("run", iris, capsys=capsys)
    assert status == 0
    assert first.keys() == {"status", "engine", "seconds", "estimate", "accuracy", "outputs", "nodes"}
    assert (first["status"], first["engine"], first["outputs"]) == ("succeeded", "local", {"n": 150})
    assert [node["name"] for node in first["nodes"]] == ["rows", "n"]
    assert all(node.keys() == NODE_KEYS for node in first["nodes"])
    assert [(node["action"], node["stale"]) for node in first["nodes"]] == [("compute", True)] * 2
    _, second = answer("run", iris, capsys=capsys)
    assert [(node["action"], node["stale"]) for node in second["nodes"]] == [("prune", False), ("load", False)]
    assert second["nodes"][1]["signature"] == first["nodes"][1]["signature"]
    assert second["nodes"][1]["digest"] == first["nodes"][1]["digest"] is not None


def test_run_shows_people_a_table_their_prints_and_the_outputs(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = helixweb("run", iris, capsys=capsys)
    assert status == 0
    lines = out.splitlines()
    assert lines[0].split() == ["node", "operator", "action", "time", "estimated", "size", "reason"]
    assert lines[1].split()[:3] == ["rows", "Dataset", "compute"]
    assert "n = 150" in lines
    assert lines[-1].startswith("succeeded in ")
    assert err == "n | counting\n"


def test_a_failed_run_is_told_with_its_line_and_has_status_one(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    iris.write_text(IRIS.replace("len(frame)", "frame.nothing"))
    status, _, err = helixweb("run", iris, capsys=capsys)
    assert status == 1
    assert f"{iris}:6: error: `n`: AttributeError: 'DataFrame' object has no attribute 'nothing'" in err
    assert "    6 |     return TIMES * frame.nothing" in err
    status, result = answer("run", iris, capsys=capsys)
    assert (status, result["status"]) == (1, "failed")
    assert result["nodes"][1]["error"]["line"] == 6
    assert "AttributeError" in result["error"]


def test_options_of_run_reach_the_engine(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer("run", iris, "--set", "TIMES=2", capsys=capsys)[1]["outputs"] == {"n": 300}
    assert answer("run", iris, "--set", "TIMES=2", "--no-reuse", capsys=capsys)[1]["nodes"][1]["action"] == "compute"
    assert answer("run", iris, "--set", "TIMES=2", "--force", "n", capsys=capsys)[1]["nodes"][1]["action"] == "compute"
    store = iris.parent / "elsewhere"
    result = answer("run", iris, "--store", store, "--policy", "none", "--engine", "local", capsys=capsys)[1]
    assert not any(node["stored"] for node in result["nodes"])
    assert (store / "catalog.sqlite").exists()


def test_plan_says_what_a_run_would_do_and_runs_nothing(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        status, plan = answer("plan", iris, capsys=capsys)
        assert status == 0
        assert [(node["name"], node["action"], node["stale"]) for node in plan["nodes"]] == [
            ("rows", "compute", True),
            ("n", "compute", True),
        ]
    status, out, _ = helixweb("plan", iris, capsys=capsys)
    assert out.splitlines()[-1].startswith("2 to compute, 0 to load, 0 to prune; about ")


def test_plan_says_what_is_left_out_of_what_is_predicted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, colours in (("learned.csv", "rgb"), ("first.csv", "rg"), ("second.csv", "gb")):
        lines = [f"{colours[number % len(colours)]},{number % 7},{number % 2}" for number in range(40)]
        (tmp_path / name).write_text("\n".join(["colour,size,kind", *lines, ""]))
    text = tmp_path / "text.py"
    text.write_text(WEIGHED)
    assert helixweb("run", text, "--data", tmp_path, capsys=capsys)[0] == 0
    text.write_text(WEIGHED.replace("first.csv", "second.csv"))
    status, plan = answer("plan", text, "--data", tmp_path, capsys=capsys)
    assert status == 0
    nodes = {node["name"]: node for node in plan["nodes"]}
    assert nodes["both"]["reason"] == "pruned: its weights in `model` are all 0.0"
    assert (nodes["model"]["action"], nodes["predictions"]["action"]) == ("load", "compute")


def test_plan_tells_what_is_missing_and_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, plan = answer("plan", CENSUS, "--data", tmp_path, capsys=capsys)
    assert status == 0
    assert [missing["split"] for missing in plan["missing"]] == ["train", "test"]
    assert plan["missing"][0]["dataset"]["name"] == "adult"
    for command in ("plan", "run"):
        _, _, err = helixweb(command, CENSUS, "--data", tmp_path, capsys=capsys)
        assert "helixweb data fetch adult" in err


def test_check_tells_every_error_with_its_place_and_a_way_out(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    iris.write_text('rows = Datset("iris")\nn = Accuracy(rows, splt="x")\n')
    status, result = answer("check", iris, capsys=capsys)
    assert status == 1
    first = result["diagnostics"][0]
    assert first.keys() == {"code", "message", "hint", "severity", "line", "column", "end_line", "end_column"}
    assert (first["line"], first["column"]) == (1, 8)
    _, out, err = helixweb("check", iris, capsys=capsys)
    assert out == ""
    assert f"{iris}:1:8: error: " in err
    assert '    1 | rows = Datset("iris")\n      |        ^^^^^^' in err
    for command in ("plan", "run"):
        status, result = answer(command, iris, capsys=capsys)
        assert (status, result["status"]) == (1, "failed")
        assert result["diagnostics"][0] == first


def test_check_of_a_good_text_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert helixweb("check", CENSUS, capsys=capsys) == (0, "", "")
    assert answer("check", CENSUS, capsys=capsys) == (0, {"diagnostics": []})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("run", "iris.pi"), "Did you mean iris.py?"),
        (("run", "iris.py", "--set", "TIMES"), "--set takes NAME=VALUE"),
        (("run", "iris.py", "--set", "TIMS=2"), "Did you mean `TIMES`?"),
        (("run", "iris.py", "--force", "m"), "no node `m`"),
        (("data", "fetch", "adlut"), "did you mean `adult`?"),
        (("run", "iris.py", "--store", "iris.py"), "Name another folder with --store"),
    ],
)
def test_wrong_usage_has_status_two_and_a_way_out(
    iris: Path,
    arguments: tuple[str, ...],
    problem: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(iris.parent)
    status, out, err = helixweb(*arguments, capsys=capsys)
    assert (status, out) == (2, "")
    assert problem in err


@pytest.mark.parametrize("arguments", [(), ("fly",), ("run",), ("run", "x.py", "--policy", "adaptive?")])
def test_a_command_line_that_makes_no_sense_has_status_two(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: helixweb" in capsys.readouterr().err


def test_another_system_is_told_what_it_lacks(
    iris: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    for command in (("run", iris), ("plan", iris), ("serve",)):
        status, out, err = helixweb(*command, capsys=capsys)
        assert (status, out) == (1, "")
        assert "This needs Linux" in err
    assert helixweb("check", iris, capsys=capsys) == (0, "", "")


def test_data_list_says_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, listed = answer("data", "list", "--data", tmp_path, capsys=capsys)
    adult = {"name": "adult", "title": "UCI Adult (Census Income)", "bytes": 5977458, "present": False}
    assert adult in listed["datasets"]
    assert {dataset["name"] for dataset in listed["datasets"]} == {"adult", "mnist", "ner-gmb", "sms-spam"}
    assert not any(dataset["present"] for dataset in listed["datasets"])
    _, out, _ = helixweb("data", "list", "--data", tmp_path, capsys=capsys)
    assert "not fetched" in out


def test_a_fetch_that_fails_has_status_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIX_DATASETS_URL", "http://127.0.0.1:9/")
    status, _, err = helixweb("data", "fetch", "adult", "--data", tmp_path, capsys=capsys)
    assert status == 1
    assert "could not be fetched" in err


def test_an_unchanged_run_loads_no_library_that_computes(tmp_path: Path) -> None:
    script = (
        "import json, sys\nfrom helixweb.cli import main\n"
        f"status = main(['run', {str(CENSUS)!r}, '--data', {str(data_folder())!r}])\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'sklearn', 'scipy', 'django', 'celery'} & sys.modules.keys()\n"
        "print(json.dumps([status, sorted(heavy)]))\n"
    )
    environment = {**os.environ, "HELIX_HOME": str(tmp_path / "var")}
    for expected in ("compute", "load"):
        ended = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert f"Accuracy     {expected}" in ended.stdout
        assert json.loads(ended.stdout.splitlines()[-1]) == [0, []]


def test_the_console_script_is_the_command() -> None:
    command = Path(sys.executable).with_name("helixweb")
    ended = subprocess.run([command, "check", CENSUS], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_plan_shows_below_a_node_how_its_code_changed(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert helixweb("run", iris, capsys=capsys)[0] == 0
    iris.write_text("# first\n" + IRIS.replace("return TIMES * len", "return 2 * TIMES * len"))
    _, out, _ = helixweb("plan", iris, capsys=capsys)
    lines = out.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("n "))
    assert lines[at].endswith("stale: function `count` changed")
    assert lines[at + 1] == "    function `count` changed (workflow.py)"
    assert "       6      -     return TIMES * len(frame)" in lines
    assert "            7 +     return 2 * TIMES * len(frame)" in lines
    _, short, _ = helixweb("plan", iris, "--no-diff", capsys=capsys)
    assert "return" not in short
    _, told = answer("plan", iris, capsys=capsys)
    (change,) = next(node for node in told["nodes"] if node["name"] == "n")["changes"]
    assert (change["kind"], change["subject"]) == ("code", "function `count`")
    assert [line["text"] for line in change["diff"]["lines"] if line["mark"] == "added"] == [
        "    return 2 * TIMES * len(frame)"
    ]


def test_a_run_of_one_node_alone_gives_no_output_and_is_no_run_to_compare_with(
    iris: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = answer("run", iris, "--only", "rows", capsys=capsys)
    assert status == 0
    assert (told["only"], told["outputs"]) == (["rows"], {})
    assert [node["name"] for node in told["nodes"]] == ["rows"]
    _, planned = answer("plan", iris, capsys=capsys)
    assert {node["name"]: node["reason"] for node in planned["nodes"]}["n"] == "new"
    status, _, error = helixweb("run", iris, "--only", "row", capsys=capsys)
    assert status == 2
    assert "no node `row`. Did you mean `rows`?" in error


def test_run_says_how_near_its_estimates_were(iris: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = IRIS.replace("TIMES = 1", "import time\nTIMES = 1").replace("    print", "    time.sleep(0.4)\n    print")
    iris.write_text(slow)
    status, first = answer("run", iris, capsys=capsys)
    assert status == 0
    assert (first["accuracy"]["farthest"], first["accuracy"]["near"] < first["accuracy"]["nodes"]) == ("n", True)
    _, out, _ = helixweb("run", iris, "--force", "n", capsys=capsys)
    assert re.search(r"\(estimated .+; \d of \d nodes? within twice and half of theirs", out.splitlines()[-1])


def test_progress_is_one_line_of_a_terminal_and_nothing_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    event = NodeProgressed("model", 0.424, "tree 42\nof 100")
    assert terminal.progress_line(event) == "model: 42 %, tree 42 of 100"
    assert terminal.progress_line(NodeProgressed("model", None, "")) == "model: "
    terminal.Log().emit([event])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    terminal.Log().emit([event, LogWritten("model", "a line\n"), event, RunFinished("succeeded", 1.0)])
    shown = "model: 42 %, tree 42 of 100"
    assert capsys.readouterr().err == f"{shown}\r\x1b[Kmodel | a line\n{shown}\r\x1b[K"
