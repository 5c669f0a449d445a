"""What is hashed, and how: signatures of computations (SHA-256) and digests of bytes (BLAKE3).

A signature is the hash of a tag and a canonical encoding. The encoding is prefix-free and typed, so that no two
different values share one: ``1``, ``1.0``, ``True`` and ``"1"`` all differ. Changing the encoding bumps ENCODING, and
with it every signature; literal signatures are pinned in ``tests/workflows/test_hashing.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, NewType, TypeAlias

Signature = NewType("Signature", str)  # 64 hex digits: hash of a computation
Digest = NewType("Digest", str)  # 64 hex digits: BLAKE3 of stored bytes

Canonical: TypeAlias = (
    "bool | int | float | complex | str | bytes | Sequence[Canonical] | Mapping[str, Canonical] | Set[Canonical] | None"
)

ENCODING = 1


def encode(value: Canonical) -> bytes:
    """The canonical encoding: a type letter, the length where it varies, and the content; mappings and sets sorted."""
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value)
    return _encode_kin(value)


def _encode_kin(value: Canonical) -> bytes:
    """The encoding of a subclass of a type, or of another mapping, set or sequence."""
    match value:
        case bool() | int() | float() | complex() | str() | bytes():
            kin = next(kind for kind in (bool, int, float, complex, str, bytes) if isinstance(value, kind))
            return _ENCODERS[kin](value)
        case Mapping():
            return _encode_mapping(value)
        case Set():
            return _encode_set(value)
        case Sequence():
            return _ENCODERS[list if isinstance(value, list) else tuple](value)
    raise TypeError(f"{type(value).__name__} has no canonical encoding")


def _encode_mapping(value: Mapping[str, Canonical]) -> bytes:
    pairs = sorted([(_encode_key(key), encode(item)) for key, item in value.items()])
    return _sized(b"m", b"".join([key + item for key, item in pairs]))


def _encode_set(value: Set[Canonical]) -> bytes:
    return _sized(b"u", b"".join(sorted([encode(item) for item in value])))


def _encode_string(value: str) -> bytes:
    content = value.encode("utf-8", "surrogatepass")
    return b"s%d:%b" % (len(content), content)


_encode_key = lru_cache(maxsize=1024)(_encode_string)  # mostly the name of a parameter, of which there are few


def _sized(letter: bytes, content: bytes) -> bytes:
    return b"%b%d:%b" % (letter, len(content), content)


_ENCODERS: Mapping[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"n",
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: _sized(b"i", str(value).encode()),
    float: lambda value: _sized(b"d", value.hex().encode()),
    complex: lambda value: _sized(b"c", f"{value.real.hex()},{value.imag.hex()}".encode()),
    str: _encode_string,
    bytes: lambda value: b"b%d:%b" % (len(value), value),
    list: lambda value: _sized(b"l", b"".join([encode(item) for item in value])),
    tuple: lambda value: _sized(b"q", b"".join([encode(item) for item in value])),
    dict: _encode_mapping,
    set: _encode_set,
    frozenset: _encode_set,
}


def fingerprint(tag: str, *fields: Canonical) -> Signature:
    """SHA-256 over the encoding's number, a tag that says what is being hashed, and the fields in order."""
    return Signature(hashlib.sha256(encode((ENCODING, tag, *fields))).hexdigest())


def fingerprints(tag: str) -> Callable[[bytes, str], Signature]:
    """A function of bytes and a text: their fingerprint, as the two fields after the tag."""
    head, sha256 = encode(ENCODING) + encode(tag), hashlib.sha256

    def of(first: bytes, second: str) -> Signature:
        text = second.encode("utf-8", "surrogatepass")
        body = b"%bb%d:%bs%d:%b" % (head, len(first), first, len(text), text)
        return Signature(sha256(b"q%d:%b" % (len(body), body)).hexdigest())

    return of
