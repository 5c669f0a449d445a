"""Signatures: pinned by value, blind to what changes no result, and telling apart what does."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.workflows.graph.drawn import Drawn, drawn
from workflows.compiler import compile_workflow, files
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

HASHES = {"train": "0" * 64, "test": "1" * 64}


def signed(text: str, hashes: dict[str, str] | None = None) -> dict[PartId, Signature | None]:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    found = hashes or HASHES
    parts = parts_of(compiled.dag)
    return sign(parts, {(file.node, file.split): found[file.split] for file in files(compiled.dag)})


def counted(text: str) -> Counter[Signature | None]:
    return Counter(signed(text).values())


def test_signatures_are_pinned() -> None:
    """A change of these makes every stored result unknown: bump ``signature.SCHEME``, or an operator's version."""
    dag = compile_workflow(PINNED).dag
    assert dag is not None
    nodes = {
        name: replace(node, packages=("numpy==1", "python==3") if node.packages else ())
        for name, node in dag.nodes.items()
    }
    found = sign(
        parts_of(replace(dag, nodes=nodes)), {(file.node, file.split): HASHES[file.split] for file in files(dag)}
    )
    signatures = {str(part): signature[:16] for part, signature in found.items() if signature}
    assert signatures == {
        "data:train": "a5845cf39ce204ba",
        "data:test": "0a678ad711ab8b67",
        "rows:state": "fd11e1f920de0a19",
        "rows:train": "7a7c48c6645f8981",
        "rows:test": "1a6f430f5a8c900b",
        "a.feature:train": "d6044cdf1ef8f453",
        "a.feature:test": "589034acb8162f2d",
        "a:state": "f2e294af9dde5f19",
        "a:train": "abf2146ca8440ca5",
        "a:test": "c9cfc6d9182f4a8d",
        "b.feature:train": "50dc368d54f365ed",
        "b.feature:test": "f15e80f3c836607d",
        "b:state": "5742ca5972a11c1a",
        "b:train": "4e1ae8e7f05344d5",
        "b:test": "8529d9f705317dfa",
        "x:state": "b2e085445788959a",
        "x:train": "cb94ebc2aec59bbb",
        "x:test": "0a1a369679c0141b",
        "half:train": "c3f96fbdea41e167",
        "half:test": "8a306b5badf5dc3d",
    }


def test_the_signature_of_code_and_of_estimators_is_pinned() -> None:
    function = FunctionSpec("f", 1, 0, "identity", {}, {"n": 3})
    estimator = EstimatorSpec("a.B", (1,), {"k": [function, {2: {"x"}}]}, "a==1", called=False)
    node = Node(NodeName("m"), "Learner", {"estimator": estimator}, (), (), None, 7, True, "shown")
    part = Part(PartId(node.name, STATE), node, ())
    assert sign(PartGraph({part.id: part}, (part.id,)), {}) == {
        part.id: "dc77e13712741687b38ae1392ec5a8d33b09f0f369b07caaae241dd5eccb2873"
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
