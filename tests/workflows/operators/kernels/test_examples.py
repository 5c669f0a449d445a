"""Examples encodes as scikit-learn's encoders do, as learned on ``train`` alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from tests.workflows.operators.kernels.calls import apply, cuts, feature, learn, rows
from workflows.errors import HelixError
from workflows.operators.kernels import vectors
from workflows.operators.kernels.base import Matrix
from workflows.operators.kernels.examples import NullNumber


def inputs(*features: pa.Table, label: Any = None, weight: Any = None) -> dict[str, Any]:
    given = {"rows": rows(i=list(range(features[0].num_rows))), "features": list(features)}
    optional = {"label": label, "weight": weight}
    return given | {name: feature(values) for name, values in optional.items() if values is not None}


def encoded(train: dict[str, Any], test: dict[str, Any], **options: Any) -> Matrix:
    found = apply("Examples", test, learn("Examples", [train]), **options)
    assert isinstance(found, Matrix)
    return found


def dense(matrix: Matrix) -> Any:
    return matrix.x.toarray() if sp.issparse(matrix.x) else matrix.x


words = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "", "=", "is null"]))
some = st.lists(st.tuples(words, words, st.floats(-9, 9), st.booleans()), min_size=1, max_size=30)


def batch(values: list[tuple[Any, ...]]) -> dict[str, Any]:
    first, second, number, flag = zip(*values, strict=True)
    arrays = [pa.array(first, pa.string()), pa.array(second, pa.string()), pa.array(number), pa.array(flag)]
    return inputs(*(feature(array) for array in arrays))


@settings(max_examples=60)
@given(some, some)
def test_categories_are_encoded_as_one_hot_encoder_does(train: Any, test: Any) -> None:
    found = encoded(batch(train), batch(test))
    assert len(set(found.columns)) == len(found.columns)
    blocks = []
    for place in (0, 1, 3):
        sides = [[[str(row[place]) if row[place] is not None else None] for row in side] for side in (train, test)]
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        encoder.fit(np.array(sides[0], dtype=object))
        blocks.append(encoder.transform(np.array(sides[1], dtype=object)))
    numbers = np.array([[row[2]] for row in test])
    np.testing.assert_array_equal(dense(found), np.hstack([blocks[0], blocks[1], numbers, blocks[2]]))


@settings(max_examples=40)
@given(some, st.lists(st.integers(0, 100), max_size=4), st.booleans())
def test_columns_do_not_depend_on_batches_or_their_order(values: Any, ends: list[int], backwards: bool) -> None:
    parts = [batch(list(part)) for part in cuts(values, ends)]
    assert learn("Examples", parts[::-1] if backwards else parts) == learn("Examples", [batch(values)])


@settings(max_examples=40)
@given(some, some)
def test_sparse_and_dense_are_the_same_matrix(train: Any, test: Any) -> None:
    state = learn("Examples", [batch(train)])
    both = [apply("Examples", batch(test), {**state, "sparse": sparse}) for sparse in (True, False)]
    assert sp.issparse(both[0].x)
    assert isinstance(both[1].x, np.ndarray)
    np.testing.assert_array_equal(both[0].x.toarray(), both[1].x)
    assert both[0].x.has_canonical_format


def test_columns_are_named_by_operand_and_value() -> None:
    frame = pa.table({"p": pa.array([1.0, 2.0]), "q": pa.array(["u", "v"]).dictionary_encode()})
    vector = vectors.table(np.eye(2), ("x", "y"))
    train = inputs(feature([1, 2]), feature(["b", None]), feature([True, False]), frame, vector)
    assert encoded(train, train).columns == (
        *("0", "1=b", "1 is null", "2=false", "2=true", "3.p", "3.q=u", "3.q=v", "4[x]", "4[y]"),
    )


def test_values_that_train_never_had_give_zeros() -> None:
    found = encoded(inputs(feature(["a", "b"])), inputs(feature(["c", "a", None])))
    assert dense(found).tolist() == [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_nothing_of_test_leaks_into_the_columns() -> None:
    train = inputs(feature(["a", "b"]), feature([1.0, 2.0]))
    one = encoded(train, inputs(feature(["c"]), feature([1e9])))
    other = encoded(train, inputs(feature(["a"]), feature([0.0])))
    assert one.columns == other.columns


def test_values_that_a_dictionary_holds_but_no_row_has_make_no_column() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["used", "unused"]))
    train = inputs(pa.table({"value": array}))
    assert encoded(train, train).columns == ("0=used",)


def test_vectors_keep_their_columns_beside_others() -> None:
    random = np.random.default_rng(0)
    wide = sp.random(20, 30, 0.1, random_state=random, format="csr")
    small = random.normal(size=(20, 2))
    train = inputs(feature(["a", "b"] * 10), vectors.table(wide), feature(small[:, 0]), vectors.table(small))
    found = encoded(train, train)
    one_hot = np.array([[1.0, 0.0], [0.0, 1.0]] * 10)
    np.testing.assert_array_equal(dense(found), np.hstack([one_hot, wide.toarray(), small[:, :1], small]))
    assert len(found.columns) == 35


def test_a_wide_encoding_is_sparse_and_numbers_alone_are_dense() -> None:
    wide = inputs(feature([f"v{place}" for place in range(50)]))
    assert sp.issparse(encoded(wide, wide).x)
    numbers = inputs(feature([1.0, 2.0]), feature([3.0, 4.0]))
    assert isinstance(encoded(numbers, numbers).x, np.ndarray)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_number_is_an_error_that_names_impute(missing: Any) -> None:
    train = inputs(feature([1.0, 2.0]))
    test = inputs(feature(pa.array([1.0, missing], from_pandas=False)))
    with pytest.raises(NullNumber, match=r"`hours` has 1 missing number \(the first in row 1\): wrap it in `Impute"):
        encoded(train, test, names={"features.0": "hours"})


def test_an_infinite_number_is_told() -> None:
    with pytest.raises(HelixError, match="is infinite in row 1"):
        learn("Examples", [inputs(feature([1.0, float("inf")]))])


def test_a_column_that_changes_its_kind_is_told() -> None:
    with pytest.raises(HelixError, match=r"holds numbers here, and held other values in `train`"):
        encoded(inputs(feature(["01", "02"])), inputs(feature([1, 2])))


def test_a_date_is_no_feature() -> None:
    dates = pa.table({"d": pa.array([0, 1], pa.date32())})
    with pytest.raises(HelixError, match="Make a number or a text of it"):
        learn("Examples", [inputs(dates)])


def test_columns_that_test_lacks_are_told() -> None:
    train = inputs(pa.table({"p": pa.array([1.0]), "q": pa.array([1.0])}))
    test = inputs(pa.table({"p": pa.array([1.0]), "r": pa.array([1.0])}))
    with pytest.raises(HelixError, match=r"`0.q` missing, `0.r` new"):
        encoded(train, test)


@pytest.mark.parametrize(
    ("label", "expected"),
    [(["x", "y"], ["x", "y"]), ([1, 0], [1, 0]), ([True, False], [True, False]), ([0.5, 1.5], [0.5, 1.5])],
)
def test_labels_and_weights_go_along(label: Any, expected: list[Any]) -> None:
    train = inputs(feature([1.0, 2.0]), label=label, weight=[1, 2])
    found = encoded(train, train)
    assert found.label is not None
    assert found.weight is not None
    assert found.label.tolist() == expected
    assert found.weight.tolist() == [1.0, 2.0]
    assert found.row_id.tolist() == [0, 1]


def test_a_missing_label_is_told() -> None:
    train = inputs(feature([1.0, 2.0]), label=["x", None])
    with pytest.raises(HelixError, match=r"`target` is missing for 1 row \(the first is row 1\)"):
        encoded(train, train, names={"label": "target"})


def test_features_of_other_rows_are_refused() -> None:
    train = inputs(feature([1.0, 2.0]))
    other = inputs(feature([1.0, 2.0]))
    other["features"] = [feature([1.0])]
    with pytest.raises(HelixError, match="has 1 rows, and the rows of the examples are 2"):
        encoded(train, other)


SINGLE = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


@pytest.mark.parametrize("matrix", [SINGLE, sp.csr_matrix(np.where(np.eye(6, 40) > 0, np.float32(0.1), np.float32(0)))])
def test_vectors_of_float32_alone_stay_so(matrix: Any) -> None:
    one = vectors.table(matrix)
    found = encoded(inputs(one), inputs(one))
    assert found.x.dtype == np.float32
    assert sp.issparse(found.x) == sp.issparse(matrix)
    np.testing.assert_array_equal(dense(found), matrix.toarray() if sp.issparse(matrix) else matrix)
    both = encoded(inputs(one, one), inputs(one, one))
    assert both.x.dtype == np.float32
    np.testing.assert_array_equal(dense(both), np.hstack([dense(found)] * 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("rows", [1, 256, 600])
def test_dense_vectors_of_little_but_zeros_become_sparse(dtype: Any, rows: int) -> None:
    rng = np.random.default_rng(rows)
    values = (rng.integers(1, 255, (rows, 9)) * (rng.random((rows, 9)) < 0.1)).astype(dtype)
    values[0] = 0
    values[-1, -1] = 7
    pixels = pa.table({"value": pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), 9)})
    found = encoded(inputs(pixels), inputs(pixels)).x
    expected = sp.csr_matrix(values, dtype=np.float32 if dtype == np.float32 else np.float64)
    assert found.dtype == expected.dtype
    for part in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))


def test_vectors_of_float32_among_others_become_float64() -> None:
    one = vectors.table(SINGLE)
    for other in (feature([1.0] * 6), vectors.table(SINGLE.astype(np.float64)), feature(["a"] * 6)):
        found = encoded(inputs(one, other), inputs(one, other))
        assert found.x.dtype == np.float64
        np.testing.assert_array_equal(dense(found)[:, :4], SINGLE.astype(np.float64))


def test_every_split_has_the_precision_of_train() -> None:
    single, double = vectors.table(SINGLE), vectors.table(SINGLE.astype(np.float64))
    assert encoded(inputs(single), inputs(double)).x.dtype == np.float32
    assert encoded(inputs(double), inputs(single)).x.dtype == np.float64


def test_a_function_that_gives_float32_gives_vectors_of_it() -> None:
    found = apply("Extractor", {"rows": rows(n=[1, 2])}, fn=lambda frame: frame[["n"]].to_numpy(np.float32) / 3)
    assert found.schema.types == [pa.list_(pa.float32(), 1)]
    assert encoded(inputs(found), inputs(found)).x.dtype == np.float32


def test_a_long_vector_without_names_is_known_by_its_size() -> None:
    one = vectors.table(sp.csr_matrix(([1.0, -1.0], ([0, 1], [5, 2**18 - 1])), shape=(2, 2**18)))
    state = learn("Examples", [inputs(one)])
    assert len(repr(state)) < 500
    found = apply("Examples", inputs(one), state)
    assert found.columns[5] == "0[5]"
    assert len(found.columns) == found.x.shape[1] == 2**18
    with pytest.raises(HelixError, match="held other values in `train`"):
        apply("Examples", inputs(vectors.table(sp.csr_matrix((2, 7)))), state)
