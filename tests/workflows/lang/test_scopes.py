"""What code names outside itself, held against Python's own symbol tables over the standard library."""

from __future__ import annotations

import ast
import importlib.util
import symtable
from pathlib import Path

import pytest

from workflows.lang.scopes import outside

MODULES = (
    *(
        "argparse",
        "ast",
        "asyncio.tasks",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "copy",
        "csv",
        "dataclasses",
    ),
    *("datetime", "decimal", "difflib", "dis", "enum", "fractions", "functools", "heapq", "inspect", "json.decoder"),
    *("logging", "pathlib", "pickle", "random", "statistics", "string", "subprocess", "tarfile", "textwrap", "typing"),
)

# What Python's tables and ours both may show a second time: names that a class body looks up in itself and outside.
ODD = {"__class__", "__module__", "__qualname__", "__name__"}


def source_of(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin)
    assert path.suffix == ".py", f"{module} is not written in Python here"
    return path.read_text(encoding="utf-8")


def global_names(table: symtable.SymbolTable) -> set[str]:
    """Names that code in a table and those inside it looks up in the module."""
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned())
    }
    return names.union(*(global_names(child) for child in table.get_children()))


@pytest.mark.parametrize("module", MODULES)
def test_free_names_are_those_that_python_looks_up_in_the_module(module: str) -> None:
    text = source_of(module)
    tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    for table in symtable.symtable(text, module, "exec").get_children():
        tables.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        (table,) = tables.get((node.name, node.lineno)) or tables[(node.name, line)]
        body = ast.Module(list(node.body), [])
        inside = global_names(table)
        bare = ast.parse(ast.unparse(node)).body[0]
        assert isinstance(bare, ast.FunctionDef | ast.ClassDef)
        bare.decorator_list = []
        ours = set(outside(bare).names)
        at_load = (
            outside(*_at_load(bare)).names if isinstance(bare, ast.FunctionDef) else set(outside(*_bases(bare)).names)
        )
        assert inside - ODD <= ours | set(outside(body).declared), (module, node.name)
        assert ours - set(at_load) - ODD <= inside, (module, node.name)


def _at_load(node: ast.FunctionDef) -> list[ast.AST]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    annotations = [one.annotation for one in every if one.annotation is not None]
    defaults = [one for one in (*arguments.defaults, *arguments.kw_defaults) if one is not None]
    return [*annotations, *defaults, *([node.returns] if node.returns else [])]


def _bases(node: ast.ClassDef) -> list[ast.AST]:
    return [*node.bases, *(keyword.value for keyword in node.keywords)]


def names(code: str) -> set[str]:
    return set(outside(*ast.parse(code).body).names)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(a): return a + b", {"b"}),
        ("def f(a=b): return a", {"b"}),
        ("def f():\n    x = 1\n    return [x for y in z if y]", {"z"}),
        ("def f():\n    global x\n    x = 1", {"x"}),
        ("class A:\n    x = 1\n    def m(self): return x", {"x"}),
        ("class A:\n    x = 1\n    y = x", set()),
        ("def f():\n    def g(): return x\n    x = 1\n    return g", set()),
        ("def f():\n    import os\n    return os.path", set()),
        ("def f():\n    try: pass\n    except E as e: return e", {"E"}),
        ("def f(v):\n    match v:\n        case {'a': b, **c}: return b, c, d", {"d"}),
        ("f = lambda a, *b, c=d, **e: a + b + c + e", {"d", "f"}),
        ("def f():\n    return [y := 1 for _ in z], y", {"z"}),
        ("x = [x for x in x]", {"x"}),
        ("def f(a): return {k: v for k, v in a.items() if k in keep}", {"keep"}),
    ],
)
def test_scopes_are_pythons(code: str, expected: set[str]) -> None:
    assert names(code) == expected


def test_attributes_are_followed_and_imports_inside_are_found() -> None:
    (node,) = ast.parse("def f(a):\n    import text.clean as c\n    return np.linalg.norm(a) + a.size").body
    found = outside(node)
    assert [reference.chain for reference in found.references] == [("np", "linalg", "norm")]
    assert [ast.unparse(one) for one in found.imports] == ["import text.clean as c"]
    assert {"linalg", "norm", "size"} <= found.attributes
