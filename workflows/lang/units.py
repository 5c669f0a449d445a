"""Units of code: what a module binds to a name or does when it is loaded; their canonical form and what they name."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from workflows.hashing import Canonical, fingerprint
from workflows.lang.canonical import canonical
from workflows.lang.scopes import Outside, outside

TEXT = ""  # the name of the text among modules

Kind: TypeAlias = Literal["helper", "class", "constant", "statement"]


@dataclass(frozen=True)
class Unit:
    """What a module binds to a name, or does when it is loaded (then ``name`` counts such statements)."""

    module: str
    name: str
    kind: Kind
    code: tuple[ast.AST, ...] = ()
    value: Canonical = None  # of a constant
    source: str = ""  # the code as written: what caches know it by

    @property
    def title(self) -> str:
        """What people call it."""
        where = f" of lib/{self.module.replace('.', '/')}.py" if self.module else ""
        return f"{self.kind} `{self.name}`{where}"

    def __hash__(self) -> int:
        return hash((self.module, self.name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unit) and (self.module, self.name) == (other.module, other.name)


@dataclass(frozen=True, slots=True)
class _Source:
    """Code by its text: two with the same text at the same columns have the same tree."""

    text: str
    code: tuple[ast.AST, ...] = field(compare=False, hash=False)


def form_of(unit: Unit, *, documented: bool, annotated: bool) -> str:
    """The hash of a unit's canonical form."""
    if not unit.code:
        return fingerprint("constant", unit.value)
    if unit.source:
        return _form(_Source(unit.source, unit.code), documented, annotated)
    return fingerprint("code", canonical(unit.code, documented=documented, annotated=annotated))


def reach_of(unit: Unit) -> Outside:
    """What a unit names outside itself; places in it are not to be relied on."""
    return _reach(_Source(unit.source, unit.code)) if unit.source else outside(*unit.code)


def reached(node: ast.stmt | ast.Lambda, lines: Sequence[str]) -> Outside:
    """What a statement or function of a text with these lines names outside itself; likewise without its places."""
    return _reach(_Source(written(lines, node), (node,)))


@lru_cache(maxsize=4096)
def _form(source: _Source, documented: bool, annotated: bool) -> str:
    return fingerprint("code", canonical(source.code, documented=documented, annotated=annotated))


@lru_cache(maxsize=4096)
def _reach(source: _Source) -> Outside:
    return outside(*source.code)


def written(lines: Sequence[str], node: ast.stmt | ast.Lambda) -> str:
    """A statement or function as written, with its columns: what its tree follows from."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    end = node.end_lineno or node.lineno
    return f"{node.col_offset},{node.end_col_offset}\n" + "\n".join(lines[first - 1 : end])


def definition(module: str, node: ast.stmt, lines: Sequence[str]) -> Unit:
    """The unit of a ``def`` or ``class``."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    kind: Kind = "class" if isinstance(node, ast.ClassDef) else "helper"
    return Unit(module, node.name, kind, (node,), source=written(lines, node))


def statement(module: str, name: str, node: ast.stmt, lines: Sequence[str]) -> Unit:
    """The unit of any other statement."""
    return Unit(module, name, "statement", (node,), source=written(lines, node))
