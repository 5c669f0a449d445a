from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.compiler import compile_workflow
from workflows.graph.comparison import Comparison, Merged, compare, moved
from workflows.graph.dag import Dag, Input, Node, NodeName, ParamValue

BASE = """\
def make(c): return c
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data)
age = Field(rows, "age")
job = Field(rows, "job")
scaled = Scale(age)
both = Interaction(age, job)
target = Field(rows, "target")
examples = Examples(rows, features=[scaled, both], label=target)
model = Learner(examples, make(c=1))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
"""


def dag(text: str) -> Dag:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    return compiled.dag


def edited(*edits: tuple[str, str], text: str = BASE) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def told(found: Comparison) -> dict[str, str]:
    """What became of the nodes that are not the same, and by which name they were called."""
    said = {}
    for node in found.nodes:
        if node.differences:
            was = f" from {node.before.name}" if node.before and "renamed" in node.differences else ""
            said[node.id] = " and ".join(node.differences) + was
    return said


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([], {}, id="the same"),
        pytest.param([("data =", "# a remark\n\ndata =")], {}, id="a remark"),
        pytest.param(
            [("accuracy = Accuracy(predictions)", "accuracy = Accuracy(predictions)\nf1 = F1(predictions)")],
            {"f1": "added"},
            id="added",
        ),
        pytest.param(
            [("both = Interaction(age, job)\n", ""), ("scaled, both", "scaled")],
            {"both": "removed", "examples": "rewired"},
            id="removed",
        ),
        pytest.param([("make(c=1)", "make(c=2)")], {"model": "changed"}, id="a parameter"),
        pytest.param([("return c", "return c + 0")], {"model": "changed"}, id="code"),
        pytest.param([("Scale(age)", "Impute(age)")], {"scaled": "changed"}, id="another operator"),
        pytest.param([("scaled", "standard")], {"standard": "renamed from scaled"}, id="renamed"),
        pytest.param(
            [("age", "years"), ("job", "work"), ("scaled", "standard"), ('"years"', '"age"'), ('"work"', '"job"')],
            {"years": "renamed from age", "work": "renamed from job", "standard": "renamed from scaled"},
            id="all of a chain renamed",
        ),
        pytest.param(
            [("scaled = Scale(age)", 'standard = Scale(age, method="minmax")'), ("[scaled", "[standard")],
            {"standard": "renamed and changed from scaled"},
            id="renamed and changed",
        ),
        pytest.param([("Scale(age)", "Scale(job)")], {"scaled": "rewired"}, id="rewired"),
        pytest.param([("[scaled, both]", "[both, scaled]")], {"examples": "rewired"}, id="in another order"),
        pytest.param(
            [("Scale(age)", 'Scale(job, method="minmax")')], {"scaled": "changed and rewired"}, id="both at once"
        ),
        pytest.param(
            [("Accuracy(predictions)", "Accuracy(predictions)\nOutput(accuracy, scaled)")],
            {"scaled": "changed"},
            id="an output",
        ),
        pytest.param([("Scale(age)", 'Scale(age, name="The age")')], {"scaled": "changed"}, id="what people see of it"),
    ],
)
def test_what_became_of_each_node_is_told(edits: list[tuple[str, str]], expected: dict[str, str]) -> None:
    before, after = dag(BASE), dag(edited(*edits))
    found = compare(before, after)
    assert told(found) == expected
    agree(before, after, found)


def test_a_removed_name_that_another_node_has_now_is_an_id_of_its_own() -> None:
    before = dag(edited(("both = Interaction(age, job)", "x = Scale(job)\nboth = Interaction(age, x)")))
    after = dag(
        edited(("both = Interaction(age, job)", "old = Scale(job)\nx = Impute(old)\nboth = Interaction(age, x)"))
    )
    found = compare(before, after)
    assert told(found) == {"old": "renamed from x", "x": "added", "both": "rewired"}
    gone = dag(edited(("both = Interaction(age, job)", 'x = Scale(age, method="minmax")\nboth = Interaction(age, x)')))
    found = compare(gone, dag(edited(("scaled", "x"), ("Scale(age)", "Scale(age)"))))
    assert len({node.id for node in found.nodes}) == len(found.nodes)


def test_a_change_names_operands_as_the_merged_graph_does() -> None:
    found = compare(dag(BASE), dag(edited(("age", "years"), ('"years"', '"age"'), ("Scale(years)", "Scale(job)"))))
    scaled = next(node for node in found.nodes if node.id == "scaled")
    assert [change.text for change in scaled.changes] == ["operand `feature` years → job"]


JOINED = """\
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data)
a = Field(rows, "a")
b = Field(rows, "b")
c = Field(rows, "c")
d = Field(rows, "d")
all = Interaction(a, b, c, d)
last = Examples(rows, features=[all], label=a)
Output(last)
"""


@pytest.mark.parametrize(
    ("several", "feeds", "expected"),
    [
        pytest.param(
            "one = Interaction(a, b)\ntwo = Interaction(c, d)", "one, two", (("all",), ("one", "two")), id="new names"
        ),
        pytest.param(
            "all = Interaction(a, b)\ntwo = Interaction(c, d)", "all, two", (("all",), ("all", "two")), id="a kept name"
        ),
    ],
)
def test_a_node_whose_operands_are_dealt_out_was_split_and_the_other_way_round_merged(
    several: str, feeds: str, expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    one = dag(JOINED)
    more = dag(JOINED.replace("all = Interaction(a, b, c, d)", several).replace("[all]", f"[{feeds}]"))
    found = compare(one, more)
    assert [(group.kind, group.before, group.after) for group in found.groups] == [("split", *expected)]
    agree(one, more, found)
    back = compare(more, one)
    assert [(group.kind, group.before, group.after) for group in back.groups] == [("merge", *expected[::-1])]


def test_a_node_whose_listed_values_are_dealt_out_was_split() -> None:
    text = JOINED.replace("all = Interaction(a, b, c, d)", 'all = Tokenize(a, stop_words=["x", "y"])')
    parts = 'one = Tokenize(a, stop_words=["x"])\ntwo = Tokenize(a, stop_words=["y"])'
    more = text.replace('all = Tokenize(a, stop_words=["x", "y"])', parts).replace("[all]", "[one, two]")
    found = compare(dag(text), dag(more))
    assert [(group.kind, group.before, group.after) for group in found.groups] == [("split", ("all",), ("one", "two"))]


@pytest.mark.parametrize("parts", ["Interaction(a, b)|Interaction(b, c)", "Interaction(a, b)|Interaction(c, label)"])
def test_what_is_not_dealt_out_exactly_is_no_split(parts: str) -> None:
    one, two = parts.split("|")
    text = JOINED.replace("all = ", 'label = Field(rows, "label")\nall = ')
    more = text.replace("all = Interaction(a, b, c, d)", f"one = {one}\ntwo = {two}").replace("[all]", "[one, two]")
    assert compare(dag(text), dag(more)).groups == ()


@dataclass
class Record:
    """A node under construction: its operands are other records."""

    name: str
    operator: str
    value: int
    inputs: list[Record] = field(default_factory=list)
    output: bool = False


def built(records: list[Record]) -> Dag:
    nodes = {}
    for each in records:
        name = NodeName(each.name)
        params: dict[str, ParamValue] = {"value": each.value}
        inputs = tuple(Input("of", NodeName(one.name), None, at) for at, one in enumerate(each.inputs))
        nodes[name] = Node(name, each.operator, params, inputs, ("all",), None, None, True, each.name)
    return Dag(nodes, tuple(NodeName(each.name) for each in records if each.output))


OPERATORS = st.sampled_from(["Scale", "Impute", "Interaction"])
EDITS = st.sampled_from(["rename", "change", "operator", "rewire", "remove", "add", "output", "swap", "split"])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Dag, Dag]:
    """Two DAGs of which one was made of the other by some edits."""
    records: list[Record] = []
    for place in range(draw(st.integers(0, 9))):
        records.append(drawn(draw, f"n{place}", records))
    before = built(records)
    for number in range(draw(st.integers(0, 6))):
        edit(draw, draw(EDITS), number, records)
    return before, built(records)


def drawn(draw: st.DrawFn, name: str, above: list[Record]) -> Record:
    inputs = draw(st.lists(st.sampled_from(above), max_size=3)) if above else []
    return Record(name, draw(OPERATORS), draw(st.integers(0, 2)), inputs, draw(st.booleans()))


def edit(draw: st.DrawFn, kind: str, number: int, records: list[Record]) -> None:
    if kind == "add" or not records:
        place = draw(st.integers(0, len(records)))
        records.insert(place, drawn(draw, f"new{number}", records[:place]))
        return
    place = draw(st.integers(0, len(records) - 1))
    record = records[place]
    match kind:
        case "rename":
            record.name = f"other{number}"
        case "change":
            record.value += 1
        case "operator":
            record.operator = draw(OPERATORS)
        case "output":
            record.output = not record.output
        case "rewire":
            record.inputs = drawn(draw, "", records[:place]).inputs
        case "swap":
            other = draw(st.sampled_from(records))
            record.name, other.name = other.name, record.name
        case "split" if len(record.inputs) > 1:
            rest = Record(f"part{number}", record.operator, record.value, record.inputs[1:])
            record.inputs = record.inputs[:1]
            for reader in records:
                if record in reader.inputs:
                    reader.inputs = [*reader.inputs, rest]
            records.insert(place, rest)
        case "remove":
            records.remove(record)
            for reader in records:
                reader.inputs = [each for each in reader.inputs if each is not record]


def agree(before: Dag, after: Dag, found: Comparison) -> None:
    """That what is told of two DAGs, done to the first, gives the second."""
    ids = {node.before.name: node.id for node in found.nodes if node.before is not None}
    assert len({node.id for node in found.nodes}) == len(found.nodes)
    assert ids.keys() == before.nodes.keys()
    made = {}
    outputs = {}
    for node in found.nodes:
        if node.after is None:
            continue
        if node.before is None or set(node.differences) & {"changed", "rewired"}:
            made[node.after.name] = node.after
        else:
            name = NodeName(node.id)
            label = node.id if node.before.label == node.before.name else node.before.label
            made[name] = plain(replace(moved(node.before, ids), name=name, label=label))
        outputs[node.after.name] = is_output(node, before, after)
    assert {name: plain(node) for name, node in made.items()} == {name: plain(one) for name, one in after.nodes.items()}
    assert {name for name, output in outputs.items() if output} == set(after.outputs)
    edges = {(ids[each.node], ids[name]) for name, node in before.nodes.items() for each in node.inputs}
    edges -= {(edge.source, edge.target) for edge in found.edges if edge.status == "removed"}
    edges |= {(edge.source, edge.target) for edge in found.edges if edge.status == "added"}
    assert edges == {(each.node, name) for name, node in after.nodes.items() for each in node.inputs}
    assert {(edge.source, edge.target) for edge in found.edges if edge.status != "removed"} == edges


def is_output(node: Merged, before: Dag, after: Dag) -> bool:
    assert node.after is not None
    if node.before is None:
        return node.after.name in after.outputs
    told = [change.after for change in node.changes if change.subject == "output"]
    return told[0] is not None if told else node.before.name in before.outputs


def plain(node: Node) -> Node:
    """The node without what a rename or another place in the text does to it."""
    return replace(node, basis=None, params={})


@given(pairs())
def test_the_difference_of_two_dags_done_to_one_gives_the_other(pair: tuple[Dag, Dag]) -> None:
    before, after = pair
    found = compare(before, after)
    agree(before, after, found)
    for node in found.nodes:
        if node.before and node.after and not node.differences:
            assert node.before.params == node.after.params
            assert node.before.operator == node.after.operator


@given(pairs())
def test_a_dag_does_not_differ_from_itself(pair: tuple[Dag, Dag]) -> None:
    found = compare(pair[1], pair[1])
    assert told(found) == {}
    assert found.groups == ()
    assert {edge.status for edge in found.edges} <= {"same"}


@given(pairs())
def test_the_other_way_round_the_difference_is_the_mirror_image(pair: tuple[Dag, Dag]) -> None:
    found, back = compare(*pair), compare(*pair[::-1])
    assert sides(found) == {(after, before) for before, after in sides(back)}
    mirror = {"added": "removed", "removed": "added"}
    ours = {key(node): set(node.differences) for node in found.nodes}
    theirs = {key(node)[::-1]: {mirror.get(one, one) for one in node.differences} for node in back.nodes}
    assert ours == theirs
    named, mirrored = names(found), names(back)
    assert {(named[edge.source], named[edge.target], edge.status) for edge in found.edges} == {
        (mirrored[edge.source][::-1], mirrored[edge.target][::-1], mirror.get(edge.status, edge.status))
        for edge in back.edges
    }
    assert grouped(found, "split") == {tuple(reversed(each)) for each in grouped(back, "merge")}


def key(node: Merged) -> tuple[str | None, str | None]:
    return (node.before and node.before.name, node.after and node.after.name)


def sides(found: Comparison) -> set[tuple[str | None, str | None]]:
    return {key(node) for node in found.nodes}


def names(found: Comparison) -> dict[str, tuple[str | None, str | None]]:
    return {node.id: key(node) for node in found.nodes}


def grouped(found: Comparison, kind: str) -> set[tuple[frozenset[str | None], frozenset[str | None]]]:
    named = names(found)
    return {
        (frozenset(named[each][0] for each in group.before), frozenset(named[each][1] for each in group.after))
        for group in found.groups
        if group.kind == kind
    }


def test_a_thousand_nodes_are_compared_in_no_time_even_where_all_have_other_names() -> None:
    records = [Record("rows", "Scan", 0)]
    for place in range(1000):
        records.append(Record(f"n{place}", "Scale", place % 7, [records[place * 7 // 11], records[0]]))
    before = built(records)
    for each in records:
        each.name = f"m{each.name}"
        each.value += each.value == 3
    after = built(records)
    began = time.process_time()
    found = compare(before, after)
    assert time.process_time() - began < 1.0
    agree(before, after, found)
    assert not [node for node in found.nodes if node.differences == ("changed",)]
