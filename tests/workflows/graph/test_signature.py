"""Signatures: pinned by value, blind to what changes no result, and telling apart what does."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.workflows.graph.drawn import Drawn, drawn
from workflows.compiler import compile_workflow, files
from workflows.errors import Span
from workflows.graph.dag import STATE, EstimatorSpec, FunctionSpec, Node, NodeName, Part, PartGraph, PartId
from workflows.graph.parts import parts_of
from workflows.graph.signature import sign
from workflows.hashing import Signature

PROPERTY = settings(max_examples=80, deadline=None, derandomize=True, database=None)

PINNED = """\
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data, columns=["a", "b"], types={"a": "int"})
a = Impute(Field(rows, "a"), strategy="constant", value=2.5)
b = Bucketizer(Field(rows, "b"), bins=4)
x = Examples(rows, features=[a, b], label=a)
half = Split(rows["train"], test=0.25, seed=3)
Output(x, half)
"""


def signed(text: str, hashes: dict[str, str] | None = None) -> dict[PartId, Signature | None]:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    found = hashes or {"train": "0" * 64, "test": "1" * 64}
    parts = parts_of(compiled.dag)
    return sign(parts, {(file.node, file.split): found[file.split] for file in files(compiled.dag)})


def counted(text: str) -> Counter[Signature | None]:
    return Counter(signed(text).values())


def test_signatures_are_pinned() -> None:
    """A change of these makes every stored result unknown: bump ``signature.SCHEME``, or an operator's version."""
    signatures = {str(part): signature[:16] for part, signature in signed(PINNED).items() if signature}
    assert signatures == {
        "data:train": "7a596f5b8ddde9ed",
        "data:test": "b59c599c8f25342d",
        "rows:state": "3d86da725085ff08",
        "rows:train": "ebe7225d83097ebe",
        "rows:test": "512c8967847621cd",
        "a.feature:train": "bdfcf2977ca7d237",
        "a.feature:test": "f2b1ada99ff1a1ea",
        "a:state": "9514ccc9fb469769",
        "a:train": "eaf6ebae8c85492c",
        "a:test": "f7619d1dba865e56",
        "b.feature:train": "43d2b9b50bbc900f",
        "b.feature:test": "b581187539029a08",
        "b:state": "03bb5326d4d7a578",
        "b:train": "70c97df0a49fdce8",
        "b:test": "ec1c33883956cad7",
        "x:state": "22cdc088dc92189c",
        "x:train": "aca3f3893131a05d",
        "x:test": "85daacfb92265f4e",
        "half:train": "b7375464792b527f",
        "half:test": "eb3ad60470b6ae4b",
    }


def test_the_signature_of_code_and_of_estimators_is_pinned() -> None:
    function = FunctionSpec("f", 1, 0, "identity", {}, {"n": 3})
    estimator = EstimatorSpec("a.B", (1,), {"k": [function, {2: {"x"}}]}, "a==1", called=False)
    node = Node(NodeName("m"), "Learner", {"estimator": estimator}, (), (), None, 7, True, "shown", Span(1, 1, 1, 2))
    part = Part(PartId(node.name, STATE), node, ())
    assert sign(PartGraph({part.id: part}, (part.id,)), {}) == {
        part.id: "2b442e5dda69f9056cdc87dddc41f80f2406c8fa9fc03ce24006020e56f1a027"
    }


@PROPERTY
@given(drawn())
def test_names_of_nodes_are_not_signed(made: Drawn) -> None:
    renamed = re.sub(r"\bn(\d+)\b", lambda match: f"other_{99 - int(match.group(1))}", made.text)
    assert counted(renamed) == counted(made.text)


@PROPERTY
@given(drawn(), st.randoms(use_true_random=False))
def test_the_order_of_statements_is_not_signed(made: Drawn, random: object) -> None:
    ready: list[tuple[str, str]] = []
    waiting = list(made.statements)
    done: set[str] = set()
    while waiting:
        possible = [one for one in waiting if done.issuperset(re.findall(r"\bn\d+\b", one[1]))]
        chosen = random.choice(possible)  # type: ignore[attr-defined]
        waiting.remove(chosen)
        ready.append(chosen)
        done.add(chosen[0])
    shuffled = Drawn(ready, made.features, made.outputs)
    assert counted(shuffled.text) == counted(made.text)


@PROPERTY
@given(drawn())
def test_a_call_nested_is_the_same_as_one_with_a_name(made: Drawn) -> None:
    name, call = made.statements[0]
    used = sum(len(re.findall(rf"\b{name}\b", other)) for _, other in made.statements[1:]) + made.outputs.count(name)
    assume(used == 1)
    nested = Drawn(
        [(other, re.sub(rf"\b{name}\b", call, text)) for other, text in made.statements[1:]],
        outputs=[call if output == name else output for output in made.outputs],
    )
    assert counted(nested.text) == counted(made.text)


# For an operator, how another call of it is made of one.
CHANGES = {
    "Field": lambda _: 'Field(rows, "z")',
    "Scale": lambda call: call.replace(', method="minmax"', "")[:-1] + ', method="maxabs")',
    "Bucketizer": lambda call: call[:-1] + ', by="width")',
    "Impute": lambda call: call[:-1] + ', strategy="median")',
    "Extractor": lambda call: call[:-1] + ', each="split")',
    "Transform": lambda call: call[:-1] + ", seed=9)",
    "Learner": lambda call: call[:-1] + ", seed=9)",
    "Accuracy": lambda call: call[:-1] + ', split="train")',
}


@PROPERTY
@given(drawn(), st.data())
def test_another_call_changes_what_follows_from_it_and_nothing_else(made: Drawn, data: st.DataObject) -> None:
    places = [place for place, (_, call) in enumerate(made.statements) if call.split("(")[0] in CHANGES]
    place = data.draw(st.sampled_from(places))
    name, call = made.statements[place]
    edited = list(made.statements)
    edited[place] = (name, CHANGES[call.split("(")[0]](call))
    before, after = signed(made.text), signed(Drawn(edited, outputs=made.outputs).text)
    affected = {name}
    for later, text in made.statements:
        if affected.intersection(re.findall(r"\bn\d+\b", text)):
            affected.add(later)
    assert {str(part.node) for part, signature in after.items() if signature != before[part]} == affected


@PROPERTY
@given(drawn())
def test_equal_signatures_are_of_equal_computations(made: Drawn) -> None:
    """Two parts with one signature are made by the same operator with the same parameters of inputs that are equal."""
    compiled = compile_workflow(made.text)
    assert compiled.dag is not None
    graph = parts_of(compiled.dag)
    signatures = sign(graph, {(file.node, file.split): file.split for file in files(compiled.dag)})
    first: dict[Signature | None, PartId] = {}
    for part_id, signature in signatures.items():
        other = graph.parts[first.setdefault(signature, part_id)]
        part = graph.parts[part_id]
        assert part.node.operator == other.node.operator
        assert part.node.params == other.node.params
        assert part.node.seed == other.node.seed
        assert [signatures[one.part] for one in part.inputs] == [signatures[one.part] for one in other.inputs]


def test_each_split_that_is_made_has_a_signature_of_its_own() -> None:
    signatures = {str(part): signature for part, signature in signed(PINNED).items()}
    assert signatures["half:train"] != signatures["half:test"]


def test_a_split_that_is_named_otherwise_is_the_same_data() -> None:
    text = 'data = FileSource({}="a.csv")\nrows = CSVScanner(data)\nOutput(rows)'
    one, other = (signed(text.format(split), {split: "x"}) for split in ("train", "dev"))
    assert list(one.values()) == list(other.values())


def test_an_expression_counts_by_what_it_means_and_a_table_of_sql_by_its_name() -> None:
    def of(call: str) -> Signature | None:
        text = f'data = FileSource("a.csv")\nrows = CSVScanner(data)\nx = {call}\nOutput(x)'
        return signed(text, {"all": "0" * 64})[PartId(NodeName("x"), "all")]

    assert of("Filter(rows, 'age>=18 and job==\"a\"')") == of(
        "Filter(rows, '(age >= 18) and job == `a`')".replace("`", "\\'")
    )
    assert of("Filter(rows, 'age between 1 and 2')") == of("Filter(rows, '1 <= age <= 2')")
    assert of("Filter(rows, 'age < 2')") != of("Filter(rows, 'age <= 2')")
    assert of("GroupBy(rows, 'a', {'m': ' mean( b ) '})") == of("GroupBy(rows, ['a'], {'m': 'mean(`b`)'})")
    assert of("SQL('select 1 from a, b', a=rows, b=rows)") == of("SQL('select 1 from a, b', b=rows, a=rows)")
    assert of("SQL('select 1 from a', a=rows)") != of("SQL('select 1 from a', A=rows)")
