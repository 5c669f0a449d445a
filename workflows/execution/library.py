"""Imports the modules of a workspace's ``lib/`` folder as their sources are now, whatever byte code lies about."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


class LibraryFinder(MetaPathFinder):
    """Finds what is in the folder before anything installed.

    Byte code is matched to its source by a time in whole seconds and a size, so an edit within a second could be
    missed: it is neither read nor written here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        places = [self._folder] if path is None else [place for place in path if place.startswith(self._folder)]
        spec = PathFinder.find_spec(fullname, places, target) if places else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _FromSource(spec.loader.name, spec.loader.path)
        return spec


class _FromSource(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code
