"""Code identity (engine.md §1): the canonical form of a function and of all that it reaches, hashed.

It reaches every function, class and constant of the module that it names, in turn; definitions of ``lib/``, with what
their modules do when loaded; installed distributions, by ``name==version``. What cannot be resolved statically widens
the identity to the whole module: all its code, with docstrings and annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.hashing import Canonical, fingerprint
from workflows.lang.distributions import distributions_of
from workflows.lang.modules import (
    TEXT,
    Library,
    ModuleCode,
    Unit,
    changes_at_load,
    definition,
    form_of,
    imported,
    written,
)
from workflows.lang.modules import reach_of as _reach_of
from workflows.lang.scopes import Outside
from workflows.lang.syntax import Construction, Definition, Imported, Source, Value
from workflows.lang.unroll import Unrolled

SCHEME = 1  # bumped when what is hashed changes

# Names and attributes through which code may reach anything in its module.
_WIDENING = frozenset(
    (
        *("exec", "eval", "compile", "globals", "vars", "__import__", "importlib", "__dict__", "__subclasses__"),
        *("__globals__", "__builtins__", "builtins", "modules", "_getframe", "currentframe", "getsource", "runpy"),
        *("import_module", "attrgetter", "methodcaller", "pickle", "getmembers", "getmodule"),
    )
)
_BY_NAME = ("getattr", "setattr", "delattr", "hasattr")  # they widen too, where the name is computed
_DOCUMENTED = frozenset(("__doc__", "getdoc", "help", "doctest", "inspect"))
_ANNOTATED = frozenset(
    ("__annotations__", "get_type_hints", "get_annotations", "signature", "inspect", "singledispatch", "register")
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The hash of code and all that it reaches, None where some of that is unknown; and what it reaches, by title."""

    hash: str | None
    depends: Mapping[str, str]


class Identities:
    """Identities of the functions, classes and lambdas of one text."""

    def __init__(self, source: Source, unrolled: Unrolled, library: Library) -> None:
        self.library = library
        units = {
            name: Unit(TEXT, name, "constant", value=constant_form(value)) for name, value in unrolled.constants.items()
        }
        for name, node in unrolled.definitions.items():
            units[name] = definition(TEXT, node, source.lines)
        for name, statement in unrolled.deferred.items():
            units[name] = Unit(TEXT, name, "statement", (statement,), source=written(source.lines, statement))
        paths = dict(unrolled.imports)
        self.text = ModuleCode(TEXT, units, paths, edges=changes_at_load(units))
        self._ambient = tuple(self._loaded_by_text())
        self._known: dict[tuple[str, str], Identity] = {}

    def of(self, value: Definition | Imported) -> Identity:
        """The identity of a function or class as the text names it."""
        if isinstance(value, Imported):
            return self._reached(Unit(TEXT, f"({value.name})", "statement"), [tuple(value.path.split("."))])
        if isinstance(value.node, ast.Lambda):
            return self._reached(Unit(TEXT, "(lambda)", "statement", (value.node,)), [])
        key = ("definition", value.name)
        if key not in self._known:
            self._known[key] = self._reached(self.text.units[value.name], [])
        return self._known[key]

    def in_library(self, path: str) -> bool:
        found = self.library.split(path.split("."))
        return found is not None

    def _loaded_by_text(self) -> Iterable[Unit]:
        """What modules of lib/ do when the text imports them: it may change what any function finds."""
        for path in self.text.imports.values():
            found = self.library.split(path.split("."))
            for module in found[0] if found else ():
                yield from module.effects

    def _reached(self, root: Unit, paths: Iterable[tuple[str, ...]]) -> Identity:
        reach = _Reach(self.text, self.library)
        if root.code:
            reach.add(self.text, root)
        for path in paths:
            reach.path(path)
        for unit in self._ambient:
            reach.add(self.text, unit)
        reach.follow()
        return reach.identity(root)


@dataclass(slots=True)
class _Reach:
    """The units and distributions that code reaches, found breadth first."""

    text: ModuleCode
    library: Library
    units: dict[Unit, ModuleCode] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    unknown: bool = False
    _pending: list[Unit] = field(default_factory=list)
    _widened: set[str] = field(default_factory=set)
    _words: set[str] = field(default_factory=set)

    def add(self, module: ModuleCode, unit: Unit) -> None:
        if unit not in self.units:
            self.units[unit] = module
            self._pending.append(unit)

    def follow(self) -> None:
        while self._pending:
            unit = self._pending.pop()
            module = self.units[unit]
            for name in module.edges.get(unit.name, ()):
                self.add(module, module.units[name])
            if not unit.code:
                continue
            out = _reach_of(unit)
            self._words |= out.words
            for reference in out.references:
                self.name(module, reference.chain)
            for node in out.imports:
                for _, path in imported(node, module.name.split(".") if module.name else ()):
                    self.path(tuple(path.split(".")))
            if _widens(unit, out):
                self.widen(module)

    def name(self, module: ModuleCode, chain: tuple[str, ...]) -> None:
        if chain[0] in module.units:
            self.add(module, module.units[chain[0]])
        elif chain[0] in module.imports:
            self.path((*module.imports[chain[0]].split("."), *chain[1:]))

    def path(self, path: tuple[str, ...]) -> None:
        """What a dotted path names: a definition in lib/, and whatever distribution holds a module of that name."""
        if path[0] == "__future__":
            return
        found = self.library.split(path)
        if found is not None:
            modules, attributes = found
            for module in modules:
                self.load(module)
            if modules and attributes and not modules[-1].stars:
                self.attribute(modules[-1], attributes)
            elif modules:
                self.widen(modules[-1])
        holders = distributions_of(path[0])
        for holder in holders:
            self.distributions[f"package {holder.split('==')[0]}"] = holder
        if not holders and found is None:
            self.unknown = True

    def attribute(self, module: ModuleCode, attributes: tuple[str, ...]) -> None:
        if attributes[0] in module.units or attributes[0] in module.imports:
            self.name(module, attributes)
        else:
            self.widen(module)

    def load(self, module: ModuleCode) -> None:
        for unit in module.effects:
            self.add(module, unit)

    def widen(self, module: ModuleCode) -> None:
        if module.name in self._widened:
            return
        self._widened.add(module.name)
        self.load(module)
        for unit in module.units.values():
            self.add(module, unit)
        for path in module.imports.values():
            self.path(tuple(path.rstrip(".*").split(".")))

    def identity(self, root: Unit) -> Identity:
        documented = bool(self._words & _DOCUMENTED) or bool(self._widened)
        annotated = bool(self._words & _ANNOTATED) or bool(self._widened)
        forms = {unit: form_of(unit, documented=documented, annotated=annotated) for unit in self.units}
        names: dict[str, Canonical] = {f"{unit.module}:{unit.name}": form for unit, form in forms.items()}
        where = f"{root.module}:{root.name}"
        depends = {
            ("function" if unit == root else unit.kind) + unit.title[len(unit.kind) :]: form
            for unit, form in forms.items()
        }
        depends |= self.distributions
        if self.unknown:
            return Identity(None, depends)
        return Identity(fingerprint("code", SCHEME, where, names, dict(self.distributions)), depends)


def _widens(unit: Unit, out: Outside) -> bool:
    if out.words & _WIDENING:
        return True
    if not out.words.intersection(_BY_NAME):
        return False
    calls = (node for code in unit.code for node in ast.walk(code) if isinstance(node, ast.Call))
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in _BY_NAME]
    constant = [call for call in named if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)]
    used = sum(isinstance(node, ast.Name) and node.id in _BY_NAME for code in unit.code for node in ast.walk(code))
    return len(constant) < used


def constant_form(value: Value) -> Canonical:
    """A constant as it is hashed: dicts in their order, since a function may iterate over them."""
    match value:
        case list():
            return ("list", tuple(constant_form(item) for item in value))
        case tuple():
            return ("tuple", tuple(constant_form(item) for item in value))
        case dict():
            return ("dict", tuple((constant_form(key), constant_form(item)) for key, item in value.items()))
        case set():
            return ("set", frozenset(fingerprint("member", constant_form(item)) for item in value))
        case Definition() | Imported() | Construction():
            return None
    return value  # type: ignore[no-any-return]
