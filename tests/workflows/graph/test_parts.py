"""Nodes in parts: what each node has, and what each part reads."""

from __future__ import annotations

from tests.workflows.texts import BASE, CENSUS
from workflows.compiler import compile_workflow
from workflows.graph.dag import Part, PartGraph
from workflows.graph.parts import parts_of


def graph(text: str) -> PartGraph:
    dag = compile_workflow(text).dag
    assert dag is not None, compile_workflow(text).diagnostics
    return parts_of(dag)


def labels(parts: PartGraph, node: str) -> list[str]:
    return [part.label for part in parts.parts if part.node == node]


def part(parts: PartGraph, name: str) -> Part:
    return next(found for found in parts.parts.values() if str(found.id) == name)


def requires(parts: PartGraph, name: str) -> list[str]:
    return [str(required) for required in part(parts, name).requires]


def test_census_has_the_parts_of_its_operators() -> None:
    parts = graph(CENSUS)
    assert labels(parts, "data") == ["train", "test"]
    assert labels(parts, "rows") == ["state", "train", "test"]
    assert labels(parts, "target") == ["train", "test"]
    assert labels(parts, "income") == ["state", "train", "test"]
    assert labels(parts, "model") == ["state"]
    assert labels(parts, "accuracy") == ["value"]
    assert [str(wanted) for wanted in parts.wanted] == ["accuracy:value", "auc:value"]


def test_state_is_learned_from_train_and_used_by_every_split() -> None:
    parts = graph(CENSUS)
    assert requires(parts, "loss:state") == ["loss.feature:train"]
    assert requires(parts, "loss:test") == ["loss.feature:test", "loss:state"]
    assert requires(parts, "model:state") == ["income:train"]
    assert requires(parts, "predictions:test") == ["model:state", "income:test"]
    assert requires(parts, "accuracy:value") == ["predictions:test"]


def test_operands_keep_their_slots_and_places() -> None:
    parts = graph(CENSUS)
    operands = [(one.slot, one.place, one.part.node) for one in part(parts, "income:train").inputs]
    assert operands == [
        ("rows", None, "rows"),
        ("features", 0, "education"),
        ("features", 1, "age_bucket"),
        ("features", 2, "edu_x_occ"),
        ("features", 3, "loss"),
        ("label", None, "target"),
    ]


def test_a_split_reads_the_one_split_it_is_given() -> None:
    parts = graph(
        'rows = Dataset("iris")\nhalves = Split(rows, validation=0.1)\nagain = Split(halves["train"], seed=1)\n'
        'x = Field(again, "a")\ny = Scale(x)\nOutput(y)'
    )
    assert labels(parts, "rows") == ["all"]
    assert labels(parts, "halves") == ["train", "test", "validation"]
    assert requires(parts, "halves:test") == ["rows:all"]
    assert requires(parts, "again:test") == ["halves:train"]
    assert requires(parts, "y:state") == ["x:train"]


def test_a_split_taken_of_a_node_is_read_and_learned_from() -> None:
    parts = graph(f'{BASE}x = Scale(age["test"])\nOutput(x)')
    assert labels(parts, "x") == ["state", "test"]
    assert requires(parts, "x:state") == ["age:test"]
    assert requires(parts, "x:test") == ["age:test", "x:state"]


def test_reducers_read_the_split_they_are_of() -> None:
    parts = graph(
        f"{BASE}def f(*a): return 1\ndef make(): pass\nx = Examples(rows, [age], label=label)\n"
        "m = Learner(x, make())\np = Predict(m, x)\na = Accuracy(p, by=job)\n"
        'b = Accuracy(p, split="train", by=job)\nc = Accuracy(p["train"], by=job["train"])\n'
        'd = Reducer(p["train"], p["test"], m, a, f)\ne = Reducer(rows, p, fn=f, split="train")\n'
    )
    assert requires(parts, "a:value") == ["p:test", "job:test"]
    assert requires(parts, "b:value") == requires(parts, "c:value") == ["p:train", "job:train"]
    assert requires(parts, "d:value") == ["p:train", "p:test", "m:state", "a:value"]
    assert requires(parts, "e:value") == ["rows:train", "p:train"]


def test_an_output_wants_all_its_splits_or_those_taken() -> None:
    text = f'{BASE}x = Scale(age)\nOutput(x, job["test"], label["test"], label)'
    wanted = [str(one) for one in graph(text).wanted]
    assert wanted == ["x:train", "x:test", "job:test", "label:train", "label:test"]


def test_inputs_come_before_their_users() -> None:
    parts = graph(CENSUS)
    seen = set()
    for one in parts.parts.values():
        assert seen.issuperset(one.requires)
        seen.add(one.id)


def test_a_join_reads_equal_splits_and_what_is_not_split_for_each() -> None:
    parts = graph(
        f'{BASE}other = CSVScanner(FileSource("c.csv"))\nmeans = GroupBy(rows["train"], "a", {{"n": "count()"}})\n'
        'one = Join(rows, other, on="a")\ntwo = Join(rows, rows, on="a")\nthree = Join(rows, means, on="a")\n'
        'four = SQL("select 1 from x, y", y=other, x=rows)\nfive = Join(other, rows["test"], on="a")\n'
        "Output(one, two, three, four, five)"
    )
    assert requires(parts, "one:test") == ["rows:test", "other:all"]
    assert requires(parts, "two:train") == ["rows:train"]
    assert requires(parts, "three:test") == ["rows:test", "means:train"]
    assert requires(parts, "four:test") == ["rows:test", "other:all"]
    assert labels(parts, "five") == ["test"]
    assert requires(parts, "five:test") == ["other:all", "rows:test"]


def test_a_check_reads_every_split_and_is_wanted_without_a_name_and_unasked() -> None:
    parts = graph(f'{BASE}Check(rows, "a > 0")\nCheck(rows["test"], "b > 0")\nOutput(age["test"])')
    checks = sorted({str(part) for part in parts.parts if part.node.startswith("Check")})
    assert len(checks) == 2
    assert requires(parts, checks[0]) == ["rows:train", "rows:test"]
    assert requires(parts, checks[1]) == ["rows:test"]
    assert {str(part) for part in parts.wanted} == {"age:test", *checks}
