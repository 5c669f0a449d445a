"""Finds the installed distributions that a module comes from and rests on, without importing anything."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
PYTHON = f"python=={sys.version_info.major}.{sys.version_info.minor}"

_REQUIRES = re.compile(rb"^Requires-Dist:[ ]*([A-Za-z0-9._-]+)([^;\r\n]*)(;.*)?$", re.M)

# Where to look first: reading what every distribution installed takes 25 ms.
_LIKELY = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "cv2": "opencv-python",
}


class Installed:
    """The installed distributions, for one compile: ``used`` are those that it rests on (name → version).

    ``versions`` stand for those installed now: so a text is compiled as it was when they were.
    """

    def __init__(self, versions: Mapping[str, str] | None = None) -> None:
        self.used: dict[str, str] = {}
        self._versions = versions or {}
        self._holding: dict[str, tuple[str, ...]] = {}
        self._stacks: dict[str, tuple[str, ...]] = {}

    @property
    def python(self) -> str:
        """``python==3.11``, as of a standard library's module."""
        return self._as_then(PYTHON)

    def holding(self, module: str) -> tuple[str, ...]:
        """As ``distributions_of``."""
        if module not in self._holding:
            self._holding[module] = tuple(map(self._as_then, distributions_of(module)))
        return self._holding[module]

    def stack(self, module: str) -> tuple[str, ...]:
        """As ``stack_of``."""
        if module not in self._stacks:
            self._stacks[module] = tuple(map(self._as_then, stack_of(module)))
        return self._stacks[module]

    def _as_then(self, distribution: str) -> str:
        name, _, version = distribution.partition("==")
        self.used[name] = self._versions.get(name, version)
        return f"{name}=={self.used[name]}"


def distributions_of(module: str) -> tuple[str, ...]:
    """``name==version`` of each distribution that holds the top-level module; PYTHON for the standard library; nothing
    where none is known to. An installation or removal is noticed by the time stamp of its folder."""
    if module in sys.stdlib_module_names:
        return (PYTHON,)
    return _holding(module, _folders())


def stack_of(module: str) -> tuple[str, ...]:
    """``name==version`` of each distribution that holds the top-level module and of all that these require, in turn:
    what a result that the module computes rests on. Sorted; requirements that are not installed, and those of extras,
    are left out."""
    if module in sys.stdlib_module_names:
        return (PYTHON,)
    return _stack(module, _folders())


def _folders() -> tuple[tuple[str, int], ...]:
    folders = []
    for entry in dict.fromkeys(sys.path):
        try:
            status = os.stat(entry or ".")
        except OSError:
            continue
        folders.append((entry or ".", status.st_mtime_ns))
    return tuple(folders)


@lru_cache(maxsize=1024)
def _holding(module: str, folders: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    installed = _installed(folders)
    likely = _LIKELY.get(module, module.lower().replace("_", "-"))
    for info, name, version in installed:
        if name == likely and ((info.parent / module / "__init__.py").exists() or _holds(info, module)):
            return (f"{name}=={version}",)
    return tuple(sorted(f"{name}=={version}" for info, name, version in installed if _holds(info, module)))


@lru_cache(maxsize=1024)
def _stack(module: str, folders: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    installed = {name: (info, version) for info, name, version in _installed(folders)}
    pending = [holder.split("==")[0] for holder in _holding(module, folders)]
    found: dict[str, str] = {}
    while pending:
        name = pending.pop()
        if name in installed and name not in found:
            info, found[name] = installed[name]
            pending += _required(info)
    return tuple(sorted(f"{name}=={version}" for name, version in found.items()))


@lru_cache(maxsize=1024)
def _required(info: Path) -> tuple[str, ...]:
    """What a distribution requires. Whether a condition holds is not asked, but for those of extras: to rest on too
    much is a needless computation, to rest on too little a false hit."""
    head = _read(info / "METADATA") or _read(info / "PKG-INFO")
    return tuple(
        _normalised(match[1].decode())
        for match in _REQUIRES.finditer(head.split(b"\n\n", 1)[0].replace(b"\r", b""))
        if b"extra" not in (match[3] or b"")
    )


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache(maxsize=4)
def _installed(folders: tuple[tuple[str, int], ...]) -> tuple[tuple[Path, str, str], ...]:
    """Each distribution's folder of metadata, its normalised name and its version; the first of a name counts."""
    found: dict[str, tuple[Path, str, str]] = {}
    for folder, _ in folders:
        try:
            entries = sorted(entry.name for entry in os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if match := _INFO.fullmatch(entry):
                name = _normalised(match["name"])
                found.setdefault(name, (Path(folder, entry), name, match["version"]))
    return tuple(found.values())


def _holds(info: Path, module: str) -> bool:
    top_level = _read(info / "top_level.txt")
    if top_level:
        return module.encode() in top_level.split()
    record = b"\n" + _read(info / "RECORD")
    return any(f"\n{module}{ending}".encode() in record for ending in ("/", ".py,", ".so,", ".abi3.so,"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
