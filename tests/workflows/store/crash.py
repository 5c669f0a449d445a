"""A program that adopts results into a store, for tests that kill it.

``crash.py forever ROOT``: adopt batch after batch, and print the number of each once its adoption returned.
``crash.py each ROOT``: for k = 1, 2, …: fork a child that adopts one batch and is killed at its k-th call that changes
the disk (a write is cut in half first), until one survives; then check the store. Prints how many were killed.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from uuid import uuid4

from workflows.hashing import Signature
from workflows.ports import Measurement, Staged
from workflows.store.catalog import SqliteCatalog
from workflows.store.codecs import INLINE_LIMIT, decode, stage
from workflows.store.filesystem import FileStore
from workflows.store.rebuild import rebuild

BATCH = 4
WRITES = ("write", "pwrite")
STEPS = (*WRITES, "fsync", "replace", "unlink")


def signature(batch: int, number: int) -> Signature:
    return Signature(f"{batch:032x}{number:032x}")


def content(batch: int, number: int) -> dict[str, Any]:
    """Two small and two large results a batch, each known from its signature."""
    return {"batch": batch, "number": number, "text": "x" * (INLINE_LIMIT * 2 * (number % 2) + batch)}


def adopt(store: FileStore, batch: int) -> None:
    staging = store.staging()
    staged: list[Staged] = [stage(content(batch, n), signature(batch, n), staging) for n in range(BATCH)]
    adopted = store.adopt(staging, staged, [Measurement(item.signature, "Map", True, 1.0, 0, 0) for item in staged])
    assert adopted == staged
    store.discard(staging)


def check(root: Path, complete: Collection[int], attempted: int) -> None:
    """Complete batches are there; of all batches below ``attempted`` whatever is there is whole. This holds for the
    store's own catalog and for one rebuilt from the store alone."""
    own, rebuilt = SqliteCatalog(root / "catalog.sqlite"), SqliteCatalog(root / f"{attempted} {uuid4().hex}.sqlite")
    rebuild(root, rebuilt)
    for catalog in (own, rebuilt):
        store = FileStore(root, catalog)
        for batch, number in itertools.product(range(attempted), range(BATCH)):
            key = signature(batch, number)
            record = catalog.records([key]).get(key)
            if record is None or not record.stored:
                assert batch not in complete, f"{batch}.{number} was lost"
            else:
                artifact = store.open(key)
                assert decode(artifact.codec, artifact.path or artifact.inline or b"") == content(batch, number)
        store.close()
        catalog.close()


def die_at(step: int) -> None:
    """Be killed at the step-th call that changes the disk, half way through if it is a write."""
    steps = itertools.count(1)

    def deadly(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(steps) == step:
                if name in WRITES:
                    file, data, *rest = arguments
                    original(file, bytes(data)[: len(data) // 2], *rest)
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        return call

    for name in STEPS:
        setattr(os, name, deadly(name, getattr(os, name)))


def forever(root: Path) -> None:
    store = FileStore(root)
    for batch in itertools.count():
        adopt(store, batch)
        print(batch, flush=True)


def each(root: Path) -> None:
    adopt(FileStore(root), 0)
    for step in itertools.count(1):
        child = os.fork()
        if not child:
            die_at(step)
            adopt(FileStore(root), step)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0
            check(root, {0, step}, step + 1)
            print(step - 1)
            return
    raise AssertionError


if __name__ == "__main__":
    {"forever": forever, "each": each}[sys.argv[1]](Path(sys.argv[2]))
