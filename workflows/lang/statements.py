"""What can be said of statements without running them: which are not of the language, and what they bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

FORBIDDEN: Mapping[type[ast.stmt], tuple[str, str]] = {
    ast.While: ("`while`", "Loop over a list with `for`."),
    ast.Try: ("`try`", "Handle errors in a function."),
    ast.With: ("`with`", "Open things in a function."),
    ast.AsyncWith: ("`async with`", "Open things in a function."),
    ast.AsyncFor: ("`async for`", "Loop over a list with `for`."),
    ast.Delete: ("`del`", "Leave the name out: nothing has to be tidied up."),
    ast.Global: ("`global`", "Names of the module level are known to every function."),
    ast.Nonlocal: ("`nonlocal`", "Names of the module level are known to every function."),
    ast.Raise: ("`raise`", "Raise errors in a function."),
    ast.Assert: ("`assert`", "Check data in a function."),
    ast.Return: ("`return`", "It belongs into a function."),
    ast.Match: ("`match`", "Write `if`."),
    ast.Break: ("`break`", "Loop over the items that are wanted: for x in [… if …]."),
    ast.AnnAssign: ("A name without a value", "Write name = value."),
    ast.Continue: ("`continue`", "Put the rest of the loop under an `if`."),
}


def docstring(statement: ast.stmt) -> str | None:
    """The string that a statement is, on one line."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return " ".join(value.split()) if isinstance(value, str) else None
    return None


def bound_names(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Every name that the statements bind at module level, with its line; the last one counts."""
    for statement in statements:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name, statement.lineno
            case ast.Import() | ast.ImportFrom():
                for alias in statement.names:
                    yield alias.asname or alias.name.split(".")[0], statement.lineno
            case ast.For():
                yield from _target_names(statement.target)
                yield from bound_names(statement.body)
            case ast.If():
                yield from bound_names((*statement.body, *statement.orelse))
            case ast.Assign():
                for target in statement.targets:
                    yield from _target_names(target)
            case ast.AnnAssign() | ast.AugAssign():
                yield from _target_names(statement.target)


def _target_names(target: ast.expr) -> Iterator[tuple[str, int]]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
