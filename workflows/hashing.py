"""What is hashed, and how: signatures of computations (SHA-256) and digests of bytes (BLAKE3).

A signature is the hash of a tag and a canonical encoding. The encoding is prefix-free and typed, so that no two
different values share one: ``1``, ``1.0``, ``True`` and ``"1"`` all differ. Changing the encoding bumps ENCODING, and
with it every signature; literal signatures are pinned in ``tests/workflows/test_hashing.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from typing import NewType, TypeAlias

Signature = NewType("Signature", str)  # 64 hex digits: hash of a computation
Digest = NewType("Digest", str)  # 64 hex digits: BLAKE3 of stored bytes

Canonical: TypeAlias = (
    "None | bool | int | float | complex | str | bytes | Sequence[Canonical] | Mapping[str, Canonical] | Set[Canonical]"
)

ENCODING = 1


def encode(value: Canonical) -> bytes:
    """The canonical encoding: a type letter, the length where it varies, and the content; mappings and sets sorted."""
    match value:
        case None:
            return b"n"
        case bool():
            return b"t" if value else b"f"
        case int():
            return _sized(b"i", str(value).encode())
        case float():
            return _sized(b"d", value.hex().encode())
        case complex():
            return _sized(b"c", f"{value.real.hex()},{value.imag.hex()}".encode())
        case str():
            return _sized(b"s", value.encode("utf-8", "surrogatepass"))
        case bytes():
            return _sized(b"b", value)
        case Mapping():
            pairs = sorted((encode(key), encode(item)) for key, item in value.items())
            return _sized(b"m", b"".join(key + item for key, item in pairs))
        case Set():
            return _sized(b"u", b"".join(sorted(encode(item) for item in value)))
        case Sequence():
            return _sized(b"l" if isinstance(value, list) else b"q", b"".join(encode(item) for item in value))
    raise TypeError(f"{type(value).__name__} has no canonical encoding")


def _sized(letter: bytes, content: bytes) -> bytes:
    return letter + str(len(content)).encode() + b":" + content


def fingerprint(tag: str, *fields: Canonical) -> Signature:
    """SHA-256 over the encoding's number, a tag that says what is being hashed, and the fields in order."""
    return Signature(hashlib.sha256(encode((ENCODING, tag, *fields))).hexdigest())
