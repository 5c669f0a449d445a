"""Seals: the store's own mark on what it adopted, so that nobody else's bytes are ever opened as a result."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from uuid import uuid4

from workflows.errors import HelixError
from workflows.hashing import Digest, Signature, encode
from workflows.store.packs import Place

_KEY_BYTES = 32


class KeyExposed(HelixError):
    """Others could read or write the key of the store, and so could forge results."""

    code = "key-exposed"


class Sealer:
    """Makes and checks seals with the key in the file ``path``, which it makes (mode 0600) where there is none.

    A seal is HMAC-SHA256 over (signature, codec, digest, bytes) in hex, and for a value in a pack ``@pack:offset``,
    which needs no protection: what lies there must have the digest.
    """

    def __init__(self, path: Path) -> None:
        self._key = _read_key(path)

    def seal(self, signature: Signature, codec: str, digest: Digest, size: int, place: Place | None) -> str:
        mark = self._mark(signature, codec, digest, size)
        return mark if place is None else f"{mark}@{place.pack}:{place.offset}"

    def vouches(self, seal: str, signature: Signature, codec: str, digest: Digest, size: int) -> bool:
        return hmac.compare_digest(seal.partition("@")[0].encode(), self._mark(signature, codec, digest, size).encode())

    def _mark(self, signature: Signature, codec: str, digest: Digest, size: int) -> str:
        return hmac.new(self._key, encode(("artifact", signature, codec, digest, size)), hashlib.sha256).hexdigest()


def place_of(seal: str) -> Place | None:
    """Where a sealed value lies in a pack; None for a blob. For seals that were vouched for or are about to be read."""
    pack, _, offset = seal.partition("@")[2].partition(":")
    return Place(pack, int(offset)) if pack.isalnum() and offset.isdecimal() else None


def _read_key(path: Path) -> bytes:
    try:
        status = path.stat()
    except FileNotFoundError:
        _make_key(path)
        status = path.stat()
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyExposed(
            f"{path} may be read by others, who could then forge results. If nobody did, run: chmod 600 {path}; "
            "else delete the store.",
            path=str(path),
        )
    return path.read_bytes()


def _make_key(path: Path) -> None:
    """Complete or not at all, and once: of several processes that make the key, one wins, and all read it."""
    temporary = path.with_name(f"{path.name}.{uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
