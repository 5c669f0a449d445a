"""What a run process is shown of this machine, and what is said of files that it is not shown."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from glob import has_magic
from pathlib import Path

from workflows.compiler import files
from workflows.execution.downloads import is_address
from workflows.execution.files import local
from workflows.execution.planning import Prepared
from workflows.execution.protocol import SparkAddress
from workflows.execution.sandbox import View
from workflows.graph.dag import NodeName
from workflows.ports import ArtifactStore


def view_of(store: ArtifactStore, data_root: Path, lib: Path | None, spark: SparkAddress | None) -> View:
    """The data folder, with what links in it lead to, the downloads, and ``lib/``; of the store the results that are
    loaded: not its key, and nothing of other runs. With Spark, also the socket of its server, and the folder for its
    blocks. The folder that a run writes to is its own."""
    read = (data_root, *_linked(data_root), store.downloads, *(() if lib is None else (lib,)))
    # ``Path.resolve`` raises where links go round in circles.
    real = tuple(Path(os.path.realpath(path)) for path in read)
    root, blobs = store.root.resolve(), store.blobs.resolve()
    if spark is None:
        return View(real, Path(), (root,), results=blobs)
    return View((*real, spark.socket), Path(), (root,), (spark.blocks,), blobs)


def outside(prepared: Prepared, data_root: Path, shown: tuple[Path, ...]) -> Mapping[tuple[NodeName, str], str]:
    """What to say of the files of sources that lie neither in the data folder nor in a folder that is shown."""
    assert prepared.compiled.dag is not None
    roots = [root.resolve() for root in (data_root, *shown)]
    found: dict[tuple[NodeName, str], str] = {}
    for file in files(prepared.compiled.dag):
        path = local(file.path)
        if not is_address(path):
            place = Path(os.path.abspath(roots[0] / path))
            if not any(place.is_relative_to(root) for root in roots):
                found[file.node, file.split] = (
                    f"{path} is outside the data folder {roots[0]}, and a run is shown nothing else. Put it there, or "
                    "name its folder in HELIX_READ."
                )
    return found


def named(prepared: Prepared, data_root: Path) -> tuple[Path, ...]:
    """The files of sources that lie outside the data folder; of a pattern the folder that it starts from."""
    if prepared.compiled.dag is None:
        return ()
    paths = [local(file.path) for file in files(prepared.compiled.dag) if not is_address(local(file.path))]
    places = [Path(os.path.abspath(data_root / path)) for path in paths]
    return tuple(_fixed(place).resolve() for place in places if not place.is_relative_to(data_root))


def _fixed(place: Path) -> Path:
    """The path up to the first part that is a pattern."""
    if place.exists() or not has_magic(str(place)):
        return place
    return _fixed(place.parent)


def _linked(folder: Path) -> Iterator[Path]:
    """What links that lie right in a folder lead to: whoever put them there wants that to be read."""
    try:
        with os.scandir(folder) as entries:
            yield from [Path(entry.path) for entry in entries if entry.is_symlink()]
    except OSError:
        return  # the folder is not there, which is said where it is read
