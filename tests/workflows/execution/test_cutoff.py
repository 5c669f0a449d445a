"""Early cut-off: what is made of a recomputed result that turned out equal is not computed, and known from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.execution.lab import UNPROTECTED, Lab, Outcome
from workflows.execution.runner import Isolation
from workflows.execution.warmserver import WarmServer

TEXT = """\
from sklearn.linear_model import LogisticRegression

rows = Split(CSVScanner(FileSource("rows.csv")), test=0.3, seed=1)

def older(frame):
    age = frame["age"]
    return age + 1

def clean(batch):
    return batch.assign(age=batch["age"] * 2)

tidy = Map(rows, clean)
age = Extractor(Field(tidy, "age"), older)
group = Field(tidy, "group")
examples = Examples(tidy, features=[age, group], label=Field(tidy, "rich"))
model = Learner(examples, LogisticRegression(C=0.5))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
n = Reducer(rows["train"], lambda frame: len(frame))
Output(accuracy, n)
"""
SAME_CLEAN = TEXT.replace('batch["age"] * 2', '2 * batch["age"]')
SAME_OLDER = TEXT.replace("age = frame", "years = frame").replace("return age + 1", "return years + 1")


@pytest.fixture(params=[UNPROTECTED, Isolation("require")], ids=["open", "sandbox"])
def lab(request: pytest.FixtureRequest, tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    data = tmp_path / "data"
    data.mkdir()
    lines = [f"{20 + place % 37},{'ab'[place * 7 % 11 > 5]},{'yn'[place * 5 % 7 > 3]}" for place in range(9000)]
    (data / "rows.csv").write_text("age,group,rich\n" + "\n".join(lines) + "\n")
    made = Lab(tmp_path / "store", data, warm, request.param)
    yield made
    made.store.close()


def computed(outcome: Outcome) -> set[str]:
    """The stale nodes that were computed; of what is not stale that depends on what loading it costs just now."""
    return outcome.with_action("compute") & outcome.stale


def without_reuse(lab: Lab, text: str) -> object:
    fresh = Lab(lab.root.with_name("fresh"), lab.data, lab.warm, lab.isolation)
    outputs = fresh.succeed(text, reuse=False).result.outputs
    fresh.store.close()
    return outputs


def test_where_a_rewritten_function_gives_the_same_only_its_node_is_computed(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    again = lab.succeed(SAME_CLEAN, policy="all")
    assert again.stale >= {"tidy", "age", "examples", "model", "predictions", "accuracy"}
    assert computed(again) == {"tidy"}
    assert again.node("accuracy").reason == "reused: `tidy` turned out equal"
    assert again.result.outputs == first.result.outputs == without_reuse(lab, SAME_CLEAN)
    third = lab.succeed(SAME_CLEAN, policy="all")
    assert computed(third) == set()
    assert third.stale == set()
    assert third.result.outputs == first.result.outputs
