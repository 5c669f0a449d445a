"""Filling a catalog, of whichever kind, from a store's own packs and blobs."""

from __future__ import annotations

from pathlib import Path

from workflows.hashing import Digest, Signature
from workflows.ports import Catalog, Measurement, Staged
from workflows.store.packs import indexes
from workflows.store.sealing import Sealer, place_of


def rebuild(root: Path, catalog: Catalog) -> int:
    """Enter everything that the store in ``root`` holds and its key vouches for. Returns how many results that were.

    What was stored later wins. Bytes are not read here: they are verified when they are first opened. Load times,
    remembered file hashes and texts are not in the store; they come back with use.
    """
    sealer = Sealer(root / "key")
    found: set[Signature] = set()
    for index in indexes(root / "packs"):
        measurements = [Measurement(**measured) for measured in index["measured"]]
        artifacts = []
        for signature, codec, digest, size, seal in index["stored"]:
            if sealer.vouches(seal, signature, codec, digest, size) and _there(root, seal, digest, size):
                artifacts.append((Staged(Signature(signature), codec, Digest(digest), size), seal))
                found.add(Signature(signature))
        catalog.commit(measurements, artifacts)
    return len(found)


def _there(root: Path, seal: str, digest: str, size: int) -> bool:
    if place_of(seal) is not None:
        return True  # it lies in the pack that is being read
    try:
        return (root / "blobs" / digest).stat().st_size == size
    except FileNotFoundError:
        return False
