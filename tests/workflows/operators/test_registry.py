"""The registry of operators: complete, consistent, and true to the compiler."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from workflows.compiler import compile_workflow
from workflows.operators.base import REQUIRED, Family, Kind, Operator, Shape, Splits, Type
from workflows.operators.registry import DECLARATIONS, OPERATORS, declaration_json, nearest_operator

OF_ALL = Path(__file__).parents[1] / "execution" / "test_operators.py"
OPERATOR = pytest.mark.parametrize("operator", DECLARATIONS.values(), ids=DECLARATIONS)

# What examples name, each resting on those before it.
NEEDED = {
    "data": 'FileSource(train="a", test="b")',
    "rows": "CSVScanner(data)",
    "jobs": 'GroupBy(rows, by="occupation", aggregates={"n": "count()"})',
    "age": 'Field(rows, "age")',
    "hours": 'Field(rows, "hours")',
    "education": 'Field(rows, "education")',
    "occupation": 'Field(rows, "occupation")',
    "target": 'Field(rows, "target")',
    "age_bucket": "Bucketizer(age)",
    "edu_x_occ": "Interaction(education, occupation)",
    "words": 'Tokenize(Field(rows, "text"))',
    "phrases": "NGrams(words)",
    "income": "Examples(rows, features=[age], label=target)",
    "model": "Learner(income, LogisticRegression())",
    "predictions": "Predict(model, income)",
    "accuracy": "Accuracy(predictions)",
    "auc": "RocAuc(predictions)",
}


def program_for(operator: Operator) -> str:
    """The operator's example, after all that it rests on."""
    bound = operator.example.split(" = ")[0]
    lines = [
        "from sklearn.linear_model import LogisticRegression",
        "from sklearn.decomposition import PCA",
        "def read_log(f): return []",
        "def words_of(b): return b",
        "def fill_gaps(b): return b\ndef over_50k(b): return b\ndef count_errors(p): return 1",
    ]
    for name, call in NEEDED.items():
        if name == bound:
            break
        lines.append(f"{name} = {call}")
    text = "\n".join([*lines, operator.example])
    return text.replace('train="a", test="b"', '"a"') if operator.name == "Split" else text


@OPERATOR
def test_the_example_of_a_declaration_compiles(operator: Operator) -> None:
    compiled = compile_workflow(program_for(operator))
    assert [found for found in compiled.diagnostics if found.severity == "error"] == []


@OPERATOR
def test_a_declaration_is_documented_and_is_json(operator: Operator) -> None:
    assert operator.doc.endswith((".", ")"))
    assert all(parameter.doc for parameter in operator.accepted)
    read = json.loads(json.dumps(declaration_json(operator)))
    assert read["name"] == operator.name
    names = [parameter["name"] for parameter in read["parameters"]]
    assert len(names) == len(set(names))
    assert ("seed" in names) == operator.random


@OPERATOR
def test_parameters_agree_with_what_they_say(operator: Operator) -> None:
    for parameter in operator.parameters:
        assert bool(parameter.kinds) == parameter.operand
        if parameter.choices and parameter.default not in (REQUIRED, None, {}):
            assert parameter.default in parameter.choices
    optional = [not parameter.required for parameter in operator.parameters if not parameter.variadic]
    assert optional == sorted(optional), "a required parameter follows an optional one"


def test_shapes_follow_from_what_operators_make() -> None:
    for operator in OPERATORS.values():
        assert (operator.shape is Shape.SPLITS) == (operator.splits is not Splits.NONE)
        assert (operator.shape is Shape.STATE) == (operator.kind is Kind.MODEL)
        assert (operator.shape is Shape.VALUE) == (operator.kind is Kind.VALUE)
        assert not operator.metric or operator.family is Family.REDUCER
        assert operator.shape is not Shape.STATE or operator.learns


def test_every_operator_of_the_language_is_there() -> None:
    assert set(OPERATORS) >= {
        *("FileSource", "Dataset", "CSVScanner", "Split", "Map", "Filter", "Field", "Bucketizer", "Interaction"),
        *("Impute", "Scale", "Extractor", "Transform", "Examples", "Learner", "Predict", "Accuracy", "F1", "RocAuc"),
        "Reducer",
    }
    assert "Output" in DECLARATIONS
    assert "Output" not in OPERATORS


def test_every_operator_is_tried_in_a_module_of_tests_beside_the_one_workflow_of_all() -> None:
    """By its kernel (``apply("Scale", …)``) or in a workflow; which plain way it is held to stands there."""
    folders = [Path(__file__).parent / "kernels", Path(__file__).parents[1] / "execution"]
    texts = [path.read_text() for folder in folders for path in folder.glob("test_*.py") if path != OF_ALL]
    untried = [name for name in OPERATORS if not any(re.search(rf'"{name}"|\b{name}\(', text) for text in texts)]
    assert untried == []


def test_the_nearest_operator_forgives_case_and_typing() -> None:
    assert nearest_operator("csvscanner") == "CSVScanner"
    assert nearest_operator("Bucketiser") == "Bucketizer"
    assert nearest_operator("zzz") is None


def test_only_sources_are_not_stored() -> None:
    assert [operator.name for operator in OPERATORS.values() if not operator.stored] == ["FileSource"]


def test_paths_are_taken_by_sources_alone() -> None:
    taking = {operator.name for operator in OPERATORS.values() for one in operator.parameters if one.type is Type.PATHS}
    assert taking == {"FileSource"}


def test_what_is_not_in_the_text_alone_is_said_of_its_source() -> None:
    assert {operator.name for operator in OPERATORS.values() if operator.outside} == {"FileSource", "SQLSource"}
