"""What loading a module changes: registries that definitions enter themselves in, counters, generators of numbers.

A decorator, a default, the body of a class or a call may change another unit of its module, or of one that it imports.
Code that reaches the changed unit then rests on whoever changes it, though it never names it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.lang.scopes import outside
from workflows.lang.units import Unit, reach_of

_MAX_STEPS = 50_000
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_SETTERS = ("setattr", "delattr")


@dataclass(frozen=True, slots=True)
class Loading:
    """``changes``: a unit → the units that change it, in the order in which they do. ``outside``: a unit → names, none
    of them units, that its loading may reach: what it imports may be changed by it as well.

    ``open``: it takes too long to find out.
    """

    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open: bool = False


def loading(units: Mapping[str, Unit]) -> Loading:
    """What loading a module with these units changes among them."""
    acting = [(unit, at_load) for unit in units.values() if (at_load := tuple(_at_load(unit)))]
    if not acting:
        return Loading()
    state = {name for name, unit in units.items() if _is_state(unit)}
    for unit in units.values():
        if unit.code:
            state |= reach_of(unit).declared
    touched: dict[str, frozenset[str]] = {}
    changes: dict[str, list[str]] = {}
    beyond: dict[str, frozenset[str]] = {}
    steps = 0
    for unit, at_load in sorted(acting, key=lambda one: (one[1][0].lineno, one[1][0].col_offset)):  # type: ignore[attr-defined]
        reached = set(outside(*at_load).roots)
        changed = set(_touched(at_load)) | {name for name in reached if name in state} | set(_entered(unit))
        pending = list(reached)
        while pending:
            name = pending.pop()
            steps += 1
            if name not in units or not units[name].code:
                continue
            code = units[name].code
            roots = reach_of(units[name]).roots
            if name not in touched:
                touched[name] = frozenset(_touched(code)) | (roots & state)
            changed |= touched[name]
            pending += roots - reached
            reached |= roots
        if steps > _MAX_STEPS:
            return Loading(open=True)
        for name in changed & units.keys() - {unit.name}:
            changes.setdefault(name, []).append(unit.name)
        beyond[unit.name] = frozenset(reached - units.keys())
    return Loading({name: tuple(by) for name, by in changes.items()}, beyond)


def acts(value: ast.AST) -> bool:
    """Whether evaluating an expression may do more than give a value."""
    return any(isinstance(node, ast.Call | ast.Await | ast.NamedExpr) for node in ast.walk(value))


def _at_load(unit: Unit) -> Iterator[ast.AST]:
    """The code of a unit that runs when the module is loaded, and does more than give a value."""
    for node in unit.code:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
                yield from (*node.decorator_list, *filter(acts, defaults))
            case ast.ClassDef():
                yield from (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
                body = [one for one in node.body if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
                yield from filter(acts, body)
                for one in node.body:
                    if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                        yield from one.decorator_list
            case _ if acts(node):
                yield node


def _entered(unit: Unit) -> Iterator[str]:
    """What a definition enters itself in: its bases; what its decorators are attributes of, and what they are given."""
    for node in unit.code:
        if isinstance(node, ast.ClassDef):
            yield from (name for base in node.bases for name in outside(base).roots)
        for decorator in getattr(node, "decorator_list", ()):
            root = decorator.func if isinstance(decorator, ast.Call) else decorator
            for reference in outside(decorator).references:
                if len(reference.chain) > 1 or reference.node is not root:
                    yield reference.chain[0]


def _touched(code: Iterable[ast.AST]) -> Iterator[str]:
    """The names whose objects code may change: what it sets attributes or items of, or calls methods of."""
    for node in (inner for one in code for inner in ast.walk(one)):
        changed: ast.expr | None = None
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                changed = node.value
            case ast.Call(func=ast.Attribute()):
                changed = node.func
            case ast.Call(func=ast.Name(id=name)) if name in _SETTERS and node.args:
                changed = node.args[0]
            case ast.Global():
                yield from node.names
        while isinstance(changed, ast.Attribute | ast.Subscript):
            changed = changed.value
        if isinstance(changed, ast.Name):
            yield changed.id


def _is_state(unit: Unit) -> bool:
    """Whether what a unit binds can change, whoever merely names it."""
    if not unit.code:
        return _holds_mutable(unit.value)
    match unit.code[0]:
        case ast.ClassDef(body=body):
            values = [one.value for one in body if isinstance(one, ast.Assign | ast.AnnAssign) and one.value]
            return any(acts(value) or _displays(value) for value in values)
        case ast.Assign(value=value):
            return unit.kind == "statement" or _displays(value)
    return False


def _displays(value: ast.expr) -> bool:
    return any(isinstance(node, _MUTABLE) for node in ast.walk(value))


def _holds_mutable(form: object) -> bool:
    match form:
        case ("list" | "dict" | "set", *_):
            return True
        case ("tuple", tuple(items)):
            return any(map(_holds_mutable, items))
    return False
