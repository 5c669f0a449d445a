"""A metric of today in a text of yesterday."""

from __future__ import annotations

import pytest

from workflows.compiler import compile_workflow
from workflows.compiler.graft import GraftRefused, graft
from workflows.graph.dag import Dag, NodeName

OLD = """from sklearn.linear_model import LogisticRegression
data = Dataset("digits")
rows = Split(data, test=0.2)
examples = Examples(rows, features=[Field(rows, "pixel_0_3")], label=Field(rows, "target"))
model = Learner(examples, LogisticRegression(C=1.0))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
Output(accuracy)
"""

NEW = OLD.replace("C=1.0", "C=0.1").replace(
    "Output(",
    """import math
LIMIT = 3

def share(table):
    return rounded(float((table["label"] > LIMIT).mean()))


def rounded(value):
    return math.floor(value * 100) / 100


f1 = F1(predictions)
low = Field(rows, "pixel_0_4")
by_pixel = Accuracy(predictions, by=low)
above = Reducer(predictions, share)
Output(""",
)


def dag(text: str) -> Dag:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    return compiled.dag


@pytest.mark.parametrize(
    ("node", "added"),
    [
        ("accuracy", ()),
        ("f1", ("f1",)),
        ("by_pixel", ("by_pixel", "low")),
        ("above", ("LIMIT", "above", "math", "rounded", "share")),
    ],
)
def test_a_node_brings_along_what_the_other_text_lacks(node: str, added: tuple[str, ...]) -> None:
    grafted = graft(OLD, NEW, dag(NEW), NodeName(node))
    assert grafted.added == added
    assert grafted.text.startswith(OLD.rstrip("\n"))
    found = dag(grafted.text)
    assert set(found.nodes) >= {NodeName(node), *dag(OLD).nodes}
    assert found.nodes[NodeName("model")] == dag(OLD).nodes[NodeName("model")]


def test_what_is_another_thing_in_the_other_text_is_refused() -> None:
    with pytest.raises(GraftRefused, match="`above` rests on `LIMIT`, which is another one here"):
        graft("LIMIT = 4\n" + OLD, NEW, dag(NEW), NodeName("above"))
    assert graft("LIMIT = 3\n" + OLD, NEW, dag(NEW), NodeName("above")).added == ("above", "math", "rounded", "share")


def test_a_node_without_a_name_of_its_own_is_refused() -> None:
    unnamed = OLD.replace("Output(accuracy)", "Output(F1(predictions))")
    (nested,) = [name for name in dag(unnamed).nodes if name not in dag(OLD).nodes]
    with pytest.raises(GraftRefused, match="no name of its own"):
        graft(OLD, unnamed, dag(unnamed), nested)
