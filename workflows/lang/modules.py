"""Modules as sets of definitions: the text's own, and those of the workspace's ``lib/``, read but never imported."""

from __future__ import annotations

import ast
import builtins
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from workflows.hashing import Canonical, fingerprint
from workflows.lang.canonical import canonical
from workflows.lang.scopes import Outside, outside

MAX_LIB_BYTES = 1024 * 1024
_YOUNG = 2_000_000_000  # nanoseconds after a change in which a file is read anew each time
_MAX_STEPS = 50_000  # of finding what a module changes when it is loaded
TEXT = ""  # the name of the text among modules

# Names that every module has, and ``log``, which records a numbered value of the run.
BUILTIN_NAMES = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__class__", "__builtins__", "log"}

_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_Kind: TypeAlias = Literal["helper", "class", "constant", "statement"]


@dataclass(frozen=True)
class Unit:
    """What a module binds to a name, or does when it is loaded (then ``name`` is its line)."""

    module: str
    name: str
    kind: _Kind
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
class ModuleCode:
    """A module: units by name, what its imports bind (name → path), what it does when loaded, and which units change
    which when it is loaded (``edges``: a registry → the definitions that enter themselves).

    ``tangled``: what reaches any of it is taken to reach all of it, for a starred import hides its names, or it takes
    too long to find out more.
    """

    name: str
    units: Mapping[str, Unit]
    imports: Mapping[str, str]
    effects: tuple[Unit, ...] = ()
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tangled: bool = False


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


@lru_cache(maxsize=4096)
def _form(source: _Source, documented: bool, annotated: bool) -> str:
    return fingerprint("code", canonical(source.code, documented=documented, annotated=annotated))


@lru_cache(maxsize=4096)
def _reach(source: _Source) -> Outside:
    return outside(*source.code)


def written(lines: Sequence[str], node: ast.stmt) -> str:
    """A statement as written, with its columns: what its tree follows from."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    end = node.end_lineno or node.lineno
    return f"{node.col_offset},{node.end_col_offset}\n" + "\n".join(lines[first - 1 : end])


def definition(module: str, node: ast.stmt, lines: Sequence[str]) -> Unit:
    """The unit of a ``def`` or ``class``."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    kind: _Kind = "class" if isinstance(node, ast.ClassDef) else "helper"
    return Unit(module, node.name, kind, (node,), source=written(lines, node))


def changes_at_load(units: Mapping[str, Unit]) -> dict[str, tuple[str, ...]] | None:
    """Which units are changed by which when the module is loaded: code that reaches the one also reaches the others.

    A decorator, a default or the body of a class may enter a definition in a list or dict of the module, or in a
    function's registry (``@show.register``); a class knows its subclasses. None where it takes too long to find out.
    """
    reaching = _reaching_mutable(units)
    if reaching is None:
        return None
    edges: dict[str, list[str]] = {}
    for unit in units.values():
        for node in unit.code:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                changed = [*_changed_by(node), *(name for at in _names_at_load(node) for name in reaching.get(at, ()))]
                for name in changed:
                    if name != unit.name and name in units:
                        edges.setdefault(name, []).append(unit.name)
    return {name: tuple(dict.fromkeys(by)) for name, by in edges.items()}


def _changed_by(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    """What a definition changes by itself: what its decorators are attributes of or are given, and its bases."""
    for decorator in node.decorator_list:
        root = decorator.func if isinstance(decorator, ast.Call) else decorator
        for reference in outside(decorator).references:
            if len(reference.chain) > 1 or reference.node is not root:
                yield reference.chain[0]
    if isinstance(node, ast.ClassDef):
        yield from (name for base in node.bases for name in outside(base).names)


def _names_at_load(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterable[str]:
    """The names in the code of a definition that runs when the module is loaded."""
    at_load: list[ast.AST] = list(node.decorator_list)
    if isinstance(node, ast.ClassDef):
        body = [inner for inner in node.body if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)]
        at_load += [*node.bases, *(keyword.value for keyword in node.keywords), *body]
    else:
        at_load += [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
    return outside(*at_load).names if at_load else ()


def _reaching_mutable(units: Mapping[str, Unit]) -> dict[str, list[str]] | None:
    """For each name the lists, dicts and sets that it reaches, itself among them; None where that takes too long."""
    mutable = [name for name, unit in units.items() if _is_mutable(unit)]
    users: dict[str, list[str]] = {}
    for unit in units.values() if mutable else ():
        for name in reach_of(unit).names if unit.code else ():
            users.setdefault(name, []).append(unit.name)
    reaching: dict[str, list[str]] = {}
    steps = 0
    for constant in mutable:
        seen, pending = {constant}, [constant]
        while pending:
            name = pending.pop()
            reaching.setdefault(name, []).append(constant)
            steps += 1
            for user in users.get(name, ()):
                if user not in seen:
                    seen.add(user)
                    pending.append(user)
        if steps > _MAX_STEPS:
            return None
    return reaching


def _is_mutable(unit: Unit) -> bool:
    if unit.kind != "constant":
        return False
    if unit.code:
        return any(isinstance(node, ast.Assign) and isinstance(node.value, _MUTABLE) for node in unit.code)
    return isinstance(unit.value, tuple) and unit.value[:1] in (("list",), ("dict",), ("set",))


class Library:
    """The workspace's ``lib/``: its modules by dotted name, ``lib.`` before it or not. ``root`` None: there is none."""

    def __init__(self, root: Path | None) -> None:
        self.root = root

    def split(self, path: Sequence[str]) -> tuple[list[ModuleCode], tuple[str, ...]] | None:
        """The modules that importing a dotted path loads (packages first), and the attributes that are left of it;
        None where it does not begin in ``lib/``."""
        if self.root is None:
            return None
        parts = tuple(path[1:] if path and path[0] == "lib" else path)
        loaded: list[ModuleCode] = []
        folder = self.root
        for place, part in enumerate(parts):
            if not part.isidentifier():
                break
            name = ".".join(parts[: place + 1])
            module = _load(name, folder / f"{part}.py") or _load(name, folder / part / "__init__.py")
            folder = folder / part
            if module is not None:
                loaded.append(module)
            elif not folder.is_dir():
                return (loaded, parts[place:]) if place else None
        return (loaded, ()) if loaded or folder != self.root else None


def _load(name: str, file: Path) -> ModuleCode | None:
    try:
        status = file.stat()
        if status.st_size > MAX_LIB_BYTES:
            return None
        if time.time_ns() - status.st_mtime_ns < _YOUNG:  # it may change again under the same time stamp
            return _parse(name, file)
        return _read(name, file, (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    except OSError:
        return None


@lru_cache(maxsize=256)
def _read(name: str, file: Path, _stamp: tuple[int, ...]) -> ModuleCode:
    return _parse(name, file)


def _parse(name: str, file: Path) -> ModuleCode:
    text = file.read_bytes().decode("utf-8", "replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ModuleCode(name, {}, {}, (Unit(name, "(unreadable)", "constant", value=text),), tangled=True)
    return _module(name, tree, text.splitlines())


def _module(name: str, tree: ast.Module, lines: Sequence[str]) -> ModuleCode:
    units: dict[str, Unit] = {}
    imports: dict[str, str] = {}
    effects: list[Unit] = []
    tangled = False
    package = name.split(".")
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name not in units:
                units[node.name] = definition(name, node, lines)
            case ast.Import() | ast.ImportFrom():
                bound = dict(imported(node, package))
                tangled = tangled or "*" in bound
                imports.update(bound)
            case ast.Assign(targets=[ast.Name(id=target)]) if target not in units and not _acts(node.value):
                units[target] = Unit(name, target, "constant", (node,), source=written(lines, node))
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                effects.append(Unit(name, f"line {node.lineno}", "statement", (node,), source=written(lines, node)))
    edges = changes_at_load(units)
    return ModuleCode(name, units, imports, tuple(effects), edges or {}, tangled or edges is None)


def _acts(value: ast.expr) -> bool:
    """Whether evaluating an expression may do more than give a value."""
    return any(isinstance(node, ast.Call | ast.Await | ast.NamedExpr) for node in ast.walk(value))


def imported(node: ast.Import | ast.ImportFrom, package: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """What an import binds: name → path. ``package``: the dotted name of the module it stands in."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            yield name, alias.name if alias.asname else name
            if "." in alias.name and not alias.asname:
                yield f"({alias.name})", alias.name  # it is loaded as well
        else:
            above = list(package[: len(package) - node.level]) if node.level else []
            path = ".".join([*above, *([node.module] if node.module else [])])
            yield alias.asname or alias.name, f"{path}.{alias.name}"
