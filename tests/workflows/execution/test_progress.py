"""How far a node is is told while it runs: by its own code, and by estimators that can be watched."""

from __future__ import annotations

import pytest

from tests.workflows.execution.lab import Lab
from workflows.events import LogWritten, MetricRecorded, NodeFinished, NodeProgressed, NodeStarted

TOLD = """\
import time
rows = Dataset("iris")

def walk(batch):
    for step in range(4):
        progress(step / 4, f"step {step}")
        log("loss", 1 / (1 + step), step=step)
        time.sleep(0.25)
    progress(None)
    return batch["target"]

target = Extractor(rows, walk, each="split")
size = Reducer(target, lambda found: len(found))
"""

LEARNED = """\
from sklearn.ensemble import GradientBoostingClassifier
rows = Dataset("breast_cancer")
radius = Field(rows, "mean radius")
target = Field(rows, "target")
examples = Examples(rows, features=[radius], label=target)
model = Learner(examples, GradientBoostingClassifier(n_estimators=20))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions, split="all")
"""


def test_user_code_tells_how_far_it_is_and_its_numbers_by_step(lab: Lab) -> None:
    events = lab.succeed(TOLD).sink.events
    told = [event for event in events if isinstance(event, NodeProgressed)]
    assert {event.node for event in told} == {"target"}
    assert [event.fraction for event in told if event.fraction is not None] == [0.0, 0.25, 0.5, 0.75]
    assert told[1].message == "step 1"
    points = [event for event in events if isinstance(event, MetricRecorded) and event.step is not None]
    assert [(event.node, event.name, event.step) for event in points] == [("target", "loss", n) for n in range(4)]
    kinds = [type(event) for event in events if getattr(event, "node", "") == "target"]
    assert kinds.index(NodeStarted) < kinds.index(NodeProgressed)
    last = max(place for place, kind in enumerate(kinds) if kind is NodeProgressed)
    assert last < kinds.index(NodeFinished)


def test_a_model_that_is_fitted_in_stages_tells_them(lab: Lab) -> None:
    told = [event for event in lab.succeed(LEARNED).sink.events if isinstance(event, NodeProgressed)]
    assert told[0] == NodeProgressed("model", 1 / 20, "stage 1 of 20")


def test_a_loop_that_tells_without_rest_is_heard_now_and_then(lab: Lab) -> None:
    text = TOLD.replace("range(4)", "range(20_000)").replace("time.sleep(0.25)", "pass").replace('log("loss"', '#("')
    text = text.replace("step / 4", "step / 20_000")
    told = [event for event in lab.succeed(text).sink.events if isinstance(event, NodeProgressed)]
    assert 1 <= len(told) < 100


def test_a_fraction_that_is_no_number_fails_the_node_at_its_line(lab: Lab) -> None:
    outcome = lab.run(TOLD.replace("progress(None)", 'progress(float("nan"))'))
    assert outcome.failures["target"].line == 9
    assert "between 0 and 1" in outcome.failures["target"].message


@pytest.mark.parametrize("name", ["log", "progress"])
def test_a_name_of_the_text_stands_before_that_of_the_language(lab: Lab, name: str) -> None:
    text = f"rows = Dataset('iris')\ndef {name}(x):\n    print('mine')\ndef f(rows):\n    {name}(0.5)\n    return 1\n"
    events = lab.succeed(text + "n = Reducer(rows, f)\n").sink.events
    assert [event.text for event in events if isinstance(event, LogWritten)] == ["mine\n"]
    assert not [event for event in events if isinstance(event, NodeProgressed)]
