"""The module level: what its statements bind, how nodes in lists, dicts, loops and calls are named."""

from __future__ import annotations

import ast

import pytest

from tests.workflows.texts import BASE
from workflows.compiler import Compiled, compile_workflow
from workflows.graph.dag import EstimatorSpec, FunctionSpec, Node

GROUND = {"data", "rows", "age", "job", "label"}


def compiled(text: str, **overrides: object) -> Compiled:
    result = compile_workflow(BASE + text, overrides=overrides)  # type: ignore[arg-type]
    assert [found for found in result.diagnostics if found.severity == "error"] == []
    return result


def nodes(text: str) -> dict[str, Node]:
    dag = compiled(text).dag
    assert dag is not None
    return {str(name): node for name, node in dag.nodes.items() if name not in GROUND}


def constants(text: str, **overrides: object) -> dict[str, object]:
    program = compiled(text, **overrides).program
    assert program is not None
    return dict(program.constants)


def operands(node: Node, slot: str) -> list[str]:
    return [operand.node for operand in node.inputs if operand.slot == slot]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = Scale(age)", ["x"]),
        ('x = Scale(Field(rows, "z"))', ["x.feature", "x"]),
        ('x = Scale(feature=Impute(Field(rows, "z")))', ["x.feature.feature", "x.feature", "x"]),
        ('x = Interaction(age, Scale(job), Field(rows, "z"))', ["x.features[1]", "x.features[2]", "x"]),
        ("x = Examples(rows, [age, Scale(job)], label=Scale(label))", ["x.features[1]", "x.label", "x"]),
        ("x = [Scale(age), [Scale(job)]]", ["x[0]", "x[1][0]"]),
        ("x = {'a': Scale(age), 3: Scale(job)}", ["x[a]", "x[3]"]),
        ('x = [Field(rows, c) for c in "ab" if c != "a"]', ["x[0]"]),
        ('x = [Field(rows, a + b) for a in "ab" for b in "cd"]', ["x[0]", "x[1]", "x[2]", "x[3]"]),
        ('x = {c: Scale(Field(rows, c)) for c in "ab"}', ["x[a].feature", "x[a]", "x[b].feature", "x[b]"]),
        ('x = [age, *[Field(rows, c) for c in "ab"], Scale(job)]', ["x[1]", "x[2]", "x[3]"]),
        ('x = [Scale(age)] + [Field(rows, c) for c in "ab"]', ["x[0]", "x[1]", "x[2]"]),
        ("x = Scale(age) if len('a') else Scale(job)", ["x"]),
        ('x = {}\nfor c in "ab":\n    x[c] = Field(rows, c)', ["x[a]", "x[b]"]),
        ('x = {}\nfor i, c in enumerate("ab"):\n    if i:\n        x[c, i] = Field(rows, c)', ["x[('b', 1)]"]),
        ("x = {0: age}\nfor i in range(2):\n    x[i + 1] = Scale(x[i])", ["x[1]", "x[2]"]),
        ("if 1 < 2:\n    x = Scale(age)\nelse:\n    x = Scale(job)", ["x"]),
        ("Output(Scale(age), Scale(job))\nOutput(Scale(label))", ["Output[0]", "Output[1]", "Output[2]"]),
    ],
)
def test_nodes_are_named_after_their_place(text: str, names: list[str]) -> None:
    assert list(nodes(text)) == names


def test_lists_and_dicts_of_nodes_are_indexed_iterated_and_starred() -> None:
    made = nodes(
        'names = [Field(rows, c) for c in "abc"]\nnamed = {"n": names[0], "m": names[-1]}\n'
        'x = Examples(rows, features=[*names[1:], named["n"], *named.values(), age])\n'
        "y = Interaction(*names)\nscaled = [Scale(name) for name in names]"
    )
    assert operands(made["x"], "features") == ["names[1]", "names[2]", "names[0]", "names[0]", "names[2]", "age"]
    assert operands(made["y"], "features") == ["names[0]", "names[1]", "names[2]"]
    assert operands(made["scaled[2]"], "feature") == ["names[2]"]


def test_another_name_for_a_node_makes_no_node() -> None:
    made = nodes('held = rows["test"]\nother = age\nx = Field(held, "z")\ny = Scale(other)')
    assert list(made) == ["x", "y"]
    assert made["x"].inputs[0].split == "test"
    assert made["x"].splits == ("test",)


def test_constants_are_what_loops_and_conditions_leave_them() -> None:
    assert constants(
        "total = 0\nfor i in [1, 2, 3]:\n    total += i\n    twice = total * 2\n"
        'if total > 5:\n    size = "big"\nelse:\n    size = "small"\na, (b, c) = 1, [2, 3]\nd = e = 4'
    ) == {"total": 6, "i": 3, "twice": 12, "size": "big", "a": 1, "b": 2, "c": 3, "d": 4, "e": 4}


def test_constants_are_set_from_outside_and_what_follows_is_computed_anew() -> None:
    text = "BINS = 10\nHALF = BINS // 2\nx = Bucketizer(age, bins=HALF)"
    assert constants(text, BINS=8) == {"BINS": 8, "HALF": 4}
    wrong = compile_workflow(BASE + text, overrides={"BINZ": 3}).diagnostics
    assert [(found.code, found.hint) for found in wrong if found.severity == "error"] == [
        ("unknown-constant", "Did you mean `BINS`?")
    ]


def test_the_docstring_is_the_description() -> None:
    assert compile_workflow('"""What it\n   does."""\nx = 1').description == "What it does."
    assert compile_workflow("x = 1\n'no docstring'").description == ""


def test_user_code_is_kept_and_the_rest_is_not() -> None:
    program = compiled(
        "from __future__ import annotations\nimport re\nfrom helixweb.dsl import Scale\n"
        "SPACE = re.compile(' ')\nN = 3\ndef f(b): return b\nclass A: pass\ng = lambda b: b\n"
        "table = {'f': f, 'n': N}\nx = Map(rows, f)\nOutput(x)\n"
    ).program
    assert program is not None
    kept = [ast.unparse(node).split("\n")[0] for node in program.statements()]
    assert kept == [
        *("from __future__ import annotations", "import re", "SPACE = re.compile(' ')", "def f(b):", "class A:"),
        *("g = lambda b: b", "table = {'f': f, 'n': N}"),
    ]
    assert program.constants == {"N": 3}


def test_statements_of_user_code_keep_their_lines() -> None:
    program = compiled("\n\ndef f(b):\n    return b\nx = Map(rows, f)").program
    assert program is not None
    (function,) = program.statements()
    assert function.lineno == BASE.count("\n") + 3


def spec(node: Node, name: str) -> FunctionSpec:
    value = node.params[name]
    assert isinstance(value, FunctionSpec)
    return value


def test_a_function_is_found_by_its_name_and_a_lambda_by_its_place() -> None:
    made = nodes("def f(b): return b\ng = lambda b: b\nx = Map(rows, f)\ny = Map(rows, g)\nz = Map(rows, lambda b: b)")
    assert spec(made["x"], "fn").name == "f"
    assert spec(made["y"], "fn").name == "g"
    place = spec(made["z"], "fn")
    assert (place.name, place.line, place.column) == ("<lambda>", 10, 14)


def test_a_lambda_in_a_loop_holds_what_the_loop_was_at() -> None:
    made = nodes(
        'k = 5\nxs = [Map(rows, lambda b: b[c] + k) for c in "ab"]\nys = {}\n'
        "for d in [1, 2]:\n    ys[d] = Map(rows, lambda b, n=d: b + n)"
    )
    held = [dict(spec(node, "fn").captured) for node in made.values()]
    assert held == [{"c": "a"}, {"c": "b"}, {"d": 1}, {"d": 2}]
    assert len({spec(made[name], "fn").identity for name in ("xs[0]", "xs[1]")}) == 1


def estimator(text: str) -> EstimatorSpec:
    value = nodes(text)["x"].params["transformer"]
    assert isinstance(value, EstimatorSpec)
    return value


def test_estimator_expressions_become_specs_with_import_paths() -> None:
    found = estimator(
        "import numpy as np\nfrom sklearn import decomposition as d\nfrom sklearn.pipeline import Pipeline as P\n"
        'x = Transform(age, P([("a", d.PCA(2, whiten=True))], verbose=np.float32))'
    )
    assert (found.path, found.distribution, found.called) == (
        "sklearn.pipeline.Pipeline",
        _version("scikit-learn"),
        True,
    )
    (steps,) = found.args
    assert isinstance(steps, list)
    assert isinstance(steps[0], tuple)
    inner = steps[0][1]
    assert isinstance(inner, EstimatorSpec)
    assert (inner.path, inner.args, inner.kwargs) == ("sklearn.decomposition.PCA", (2,), {"whiten": True})
    dtype = found.kwargs["verbose"]
    assert isinstance(dtype, EstimatorSpec)
    assert (dtype.path, dtype.called, dtype.distribution) == ("numpy.float32", False, _version("numpy"))


def test_an_estimator_of_the_text_is_found_by_its_name_and_has_an_identity() -> None:
    found = estimator("class Mine:\n    pass\nmine = Mine\nx = Transform(age, Mine(k=lambda v: v))")
    assert found.path == "Mine"
    assert found.code is not None
    assert found.code.name == "Mine"
    assert found.code.identity is not None
    assert isinstance(found.kwargs["k"], FunctionSpec)


def test_an_estimator_may_be_named_before_it_is_used() -> None:
    found = estimator("from sklearn.decomposition import PCA\nreduce = PCA(n_components=2)\nx = Transform(age, reduce)")
    assert found.kwargs == {"n_components": 2}


def _version(distribution: str) -> str:
    from importlib.metadata import version

    return f"{distribution}=={version(distribution)}"


def test_operators_may_be_imported_under_another_name() -> None:
    made = nodes("from helixweb.dsl import Scale as S, Field\nx = S(age)")
    assert made["x"].operator == "Scale"


def test_options_may_be_given_as_a_dict() -> None:
    made = nodes('OPTIONS = {"bins": 4, "by": "width"}\nx = Bucketizer(age, **OPTIONS)')
    assert (made["x"].params["bins"], made["x"].params["by"]) == (4, "width")


def test_parameters_are_complete_and_in_one_form() -> None:
    made = nodes(
        'other = CSVScanner(data, columns="only", na=["", "?"])\nx = Impute(age, strategy="constant", value=3)\n'
        "y = Bucketizer(age, edges=[1, 2.5])\nz = Scale(age, name='Shown', cache=False)"
    )
    assert made["other"].params["columns"] == ("only",)
    assert made["other"].params["na"] == ("", "?")
    assert made["other"].params["sep"] == ","
    assert made["y"].params["edges"] == (1.0, 2.5)
    assert (made["z"].label, made["z"].cache, made["z"].params) == ("Shown", False, {"method": "standard"})
    assert made["x"].label == "x"


def test_seeds_are_where_random_numbers_are_drawn() -> None:
    made = nodes(
        'part = Split(rows["train"], seed=7)\nx = Scale(age)\ndef make(): pass\n'
        "m = Learner(Examples(rows, [age]), make())"
    )
    assert made["part"].seed == 7
    assert made["m"].seed == 0
    assert made["x"].seed is None


def test_what_is_set_from_outside_replaces_constants_that_are_bound_together() -> None:
    assert constants("A, B = 1, 2", A=7) == {"A": 7, "B": 2}


def test_what_a_loop_binds_cannot_be_set_from_outside() -> None:
    told = compile_workflow(BASE + "for A in [1, 2]:\n    pass\n", overrides={"A": 7}).diagnostics
    assert [one.code for one in told if one.severity == "error"] == ["unknown-constant"]
