"""Finds what code names outside itself: free names, with the attributes taken of them, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Code: TypeAlias = ast.AST
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class Reference:
    """A name looked up in the module, and the attributes taken of it: ``text.clean.strip`` is a chain of three.

    ``sure`` is False in the body of a class that binds the name as well: ``MARK = MARK`` there reads the module's.
    """

    chain: tuple[str, ...]
    node: ast.Name
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Outside:
    """What code reaches beyond itself. ``imports`` stand inside functions; ``loaded`` are all names that it looks up,
    bound outside or inside, and ``attributes`` all that it takes of anything."""

    references: tuple[Reference, ...]
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    loaded: frozenset[str]
    attributes: frozenset[str]
    declared: frozenset[str]  # names that functions in it declare global

    @property
    def names(self) -> dict[str, ast.Name]:
        """Each name that is surely free, with where it first stands."""
        found: dict[str, ast.Name] = {}
        for reference in self.references:
            if reference.sure:
                found.setdefault(reference.chain[0], reference.node)
        return found

    @property
    def roots(self) -> frozenset[str]:
        """Each name that is or may be free."""
        return frozenset(reference.chain[0] for reference in self.references)


@dataclass(slots=True)
class _Scope:
    bound: set[str]
    parent: _Scope | None = None
    is_class: bool = False
    global_names: set[str] = field(default_factory=set)


class _Walker:
    """Follows Python's rules of scopes: methods do not see the names of a class body; ``global`` reaches past all."""

    def __init__(self) -> None:
        self.references: list[Reference] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.loaded: set[str] = set()
        self.attributes: set[str] = set()
        self.declared: set[str] = set()

    def visit(self, node: ast.AST, scope: _Scope | None) -> None:
        match node:
            case ast.Name():
                self._name(node, (node.id,), scope)
            case ast.Attribute():
                self._attribute(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.Import() | ast.ImportFrom():
                self.imports.append(node)
            case ast.Global():
                self.declared.update(node.names)
            case _:
                self.visit_all(ast.iter_child_nodes(node), scope)

    def visit_all(self, nodes: Iterable[ast.AST | None], scope: _Scope | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, scope)

    def _name(self, node: ast.Name, chain: tuple[str, ...], scope: _Scope | None) -> None:
        self.loaded.add(node.id)
        if not _is_bound(node.id, scope):
            self.references.append(Reference(chain, node))
        elif scope is not None and scope.is_class and not _is_bound(node.id, scope.parent):
            self.references.append(Reference(chain, node, sure=False))

    def _attribute(self, node: ast.Attribute, scope: _Scope | None) -> None:
        attributes: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            attributes.append(inner.attr)
            inner = inner.value
        self.attributes.update(attributes)
        if isinstance(inner, ast.Name):
            self._name(inner, (inner.id, *reversed(attributes)), scope)
        else:
            self.visit(inner, scope)

    def _function(self, node: _Function, scope: _Scope | None) -> None:
        arguments = node.args
        self.visit_all((*arguments.defaults, *arguments.kw_defaults), scope)
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parameters += [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        if not isinstance(node, ast.Lambda):
            self.visit_all(node.decorator_list, scope)
            self.visit_all((*(parameter.annotation for parameter in parameters), node.returns), scope)
        inner = _Scope({parameter.arg for parameter in parameters}, scope)
        _collect_bound(body, inner)
        self.visit_all(body, inner)

    def _class(self, node: ast.ClassDef, scope: _Scope | None) -> None:
        self.visit_all((*node.decorator_list, *node.bases, *node.keywords), scope)
        inner = _Scope(set(), scope, is_class=True)
        _collect_bound(node.body, inner)
        self.visit_all(node.body, inner)

    def _comprehension(self, node: _Comprehension, scope: _Scope | None) -> None:
        inner = _Scope(set(), scope)
        for number, generator in enumerate(node.generators):
            self.visit(generator.iter, inner if number else scope)
            inner.bound.update(name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name))
            self.visit_all(generator.ifs, inner)
        self.visit_all((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,), inner)


def _is_bound(name: str, scope: _Scope | None) -> bool:
    first = True
    while scope is not None:
        if name in scope.global_names:
            return False
        if name in scope.bound and (first or not scope.is_class):
            return True
        first = False
        scope = scope.parent
    return False


def _collect_bound(body: Iterable[ast.AST], scope: _Scope) -> None:
    """What a function or class body binds in its own scope; bodies inside it have scopes of their own."""
    pending = list(body)
    nonlocal_names: set[str] = set()
    while pending:
        node = pending.pop()
        scope.bound.update(_binds(node))
        match node:
            case ast.Global():
                scope.global_names.update(node.names)
            case ast.Nonlocal():
                nonlocal_names.update(node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pending += [inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
                continue
        pending += ast.iter_child_nodes(node)
    scope.bound -= scope.global_names | nonlocal_names


def _binds(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()):
            yield node.id
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0]
        case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
            if node.name:
                yield node.name
        case ast.MatchMapping():
            if node.rest:
                yield node.rest


def outside(*code: Code) -> Outside:
    """What the given statements or expressions of a module reach beyond themselves."""
    walker = _Walker()
    walker.visit_all(code, None)
    return Outside(
        tuple(walker.references),
        tuple(walker.imports),
        frozenset(walker.loaded),
        frozenset(walker.attributes),
        frozenset(walker.declared),
    )
