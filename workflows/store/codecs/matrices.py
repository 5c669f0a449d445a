"""The ``matrix`` codec: examples as a header and raw arrays, memory-mapped when read.

Layout: ``HELIXMX1``, the header's length (8 bytes, little endian), the header (JSON), then each array at a multiple of
64 bytes from the start. The header names each array's dtype, shape and place, the columns, and the vocabulary of
labels that are strings (stored as codes).
"""

from __future__ import annotations

import json
import mmap
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from workflows.hashing import Digest
from workflows.operators.kernels.base import Matrix
from workflows.operators.kernels.names import Names
from workflows.store.codecs import NotStorable, Source, Write

MAGIC = b"HELIXMX1"
ALIGNMENT = 64

Array: TypeAlias = "np.ndarray[Any, Any]"


def canonical(data: Matrix) -> Matrix:
    """The matrix with read-only, contiguous (C order) arrays in native byte order.

    ``x``: float64 (float32 stays); CSR has sorted indices, no duplicates, and int32 indices where they fit.
    ``label``: numbers and booleans as they are; strings as an object array of ``str``. ``weight``: float64.
    ``row_id``: int64. Raises NotStorable for labels of any other type.
    """
    return Matrix(
        x=_canonical_csr(data.x) if sp.issparse(data.x) else _frozen(np.asarray(data.x), _float(data.x.dtype)),
        columns=Names.of(data.columns),
        label=None if data.label is None else _canonical_label(np.asarray(data.label)),
        weight=None if data.weight is None else _frozen(np.asarray(data.weight), np.dtype(np.float64)),
        row_id=_frozen(np.asarray(data.row_id), np.dtype(np.int64)),
    )


def encode(data: Matrix, write: Write) -> Digest | None:
    matrix = canonical(data)
    arrays: dict[str, Array] = {"row_id": matrix.row_id}
    vocabulary: list[str] | None = None
    if isinstance(matrix.x, np.ndarray):
        arrays["x"] = matrix.x
    else:
        arrays |= {"data": matrix.x.data, "indices": matrix.x.indices, "indptr": matrix.x.indptr}
    if matrix.weight is not None:
        arrays["weight"] = matrix.weight
    if matrix.label is not None and matrix.label.dtype == object:
        vocabulary, arrays["codes"] = _factorize(matrix.label)
    elif matrix.label is not None:
        arrays["label"] = matrix.label
    header = _header(matrix, arrays, vocabulary)
    write(MAGIC + len(header).to_bytes(8, "little") + header)
    position = 16 + len(header)
    for array in arrays.values():
        write(bytes(-position % ALIGNMENT))
        position += -position % ALIGNMENT
        if array.nbytes:
            write(array.reshape(-1).view(np.uint8).data)
        position += array.nbytes
    return None


def decode(source: Source) -> Matrix:
    buffer: bytes | mmap.mmap
    if isinstance(source, bytes):
        buffer = source
    else:
        with source.open("rb") as file:
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(buffer[8:16], "little")
    header = json.loads(buffer[16 : 16 + length])
    position = 16 + length
    arrays: dict[str, Array] = {}
    for name, dtype, shape in header["arrays"]:
        position += -position % ALIGNMENT
        array = np.frombuffer(buffer, np.dtype(dtype), int(np.prod(shape)), position) if 0 not in shape else np.empty(0)
        arrays[name] = _frozen(array.reshape(shape), np.dtype(dtype))
        position += arrays[name].nbytes
    label = arrays.get("label")
    if header["vocabulary"] is not None:
        words = np.empty(len(header["vocabulary"]), dtype=object)
        words[:] = header["vocabulary"]
        label = _frozen(words[arrays["codes"]], np.dtype(object))
    x = arrays["x"] if "x" in arrays else _csr(arrays, header["shape"])
    return Matrix(x, Names.read(header["columns"]), label, arrays.get("weight"), arrays["row_id"])


def _header(matrix: Matrix, arrays: dict[str, Array], vocabulary: list[str] | None) -> bytes:
    return json.dumps(
        {
            "shape": matrix.x.shape,
            "columns": Names.of(matrix.columns).told(),
            "vocabulary": vocabulary,
            "arrays": [(name, array.dtype.str, array.shape) for name, array in arrays.items()],
        },
        separators=(",", ":"),
    ).encode()


def _canonical_csr(x: Any) -> sp.csr_matrix:
    matrix = sp.csr_matrix(x)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    small = max(matrix.nnz, *matrix.shape) <= np.iinfo(np.int32).max
    index = np.dtype(np.int32 if small else np.int64)
    arrays = {
        "data": _frozen(matrix.data[: matrix.nnz], _float(matrix.dtype)),
        "indices": _frozen(matrix.indices[: matrix.nnz], index),
        "indptr": _frozen(matrix.indptr, index),
    }
    return _csr(arrays, matrix.shape)


def _csr(arrays: dict[str, Array], shape: tuple[int, int]) -> sp.csr_matrix:
    matrix = sp.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape, copy=False)
    matrix.has_canonical_format = True  # spares each consumer the check over all indices
    return matrix


def _canonical_label(label: Array) -> Array:
    if label.dtype.kind in "biuf":
        return _frozen(label, label.dtype)
    objects = label.astype(object)
    if any(not issubclass(kind, str) for kind in set(map(type, objects.ravel().tolist()))):
        item = next(item for item in objects.flat if not isinstance(item, str))
        raise NotStorable(
            f"Labels must be numbers, booleans or strings, and none may be missing: got {item!r}.", value=repr(item)
        )
    return _frozen(objects, np.dtype(object))


def _factorize(label: Array) -> tuple[list[str], Array]:
    """The distinct strings in order of appearance, and for each label the place of its string."""
    codes: dict[str, int] = {}
    places = np.fromiter((codes.setdefault(item, len(codes)) for item in label.flat), np.int32, label.size)
    return [str(word) for word in codes], places.reshape(label.shape)


def _float(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.float32 if dtype == np.float32 else np.float64)


def _frozen(array: Array, dtype: np.dtype[Any]) -> Array:
    """A read-only view: contiguous in C order, of the dtype in native byte order; a copy only where it must be."""
    view = np.ascontiguousarray(array, dtype=dtype.newbyteorder("=")).view()
    view.flags.writeable = False
    return view
