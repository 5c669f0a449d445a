"""Sources say what is to be read, and bundled data sets are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from tests.workflows.operators.kernels.calls import apply
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.registry import KERNELS
from workflows.operators.registry import OPERATORS
from workflows.operators.source import BUNDLED


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_data_set_has_its_features_by_name_and_its_target(name: str) -> None:
    table = apply("Dataset", {}, dataset=name)
    bunch = getattr(datasets, f"load_{name}")()
    assert table[ROW_ID].to_pylist() == list(range(len(bunch.data)))
    for place, feature in enumerate(bunch.feature_names):
        np.testing.assert_array_equal(table[feature].to_numpy(), bunch.data[:, place])
    if bunch.target.ndim == 1:
        np.testing.assert_array_equal(table["target"].to_numpy(), bunch.target)


def test_every_operator_has_a_kernel() -> None:
    assert KERNELS.keys() == OPERATORS.keys()
