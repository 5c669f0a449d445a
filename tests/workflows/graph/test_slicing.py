"""For prediction, features without weight are left out where nothing else wants them and no function is hidden."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from workflows.compiler import compile_workflow, files
from workflows.graph.dag import STATE, NodeName, PartGraph, PartId
from workflows.graph.signature import sign
from workflows.graph.slicing import Slicing, sliced
from workflows.hashing import Signature

HEAD = """\
from sklearn.linear_model import LogisticRegression
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data)
age = Field(rows, "age")
job = Field(rows, "job")
town = Field(rows, "town")
buckets = Bucketizer(age)
both = Interaction(job, town)
deep = Hash([Interaction(both, buckets), NGrams(Tokenize(town))])
words = TfIdf(town)
mine = Interaction(Extractor(rows, lambda b: b["job"]), town)
scaled = Bucketizer(Scale(age))
features = [age, buckets, both, deep, words, mine, scaled]
x = Examples(rows, features=features, label=job)
model = Learner(x, LogisticRegression())
predictions = Predict(model, x)
accuracy = Accuracy(predictions)
"""
TWO_MODELS = """\
other = Learner(x, LogisticRegression(C=2.0))
predicted = Predict(other, x)
Output(Accuracy(predicted), accuracy)
"""
EVERY = (0, 1, 2, 3, 4, 5, 6)
TEST = PartId(NodeName("x"), "test")


def graph_of(text: str) -> tuple[PartGraph, dict[PartId, Signature | None]]:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    assert compiled.parts is not None
    data = {(file.node, file.split): file.split * 16 for file in files(compiled.dag)}
    return compiled.parts, sign(compiled.parts, data)


def sliced_by(
    text: str, places: Iterable[int] = EVERY, models: Iterable[str] = ("model",), stored: Iterable[PartId] = ()
) -> Slicing | None:
    graph, signatures = graph_of(text)
    weightless = {signatures[PartId(NodeName(model), STATE)]: tuple(places) for model in models}
    known = {signature: places for signature, places in weightless.items() if signature is not None}
    return sliced(graph, signatures, known, {signature for part in stored if (signature := signatures[part])})


def left_out(slicing: Slicing | None, part: PartId = TEST) -> set[str]:
    assert slicing is not None
    return {feature.node for feature in slicing.parts.parts[part].left_out}


def test_what_certain_operators_make_of_columns_is_left_out() -> None:
    slicing = sliced_by(HEAD)
    assert left_out(slicing) == {"buckets", "both", "deep", "words"}
    assert slicing is not None
    assert slicing.sliced == {TEST: ("model",)}
    assert set(slicing.features) == {"buckets", "both", "deep", "words"}
    part = slicing.parts.parts[TEST]
    assert [operand.place for operand in part.inputs if operand.slot == "features"] == [0, 5, 6]
    reads = {feature.node: set(feature.reads) for feature in part.left_out}
    assert reads["buckets"] == {("age", "Bucketizer")}
    assert reads["deep"] == {
        ("job", "Interaction"),
        ("town", "Interaction"),
        ("age", "Bucketizer"),
        ("town", "Tokenize"),
    }


def test_what_nothing_else_wants_is_hidden_and_no_function_is() -> None:
    slicing = sliced_by(HEAD)
    assert slicing is not None
    assert {part.label for part in slicing.hidden} == {"test"}
    operators = {slicing.parts.parts[part].node.operator for part in slicing.hidden}
    assert operators == {"Bucketizer", "Interaction", "Hash", "Tokenize", "NGrams", "TfIdf"}
    assert PartId(NodeName("town"), "test") not in slicing.hidden  # `mine` reads it
    assert set(slicing.above.values()) == {TEST}
    assert {name for name in slicing.above if "." not in name} == set()
    assert {part.node for part in slicing.hidden} == {*slicing.features, *slicing.above}


def test_only_the_matrix_has_another_signature() -> None:
    graph, before = graph_of(HEAD)
    slicing = sliced_by(HEAD)
    assert slicing is not None
    assert {part for part in graph.parts if slicing.signatures[part] != before[part]} == {TEST}
    others = [sliced_by(HEAD, places) for places in ((1,), (2,), (1, 2))]
    signatures = {other.signatures[TEST] for other in others if other is not None}
    assert len(signatures | {before[TEST], slicing.signatures[TEST]}) == 5


def test_the_places_of_the_model_say_what_is_left_out() -> None:
    assert left_out(sliced_by(HEAD, (2, 4, 5))) == {"both", "words"}
    assert sliced_by(HEAD, (0, 5)) is None
    assert sliced_by(HEAD, ()) is None


@pytest.mark.parametrize(
    "more",
    [
        "Output(accuracy, x)",
        'Output(accuracy, x["test"])',
        'size = Reducer(x, lambda m: len(m.x), split="test")\nOutput(size, accuracy)',
        TWO_MODELS,
        "same = Examples(rows, features=features, label=job)\nOutput(accuracy, same)",
    ],
)
def test_a_matrix_that_something_else_wants_stays_whole(more: str) -> None:
    assert sliced_by(HEAD + more) is None


def test_a_matrix_that_is_stored_is_not_sliced() -> None:
    assert sliced_by(HEAD, stored=[TEST]) is None
    assert sliced_by(HEAD, stored=[PartId(NodeName("x"), "train")]) is not None


def test_predictions_of_what_was_learned_from_stay_whole() -> None:
    slicing = sliced_by(HEAD + "Output(predictions)")
    assert slicing is not None
    assert slicing.sliced.keys() == {TEST}


def test_what_several_models_give_no_weight_is_left_out() -> None:
    text = HEAD + TWO_MODELS
    graph, signatures = graph_of(text)
    model, other = (signatures[PartId(NodeName(name), STATE)] for name in ("model", "other"))
    assert model is not None
    assert other is not None
    slicing = sliced(graph, signatures, {model: (1, 2), other: (2, 4)}, set())
    assert left_out(slicing) == {"both"}
    assert slicing is not None
    assert set(slicing.sliced[TEST]) == {"model", "other"}


def test_a_model_fitted_on_other_examples_says_nothing_of_these() -> None:
    text = HEAD + "y = Examples(rows, features=features, label=town)\nOutput(Accuracy(Predict(model, y)))"
    assert sliced_by(text) is None
