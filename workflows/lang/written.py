"""Finds code as it is written, by what people call it: "helper `clean`", "constant `STOP` of lib/words.py"."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflows.lang.modules import RememberedLibrary
from workflows.lang.syntax import lines_of
from workflows.parsing import parse

TEXT_FILE = "workflow.py"  # what the text is called beside the modules of lib/

_TITLE = re.compile(r"(?P<kind>\w+) `(?P<name>[^`]+)`(?: of lib/(?P<module>.+)\.py)?")


@dataclass(frozen=True, slots=True)
class Written:
    """Lines of a file, with their numbers (from 1)."""

    file: str
    lines: tuple[tuple[int, str], ...]


def written(title: str, text: str, library: Mapping[str, str], place: tuple[int, int] | None = None) -> Written | None:
    """The lines that a title stands for: of the text, or of the modules of ``lib/`` (path → text).

    ``place`` is line and column of a function that the text names where it needs one (a lambda). All of the text, where
    the title is of no one thing in it; None where nothing of that name is there.
    """
    found = _TITLE.fullmatch(title)
    if found is None:
        return Written(TEXT_FILE, tuple(enumerate(lines_of(text), 1)))
    if found["module"] is not None:
        return _of_library(found["kind"], found["name"], found["module"], library)
    if found["name"] == "lambda":
        nodes: list[ast.AST] = [
            node for node in ast.walk(_tree(text)) if isinstance(node, ast.Lambda) and _place(node) == place
        ]
    else:
        nodes = [node for node in _tree(text).body if found["name"] in _bound(node)]
    return _lines(TEXT_FILE, text, nodes)


def _of_library(kind: str, name: str, module: str, library: Mapping[str, str]) -> Written | None:
    file = next((path for path in (f"{module}.py", f"{module}/__init__.py") if path in library), None)
    loaded = None if file is None else RememberedLibrary({file: library[file]}).read(module.replace("/", "."), file)
    if file is None or loaded is None:
        return None
    unit = loaded.units.get(name)
    if unit is None or unit.kind != kind:
        unit = next((effect for effect in loaded.effects if effect.name == name), unit)
    return None if unit is None else _lines(f"lib/{file}", library[file], unit.code)


def _lines(file: str, text: str, nodes: Sequence[ast.AST]) -> Written | None:
    lines = lines_of(text)
    numbers = sorted({number for node in nodes for number in _numbers(node)})
    return Written(file, tuple((number, lines[number - 1]) for number in numbers)) if numbers else None


def _numbers(node: ast.AST) -> range:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]
    return range(first, (node.end_lineno or first) + 1)  # type: ignore[attr-defined]


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of the module binds; not those in functions, nor what is merely an item of them."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name


def _place(node: ast.Lambda) -> tuple[int, int]:
    return node.lineno, node.col_offset


@lru_cache(maxsize=16)
def _tree(text: str) -> ast.Module:
    return parse(text)
