"""About how many bytes data take: what loading them would read, before they are encoded."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from workflows.execution.spark.blocks import Blocks
from workflows.operators.kernels.base import Data, Matrix, Model


def size_of(data: Data) -> int:
    """Of tables and arrays what they hold in memory, of a model its pickle, of a value its parts."""
    match data:
        case Blocks():
            return data.bytes
        case pa.Table() | np.ndarray():
            return int(data.nbytes)
        case Matrix():
            return size_of(data.x) + sum(size_of(array) for array in (data.label, data.weight, data.row_id))
        case Model():
            return _pickled(data.estimator)
        case str() | bytes():
            return len(data)
        case Mapping():
            return sum(size_of(key) + size_of(item) for key, item in data.items())
        case list() | tuple():
            return sum(map(size_of, data))
        case None:
            return 0
    if sp.issparse(data):
        csr: Any = data
        return int(csr.data.nbytes + csr.indices.nbytes + csr.indptr.nbytes)
    return 8


class _Counter:
    """A file that only counts."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, chunk: bytes) -> int:
        self.count += len(chunk)
        return len(chunk)

    def buffer(self, buffer: pickle.PickleBuffer) -> None:
        self.count += buffer.raw().nbytes


def _pickled(value: Any) -> int:
    counter = _Counter()
    try:
        pickle.Pickler(counter, protocol=5, buffer_callback=counter.buffer).dump(value)
    except (pickle.PicklingError, AttributeError, TypeError, ValueError, RecursionError):
        return 0  # it cannot be stored either
    return counter.count
