"""Modules as sets of definitions: the text's own, and those of the workspace's ``lib/``, read but never imported."""

from __future__ import annotations

import ast
import builtins
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from workflows.lang.loading import acts, loading
from workflows.lang.syntax import lines_of
from workflows.lang.units import Unit, definition, statement, written
from workflows.parsing import parse

MAX_LIB_BYTES = 1024 * 1024
_YOUNG = 2_000_000_000  # nanoseconds after a change in which a file is read anew each time

# Names that every module has; ``log``, which records a numbered value of the run, and ``progress``, which tells how far
# a node is.
BUILTIN_NAMES = frozenset(dir(builtins)) | frozenset(
    ("__name__", "__file__", "__doc__", "__class__", "__builtins__", "log", "progress")
)


@dataclass(frozen=True, slots=True)
class ModuleCode:
    """A module: units by name, what its imports bind (name → path), what it does when loaded, and which units change
    which when it is loaded (``changes``: a registry → the definitions that enter themselves, in order).

    ``package`` is the dotted name that its relative imports start from. ``entering``: units whose loading may change
    what is imported from these paths. ``tangled``: what reaches any of it is taken to reach all of it, for a starred
    import hides its names, or it takes too long to find out more.
    """

    name: str
    units: Mapping[str, Unit]
    imports: Mapping[str, str]
    effects: tuple[Unit, ...] = ()
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entering: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tangled: bool = False
    package: tuple[str, ...] = ()
    source: str = ""  # the text of a module of lib/


def module_of(
    name: str,
    units: Mapping[str, Unit],
    imports: Mapping[str, str],
    effects: tuple[Unit, ...] = (),
    *,
    tangled: bool = False,
    package: tuple[str, ...] = (),
    source: str = "",
) -> ModuleCode:
    """The module, with what loading it changes."""
    found = loading(units)
    entering = {
        unit: tuple(imports[one] for one in sorted(names) if one in imports) for unit, names in found.outside.items()
    }
    return ModuleCode(name, units, imports, effects, found.changes, entering, tangled or found.open, package, source)


class Library:
    """The workspace's ``lib/``: its modules by dotted name, ``lib.`` before it or not. ``root`` None: there is none.

    For one compile: what was read is remembered, and ``sources`` tells of it (path in ``lib/`` → text).
    """

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.sources: dict[str, str] = {}
        self._found: dict[tuple[str, ...], tuple[list[ModuleCode], tuple[str, ...]] | None] = {}

    def split(self, path: Sequence[str]) -> tuple[list[ModuleCode], tuple[str, ...]] | None:
        """The modules that importing a dotted path loads (packages first), and the attributes that are left of it;
        None where it does not begin in ``lib/``."""
        key = tuple(path)
        if key not in self._found:
            self._found[key] = self._split(key)
        return self._found[key]

    def _split(self, path: tuple[str, ...]) -> tuple[list[ModuleCode], tuple[str, ...]] | None:
        if not self._is_there():
            return None
        parts = path[1:] if path[:1] == ("lib",) else path
        loaded: list[ModuleCode] = []
        folder = PurePosixPath()
        for place, part in enumerate(parts):
            if not part.isidentifier():
                break
            name = ".".join(parts[: place + 1])
            module = self._module(name, folder / f"{part}.py") or self._module(name, folder / part / "__init__.py")
            folder = folder / part
            if module is not None:
                loaded.append(module)
            elif not self._is_folder(folder):
                return (loaded, parts[place:]) if place else None
        return (loaded, ()) if loaded or folder != PurePosixPath() else None

    def everything(self) -> Iterator[ModuleCode]:
        """All modules: what an import by a computed name may load."""
        for file in self._files():
            parts = file.with_suffix("").parts
            found = self.split(parts[:-1] if parts[-1] == "__init__" else parts)
            if found is not None and found[0]:
                yield found[0][-1]

    def _module(self, name: str, file: PurePosixPath) -> ModuleCode | None:
        module = self._read(name, file)
        if module is not None:
            self.sources[str(file)] = module.source
        return module

    def _is_there(self) -> bool:
        return self.root is not None

    def _is_folder(self, folder: PurePosixPath) -> bool:
        return self.root is not None and (self.root / folder).is_dir()

    def _files(self) -> list[PurePosixPath]:
        if self.root is None:
            return []
        return [PurePosixPath(file.relative_to(self.root)) for file in sorted(self.root.rglob("*.py"))]

    def _read(self, name: str, file: PurePosixPath) -> ModuleCode | None:
        return None if self.root is None else _load(name, self.root / file)


class RememberedLibrary(Library):
    """A ``lib/`` as an earlier compile read it (``Library.sources``)."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(None)
        self._texts = {PurePosixPath(file): text for file, text in texts.items()}

    def _is_there(self) -> bool:
        return bool(self._texts)

    def _is_folder(self, folder: PurePosixPath) -> bool:
        return any(folder in file.parents for file in self._texts)

    def _files(self) -> list[PurePosixPath]:
        return sorted(self._texts)

    def read(self, name: str, file: str) -> ModuleCode | None:
        """The module of a path in ``lib/``, whatever it is called by."""
        return self._read(name, PurePosixPath(file))

    def _read(self, name: str, file: PurePosixPath) -> ModuleCode | None:
        text = self._texts.get(file)
        return None if text is None else _parse(name, file.name, text)


def _load(name: str, file: Path) -> ModuleCode | None:
    try:
        status = file.stat()
        if status.st_size > MAX_LIB_BYTES:
            return None
        if time.time_ns() - status.st_mtime_ns < _YOUNG:  # it may change again under the same time stamp
            return _parse(name, file.name, _decoded(file))
        return _read(name, file, (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    except OSError:
        return None


@lru_cache(maxsize=256)
def _read(name: str, file: Path, _stamp: tuple[int, ...]) -> ModuleCode:
    return _parse(name, file.name, _decoded(file))


def _decoded(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


def _parse(name: str, file: str, text: str) -> ModuleCode:
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        unreadable = Unit(name, "(unreadable)", "constant", value=text)
        return ModuleCode(name, {}, {}, (unreadable,), tangled=True, source=text)
    parts = tuple(name.split("."))
    return _module(name, parts if file == "__init__.py" else parts[:-1], tree, text)


def _module(name: str, package: tuple[str, ...], tree: ast.Module, text: str) -> ModuleCode:
    lines = lines_of(text)
    units: dict[str, Unit] = {}
    imports: dict[str, str] = {}
    effects: list[Unit] = []
    tangled = False
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name not in units:
                units[node.name] = definition(name, node, lines)
            case ast.Import() | ast.ImportFrom():
                bound = dict(imported(node, package))
                tangled = tangled or "*" in bound
                imports.update(bound)
            case ast.Assign(targets=[ast.Name(id=target)]) if target not in units:
                made = acts(node.value)
                units[target] = Unit(
                    name, target, "statement" if made else "constant", (node,), source=written(lines, node)
                )
                if made:
                    effects.append(units[target])
            case ast.Expr(value=ast.Constant()):
                pass
            case _:  # numbered, for lines move with every comment
                effects.append(statement(name, f"{len(effects) + 1}", node, lines))
    return module_of(name, units, imports, tuple(effects), tangled=tangled, package=package, source=text)


def imported(node: ast.Import | ast.ImportFrom, package: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """What an import binds: name → path. ``package``: what relative imports start from."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            yield name, alias.name if alias.asname else name
            if "." in alias.name and not alias.asname:
                yield f"({alias.name})", alias.name  # it is loaded as well
        else:
            above = list(package[: len(package) + 1 - node.level]) if node.level else []
            path = ".".join([*above, *([node.module] if node.module else [])])
            yield alias.asname or alias.name, f"{path}.{alias.name}"
