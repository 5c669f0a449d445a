"""A node that fails is told by its own line and input; it fails what follows from it, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.execution.lab import CENSUS, Lab
from workflows.events import LogWritten, MetricRecorded, NodeFailed, NodeSkipped

IRIS = """\
from sklearn.linear_model import LogisticRegression

data = Dataset("iris")
rows = Split(data, stratify="target")
width = Field(rows, "petal width (cm)")
label = Field(rows, "target")
"""
MODEL = """\
flowers = Examples(rows, features=[width], label=label)
model = Learner(flowers, LogisticRegression())
predictions = Predict(model, flowers)
accuracy = Accuracy(predictions)
"""


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_an_exception_in_a_user_function_is_told_by_its_own_line_and_first_input(lab: Lab) -> None:
    text = IRIS + (
        "NAMES = {0: 'setosa', 1: 'versicolor'}\n\n"
        "def name_of(value):\n"
        "    return NAMES[value]\n\n"
        "def named(batch):\n"
        "    return batch['target'].map(name_of)\n\n"
        "names = Extractor(rows, named)\n"
        "def count(frame):\n    return len(frame)\n\n"
        "total = Reducer(names, count)\n"
        "fine = Reducer(width, count)\n"
    )
    outcome = lab.run(text)
    failed = outcome.failures["names"]
    assert outcome.result.status == "failed"
    assert failed.message == "KeyError: 2"
    assert failed.line == line_of(text, "return NAMES[value]")
    assert "'target': 2" in failed.example
    assert failed.detail.splitlines()[0].endswith("in named")
    assert [event.node for event in outcome.sink.of(NodeSkipped)] == ["total"]
    assert outcome.sink.of(NodeSkipped)[0].because == "names"
    assert outcome.result.outputs == {"fine": 30}
    assert outcome.result.error == "`names`: KeyError: 2"


def test_what_was_complete_is_kept_and_the_next_run_starts_there(lab: Lab) -> None:
    broken = (
        IRIS + MODEL + "def judge(frame):\n    return frame['oops'].sum()\n\nverdict = Reducer(predictions, judge)\n"
    )
    first = lab.run(broken, policy="all")
    assert set(first.failures) == {"verdict"}
    assert first.result.outputs["accuracy"] > 0.8
    second = lab.run(broken.replace("'oops'", "'label'"), policy="all")
    assert second.result.status == "succeeded"
    assert second.with_action("compute") == {"verdict"}
    assert second.stale == {"verdict"}


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("Extractor(rows, lambda batch: batch['target'].head(3))", "gave 3 values for"),
        ("Extractor(rows, lambda batch: print('x'))", "is a `return` missing?"),
        ("Field(rows, 'petal widht (cm)')", "did you mean `petal width (cm)`?"),
        ("Transform(width, sklearn.preprocessing.StandartScaler())", "did you mean `StandardScaler`?"),
        ("Transform(width, StandardScaler(with_maen=False))", "no parameter `with_maen`: did you mean `with_mean`?"),
        ("Transform(width, StandardScaler(1, 2, 3, 4, 5))", "StandardScaler cannot be made"),
        ("Transform(width, nowhere.Scaler())", "no installed package `nowhere`"),
        ("Transform(width, PCA(n_components=7))", "ValueError: n_components=7"),
    ],
)
def test_what_is_wrong_with_a_node_is_told_at_its_line(lab: Lab, call: str, problem: str) -> None:
    imports = "import sklearn.preprocessing\nimport nowhere\nfrom sklearn.preprocessing import StandardScaler\n"
    text = imports + "from sklearn.decomposition import PCA\n" + IRIS + f"bad = {call}\nOutput(bad)\n"
    text = text if "nowhere" in call else text.replace("import nowhere\n", "")
    failed = lab.run(text).failures["bad"]
    assert problem in failed.message
    assert failed.line == line_of(text, "bad =")


def test_a_null_number_in_examples_names_impute_and_the_node(lab: Lab) -> None:
    gaps = "def some(batch):\n    return batch['target'].where(batch['target'] > 0)\n\ngaps = Extractor(rows, some)\n"
    failed = lab.run(IRIS + gaps + MODEL.replace("[width]", "[gaps]")).failures["flowers"]
    assert "`gaps` has" in failed.message
    assert "Impute" in failed.message


def test_an_exception_while_the_module_is_made_is_told_by_its_line(lab: Lab) -> None:
    text = (
        "import re\nPATTERN = re.compile('(')\n"
        + IRIS
        + "found = Extractor(rows, lambda batch: PATTERN)\nOutput(found)\n"
    )
    failed = lab.run(text).failures["found"]
    assert failed.line == 2
    assert failed.message.startswith("error: missing )")


def test_a_function_that_ends_the_interpreter_fails_its_node_alone(lab: Lab) -> None:
    text = IRIS + "import sys\nbad = Extractor(rows, lambda batch: sys.exit(3))\nOutput(bad, width)\n"
    outcome = lab.run(text)
    assert outcome.failures["bad"].message == "SystemExit: 3"
    assert outcome.node("width").status == "done"


def test_a_missing_file_says_what_to_do(lab: Lab, tmp_path: Path) -> None:
    lab.data = tmp_path / "empty"
    lab.data.mkdir()
    outcome = lab.run(CENSUS)
    assert [missing.split for missing in outcome.prepared.missing] == ["train", "test"]
    assert outcome.prepared.missing[0].dataset is not None
    assert outcome.prepared.missing[0].dataset.name == "adult"
    failed = outcome.failures["data"]
    assert "It belongs to" in failed.message
    assert "helixweb" not in failed.message  # the page shows it too, and has a button
    assert failed.line == line_of(CENSUS, "data = FileSource")
    assert {event.node for event in outcome.sink.of(NodeSkipped)} == {
        node.name for node in outcome.result.nodes if node.name != "data"
    }


def test_a_file_with_a_similar_name_is_suggested(lab: Lab) -> None:
    prepared = lab.prepare('rows = CSVScanner(FileSource("adult/adult.dat"))\nOutput(rows)\n')
    assert "Did you mean `adult.data`?" in prepared.missing[0].message


def test_a_folder_in_place_of_a_file_is_told(lab: Lab) -> None:
    prepared = lab.prepare('rows = CSVScanner(FileSource("adult/"))\nOutput(rows)\n')
    assert "or all of them as `adult/*`" in prepared.missing[0].message


def test_a_ragged_row_is_told_with_the_line_of_the_file_at_the_line_of_the_node(lab: Lab, tmp_path: Path) -> None:
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    (lab.data / "a.csv").write_text("x,y\n1,2\n3\n")
    failed = lab.run('data = FileSource("a.csv")\nrows = CSVScanner(data)\nOutput(rows)\n').failures["rows"]
    assert failed.message == "a.csv, line 3: 2 values are expected, and here are 1: 3"
    assert failed.line == 2


def test_a_result_that_json_cannot_hold_is_told(lab: Lab) -> None:
    text = IRIS + "def look(frame):\n    return object()\n\nbad = Reducer(rows, look)\n"
    assert "`look` gave a value of type object" in lab.run(text).failures["bad"].message


def test_a_value_that_is_too_large_is_told(lab: Lab) -> None:
    text = IRIS + "def much(frame):\n    return ['x' * 9_000_000] * 8\n\nbad = Reducer(rows, much)\n"
    assert "takes about 72 MB" in lab.run(text).failures["bad"].message


def test_prints_are_the_log_of_their_node(lab: Lab) -> None:
    text = IRIS + "def loud(frame):\n    print('hello', len(frame))\n    return 1\n\nn = Reducer(rows, loud)\n"
    logs = lab.succeed(text).sink.of(LogWritten)
    assert [(log.node, log.text) for log in logs] == [("n", "hello 30\n")]


def test_a_node_that_prints_without_end_is_cut(lab: Lab) -> None:
    text = (
        IRIS
        + "def loud(frame):\n    for _ in range(9000):\n        print('x' * 99)\n    return 1\n\n"
        + "n = Reducer(rows, loud)\n"
    )
    printed = "".join(log.text for log in lab.succeed(text).sink.of(LogWritten))
    assert len(printed) < 300_000
    assert printed.endswith("… what follows was dropped\n")


def test_log_records_a_curve_and_numbers_of_reducers_are_metrics(lab: Lab) -> None:
    text = IRIS + (
        "def train(frame):\n"
        "    for step in range(3):\n        log('loss', 1 / (step + 1), step=step)\n"
        "    return {'rows': len(frame), 'name': 'x', 'nothing': float('nan')}\n\n"
        "n = Reducer(rows, train)\n"
    )
    outcome = lab.succeed(text)
    found = [(event.name, event.value, event.step) for event in outcome.sink.of(MetricRecorded)]
    assert found == [("loss", 1.0, 0), ("loss", 0.5, 1), ("loss", 1 / 3, 2), ("n.rows", 30.0, None)]
    assert outcome.result.outputs["n"]["name"] == "x"


def test_failures_reach_the_sink_as_events(lab: Lab) -> None:
    outcome = lab.run(IRIS + "bad = Field(rows, 'x')\nOutput(bad)\n")
    assert outcome.sink.of(NodeFailed) == [outcome.failures["bad"]]


def test_a_check_that_does_not_hold_fails_the_run_and_shows_its_rows(lab: Lab) -> None:
    text = IRIS + MODEL + "\nCheck(data, '`petal width (cm)` between 0 and 2')\nCheck(data, 'target < 3')\n"
    outcome = lab.run(text)
    (name,) = outcome.failures
    failed = outcome.failures[name]
    assert outcome.result.status == "failed"
    assert failed.code == "check-failed"
    assert failed.line == line_of(text, "Check(data, '`petal")
    assert failed.example.startswith("all, row 101: {'petal width (cm)': 2.5}\n")
    assert outcome.result.outputs["accuracy"] > 0.8
    passed = next(value for key, value in outcome.result.outputs.items() if key.startswith("Check"))
    assert passed == {"all": {"rows": 150, "broken": 0, "share": 1.0}}


def test_a_function_that_is_not_row_wise_fails_its_node_with_the_row(lab: Lab) -> None:
    text = IRIS + "def centred(batch):\n    print('once')\n    return batch['target'] - batch['target'].mean()\n\n"
    outcome = lab.run(text + "x = Extractor(rows, centred)\nOutput(x['train'])\n")
    failed = outcome.failures["x"]
    assert failed.code == "not-row-wise"
    assert "in a batch of all 120 rows it gives" in failed.message
    assert "'target': " in failed.example
    assert [event.text for event in outcome.sink.of(LogWritten)] == ["once\n"]


@pytest.mark.parametrize("path", ["v" * 300, "*" + "v" * 300])
def test_a_path_longer_than_any_file_has_is_a_missing_file(lab: Lab, path: str) -> None:
    prepared = lab.prepare(f'rows = CSVScanner(FileSource("{path}"))\nOutput(rows)\n')
    assert [missing.path for missing in prepared.missing] == [path]
