"""The canonical form of code: what of a syntax tree counts for its identity, and nothing else.

A node is its class and its fields by name; fields that are empty, places, contexts and the prefix of strings are left
out, so that no version of Python's grammar that merely adds a field changes the form. Docstrings go unless
``documented``; annotations of functions that are neither decorated nor in a class go unless ``annotated``, and so do
those of variables in functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from workflows.hashing import Canonical

_IGNORED = frozenset(("ctx", "kind", "type_comment", "type_ignores"))


def canonical(nodes: Iterable[ast.AST], *, documented: bool, annotated: bool) -> Canonical:
    """The form of statements or expressions, in order."""
    return tuple(_form(node, documented, annotated) for node in nodes)


def _form(node: ast.AST, documented: bool, annotated: bool) -> Canonical:
    match node:
        case ast.Constant():
            return ("Constant", "..." if node.value is ... else (node.value,))
        case ast.ClassDef():
            return (type(node).__name__, *_fields(node, documented, True))
        case ast.FunctionDef() | ast.AsyncFunctionDef() if node.decorator_list:
            return (type(node).__name__, *_fields(node, documented, True))
        case ast.AnnAssign() if not annotated and node.simple:
            return _form(_plain(node), documented, annotated)
    return (type(node).__name__, *_fields(node, documented, annotated))


def _fields(node: ast.AST, documented: bool, annotated: bool) -> Iterator[Canonical]:
    for name in sorted(node._fields):
        if name in _IGNORED or (not annotated and name in ("annotation", "returns")):
            continue
        value = getattr(node, name, None)
        if name == "body" and not documented and isinstance(value, list):
            value = _without_docstring(node, value)
        if isinstance(value, ast.AST):
            yield (name, _form(value, documented, annotated))
        elif isinstance(value, list):
            if value:
                yield (name, tuple(_item(item, documented, annotated) for item in value))
        elif value is not None:
            yield (name, value)


def _item(item: object, documented: bool, annotated: bool) -> Canonical:
    if isinstance(item, ast.AST):
        return _form(item, documented, annotated)
    return None if item is None else str(item)


def _plain(node: ast.AnnAssign) -> ast.stmt:
    """The assignment without its annotation; without a value it still says that the name is a variable."""
    if node.value is None:
        return ast.Expr(ast.Name(node.target.id if isinstance(node.target, ast.Name) else "", ast.Store()))
    return ast.Assign([node.target], node.value)


def _without_docstring(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    holder = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    if not body or not isinstance(node, holder) or not isinstance(body[0], ast.Expr):
        return body
    value = body[0].value
    return body[1:] if isinstance(value, ast.Constant) and isinstance(value.value, str) else body
