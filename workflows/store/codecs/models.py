"""The ``model`` codec: fitted estimators, as skops archives where skops vouches for every type in them, else pickles.

Layout: ``HELIXMD1``, the header's length (8 bytes, little endian), the header (JSON: format, columns, the digest of the
estimator's state), the payload. A pickle runs code when it is opened: open only bytes that the store verified.
skops takes 0.3 s to import: here, so that a warm server has done it before a run needs it.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import skops.io

from workflows.hashing import Digest, fingerprint
from workflows.operators.kernels.base import Model
from workflows.operators.kernels.names import Names
from workflows.store.codecs import NotStorable, Source, Write
from workflows.store.codecs.state import State, state_of

MAGIC = b"HELIXMD1"

_CANNOT_PICKLE = (pickle.PicklingError, AttributeError, TypeError, ValueError, RecursionError)
# skops refuses trees, and takes 65 ms to say so of a forest; types of other packages it never trusts.
_VOUCHED = ("builtins", "collections", "copyreg", "numpy", "scipy", "sklearn")
_REFUSED = "sklearn.tree._tree.Tree"


def canonical(data: Model) -> Model:
    """The model as it comes back from a pickle: arrays contiguous (C or Fortran order as they were), memory of its own.

    A model that cannot be pickled has no other form than itself, as it can never be stored.
    """
    try:
        estimator = pickle.loads(pickle.dumps(data.estimator, protocol=5))
    except _CANNOT_PICKLE:
        estimator = data.estimator
    return Model(estimator, Names.of(data.columns))


def encode(data: Model, write: Write) -> Digest | None:
    """Write the model. Returns its value, or None where its state cannot be told."""
    pickled, estimator = _pickled(data)
    state = state_of(estimator)
    archive = _archive(estimator, state)
    header = json.dumps(
        {
            "format": "pickle" if archive is None else "skops",
            "columns": Names.of(data.columns).told(),
            "state": None if state is None else state.digest,
        }
    ).encode()
    write(MAGIC + len(header).to_bytes(8, "little") + header)
    write(pickled if archive is None else archive)
    return None if state is None else _value(state, data)


def value_of(data: Model) -> Digest | None:
    """What the model is: the digest of its state and columns; None where it cannot be told. Raises NotStorable."""
    state = state_of(_pickled(data)[1])
    return None if state is None else _value(state, data)


def decode(source: Source) -> Model:
    content = source if isinstance(source, bytes) else source.read_bytes()
    length = int.from_bytes(content[8:16], "little")
    header = json.loads(content[16 : 16 + length])
    payload = content[16 + length :]
    if header["format"] == "skops":
        return Model(skops.io.loads(payload), Names.read(header["columns"]))
    return Model(pickle.loads(payload), Names.read(header["columns"]))


def _pickled(data: Model) -> tuple[bytes, Any]:
    """The estimator's pickle, and what comes back from it."""
    try:
        pickled = pickle.dumps(data.estimator, protocol=5)
        return pickled, pickle.loads(pickled)
    except _CANNOT_PICKLE as error:
        raise NotStorable(
            f"The model cannot be kept, because it cannot be pickled: {error}. Use a function of the module or of lib/ "
            "instead of a lambda or a local one.",
        ) from None


def _value(state: State, data: Model) -> Digest:
    return Digest(fingerprint("model", state.digest, json.dumps(Names.of(data.columns).told())))


def _archive(estimator: Any, state: State | None) -> bytes | None:
    """The estimator as a skops archive, or None where skops does not vouch for it or would not give it back equal."""
    if state is None or _REFUSED in state.types or any(name.split(".")[0] not in _VOUCHED for name in state.types):
        return None
    try:
        archive: bytes = skops.io.dumps(estimator)
        if skops.io.get_untrusted_types(data=archive):
            return None
        back = state_of(skops.io.loads(archive))
    except (*_CANNOT_PICKLE, NotImplementedError, KeyError, ImportError):
        return None  # skops has no one error for what it does not support
    return archive if back is not None and back.digest == state.digest else None
