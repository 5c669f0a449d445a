"""Early cut-off: what is made of a recomputed result that turned out equal is not computed, and known from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.execution.lab import UNPROTECTED, Lab, Outcome, Recorder
from workflows.events import NodeFinished, NodePlanned, NodeStarted
from workflows.execution.runner import Isolation
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import NodeName, PartId

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


def test_the_page_is_told_of_the_new_plan_and_what_is_left(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    again = lab.succeed(SAME_CLEAN, policy="all")
    planned = {event.node: event for event in again.sink.of(NodePlanned)}  # the last one each
    assert (planned["model"].action, planned["model"].stale) == ("prune", True)
    assert (planned["accuracy"].action, planned["accuracy"].reason) == ("load", "reused: `tidy` turned out equal")
    finished = {event.node: event.action for event in again.sink.of(NodeFinished)}
    assert finished["accuracy"] == "load"
    assert "model" not in finished
    assert again.node("model").status == "pruned"
    assert {node.status for node in again.result.nodes} <= {"done", "pruned"}


def test_where_another_branch_really_changed_what_reads_it_is_computed(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    text = SAME_OLDER.replace("C=0.5", "C=0.25")
    again = lab.succeed(text, policy="all")
    assert computed(again) - {"examples"} == {"age", "model", "predictions", "accuracy"}  # making them may be cheaper
    assert again.result.outputs == without_reuse(lab, text)
    third = lab.succeed(text, policy="all")
    assert third.stale == set()
    assert third.result.outputs == again.result.outputs


def test_what_really_changed_is_computed_to_its_end(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    text = TEXT.replace('batch["age"] * 2', 'batch["age"] * batch["age"]').replace("C=0.5", "C=0.001")
    again = lab.succeed(text, policy="all")
    assert computed(again) >= {"tidy", "age", "examples", "model", "predictions", "accuracy"}
    assert again.result.outputs == without_reuse(lab, text)


def test_a_model_that_is_fitted_anew_and_equal_stops_there(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    text = TEXT.replace("C=0.5", "C=0.5, max_iter=100")
    again = lab.succeed(text, policy="all")
    assert computed(again) == {"model"}
    assert again.node("accuracy").reason == "reused: `model` turned out equal"


def test_without_stored_results_what_is_known_ends_where_something_is_wanted(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="none")
    again = lab.succeed(SAME_CLEAN, policy="none")
    assert computed(again) >= {"tidy", "accuracy"}
    assert again.result.outputs == first.result.outputs
    third = lab.succeed(SAME_CLEAN, policy="none")
    assert third.stale == set()
    assert third.result.outputs == first.result.outputs


def test_a_holder_that_is_lost_meanwhile_is_done_without(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    held = first.prepared.signatures[PartId(NodeName("accuracy"), "value")]
    assert held is not None
    recorder = Recorder()
    lost: list[bool] = []

    def lose(event: object) -> None:
        if isinstance(event, NodeStarted) and event.node == "tidy" and not lost:
            lab.store.catalog.forget(held)
            lost.append(True)

    recorder.listeners.append(lose)
    slow = SAME_CLEAN.replace("    return batch", "    time.sleep(0.3)  # until the event has come\n    return batch")
    again = lab.succeed(f"import time\n{slow}", policy="all", sink=recorder)
    assert lost
    assert computed(again) >= {"tidy", "accuracy"}
    assert "model" not in computed(again)
    assert again.result.outputs == first.result.outputs


def test_a_damaged_holder_is_not_loaded(lab: Lab) -> None:
    """The predictions are a file of their own; what equals them is loaded from there, or from nowhere."""
    text = TEXT.replace("Output(accuracy, n)", "Output(n, Reducer(predictions, lambda frame: len(frame)))")
    first = lab.succeed(text, policy="all")
    for path in (lab.root / "blobs").iterdir():
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    edited = text.replace('batch["age"] * 2', '2 * batch["age"]').replace("len(frame)))", "len(frame) + 1))")
    again = lab.succeed(edited, policy="all")
    assert again.result.outputs == without_reuse(lab, edited)
    assert first.result.status == "succeeded"


def test_a_large_equal_result_is_read_by_what_is_computed(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    text = SAME_CLEAN.replace("Accuracy(predictions)", "F1(predictions)").replace("C=0.5", "C=0.125")
    again = lab.succeed(text, policy="all")
    assert computed(again) - {"group", "examples.label", "age.rows"} == {"tidy", "model", "predictions", "accuracy"} | (
        computed(again) & {"examples", "age"}
    )
    assert again.result.outputs == without_reuse(lab, text)


MODELS = """
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

class Guess(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, x):
        return np.full(x.shape[0], self.classes_[WHICH])

"""
GUESSED = MODELS.replace("WHICH", "0") + TEXT.replace("LogisticRegression(C=0.5)", "Guess()")


def test_a_model_that_equals_another_but_predicts_by_other_code_is_another(lab: Lab) -> None:
    first = lab.succeed(GUESSED, policy="all")
    text = GUESSED.replace("self.classes_[0]", "self.classes_[1]")
    again = lab.succeed(text, policy="all")
    assert computed(again) == {"model", "predictions", "accuracy"}
    assert again.result.outputs == without_reuse(lab, text) != first.result.outputs


def test_the_dice_of_the_process_fall_by_the_operation(lab: Lab) -> None:
    """So that what is made of equal inputs is equal, whatever these were made by."""
    noisy = "import numpy as np\n" + TEXT.replace("return age + 1", "return age + np.random.rand(len(age))")
    noisy = noisy.replace("older)", 'older, each="split")')
    first = lab.succeed(noisy, policy="all")
    text = noisy.replace('batch["age"] * 2', '2 * batch["age"]')
    again = lab.succeed(text, policy="all")
    assert computed(again) == {"tidy"}
    assert again.result.outputs == first.result.outputs == without_reuse(lab, text)


def test_what_is_never_kept_is_not_cut_off(lab: Lab) -> None:
    text = TEXT.replace("tidy = Map(rows, clean)", "tidy = Map(rows, clean, cache=False)")
    first = lab.succeed(text, policy="all")
    again = lab.succeed(text, policy="all")
    assert again.with_action("compute") >= {"tidy", "age", "examples", "model", "predictions", "accuracy"}
    assert again.result.outputs == first.result.outputs


def test_equal_parts_of_two_names_are_cut_off_together(lab: Lab) -> None:
    twins = TEXT.replace("Output(accuracy, n)", "more = Accuracy(predictions)\nOutput(accuracy, more, n)")
    first = lab.succeed(twins, policy="all")
    again = lab.succeed(twins.replace('batch["age"] * 2', '2 * batch["age"]'), policy="all")
    assert computed(again) == {"tidy"}
    assert again.node("more").status == again.node("accuracy").status == "done"
    assert again.result.outputs == first.result.outputs
    assert set(again.result.outputs) == {"accuracy", "more", "n"}


def test_a_node_that_fails_beside_it_fails_alone(lab: Lab) -> None:
    text = TEXT + "\ndef fails(frame):\n    raise ValueError('no')\n\nbroken = Reducer(tidy, fails)\nOutput(broken)\n"
    first = lab.run(text, policy="all")
    assert set(first.failures) == {"broken"}
    again = lab.run(text.replace('batch["age"] * 2', '2 * batch["age"]'), policy="all")
    assert set(again.failures) == {"broken"}
    assert again.node("accuracy").status == "done"
    assert "model" not in computed(again)
    assert again.result.outputs["accuracy"] == first.result.outputs["accuracy"]


def test_what_is_forced_is_computed_though_traces_tell_it(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    again = lab.succeed(SAME_CLEAN, policy="all", force=["model"])
    assert computed(again) >= {"tidy", "model"}
    assert again.result.outputs == first.result.outputs


def test_without_reuse_nothing_is_cut_off(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    again = lab.succeed(SAME_CLEAN, policy="all", reuse=False)
    assert again.with_action("compute") >= {"rows", "tidy", "age", "examples", "model", "predictions", "accuracy", "n"}


def test_equal_inputs_are_known_before_the_run_where_an_earlier_one_told_them(lab: Lab) -> None:
    """The first run of the edit wants one branch alone: of the other, the next plan knows all but its signature."""
    first = lab.succeed(TEXT, policy="all")
    count = "def len_of(train, test):\n    return len(train) + len(test)\n\n"
    lab.succeed(
        SAME_CLEAN.replace("Output(accuracy, n)", count + 'Output(Reducer(tidy["train"], tidy["test"], len_of))'),
        policy="all",
    )
    again = lab.succeed(SAME_CLEAN, policy="all")
    assert again.with_action("compute") & {"tidy", "age", "examples", "model", "predictions", "accuracy"} == set()
    assert again.node("accuracy").action == "load"
    assert again.node("accuracy").reason == "reused: an earlier run made the same of equal inputs"
    assert again.result.outputs == first.result.outputs
    assert lab.succeed(SAME_CLEAN, policy="all").stale == set()


def test_the_plan_says_what_may_turn_out_equal(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    plan = lab.prepare(SAME_CLEAN).plan
    assert plan is not None
    conditional = {name for name, node in plan.nodes.items() if node.conditional}
    assert conditional >= {"age", "examples", "model", "predictions", "accuracy"}
    assert not conditional & {"rows", "tidy", "n"}
