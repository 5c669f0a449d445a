"""Modules of ``lib/``: read but never imported, and part of the identity of whatever reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.texts import BASE
from workflows.compiler import compile_workflow
from workflows.graph.dag import FunctionSpec

CLEAN = '''\
"""Cleaning."""
import numpy as np
from .words import STOP
from shared import lower as low

LIMIT = 3


def strip(value):
    return low(value.strip()[:LIMIT]) + STOP


def unused(value):
    return value


TABLE = make()
print("loaded")
'''
FILES = {
    "text/__init__.py": "VERSION = 1\n",
    "text/clean.py": CLEAN,
    "text/words.py": 'STOP = "the"\nOTHER = "a"\n',
    "shared.py": "def lower(value):\n    return value.lower()\n\n\ndef upper(value):\n    return value.upper()\n",
}
USING = "from text.clean import strip\ndef f(b):\n    return strip(b)\n"


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path


def write(lib: Path, name: str, text: str) -> None:
    file = lib / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def spec(lib: Path, code: str, function: str = "f") -> FunctionSpec:
    compiled = compile_workflow(f"{BASE}{code}x = Map(rows, {function})\nOutput(x)", lib=lib)
    assert compiled.diagnostics == ()
    assert compiled.dag is not None
    value = next(node for node in compiled.dag.nodes.values() if node.name == "x").params["fn"]
    assert isinstance(value, FunctionSpec)
    return value


def identity(lib: Path, code: str = USING) -> str:
    found = spec(lib, code).identity
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("text/clean.py", "value.strip()", "value.rstrip()"),
        ("text/clean.py", "LIMIT = 3", "LIMIT = 4"),
        ("text/words.py", '"the"', '"a"'),
        ("shared.py", "value.lower()", "value.casefold()"),
        ("text/clean.py", 'print("loaded")', 'print("ready")'),
        ("text/clean.py", "TABLE = make()", "TABLE = make(1)"),
        ("text/clean.py", "from shared import lower", "from shared import upper"),
    ],
)
def test_what_a_function_reaches_in_lib_is_in_its_identity(lib: Path, file: str, old: str, new: str) -> None:
    before = identity(lib)
    assert old in FILES[file]
    write(lib, file, FILES[file].replace(old, new))
    assert identity(lib) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("text/clean.py", '"""Cleaning."""', '"""Cleans."""'),
        ("text/clean.py", "return value\n", "return value + 1\n"),
        ("text/clean.py", "LIMIT = 3", "LIMIT = (3)  # letters"),
        ("text/words.py", 'OTHER = "a"', 'OTHER = "b"'),
        ("shared.py", "value.upper()", "value.title()"),
    ],
)
def test_what_a_function_does_not_reach_in_lib_is_not(lib: Path, file: str, old: str, new: str) -> None:
    before = identity(lib)
    assert old in FILES[file]
    write(lib, file, FILES[file].replace(old, new))
    assert identity(lib) == before


@pytest.mark.parametrize(
    "code",
    [
        "import text.clean\ndef f(b):\n    return text.clean.strip(b)\n",
        "import text.clean as c\ndef f(b):\n    return c.strip(b)\n",
        "from text import clean\ndef f(b):\n    return clean.strip(b)\n",
        "from lib.text.clean import strip\ndef f(b):\n    return strip(b)\n",
        "def f(b):\n    from text.clean import strip\n    return strip(b)\n",
        "import text.clean as c\ng = c.strip\ndef f(b):\n    return g(b)\n",
    ],
)
def test_every_way_of_importing_reaches_the_definition(lib: Path, code: str) -> None:
    before = identity(lib, code)
    write(lib, "text/words.py", 'STOP = "a"\n')
    after = identity(lib, code)
    assert after != before
    write(lib, "text/words.py", FILES["text/words.py"])
    assert identity(lib, code) == before


@pytest.mark.parametrize(
    "code",
    [
        "import text.clean as c\ndef f(b, name='strip'):\n    return getattr(c, name)(b)\n",
        "import text.clean as c\ndef f(b):\n    return run(c, b)\ndef run(module, b): return module.strip(b)\n",
        "from text.clean import missing\ndef f(b):\n    return missing(b)\n",
    ],
)
def test_a_module_whose_use_is_open_counts_as_a_whole(lib: Path, code: str) -> None:
    before = identity(lib, code)
    write(lib, "text/clean.py", CLEAN.replace("return value\n", "return value + 1\n"))
    assert identity(lib, code) != before


def test_a_starred_import_makes_a_module_one_whole(lib: Path) -> None:
    write(lib, "text/clean.py", CLEAN.replace("from .words import STOP", "from .words import *"))
    before = identity(lib)
    write(lib, "text/words.py", FILES["text/words.py"].replace('OTHER = "a"', 'OTHER = "b"'))
    assert identity(lib) != before


def test_a_function_of_lib_can_be_applied_itself(lib: Path) -> None:
    compiled = compile_workflow(f"{BASE}from text.clean import strip\nx = Map(rows, strip)\nOutput(x)", lib=lib)
    assert compiled.diagnostics == ()


def test_what_lib_reaches_is_named_for_people(lib: Path) -> None:
    titles = set(spec(lib, USING).depends)
    assert {"function `f`", "helper `strip` of lib/text/clean.py", "constant `STOP` of lib/text/words.py"} <= titles
    assert "helper `unused` of lib/text/clean.py" not in titles


def test_a_module_that_cannot_be_read_counts_by_its_bytes(lib: Path) -> None:
    write(lib, "broken.py", "def f(:")
    code = "import broken\ndef f(b):\n    return broken.x\n"
    before = identity(lib, code)
    write(lib, "broken.py", "def g(:")
    assert identity(lib, code) != before


def test_without_lib_its_modules_are_not_there() -> None:
    compiled = compile_workflow(f"{BASE}{USING}x = Map(rows, f)\nOutput(x)")
    assert [one.code for one in compiled.diagnostics] == ["not-installed"]
    assert compiled.dag is not None
    (node,) = [node for node in compiled.dag.nodes.values() if node.name == "x"]
    value = node.params["fn"]
    assert isinstance(value, FunctionSpec)
    assert value.identity is None
