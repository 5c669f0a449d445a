"""Edits that change what a function does though its own code stays: each must change its identity (no false hit).

``false_hits.txt`` has them as differences: a title after ``===``, the code of a text with the function ``f``, and after
``---`` modules of lib/; of each line is told whether it stays, goes (``-``) or comes (``+``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.workflows.texts import BASE
from workflows.compiler import compile_workflow
from workflows.graph.dag import FunctionSpec

EDITS = dict(part.split("\n", 1) for part in Path(__file__).with_name("false_hits.txt").read_text().split("=== ")[1:])


def identity(code: str, lib: Path | None = None) -> str | None:
    """The identity of the function ``f`` of the code."""
    compiled = compile_workflow(f"{BASE}{code}\nx = Map(rows, f)\nOutput(x)\n", lib=lib)
    assert [one for one in compiled.diagnostics if one.severity == "error"] == []
    assert compiled.dag is not None
    function = next(node for node in compiled.dag.nodes.values() if node.name == "x").params["fn"]
    assert isinstance(function, FunctionSpec)
    return function.identity


def write(lib: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (lib / name).parent.mkdir(parents=True, exist_ok=True)
        (lib / name).write_text(text)
    return lib


def side(edit: str, goes: str) -> tuple[str, dict[str, str]]:
    """The code and the modules of lib/ before an edit (``goes`` is "+") or after it ("-")."""
    code, *modules = edit.split("--- ")
    files = dict(module.split("\n", 1) for module in modules)
    return kept(code, goes), {name: kept(module, goes) for name, module in files.items()}


def kept(difference: str, goes: str) -> str:
    return "".join(f"{line[2:]}\n" for line in difference.split("\n") if not line.startswith(goes))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_of_what_a_function_reaches_changes_its_identity(edit: str, tmp_path: Path) -> None:
    (before, files), (after, edited) = side(edit, "+"), side(edit, "-")
    assert (before, files) != (after, edited)
    first = identity(before, write(tmp_path, files))
    assert first is not None
    assert identity(after, write(tmp_path, edited)) != first


ENTERED = """\
STEPS = []
def step(fn):
    STEPS.append(fn)
    return fn
@step
def one(x):
    return 1
@step
def two(x):
    return 2
def f(b):
    return [step(1) for step in STEPS]
"""


def test_the_order_in_which_definitions_enter_themselves_counts() -> None:
    one, two = (ENTERED[ENTERED.index(f"@step\ndef {name}") :] for name in ("one", "two"))
    one = one[: one.index("@step", 1)]
    two = two[: two.index("def f")]
    assert identity(ENTERED) != identity(ENTERED.replace(one + two, two + one))


def test_a_decorator_that_changes_nothing_ties_no_functions_together() -> None:
    code = """\
def traced(fn):
    return lambda *args: fn(*args)
@traced
def other(x):
    return 1
@traced
def f(b):
    return 1
"""
    assert identity(code) == identity(code.replace("return 1", "return 2", 1))


def test_comments_and_lines_in_lib_change_nothing(tmp_path: Path) -> None:
    module = "import os\nTABLE = dict(a=1)\nprint('loaded')\ndef g(x):\n    return 1\n"
    code = "from m import g\ndef f(b):\n    return g(b)\n"
    before = identity(code, write(tmp_path, {"m.py": module}))
    assert before is not None
    assert identity(code, write(tmp_path, {"m.py": f"# what it is for\n\n\n{module}"})) == before
