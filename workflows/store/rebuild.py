"""Filling a catalog, of whichever kind, from a store's own packs and blobs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workflows.hashing import Digest, Signature
from workflows.ports import USER, Catalog, Equal, JsonValue, Learned, Measurement, Record, Staged, Trace
from workflows.store.packs import SUFFIX, indexes
from workflows.store.sealing import Sealer, place_of


def rebuild(root: Path, catalog: Catalog) -> int:
    """Enter everything that the store in ``root`` holds and its key vouches for. Returns how many results that were.

    What was stored later wins; what was evicted since is left out, though a small value may still lie in its pack.
    Bytes are not read here: they are verified when they are first opened. Load times, remembered file hashes and texts
    are not in the store; they come back with use.
    """
    sealer = Sealer(root / "key")
    found: set[Signature] = set()
    for index in indexes(root / "packs"):
        measurements = [Measurement(**measured) for measured in index["measured"]]
        artifacts = []
        benefits = index.get("benefits") or [0.0] * len(index["stored"])
        for (signature, codec, digest, size, seal, *value), benefit in zip(index["stored"], benefits, strict=True):
            if sealer.vouches(seal, signature, codec, digest, size) and _there(root, seal, digest, size):
                # Frames of earlier versions do not say the value.
                known = value[0] if value else None
                staged = Staged(Signature(signature), codec, Digest(digest), size, value=known, benefit=benefit)
                artifacts.append((staged, seal))
                found.add(Signature(signature))
        for signature, seal in index.get("evicted", ()):
            if place_of(seal) is not None and catalog.seal(signature) == seal:
                catalog.forget(signature)
                found.discard(signature)
        learned = _learned(root, sealer, index["learned"]) if "learned" in index else Learned()
        found.update(equal.record.signature for equal in learned.equals if equal.record.stored)
        catalog.commit(measurements, artifacts, learned)
        catalog.ledger.pin(USER, map(Signature, index.get("pinned", ())), None)
        catalog.ledger.unpin(USER, map(Signature, index.get("unpinned", ())))
    return len(found)


def _learned(root: Path, sealer: Sealer, learned: JsonValue) -> Learned:
    equals = []
    for each in learned["equals"]:
        record, seal = Record(**each["record"]), each["seal"]
        if record.digest is not None and not (
            sealer.vouches(seal, record.signature, str(record.codec), record.digest, record.bytes)
            and _there(root, seal, record.digest, record.bytes)
        ):
            record, seal = replace(record, digest=None, codec=None, load_seconds=None), None
        equals.append(Equal(record, each["holder"], seal))
    return Learned(learned["values"], [Trace(**trace) for trace in learned["traces"]], equals)


def _there(root: Path, seal: str, digest: str, size: int) -> bool:
    place = place_of(seal)
    if place is not None:
        return (root / "packs" / (place.pack + SUFFIX)).exists()  # mostly the one that is being read
    try:
        return (root / "blobs" / digest).stat().st_size == size
    except FileNotFoundError:
        return False
