"""The ``json`` codec: values, and learned state that JSON holds. Imports nothing heavy."""

from __future__ import annotations

import json
from typing import Any

from workflows.hashing import Digest
from workflows.store.codecs import NotStorable, Source, Write

_KEYS = (str, int, float, bool, type(None))
_SCALARS = {str, int, float, bool, type(None)}


def canonical(data: Any) -> Any:
    """A fresh value of dicts, lists, strings, numbers, booleans and None, as ``json`` would read it back.

    NumPy scalars and arrays become numbers and lists, tuples lists, and keys that are not strings what JSON writes
    for them. Order of keys is kept.
    """
    return json.loads(_dumps(data))


def encode(data: Any, write: Write) -> Digest | None:
    write(_dumps(data).encode())
    return None


def decode(source: Source) -> Any:
    return json.loads(source if isinstance(source, bytes) else source.read_bytes())


def _dumps(data: Any) -> str:
    try:
        return json.dumps(_plain(data), separators=(",", ":"), check_circular=False)
    except RecursionError:
        raise NotStorable("A value that is nested this deeply, or holds itself, cannot be stored.") from None
    except ValueError as error:
        raise NotStorable(f"The value cannot be stored: {error}.") from None


def _plain(value: Any) -> Any:
    # Exact types: a subclass of int may print as anything. What is flat is told at once: a vocabulary is large.
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is list and _SCALARS.issuperset(map(type, value)):
        return value
    if kind is dict and _SCALARS.issuperset(map(type, value.values())) and {str}.issuperset(map(type, value)):
        return value
    if isinstance(value, dict):
        plain = {_key(key): _plain(item) for key, item in value.items()}
        if len(plain) != len(value):
            raise NotStorable("Two keys of a dict would be the same in JSON; make the keys strings that differ.")
        return plain
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    for base in (bool, int, float, str):
        if isinstance(value, base):
            return base(value)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):  # known by name, so that NumPy need not be there
        return _plain(value.tolist())
    raise NotStorable(
        f"A {kind.__name__} is not a value: return numbers, strings, booleans, None, or lists and dicts of them.",
        type=kind.__name__,
    )


def _key(key: Any) -> str:
    if type(key).__module__ == "numpy" and hasattr(key, "item"):
        key = key.item()
    if isinstance(key, str):
        return str(key)
    if isinstance(key, _KEYS):
        return json.dumps(_plain(key))
    raise NotStorable(
        f"A {type(key).__name__} cannot be a key of a value; use a string.",
        type=type(key).__name__,
    )
