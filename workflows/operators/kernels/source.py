"""What sources do: say which file a scanner is to read, or give the rows of a bundled data set."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import functions
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless


class FileSourceKernel(Stateless):
    """Reads nothing: the scanner reads the very bytes that have the hash handed on here."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        return {"path": call.params["files"][call.split], "hash": call.identity}


class DatasetKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{call.params['dataset']}")()
        data, target = np.asarray(bunch.data, dtype=np.float64), np.asarray(bunch.target)
        arrays = {str(name): pa.array(data[:, place]) for place, name in enumerate(bunch.feature_names)}
        if target.ndim == 2:
            arrays |= {str(name): pa.array(target[:, place]) for place, name in enumerate(bunch.target_names)}
        else:
            arrays["target"] = functions.as_column(target, len(target), "The data set")
        return pa.table({ROW_ID: pa.array(np.arange(len(data))), **arrays})
