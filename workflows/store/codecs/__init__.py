"""From a part's data to bytes and back: a codec for each kind of data, and the one form in which consumers receive it.

=======  ====================  =============================================================================
codec    data                  bytes
=======  ====================  =============================================================================
json     anything JSON holds   UTF-8 JSON; floats exact, NaN and infinities too
arrow    ``pyarrow.Table``     an Arrow IPC file, memory-mapped when read
matrix   ``Matrix``            a header and raw arrays at multiples of 64 bytes, memory-mapped when read
model    ``Model``             a header (with the digest of the model's state) and a skops archive or a pickle
=======  ====================  =============================================================================

A consumer always receives ``canonical(data)``, whether the data were just computed or stored, and
``decode(encode(data))`` equals it bit for bit: that is what makes a run with reuse equal a run without.

Two digests. ``digest`` is BLAKE3 over the bytes: what the store verifies and seals. ``value`` says whether two results
are the same: for a model it is taken over the estimator's state and its columns (pickles of equal models differ: a
forest's changes after one load), for all else it is ``digest`` itself. Nothing here imports NumPy or Arrow before data
of theirs are met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias, cast

from blake3 import blake3

from workflows.errors import HelixError
from workflows.hashing import Digest, Signature
from workflows.ports import Staged

INLINE_LIMIT = 64 * 1024  # bytes up to which a result travels in a message and lives in a pack, not a file of its own
_PIECE = 256 * 1024

Bytes: TypeAlias = bytes | bytearray | memoryview
Write: TypeAlias = Callable[[Bytes], object]
Source: TypeAlias = Path | bytes

_MODULES = {
    "json": "workflows.store.codecs.values",
    "arrow": "workflows.store.codecs.tables",
    "matrix": "workflows.store.codecs.matrices",
    "model": "workflows.store.codecs.models",
}
CODECS = frozenset(_MODULES)
_CODEC_OF = {
    ("pyarrow.lib", "Table"): "arrow",
    ("workflows.operators.kernels.base", "Matrix"): "matrix",
    ("workflows.operators.kernels.base", "Model"): "model",
}


class NotStorable(HelixError):
    """The data have no encoding: their node cannot be kept, only computed anew."""

    code = "not-storable"


class _Codec(Protocol):
    def canonical(self, data: Any) -> Any: ...
    def encode(self, data: Any, write: Write) -> Digest | None: ...
    def decode(self, source: Source) -> Any: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was written: ``digest`` over the bytes, ``value`` over what they mean (see the module), size in bytes."""

    codec: str
    digest: Digest
    value: Digest
    bytes: int


def codec_of(data: object) -> str:
    """The name of the codec for these data."""
    kind = type(data)
    return _CODEC_OF.get((kind.__module__, kind.__qualname__), "json")


def canonical(data: Any) -> Any:
    """The form in which a consumer receives ``data``: contiguous, read-only where its type allows, of canonical dtypes.

    Idempotent. Data that are canonical already are handed back as they are, but for models and JSON values, which
    are always fresh. Raises NotStorable where the data are a value that JSON cannot hold.
    """
    return _codec(codec_of(data)).canonical(data)


def encode(data: Any, file: BinaryIO) -> Encoded:
    """Write ``data`` to ``file``, hashing on the way. Raises NotStorable."""
    name = codec_of(data)
    hasher = blake3()
    size = 0

    def write(chunk: Bytes) -> None:
        nonlocal size
        whole = memoryview(chunk)
        size += len(whole)
        for start in range(0, len(whole), _PIECE):  # what was just hashed is still in the cache when it is written
            piece = whole[start : start + _PIECE]
            hasher.update(piece)
            file.write(piece)

    value = _codec(name).encode(data, write)
    digest = Digest(hasher.hexdigest())
    return Encoded(name, digest, value or digest, size)


def value_of(data: Any) -> Digest | None:
    """The ``value`` that ``encode`` would tell, without the bytes; None where it cannot be told. Raises NotStorable."""
    name = codec_of(data)
    if name == "model":
        from workflows.store.codecs.models import value_of as value_of_model

        return value_of_model(data)
    hasher = blake3()
    _codec(name).encode(data, hasher.update)
    return Digest(hasher.hexdigest())


def decode(codec: str, source: Source) -> Any:
    """The data in a file (memory-mapped where the codec allows) or in bytes. The bytes must have been verified."""
    return _codec(codec).decode(source)


def staged_name(signature: Signature) -> str:
    """The name of the file that a result is staged in."""
    return f"{signature}.staged"


def stage(data: Any, signature: Signature, folder: Path) -> Staged:
    """Encode ``data`` into the staging ``folder``; up to INLINE_LIMIT bytes go inline instead. Raises NotStorable."""
    name = staged_name(signature)
    spool = _Spool(folder / name)
    try:
        encoded = encode(data, cast(BinaryIO, spool))
    finally:
        spool.close()
    inline = spool.inline
    return Staged(
        *(signature, encoded.codec, encoded.digest, encoded.bytes),
        file=name if inline is None else None,
        inline=inline,
        value=encoded.value,
    )


class _Spool:
    """Keeps what is written in memory up to INLINE_LIMIT bytes, and moves to a file beyond."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chunks = bytearray()
        self._file: BinaryIO | None = None

    def write(self, chunk: Bytes) -> None:
        if self._file is None and len(self._chunks) + len(chunk) > INLINE_LIMIT:
            self._file = self._path.open("wb", buffering=0)
            _write_all(self._file, self._chunks)
        if self._file is None:
            self._chunks += chunk
        else:
            _write_all(self._file, chunk)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def inline(self) -> bytes | None:
        return bytes(self._chunks) if self._file is None else None


def _write_all(file: BinaryIO, chunk: Bytes) -> None:
    """An unbuffered file may write less than it is given (2 GB is the most one call takes)."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def _codec(name: str) -> _Codec:
    return cast(_Codec, import_module(_MODULES[name]))
