"""What a run does with its plan: events in order, results kept by policy, damage mended, equals computed once."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.workflows.execution.lab import CENSUS, Lab, Recorder
from workflows.events import (
    Event,
    NodeFinished,
    NodePlanned,
    NodeProgressed,
    NodeStarted,
    NodeStored,
    RunFinished,
    RunStarted,
)
from workflows.execution.planning import from_scratch
from workflows.execution.runner import DoesNotCompile, UnknownNode, run

IRIS = """\
data = Dataset("iris")
rows = Split(data, stratify="target")
"""
COUNT = "def count(frame):\n    return len(frame)\n\n"


def test_events_tell_the_run_in_order(lab: Lab) -> None:
    outcome = lab.succeed(CENSUS)
    events = outcome.sink.events
    names = [node.name for node in outcome.result.nodes]
    assert isinstance(events[0], RunStarted)
    assert [event.node for event in events[1 : len(names) + 1] if isinstance(event, NodePlanned)] == names
    assert isinstance(events[-1], RunFinished)
    assert events[-1].status == "succeeded"
    for name in names:
        kinds = [
            type(event)
            for event in events
            if getattr(event, "node", None) == name and not isinstance(event, NodeStored | NodeProgressed)
        ]
        assert kinds[:3] == [NodePlanned, NodeStarted, NodeFinished]
    stored = {event.node for event in outcome.sink.of(NodeStored)}
    assert stored == {node.name for node in outcome.result.nodes if node.stored}
    assert "model" in stored


def test_what_a_run_from_scratch_takes_is_known_from_what_was_measured(lab: Lab) -> None:
    first = lab.succeed(CENSUS, policy="all")
    again = lab.prepare(CENSUS)
    assert again.plan is not None
    assert again.plan.estimate < 0.001
    assert from_scratch(again, lab.store) == pytest.approx(first.result.seconds, rel=0.9)
    assert from_scratch(first.prepared, lab.store) == from_scratch(again, lab.store)


def test_what_is_kept_is_durable_before_the_run_is_finished(lab: Lab) -> None:
    kept: list[bool] = []
    sink = Recorder()

    def look(event: Event) -> None:
        if isinstance(event, RunFinished):
            kept.append(all(lab.store.catalog.records([signature])[signature].stored for signature in signatures))

    prepared = lab.prepare(CENSUS)
    signatures = [signature for part, signature in prepared.signatures.items() if signature and part.node == "accuracy"]
    sink.listeners.append(look)
    lab.succeed(CENSUS, sink=sink)
    assert kept == [True]


def test_policy_none_keeps_nothing_and_all_keeps_everything(lab: Lab) -> None:
    first = lab.succeed(CENSUS, policy="none")
    assert not any(node.stored for node in first.result.nodes)
    second = lab.succeed(CENSUS, policy="all")
    assert second.stale == set()
    assert second.with_action("compute") == {node.name for node in second.result.nodes}
    assert {node.name for node in second.result.nodes if not node.stored} == {"data"}


def test_no_reuse_and_force_compute_what_is_stored(lab: Lab) -> None:
    first = lab.succeed(CENSUS, policy="all")
    forced = lab.succeed(CENSUS, policy="all", force=["model"])
    assert "compute" in forced.node("model").action
    assert forced.stale == set()
    without = lab.succeed(CENSUS, policy="all", reuse=False)
    assert without.with_action("compute") == {node.name for node in without.result.nodes}
    assert first.result.outputs == forced.result.outputs == without.result.outputs


def test_forcing_a_node_that_is_not_there_names_the_nearest(lab: Lab) -> None:
    with pytest.raises(UnknownNode, match="Did you mean `model`"):
        lab.prepare(CENSUS, force=["modle"])


def test_a_text_that_does_not_compile_is_not_run(lab: Lab) -> None:
    prepared = lab.prepare("rows = Fild(data)\n")
    assert prepared.plan is None
    with pytest.raises(DoesNotCompile, match="Line 1"):
        run(prepared, store=lab.store, data_root=lab.data, sink=Recorder())


def test_nothing_is_read_while_one_types(lab: Lab) -> None:
    before = lab.prepare(CENSUS, hash_files=False)
    assert set(before.data.values()) == {None}
    lab.prepare(CENSUS, hash_files=True)
    assert before.plan is not None
    assert before.plan.nodes[next(iter(before.plan.nodes))].stale


def test_equal_parts_are_computed_once(lab: Lab, tmp_path: Path) -> None:
    mark = tmp_path / "calls"
    text = (
        IRIS
        + COUNT
        + (
            f"def slow(batch):\n    open({str(mark)!r}, 'a').write('x')\n    return batch['target']\n\n"
            "one = Extractor(rows, slow, each='split')\ntwo = Extractor(rows, slow, each='split')\n"
            "first = Reducer(one, count)\nsecond = Reducer(two, count)\n"
        )
    )
    outcome = lab.succeed(text)
    assert mark.read_text() == "x"
    assert outcome.result.outputs == {"first": 30, "second": 30}
    assert {node.status for node in outcome.result.nodes} == {"done"}
    again = lab.succeed(text)
    assert again.result.outputs == outcome.result.outputs
    assert again.with_action("compute") == set()


def test_what_is_not_to_be_cached_is_computed_each_time(lab: Lab, tmp_path: Path) -> None:
    mark = tmp_path / "calls"
    text = (
        IRIS
        + f"def note(frame):\n    open({str(mark)!r}, 'a').write('x')\n    return 1\n\n"
        + "n = Reducer(rows, note, cache=False)\n"
    )
    lab.succeed(text)
    lab.succeed(text)
    assert mark.read_text() == "xx"


def test_a_damaged_result_is_computed_anew(lab: Lab) -> None:
    lab.succeed(CENSUS, policy="all")
    expected = lab.succeed(CENSUS.replace("C=1.0", "C=0.5"), policy="none").result.outputs
    for blob in (lab.root / "blobs").iterdir():
        blob.chmod(0o644)
        blob.write_bytes(b"torn" + blob.read_bytes()[:-4])
    outcome = lab.succeed(CENSUS.replace("C=1.0", "C=0.5"), policy="all")
    assert outcome.result.outputs == expected
    assert "rows" in outcome.with_action("compute")


def test_a_result_that_is_gone_is_computed_anew(lab: Lab) -> None:
    lab.succeed(CENSUS, policy="all")
    for blob in (lab.root / "blobs").iterdir():
        blob.unlink()
    assert lab.succeed(CENSUS.replace("C=1.0", "C=0.5")).with_action("compute") >= {"rows", "model"}


def test_user_code_runs_one_node_at_a_time(lab: Lab, tmp_path: Path) -> None:
    log = tmp_path / "log"
    text = (
        IRIS
        + COUNT
        + (
            "import time\n"
            f"def note(word):\n    with open({str(log)!r}, 'a') as file:\n        file.write(word)\n\n"
            "def slow(batch):\n    note('(')\n    time.sleep(0.02)\n    note(')')\n    return batch['target']\n\n"
            "features = {name: Extractor(rows, lambda b: slow(b) + len(name), each='split') for name in 'abcdef'}\n"
            "counts = [Reducer(features[name], count) for name in 'abcdef']\n"
        )
    )
    lab.succeed(text)
    assert log.read_text() == "()" * 6


def test_random_numbers_are_the_same_in_every_run(lab: Lab) -> None:
    text = IRIS + (
        "import random\nimport numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "def noise(batch):\n    return np.random.rand(len(batch)) + random.random()\n\n"
        "width = Field(rows, 'petal width (cm)')\n"
        "noisy = Extractor(rows, noise, each='split')\n"
        "examples = Examples(rows, features=[width, noisy], label=Field(rows, 'target'))\n"
        "predictions = Predict(Learner(examples, RandomForestClassifier(n_estimators=5)), examples)\n"
        "def scores(frame):\n    return frame.filter(like='score').sum().tolist()\n\n"
        "total = Reducer(predictions, scores)\nnames = Reducer(predictions, lambda frame: list({'a', 'b', 'c', 'd'}))\n"
    )
    one = lab.succeed(text, reuse=False)
    other = lab.succeed(text, reuse=False)
    assert one.result.outputs == other.result.outputs
    seeded = text.replace("RandomForestClassifier(n_estimators=5))", "RandomForestClassifier(n_estimators=5), seed=1)")
    assert lab.succeed(seeded).result.outputs["total"] != one.result.outputs["total"]


def test_everything_a_text_may_define_is_there_for_its_functions(lab: Lab) -> None:
    text = IRIS + (
        '"""A module."""\n'.replace('"""A module."""\n', "") + "import re\nfrom dataclasses import dataclass\n"
        "from sklearn.base import BaseEstimator, TransformerMixin\n"
        "SCALE = 2.0\nWORDS = ['a', 'b']\nPATTERN = re.compile(r'(\\d)')\n\n"
        "@dataclass\nclass Pair:\n    left: float\n    right: float\n\n"
        "class Doubler(TransformerMixin, BaseEstimator):\n"
        "    def __init__(self, factor=1.0):\n        self.factor = factor\n"
        "    def fit(self, x, y=None):\n        self.fitted_ = True\n        return self\n"
        "    def transform(self, x):\n        return x * self.factor\n\n"
        "def helper(value):\n    return Pair(value * SCALE, len(WORDS))\n\n"
        "def both(frame):\n    pair = helper(float(PATTERN.match('3').group(1)))\n"
        "    return [pair.left, pair.right]\n\n"
        "width = Field(rows, 'petal width (cm)')\n"
        "doubled = Transform(width, Doubler(factor=SCALE))\n"
        "def top(frame):\n    return float(frame.iloc[:, 0].max())\n\n"
        "pair = Reducer(rows, both)\nwidest = Reducer(width, top)\ntwice = Reducer(doubled, top)\n"
        "picked = [Reducer(rows, lambda frame: word * len(frame.columns)) for word in WORDS]\n"
    )
    outputs = lab.succeed(text).result.outputs
    assert outputs["pair"] == [6.0, 2]
    assert outputs["twice"] == 2 * outputs["widest"]
    assert (outputs["picked[0]"], outputs["picked[1]"]) == ("aaaaa", "bbbbb")


def test_overrides_replace_constants(lab: Lab) -> None:
    text = IRIS + "TIMES = 1\ndef size(frame):\n    return TIMES * len(frame)\n\nn = Reducer(rows, size)\n"
    assert [lab.succeed(text, overrides={"TIMES": times}).result.outputs["n"] for times in (1, 3)] == [30, 90]


def test_modules_of_lib_are_there_for_functions(lab: Lab, tmp_path: Path) -> None:
    library = tmp_path / "lib"
    library.mkdir()
    (library / "clean.py").write_text("def size(frame):\n    return 10 * len(frame)\n")
    text = IRIS + "import clean\ndef size(frame):\n    return clean.size(frame)\n\nn = Reducer(rows, size)\n"
    first = lab.succeed(text, lib=library)
    assert first.result.outputs["n"] == 300
    (library / "clean.py").write_text("def size(frame):\n    return 100 * len(frame)\n")
    second = lab.succeed(text, lib=library)
    assert second.stale == {"n"}
    assert second.result.outputs["n"] == 3000


def test_a_run_without_a_warm_server_has_one_of_its_own(lab: Lab) -> None:
    prepared = lab.prepare(IRIS + COUNT + "n = Reducer(rows, count)\n")
    result = run(prepared, store=lab.store, data_root=lab.data, sink=Recorder())
    assert result.outputs == {"n": 30}


def test_times_and_sizes_of_nodes_are_measured(lab: Lab) -> None:
    outcome = lab.succeed(CENSUS)
    for node in outcome.result.nodes:
        assert node.seconds > 0
        assert node.bytes > 0
    assert outcome.result.seconds > 0
    pairs = itertools.pairwise(event for event in outcome.sink.events if isinstance(event, NodeStarted | NodeFinished))
    assert any(isinstance(first, NodeStarted) for first, _ in pairs)


def test_a_pattern_stands_for_all_its_files_in_order(lab: Lab, tmp_path: Path) -> None:
    lab.data = tmp_path / "data"
    (lab.data / "day").mkdir(parents=True)
    for name, lines in (("b", "x,y\n3,c\n"), ("a", "y,x\na,1\nb,2.5\n")):
        (lab.data / "day" / f"{name}.csv").write_text(lines)
    text = (
        'data = FileSource("day/*.csv")\nrows = CSVScanner(data)\n'
        "def listed(frame):\n    return frame[['x', 'y']].values.tolist()\n\nn = Reducer(rows, listed)\n"
    )
    first = lab.succeed(text)
    assert first.result.outputs["n"] == [[1.0, "a"], [2.5, "b"], [3.0, "c"]]
    (lab.data / "day" / "c.csv").write_text("x,y\n4,d\n")
    second = lab.succeed(text)
    assert second.result.outputs["n"][-1] == [4.0, "d"]
    assert second.stale == {"data", "rows", "n"}


def test_a_pattern_that_matches_nothing_is_told(lab: Lab) -> None:
    outcome = lab.run('rows = CSVScanner(FileSource("none/*.csv"))\nOutput(rows)\n')
    assert "matches none/*.csv" in next(iter(outcome.failures.values())).message


def test_what_one_consumer_does_to_its_input_the_next_does_not_see(lab: Lab) -> None:
    text = (
        "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
        "rows = Dataset('iris')\nlabel = Field(rows, 'target')\nwidth = Field(rows, 'petal width (cm)')\n"
        "few = Bucketizer(width, bins=3)\n"
        "flowers = Examples(rows, features=[few], label=label)\n"
        "model = Learner(flowers, LogisticRegression())\n"
        "def table(frame):\n    return {'sizes': [1, 2, 3], 'inner': {'a': [1]}}\n\n"
        "value = Reducer(rows, table)\n"
        "def spoil(value, estimator, matrix):\n"
        "    seen = (str(value), float(estimator.coef_.sum()), float(matrix.x.sum()), len(matrix.label))\n"
        "    value['sizes'].append(4)\n    value['inner'].clear()\n"
        "    estimator.coef_ = estimator.coef_ * 0 + 7\n"
        "    matrix.x.data = matrix.x.data * 5 if hasattr(matrix.x, 'indptr') else matrix.x\n"
        "    return list(seen)\n\n"
        "first = Reducer(value, model, flowers, lambda v, e, m: spoil(v, e, m))\n"
        "second = Reducer(value, model, flowers, lambda v, e, m: [*spoil(v, e, m)])\n"
        "Output(first, second)\n"
    )
    outputs = lab.succeed(text).result.outputs
    assert outputs["first"] == outputs["second"]


def test_predicting_with_a_class_of_ones_own_starts_anew_for_each_split(lab: Lab) -> None:
    text = (
        "import numpy as np\nrows = Split(Dataset('iris'))\n"
        "class Counting:\n"
        "    def fit(self, x, y):\n        self.calls = 0\n        return self\n"
        "    def predict(self, x):\n        self.calls += 1\n        return np.full(x.shape[0], float(self.calls))\n\n"
        "flowers = Examples(rows, features=[Field(rows, 'petal width (cm)')], label=Field(rows, 'target'))\n"
        "predictions = Predict(Learner(flowers, Counting()), flowers)\n"
        "def calls(frame):\n    return frame['prediction'].max()\n\n"
        "train = Reducer(predictions, calls, split='train')\ntest = Reducer(predictions, calls, split='test')\n"
    )
    assert lab.succeed(text).result.outputs == {"train": 1.0, "test": 1.0}
