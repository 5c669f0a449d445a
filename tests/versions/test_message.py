from __future__ import annotations

import pytest

from versions.message import message
from workflows.compiler import compile_workflow
from workflows.graph.dag import Dag

BASE = """from sklearn.linear_model import LogisticRegression
data = Dataset("digits")
rows = Split(data, test=0.2)
pixels = Field(rows, "pixel_0_0")
label = Field(rows, "target")
examples = Examples(rows, features=[pixels], label=label)
model = Learner(examples, LogisticRegression(C=1.0))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
"""


def dag(text: str) -> Dag:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    return compiled.dag


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("C=1.0", "C=0.1", "model: C 1.0 → 0.1"),
        ("accuracy = Accuracy(predictions)\n", "accuracy = Accuracy(predictions)\nf1 = F1(predictions)\n", "+ f1"),
        ("Accuracy(predictions)", "F1(predictions)", "accuracy: operator Accuracy → F1"),
        ("accuracy =", "score =", "accuracy renamed score"),
        ("accuracy = Accuracy(predictions)", "f1 = F1(predictions)", "+ f1; − accuracy"),
        ("data =", "# a remark\ndata =", "No node changed"),
    ],
)
def test_a_message_says_what_changed_node_by_node(old: str, new: str, expected: str) -> None:
    assert message(dag(BASE), dag(BASE.replace(old, new))) == expected


def test_the_first_version_has_nothing_to_differ_from() -> None:
    assert message(None, dag(BASE)) == "First version"


def test_many_changes_are_counted_after_the_first_few() -> None:
    more = "".join(f"f{n} = F1(predictions, split='test')\n" for n in range(9))
    assert message(dag(BASE), dag(BASE + more)) == "+ f0; + f1; + f2; + f3; and 5 more"
