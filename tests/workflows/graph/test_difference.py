"""What is said of a change: the very parameter, operand, helper or package, and nothing where nothing changed."""

from __future__ import annotations

import dataclasses

import pytest

from workflows.compiler import compile_workflow
from workflows.graph.dag import EstimatorSpec, Node, NodeName
from workflows.graph.difference import describe_change, describe_file, show

TEXT = """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
data = FileSource(train="adult/adult.data", test="adult/adult.test")
rows = CSVScanner(data, columns=["a", "b"], na="?")
age = Field(rows, "a")
job = Field(rows, "b")
bucket = Bucketizer(age, bins=10)
LIMIT = 3
WORDS = {"x": 1}
def strip(v): return v.strip()
def clean(v): return strip(v)[:LIMIT]
class Tool: size = 1
def f(b): return clean(b), Tool, WORDS
def g(b): return b
target = Extractor(rows, f)
x = Examples(rows, features=[age, bucket], label=target)
model = Learner(x, LogisticRegression(C=1.0, max_iter=200))
other = Learner(x, Pipeline([("fit", LogisticRegression(C=1.0))]))
parts = Split(rows["train"], test=0.2)
Output(model, other, parts)
"""


def node(text: str, name: str) -> Node:
    compiled = compile_workflow(text)
    assert compiled.dag is not None, compiled.diagnostics
    return compiled.dag.nodes[NodeName(name)]


CASES = [
    ("model", "C=1.0, m", "C=0.1, m", "`C` 1.0 → 0.1"),
    ("model", "C=1.0, m", "C=1, m", "`C` 1.0 → 1"),
    ("model", ", max_iter=200", "", "`max_iter` 200 removed"),
    ("model", "max_iter=200", 'max_iter=200, penalty="l1"', '`penalty` + "l1"'),
    ("model", "C=1.0, max_iter=200", "0.5, max_iter=200", "`C` 1.0 removed, `LogisticRegression` + 0.5"),
    ("model", "max_iter=200))", "max_iter=200), seed=4)", "`seed` 0 → 4"),
    ("model", "max_iter=200))", "max_iter=200), cache=False)", "`cache` True → False"),
    ("other", '("fit", LogisticRegression(C=1.0))', '("fit", LogisticRegression(C=0.1))', "`C` 1.0 → 0.1"),
    ("other", '("fit", L', '("fix", L', '`Pipeline` "fit" → "fix"'),
    ("bucket", "bins=10", "bins=20", "`bins` 10 → 20"),
    ("bucket", "bins=10", "edges=[1, 2]", "`edges` None → [1.0, 2.0]"),
    ("bucket", "Bucketizer(age, bins=10)", "Scale(age)", "operator `Bucketizer` → `Scale`"),
    ("bucket", "Bucketizer(age", "Bucketizer(job", "operand `feature` age → job"),
    ("parts", 'Split(rows["train"]', 'Split(rows["test"]', 'operand `rows` rows["train"] → rows["test"]'),
    ("rows", '["a", "b"]', '["a", "b", "c"]', '`columns` + "c"'),
    ("rows", '["a", "b"]', '["b", "a"]', "`columns` in another order"),
    ("rows", 'na="?"', 'na="-"', '`na` "?" → "-"'),
    ("data", "adult/adult.test", "other.test", '`test` "adult/adult.test" → "other.test"'),
    ("x", "[age, bucket]", "[age, bucket, job]", "operand `features` + job"),
    ("x", "[age, bucket]", "[age]", "operand `features` − bucket"),
    ("x", "[age, bucket]", "[bucket, age]", "operand `features` in another order"),
    ("target", "def f(b): return clean(b)", "def f(b): return clean(b) + 1", "function `f` changed"),
    ("target", "v.strip()", "v.lower()", "helper `strip` changed"),
    ("target", "[:LIMIT]", "[1:LIMIT]", "helper `clean` changed"),
    ("target", "LIMIT = 3", "LIMIT = 4", "constant `LIMIT` changed"),
    ("target", '{"x": 1}', '{"x": 2}', "constant `WORDS` changed"),
    ("target", "size = 1", "size = 2", "class `Tool` changed"),
    ("target", "Extractor(rows, f)", "Extractor(rows, g)", "function `f` → `g`"),
    ("parts", "test=0.2", "test=0.2, validation=0.1", "`validation` None → 0.1"),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), CASES, ids=[told for *_, told in CASES])
def test_a_change_is_told_by_what_it_is(name: str, old: str, new: str, told: str) -> None:
    assert old in TEXT
    said = describe_change(node(TEXT, name), node(TEXT.replace(old, new), name))
    assert said is not None
    assert said.startswith(told)


@pytest.mark.parametrize("name", ["data", "rows", "bucket", "target", "x", "model", "other", "parts"])
def test_nothing_is_told_where_only_inputs_or_looks_changed(name: str) -> None:
    after = TEXT.replace("bins=10", "bins = 10").replace("def g(b): return b", "def g(b): return 1") + "\n# end\n"
    assert describe_change(node(TEXT, name), node(after, name)) is None


def test_a_node_that_was_not_there_is_new() -> None:
    assert describe_change(None, node(TEXT, "age")) == "new"


def test_another_version_of_a_package_is_told() -> None:
    current = node(TEXT, "model")
    spec = current.params["estimator"]
    assert isinstance(spec, EstimatorSpec)
    older = dataclasses.replace(spec, distribution="scikit-learn==0.1")
    before = dataclasses.replace(current, params={"estimator": older})
    assert describe_change(before, current) == f"package scikit-learn 0.1 → {str(spec.distribution).split('==')[1]}"


def test_many_changes_are_counted() -> None:
    before, after = node(TEXT, "rows"), node(TEXT.replace('na="?"', 'strip=True, sep=";", header=True'), "rows")
    assert describe_change(before, after) == '`header` None → True, `sep` "," → ";", `na` "?" → "" and 1 more'


def test_a_file_that_changed_is_told_by_its_last_name() -> None:
    assert describe_file(node(TEXT, "data"), "test") == "data file changed: adult.test"


def test_values_are_shown_as_the_text_could_write_them_and_cut() -> None:
    assert show(["a", 1.5, None, True, {"k": (1,)}]) == '["a", 1.5, None, True, {"k": [1]}]'
    assert show('say "so"') == '"say \\"so\\""'
    assert show("x" * 100).endswith("…")
    assert len(show("x" * 100)) == 40
