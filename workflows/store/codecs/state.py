"""The digest of an object's state: equal for equal models, whatever their pickles look like.

Pickles are no identity: they write shared and equal objects differently, so a forest's bytes change after one load,
and they copy the padding between the fields of a structured array. Here an object is its type and the contents of what
``__reduce_ex__`` tells; an array its dtype, shape, memory order and content, a structured one field by field.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np
from blake3 import blake3

from workflows.hashing import Digest


@dataclass(frozen=True, slots=True)
class State:
    """The digest of an object's state, and the full names of all types and functions met in it."""

    digest: Digest
    types: frozenset[str]


def state_of(value: Any) -> State | None:
    """The state of ``value``; None where an object in it cannot say what it is made of."""
    walk = _Walk()
    try:
        return State(Digest(walk.digest(value).hex()), frozenset(walk.types))
    except (TypeError, AttributeError, RecursionError):
        return None


class _Walk:
    """One walk over an object: each object is hashed once, an object within itself by how far up it stands."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._known: dict[int, bytes] = {}
        self._above: dict[int, int] = {}
        self._alive: list[Any] = []  # ids are unique only among the living

    def digest(self, value: Any) -> bytes:
        leaf = _leaf(value)
        if leaf is not None:
            return leaf
        key = id(value)
        if key in self._known:
            return self._known[key]
        if key in self._above:
            return _hash(b"above", [str(len(self._above) - self._above[key]).encode()])
        self._above[key] = len(self._above)
        self._alive.append(value)
        result = self._compound(value)
        del self._above[key]
        self._known[key] = result
        return result

    def _compound(self, value: Any) -> bytes:
        kind = type(value)
        if kind in (list, tuple):
            return _hash(kind.__name__.encode(), map(self.digest, value))
        if kind is dict:
            return _hash(b"dict", (self.digest(part) for item in value.items() for part in item))
        if kind in (set, frozenset):
            return _hash(kind.__name__.encode(), sorted(map(self.digest, value)))
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            return _hash(b"named", [self._named(value).encode()])
        if isinstance(value, np.dtype):
            return _hash(b"dtype", [repr(value.descr if value.names else value.str).encode()])
        if isinstance(value, np.ndarray) and kind is np.ndarray:
            return self._array(value)
        return self._object(value)

    def _array(self, array: np.ndarray[Any, Any]) -> bytes:
        self.types.add("numpy.ndarray")
        order = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "none"
        about = repr((array.dtype.descr if array.dtype.names else array.dtype.str, array.shape, order)).encode()
        if array.dtype.names:
            return _hash(b"record", [about, *(self._array(np.ascontiguousarray(array[n])) for n in array.dtype.names)])
        if array.dtype.hasobject:
            return _hash(b"objects", [about, *map(self.digest, array.ravel().tolist())])
        content = np.ascontiguousarray(array.T if order == "F" else array)
        return _hash(b"array", [about, content.reshape(-1).view(np.uint8).tobytes()])

    def _object(self, value: Any) -> bytes:
        self._named(type(value))
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return _hash(b"global", [self._named(type(value)).encode(), reduced.encode()])
        make, arguments, *rest = reduced
        state, items, pairs = (*rest, None, None, None)[:3]
        fields = [self._named(type(value)).encode(), self.digest(make), self.digest(arguments), self.digest(state)]
        fields.append(self.digest(None if items is None else list(items)))
        fields.append(self.digest(None if pairs is None else [part for pair in pairs for part in pair]))
        return _hash(b"object", fields)

    def _named(self, value: Any) -> str:
        name = f"{value.__module__ or 'builtins'}.{value.__qualname__}"
        self.types.add(name)
        return name


def _leaf(value: Any) -> bytes | None:
    """What has no parts, exact types alone: a tag and the content; None for all else."""
    kind = type(value)
    if value is None or value is Ellipsis or kind is bool:
        return _hash(b"constant", [repr(value).encode()])
    if kind is int:
        return _hash(b"int", [str(value).encode()])
    if kind is float:
        return _hash(b"float", [struct.pack("<d", value)])
    if kind is complex:
        return _hash(b"complex", [struct.pack("<dd", value.real, value.imag)])
    if kind is str:
        return _hash(b"str", [value.encode("utf-8", "surrogatepass")])
    if kind in (bytes, bytearray):
        return _hash(kind.__name__.encode(), [bytes(value)])
    if isinstance(value, np.generic) and value.dtype.names is None and not value.dtype.hasobject:
        return _hash(b"scalar", [value.dtype.str.encode(), value.tobytes()])
    return None


def _hash(tag: bytes, fields: Iterable[bytes]) -> bytes:
    hasher = blake3(tag)
    for field in fields:
        hasher.update(len(field).to_bytes(8, "little"))
        hasher.update(field)
    return hasher.digest()
