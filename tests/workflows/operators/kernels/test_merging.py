"""What is learned is the same however rows are cut into batches and merged; so is what is made of them row by row."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tests.workflows.operators.kernels.calls import apply, call, cuts, feature, learn, rows
from workflows.operators.kernels.base import Matrix, Model
from workflows.operators.kernels.registry import KERNELS
from workflows.operators.registry import OPERATORS
from workflows.store.codecs import canonical

Row = tuple[float | None, str | None, bool]
ROW = st.tuples(
    st.one_of(st.none(), st.floats(-1e15, 1e15)),
    st.one_of(st.none(), st.sampled_from(["an oak", "oak", "elm an an", "", "ülme"])),
    st.booleans(),
)
ROWS = st.lists(ROW, min_size=2, max_size=40).filter(lambda rows: rows[0][0] is not None and rows[0][1])
CUTS = st.lists(st.integers(0, 39), max_size=5)
Batch = list[Row]


def number(batch: Batch) -> pa.Table:
    return feature(pa.array([x for x, _, _ in batch], pa.float64()))


def full(batch: Batch) -> pa.Table:
    return feature(pa.array([x or 0.0 for x, _, _ in batch], pa.float64()))


def text(batch: Batch) -> pa.Table:
    return feature(pa.array([t for _, t, _ in batch], pa.string()))


def tokens(batch: Batch) -> pa.Table:
    return apply("Tokenize", {"feature": text(batch)})


def table(batch: Batch) -> pa.Table:
    return rows(x=number(batch)["value"].chunk(0), t=text(batch)["value"].chunk(0), b=[b for _, _, b in batch])


def examples(batch: Batch) -> dict[str, Any]:
    return {"rows": table(batch), "features": [full(batch), text(batch)], "label": full(batch)}


def numbers_of(batch: Batch) -> dict[str, Any]:
    return {"feature": number(batch)}


Case = tuple[str, Mapping[str, Any], Callable[[Batch], dict[str, Any]]]
LEARNING: list[Case] = [
    *(("Bucketizer", {"bins": 3, "by": by}, numbers_of) for by in ("quantile", "width")),
    *(("Scale", {"method": method}, numbers_of) for method in ("standard", "minmax", "maxabs", "robust")),
    *(("Impute", {"strategy": strategy}, numbers_of) for strategy in ("mean", "median", "most_frequent")),
    ("Impute", {"strategy": "most_frequent"}, lambda batch: {"feature": text(batch)}),
    ("TfIdf", {"max_features": 2}, lambda batch: {"feature": tokens(batch)}),
    ("Examples", {}, examples),
]
BY_ROW: list[Case] = [
    *LEARNING,
    ("Field", {"column": "t"}, lambda batch: {"rows": table(batch)}),
    ("Filter", {"fn": "x > 0 and b"}, lambda batch: {"rows": table(batch)}),
    ("Map", {"fn": lambda frame: frame.assign(y=frame["x"] * 2)}, lambda batch: {"rows": table(batch)}),
    ("FlatMap", {"fn": lambda row: [row] * int(row["b"]), "each": "row"}, lambda batch: {"rows": table(batch)}),
    ("Extractor", {"fn": lambda frame: frame["t"].str.upper()}, lambda batch: {"rows": table(batch)}),
    ("Interaction", {}, lambda batch: {"features": [text(batch), feature([b for _, _, b in batch])]}),
    ("Tokenize", {}, lambda batch: {"feature": text(batch)}),
    ("NGrams", {}, lambda batch: {"tokens": tokens(batch)}),
    ("Hash", {"size": 8}, lambda batch: {"features": [text(batch), full(batch)]}),
]
# They learn from files; their own tests hold them to any order of files.
FROM_FILES = {"CSVScanner", "JSONScanner", "ParquetScanner", "ImageScanner", "Scanner"}


def named(cases: list[Case]) -> list[str]:
    return [
        " ".join((name, *(str(value) for value in params.values() if isinstance(value, str))))
        for name, params, _ in cases
    ]


def test_no_kernel_that_learns_or_goes_by_rows_is_left_out() -> None:
    learning = {name for name, operator in OPERATORS.items() if operator.learns}
    assert learning - FROM_FILES - {"Transform", "Learner"} == {name for name, _, _ in LEARNING}
    by_row = {name for name, kernel in KERNELS.items() if not kernel.whole}
    assert by_row - {"FileSource", "Dataset", "Predict"} == {name for name, _, _ in BY_ROW}


@pytest.mark.parametrize(("operator", "params", "inputs"), LEARNING, ids=named(LEARNING))
@settings(max_examples=12)
@given(values=ROWS, places=CUTS, random=st.randoms(use_true_random=False))
def test_states_merge_exactly_in_any_order_and_nesting(
    operator: str,
    params: Mapping[str, Any],
    inputs: Callable[[Batch], Any],
    values: Batch,
    places: list[int],
    random: Any,
) -> None:
    kernel, made = KERNELS[operator], call(operator, params)
    states = [kernel.update(made, kernel.init(made), inputs(list(batch))) for batch in cuts(values, places)]
    random.shuffle(states)
    while len(states) > 1:
        first, second = states.pop(random.randrange(len(states))), states.pop(random.randrange(len(states)))
        states.append(kernel.merge(made, [first, second]))
    assert canonical(kernel.finish(made, states[0])) == learn(operator, [inputs(values)], **params)
    grown = kernel.init(made)
    for batch in cuts(values, places):
        grown = kernel.update(made, grown, inputs(list(batch)))
    assert canonical(kernel.finish(made, grown)) == learn(operator, [inputs(values)], **params)


@settings(max_examples=8)
@given(values=ROWS, places=CUTS)
def test_a_transformer_is_fitted_on_all_batches_in_their_order(values: Batch, places: list[int]) -> None:
    whole, merged = (
        learn("Transform", [{"features": full(list(batch))} for batch in batches], transformer=StandardScaler())
        for batches in ([values], cuts(values, places))
    )
    assert isinstance(merged, Model)
    assert merged.estimator.mean_.tolist() == whole.estimator.mean_.tolist()


@pytest.mark.parametrize(("operator", "params", "inputs"), BY_ROW, ids=named(BY_ROW))
@settings(max_examples=8)
@given(values=ROWS, places=CUTS)
def test_what_is_made_of_rows_does_not_depend_on_their_batches(
    operator: str, params: Mapping[str, Any], inputs: Callable[[Batch], Any], values: Batch, places: list[int]
) -> None:
    state = learn(operator, [inputs(values)], **params) if OPERATORS[operator].learns else None
    whole = apply(operator, inputs(values), state, **params)
    parts = [apply(operator, inputs(list(batch)), state, **params) for batch in cuts(values, places)]
    if isinstance(whole, Matrix):
        dense = [part.x.toarray() if sp.issparse(part.x) else part.x for part in (whole, *parts)]
        assert np.array_equal(np.vstack(dense[1:]), dense[0])
    else:
        hidden = ("__row_id",)  # ids of the tests' batches all begin at 0
        found = itertools.chain(
            *(part.drop_columns([n for n in hidden if n in part.column_names]).to_pylist() for part in parts)
        )
        assert list(found) == whole.drop_columns([n for n in hidden if n in whole.column_names]).to_pylist()


def test_a_prediction_does_not_depend_on_the_batch() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    made = Matrix(x, ("a", "b", "c"), (x[:, 0] > 0).astype(np.int64), None, np.arange(60))
    model = learn("Learner", [{"examples": made}], estimator=LogisticRegression())
    whole = apply("Predict", {"model": model, "examples": made})["prediction"].to_pylist()
    parts = [Matrix(x[k : k + 7], made.columns, None, None, np.arange(len(x[k : k + 7]))) for k in range(0, 60, 7)]
    assert [
        one for part in parts for one in apply("Predict", {"model": model, "examples": part})["prediction"].to_pylist()
    ] == whole
