"""What is remembered of a workflow's last whole run: all that it takes to compile and sign it again as it was."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from workflows.compiler import Compiled, compile_workflow
from workflows.graph.dag import NodeName, ParamValue
from workflows.lang.modules import RememberedLibrary
from workflows.ports import Catalog
from workflows.recall import Recall

LARGEST_LIBRARY = 512 * 1024  # characters of the modules of lib/ that are remembered: else they count as they are now

_COMPILED: Recall[tuple[str, Path | None], Compiled] = Recall(32)  # runs, twice

Sizes = Mapping[tuple[NodeName, str], "int | None"]


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What a run was made from. ``overrides``: Python literals by constant; ``library``: modules of ``lib/`` by path,
    None where they were too large; ``packages``: versions by distribution; ``data`` and ``sizes``: content hashes and
    bytes of files, by source and split.
    """

    text: str
    overrides: Mapping[str, str]
    library: Mapping[str, str] | None
    packages: Mapping[str, str]
    data: Mapping[tuple[NodeName, str], str | None] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=dict)

    written: str = field(default="", compare=False, repr=False)

    def compiled(self, lib: Path | None) -> Compiled:
        """The run's text, compiled as it was then; with the ``lib/`` of now where that was too large to remember."""
        found = _COMPILED.get((self.written, lib))
        if found is not None:
            return found
        overrides: dict[str, ParamValue] = {name: ast.literal_eval(said) for name, said in self.overrides.items()}
        library = lib if self.library is None else RememberedLibrary(self.library)
        found = compile_workflow(self.text, overrides=overrides, lib=library, packages=self.packages)
        if self.library is not None:  # else another day's modules may be others
            _COMPILED.keep((self.written, lib), found)
        return found

    def made(self, compiled: Compiled) -> bool:
        """Whether a text was compiled from the very same."""
        return (self.text, self.overrides, self.library, self.packages) == (
            (compiled.text, _literals(compiled.overrides), compiled.library, compiled.packages)
        )


def remember(
    catalog: Catalog,
    workflow: str,
    compiled: Compiled,
    data: Mapping[tuple[NodeName, str], str | None],
    sizes: Sizes,
    lib: Path | None,
) -> None:
    """Remember what a run that starts is made from; not where a constant was set to what no literal says (``inf``)."""
    overrides = _literals(compiled.overrides)
    if not all(map(_is_read_back, overrides.values())):
        return
    library = dict(compiled.library)
    small = sum(map(len, library.values())) <= LARGEST_LIBRARY
    made_from = {
        "text": compiled.text,
        "overrides": overrides,
        "library": library if small else None,
        "packages": dict(compiled.packages),
        "data": [[*place, content, sizes.get(place)] for place, content in data.items()],
    }
    written = json.dumps(made_from)
    if small:
        _COMPILED.keep((written, lib), compiled)
    catalog.remember_run(workflow, written)


def last_run(catalog: Catalog, workflow: str) -> MadeFrom | None:
    """What the workflow's last whole run was made from; None before the first."""
    written = catalog.last_run(workflow)
    return None if written is None else _read(written)


@lru_cache(maxsize=64)
def _read(written: str) -> MadeFrom:
    fields = json.loads(written)
    data = {(NodeName(node), split): (content, size) for node, split, content, size in fields["data"]}
    return MadeFrom(
        fields["text"],
        fields["overrides"],
        fields["library"],
        fields["packages"],
        {place: content for place, (content, _) in data.items()},
        {place: size for place, (_, size) in data.items()},
        written,
    )


def _literals(overrides: Mapping[str, ParamValue]) -> dict[str, str]:
    return {name: repr(value) for name, value in overrides.items()}


def _is_read_back(literal: str) -> bool:
    try:
        ast.literal_eval(literal)
    except ValueError:
        return False
    return True
