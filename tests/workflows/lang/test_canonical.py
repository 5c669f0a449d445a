"""The canonical form of code: what is the same however it is written, and what is not."""

from __future__ import annotations

import ast
import copy

import pytest

from tests.workflows.lang.test_scopes import source_of
from workflows.hashing import encode, fingerprint
from workflows.lang.canonical import canonical

MODULES = ("argparse", "calendar", "dataclasses", "difflib", "heapq", "random", "statistics", "textwrap", "typing")


def form(code: str | ast.AST, *, documented: bool = False, annotated: bool = False) -> bytes:
    nodes = ast.parse(code).body if isinstance(code, str) else [code]
    return encode(canonical(nodes, documented=documented, annotated=annotated))


@pytest.mark.parametrize("module", MODULES)
def test_rewriting_code_changes_nothing(module: str) -> None:
    for node in ast.parse(source_of(module)).body:
        assert form(node, documented=True, annotated=True) == form(
            ast.parse(ast.unparse(node)).body[0], documented=True, annotated=True
        )


@pytest.mark.parametrize("module", MODULES)
def test_any_other_constant_changes_the_form(module: str) -> None:
    for node in ast.parse(source_of(module)).body:
        before = form(node, documented=True, annotated=True)
        for place, constant in enumerate(inner for inner in ast.walk(node) if isinstance(inner, ast.Constant)):
            if place > 3:
                break
            other = copy.copy(constant.value)
            constant.value = "another value"
            assert form(node, documented=True, annotated=True) != before
            constant.value = other


SAME = [
    ("x = 'a'", 'x = u"a"'),
    ("x = ('a' 'b')", "x = 'ab'"),
    ("x = 1_000", "x = 0x3E8"),
    ("def f(a): return a", "def f(a: int) -> str: return a"),
    ("def f(a): return a", "def f(a):\n    'doc'\n    return a"),
    ("def f():\n    x = 1", "def f():\n    x: int = 1"),
    ("def f():\n    def g(a): pass", "def f():\n    def g(a: int): pass"),
    ("class A:\n    x = 1", "class A:\n    'doc'\n    x = 1"),
    ("f = lambda a: (a)", "f = lambda a: a"),
]
DIFFERENT = [
    ("x = 1", "x = 1.0"),
    ("x = 1", "x = True"),
    ("x = 'a'", "x = b'a'"),
    ("x = None", "x = ..."),
    ("x = '...'", "x = ..."),
    ("x = [1]", "x = (1,)"),
    ("x = a - b", "x = b - a"),
    ("x = a + b", "x = a - b"),
    ("x = -1", "x = ~1"),
    ("def f(a, *, b): pass", "def f(a, b): pass"),
    ("def f(a, /, b): pass", "def f(a, b): pass"),
    ("def f(a=1, b=2): pass", "def f(a=2, b=1): pass"),
    ("def f(*, a=1, b): pass", "def f(*, a, b=1): pass"),
    ("def f(a): pass", "async def f(a): pass"),
    ("@g\ndef f(a): pass", "@g\ndef f(a: int): pass"),
    ("class A:\n    x: int = 1", "class A:\n    x: str = 1"),
    ("class A:\n    def f(self, a): pass", "class A:\n    def f(self, a: int): pass"),
    ("{1: 2, **x}", "{**x, 1: 2}"),
    ("x = f'{a!r}'", "x = f'{a}'"),
    ("x = f'{a:2}'", "x = f'{a:3}'"),
    ("def f():\n    x = 1\n    return x", "def f():\n    global x\n    x = 1\n    return x"),
    ("def f():\n    x: int\n    return x", "def f():\n    return x"),
    ("if a: pass\nelse: b", "if a: pass\nb"),
    ("a[1:2]", "a[1, 2]"),
    ("a < b < c", "a < b > c"),
    ("import a.b", "import a.b as a"),
    ("from a import b", "from .a import b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_means_the_same_has_one_form(one: str, other: str) -> None:
    assert form(one) == form(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_means_something_else_has_another_form(one: str, other: str) -> None:
    assert form(one) != form(other)


def test_docstrings_and_annotations_are_kept_where_asked() -> None:
    bare, full = "def f(a): return a", "def f(a: int):\n    'doc'\n    return a"
    assert form(bare, documented=True) != form(full, documented=True)
    assert form(bare, annotated=True) != form(full, annotated=True)


def test_the_form_is_pinned() -> None:
    """A change of this value changes the identity of all user code: bump ``identity.SCHEME`` with it."""
    code = "def f(a, *b, c=1.5, **d):\n    return [x ** 2 for x in a if x > 0 and x is not None] + [f'{c:.2f}', b'x']\n"
    assert fingerprint("pin", canonical(ast.parse(code).body, documented=False, annotated=False)) == (
        "08f42a2bab07d4df0a1d37719cc2c4e822a6d637b390043bb041568f8d81691f"
    )
