"""Code identity (engine.md §1): the canonical form of a function and of all that it reaches, hashed.

It reaches every function, class and constant of the module that it names, in turn; definitions of ``lib/``, with what
their modules do when loaded; installed distributions and what these require, by ``name==version``. What cannot be
resolved statically widens the identity to the whole module: all its code, with docstrings and annotations.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.hashing import Canonical, fingerprint
from workflows.lang.constants import TYPES
from workflows.lang.distributions import Installed
from workflows.lang.modules import Library, ModuleCode, imported, module_of
from workflows.lang.scopes import Outside
from workflows.lang.syntax import Construction, Definition, Imported, Source, Value
from workflows.lang.units import TEXT, Unit, definition, form_of, reach_of, statement
from workflows.lang.unroll import Unrolled

_MAX_STEPS = 10_000  # definitions reached by all functions of a text: beyond, identities are of the whole module
SCHEME = 2  # bumped when what is hashed changes

# Names, attributes and modules through which code may reach anything in its module.
_WIDENING_NAMES = frozenset(("exec", "eval", "compile", "globals", "vars", "locals", "__import__", "__builtins__"))
_WIDENING_ATTRIBUTES = frozenset(("__dict__", "__globals__", "__subclasses__", "__builtins__", "modules"))
_WIDENING_MODULES = frozenset(("builtins", "gc", "importlib", "pkgutil", "runpy", "__main__", "__workflow__"))

# Ways to import what a text does not name: all of lib/ then counts.
_IMPORTING_NAMES = frozenset(("exec", "eval", "compile", "__import__"))
_IMPORTING_MODULES = frozenset(("importlib", "pkgutil", "runpy", "builtins"))

_BY_NAME = frozenset(("getattr", "setattr", "delattr", "hasattr"))  # they widen too, where the name is computed

# What shows the code as written, or where it stands: nothing that an identity could hold.
_UNKNOWN = frozenset(("getsource", "getsourcelines", "currentframe", "_getframe", "f_lineno", "co_firstlineno"))

# Functions that are given names of their caller's globals in a text: pandas' (``query("age > @LIMIT")``), numexpr's,
# DuckDB's.
_TAKING_TEXTS = frozenset(("query", "eval", "evaluate", "sql", "execute", "from_query"))
_WORD = re.compile(r"[^\W\d]\w*")

_HANDED = ("pandas", "numpy")  # whose objects functions are given: their methods are reached without being named

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

    def __init__(self, source: Source, unrolled: Unrolled, library: Library, installed: Installed) -> None:
        self.library = library
        self.installed = installed
        units = {
            name: Unit(TEXT, name, "constant", value=constant_form(value)) for name, value in unrolled.constants.items()
        }
        for name, node in unrolled.definitions.items():
            units[name] = definition(TEXT, node, source.lines)
        for name, bound in unrolled.deferred.items():
            units[name] = statement(TEXT, name, bound, source.lines)
        for name in sorted({name for unit in units.values() if unit.code for name in reach_of(unit).declared}):
            units.setdefault(name, Unit(TEXT, name, "constant"))
        imports = [node for node in unrolled.code if isinstance(node, ast.Import | ast.ImportFrom)]
        self.text = module_of(TEXT, units, {name: path for node in imports for name, path in imported(node)})
        self._known: dict[object, Identity] = {}
        self._steps = 0
        self._whole: str | None = None

    def of(self, value: Definition | Imported) -> Identity:
        """The identity of a function or class as the text names it."""
        key = value.path if isinstance(value, Imported) else value.node
        if key not in self._known:
            if isinstance(value, Imported):
                found = self._reached(Unit(TEXT, f"({value.path})", "statement"), [tuple(value.path.split("."))])
            elif isinstance(value.node, ast.Lambda):
                found = self._reached(Unit(TEXT, "lambda", "statement", (value.node,)), [])
            else:
                found = self._reached(self.text.units[value.name], [])
            self._known[key] = found
        return self._known[key]

    def in_library(self, path: str) -> bool:
        found = self.library.split(path.split("."))
        return found is not None

    def _reached(self, root: Unit, paths: Iterable[tuple[str, ...]]) -> Identity:
        if self._steps > _MAX_STEPS and root.code:
            return self._of_whole(root)
        reach = _Reach(self.text, self.library, self.installed)
        if root.code:
            reach.add(self.text, root)
        for path in paths:
            reach.path(self.text, path)
        reach.load_imports(self.text)
        for package in _HANDED:
            reach.path(self.text, (package,))
        reach.follow()
        self._steps += len(reach.units)
        return reach.identity(root)

    def _of_whole(self, root: Unit) -> Identity:
        """An identity that rests on all code of the text: for texts in which everything reaches everything."""
        if self._whole is None:
            reach = _Reach(self.text, self.library, self.installed)
            reach.widen(self.text)
            reach.follow()
            self._whole = reach.identity(Unit(TEXT, "(module)", "statement")).hash
        form = form_of(root, documented=True, annotated=True)
        if self._whole is None:
            return Identity(None, {})
        depends = {f"function `{root.name}`": form, "some code of the workflow": self._whole}
        return Identity(fingerprint("code of module", SCHEME, form, self._whole), depends)


@dataclass(slots=True)
class _Reach:
    """The units and distributions that code reaches, found breadth first; and what the names of imports stand for."""

    text: ModuleCode
    library: Library
    installed: Installed
    units: dict[Unit, ModuleCode] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    imports: dict[str, Canonical] = field(default_factory=dict)
    unknown: bool = False
    _pending: list[Unit] = field(default_factory=list)
    _loaded: set[str] = field(default_factory=set)
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
            for name in module.changes.get(unit.name, ()):
                self.add(module, module.units[name])
            if unit.code:
                self._follow(module, unit)

    def _follow(self, module: ModuleCode, unit: Unit) -> None:
        out = reach_of(unit)
        words = out.loaded | out.attributes
        self._words |= words
        self.unknown = self.unknown or bool(words & _UNKNOWN)
        if module.tangled or _widens(unit, out):
            self.widen(module)
        if out.loaded & _IMPORTING_NAMES:
            self.everything()
        if words & _TAKING_TEXTS:
            self._follow_texts(module, unit)
        if unit.kind == "class" or getattr(unit.code[0], "decorator_list", None):
            self.name(module, ("annotations",))  # from __future__: classes and decorators read annotations
        for reference in out.references:
            self.name(module, reference.chain)
        for node in out.imports:
            for _, path in imported(node, module.package):
                self.path(module, tuple(path.split(".")))

    def _follow_texts(self, module: ModuleCode, unit: Unit) -> None:
        """What texts name that are given to ``_TAKING_TEXTS``: words that stand in the code, or anything where a text
        is computed."""
        for text in (text for code in unit.code for text in _texts_given(code)):
            if text is None:
                self.widen(module)
            else:
                for word in _WORD.findall(text):
                    self.name(module, (word,))

    def name(self, module: ModuleCode, chain: tuple[str, ...]) -> None:
        """What a name of the module stands for, and attributes taken of it."""
        first = chain[0]
        if first in module.units:
            self.add(module, module.units[first])
        if first in module.imports:
            self.imports[f"{module.name}:{first}"] = module.imports[first]
            self.path(module, (*module.imports[first].split("."), *chain[1:]))

    def path(self, module: ModuleCode, path: tuple[str, ...]) -> None:
        """What a dotted path names: a definition in lib/, and whatever distribution holds a module of that name."""
        if path[0] == "__future__" or (path[0] == "builtins" and path[-1] in TYPES):
            return
        if path[0] in _WIDENING_MODULES or _WIDENING_ATTRIBUTES.intersection(path):
            self.widen(module)
        if path[0] in _IMPORTING_MODULES:
            self.everything()
        found = self.library.split(path)
        if found is not None:
            self._library(*found)
        holders = self.installed.stack(path[0])
        for holder in holders:
            self.distributions[f"package {holder.split('==')[0]}"] = holder
        if not holders and found is None:
            self.unknown = True

    def _library(self, modules: Sequence[ModuleCode], attributes: tuple[str, ...]) -> None:
        for loaded in modules:
            self.load(loaded)
        if not modules:
            self.unknown = True  # a folder without modules, or with what is none yet
        elif attributes and (attributes[0] in modules[-1].units or attributes[0] in modules[-1].imports):
            self.name(modules[-1], attributes)
        else:
            self.widen(modules[-1])

    def load(self, module: ModuleCode) -> None:
        """What loading a module of lib/ does: its effects, what it enters in other modules, and what it imports.

        The text is loaded as well, and may have entered something in the library.
        """
        if module.name in self._loaded:
            return
        self._loaded.add(module.name)
        self._enter(self.text)
        for unit in module.effects:
            self.add(module, unit)
        self._enter(module)
        self.load_imports(module)

    def load_imports(self, module: ModuleCode) -> None:
        for path in module.imports.values():
            found = self.library.split(path.split("."))
            for loaded in found[0] if found else ():
                self.load(loaded)

    def _enter(self, module: ModuleCode) -> None:
        for name, paths in module.entering.items():
            if any(self.library.split(path.split(".")) is not None for path in paths):
                self.add(module, module.units[name])

    def everything(self) -> None:
        """All code of lib/: what is imported is computed."""
        for module in self.library.everything():
            self.load(module)
            self.widen(module)

    def widen(self, module: ModuleCode) -> None:
        """All code of a module."""
        if module.name in self._widened:
            return
        self._widened.add(module.name)
        for unit in (*module.effects, *module.units.values()):
            self.add(module, unit)
        for name, path in module.imports.items():
            self.imports[f"{module.name}:{name}"] = path
            self.path(module, tuple(part for part in path.split(".") if part != "*"))

    def identity(self, root: Unit) -> Identity:
        documented = bool(self._words & _DOCUMENTED or self._widened)
        annotated = bool(self._words & _ANNOTATED or self._widened)
        forms = {unit: form_of(unit, documented=documented, annotated=annotated) for unit in self.units}
        depends = {_title(unit, root): form for unit, form in forms.items()} | self.distributions
        if self.unknown:
            return Identity(None, depends)
        code: dict[str, Canonical] = {f"{unit.module}:{unit.name}": form for unit, form in forms.items()}
        where = f"{root.module}:{root.name}"
        orders = {
            f"{unit.module}:{unit.name}": order
            for unit, module in self.units.items()
            if len(order := module.changes.get(unit.name, ())) > 1
        }
        packages = dict(self.distributions)
        return Identity(fingerprint("code", SCHEME, where, code, self.imports, packages, orders), depends)


def _title(unit: Unit, root: Unit) -> str:
    return f"function `{unit.name}`" if unit == root else unit.title


def _widens(unit: Unit, out: Outside) -> bool:
    if out.loaded & _WIDENING_NAMES or out.attributes & _WIDENING_ATTRIBUTES:
        return True
    if not out.loaded & _BY_NAME:
        return False
    nodes = [node for code in unit.code for node in ast.walk(code)]
    named = sum(isinstance(node, ast.Name) and node.id in _BY_NAME for node in nodes)
    return named > sum(isinstance(node, ast.Call) and _names_constantly(node) for node in nodes)


def _names_constantly(call: ast.Call) -> bool:
    """Whether a call takes an attribute by a name that stands in the code."""
    by_name = isinstance(call.func, ast.Name) and call.func.id in _BY_NAME
    return by_name and len(call.args) > 1 and isinstance(call.args[1], ast.Constant)


def _texts_given(code: ast.AST) -> Iterator[str | None]:
    """The first arguments of calls that take texts; None for one that is computed, and for a function that is merely
    named."""
    called = {id(node.func): node for node in ast.walk(code) if isinstance(node, ast.Call)}
    for node in ast.walk(code):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in _TAKING_TEXTS:
            call = called.get(id(node))
            first = next(iter([*call.args, *(one.value for one in call.keywords)]), None) if call else None
            known = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield first.value if known else None  # type: ignore[union-attr]


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
