"""Checks user code without running it: every name that a function or class looks up in the module must be there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from workflows.lang.constants import holds_node
from workflows.lang.distributions import distributions_of
from workflows.lang.modules import BUILTIN_NAMES, Library
from workflows.lang.scopes import outside
from workflows.lang.syntax import BROKEN, Construction, Definition, Problems, Value
from workflows.lang.units import reached
from workflows.lang.unroll import Unrolled
from workflows.operators.registry import DECLARATIONS


def check_code(unrolled: Unrolled, problems: Problems) -> None:
    """Reports names that functions, classes and lambdas cannot find, and nodes named in them."""
    lines = problems.source.lines
    code = [node for node in unrolled.code if not isinstance(node, ast.Import | ast.ImportFrom)]
    declared = frozenset(name for node in code for name in reached(node, lines).declared)
    for node in code:
        _check(node, declared, unrolled, problems)
    for function in _lambdas(unrolled):
        _check(function.node, declared.union(function.captured), unrolled, problems)


def check_imports(unrolled: Unrolled, library: Library, problems: Problems) -> None:
    """Warns of imports that nothing installed and nothing in ``lib/`` answers."""
    for node in unrolled.code:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                path = (f"{node.module}." if isinstance(node, ast.ImportFrom) else "") + alias.name
                top = path.split(".")[0]
                if top != "__future__" and library.split(path.split(".")) is None and not distributions_of(top):
                    hint = "Install it, or put a module of that name into lib/. What uses it is never reused."
                    problems.add("not-installed", node, f"There is no package `{top}`.", hint, warning=True)


def _check(node: ast.stmt | ast.Lambda, known: frozenset[str], unrolled: Unrolled, problems: Problems) -> None:
    places = cache(lambda: outside(node).names)  # what is remembered of the same code knows them as they were there
    for name in reached(node, problems.source.lines).names:
        if name in known:
            continue
        if name in unrolled.names:
            value = unrolled.names[name]
            if value is BROKEN:
                continue
            if holds_node(value):
                problems.add(
                    "node-in-function",
                    places()[name],
                    f"`{name}` is a node, and has no value inside a function.",
                    "A function gets its data as arguments: pass the node to the operator that calls it.",
                )
            elif not _is_there(name, unrolled):
                hint = "Bind it on a line of its own, outside of loops."
                problems.add("no-value", places()[name], f"`{name}` has no value inside a function.", hint)
        elif name in DECLARATIONS:
            hint = "Apply it at the module level, and pass what it makes."
            problems.add(
                "node-in-function", places()[name], f"The operator `{name}` cannot be applied in a function.", hint
            )
        elif name not in BUILTIN_NAMES:
            near = problems.nearest(name, [*unrolled.names, *BUILTIN_NAMES])
            hint = f"Did you mean `{near}`?" if near else "Define or import it."
            problems.add("unknown-name", places()[name], f"`{name}` is not defined.", hint)


def _is_there(name: str, unrolled: Unrolled) -> bool:
    """Whether the module of the run has the name."""
    return any(
        name in there for there in (unrolled.constants, unrolled.definitions, unrolled.imports, unrolled.deferred)
    )


def _lambdas(unrolled: Unrolled) -> Iterator[Definition]:
    seen: set[tuple[int, int]] = set()
    for application in unrolled.applications:
        for argument in application.arguments.values():
            for definition in _definitions(argument.value):
                place = (definition.node.lineno, definition.node.col_offset)
                if isinstance(definition.node, ast.Lambda) and place not in seen:
                    seen.add(place)
                    yield definition


def _definitions(value: Value) -> Iterator[Definition]:
    match value:
        case Definition():
            yield value
        case Construction():
            yield from _definitions([value.callee, *value.args, *value.kwargs.values()])
        case list() | tuple():
            for member in value:
                yield from _definitions(member)
        case dict():
            yield from _definitions(list(value.values()))
