"""Extractors agree with pandas and scikit-learn, learn the same from any batches, and learn from nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from tests.workflows.operators.kernels.calls import apply, cuts, feature, learn, plain, rows
from workflows.errors import HelixError
from workflows.operators.kernels import columns, vectors
from workflows.operators.kernels.functions import UserCodeFailed, WrongResult

numbers = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, 2.0]))
many = st.lists(numbers, min_size=1, max_size=60).filter(lambda values: any(value is not None for value in values))
places = st.lists(st.integers(0, 100), max_size=4)
LEARNING: list[tuple[str, dict[str, Any]]] = [
    ("Bucketizer", {"bins": 4}),
    ("Bucketizer", {"bins": 3, "by": "width"}),
    ("Scale", {"method": "standard"}),
    ("Scale", {"method": "minmax"}),
    ("Scale", {"method": "maxabs"}),
    ("Scale", {"method": "robust"}),
    ("Impute", {"strategy": "mean"}),
    ("Impute", {"strategy": "median"}),
    ("Impute", {"strategy": "most_frequent"}),
]


def batch(values: Any) -> dict[str, Any]:
    return {"feature": feature(pa.array(values, pa.float64()))}


@pytest.mark.parametrize(("operator", "params"), LEARNING, ids=str)
@settings(max_examples=30)
@given(values=many, ends=places, backwards=st.booleans())
def test_what_is_learned_does_not_depend_on_batches_or_their_order(
    operator: str, params: dict[str, Any], values: list[float | None], ends: list[int], backwards: bool
) -> None:
    parts = [batch(part) for part in cuts(values, ends)]
    assert learn(operator, parts[::-1] if backwards else parts, **params) == learn(operator, [batch(values)], **params)


def test_a_field_is_the_column_as_it_is() -> None:
    table = rows(a=["x", None, "x"], b=[1, 2, 3])
    found = apply("Field", {"rows": table}, column="a")
    assert plain(found) == ["x", None, "x"]
    assert found.schema.types == [columns.CATEGORY]


def test_a_missing_field_names_the_nearest() -> None:
    with pytest.raises(HelixError, match="no column `educaton`: did you mean `education`"):
        apply("Field", {"rows": rows(education=["x"])}, column="educaton")


@settings(max_examples=40)
@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=80, unique=True), st.integers(2, 6))
def test_quantile_buckets_are_those_of_numpy_edges(values: list[float], bins: int) -> None:
    inputs = batch(values)
    state = learn("Bucketizer", [inputs], bins=bins)
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    np.testing.assert_allclose(state["edges"], edges, rtol=1e-9, atol=1e-9)
    expected = np.searchsorted(state["edges"], values, side="right")
    array = columns.values(apply("Bucketizer", inputs, state, bins=bins))
    np.testing.assert_array_equal(columns.codes(array), expected)


def test_width_buckets_are_those_of_scikit_learn() -> None:
    values = np.random.default_rng(0).normal(size=200)
    theirs = KBinsDiscretizer(5, encode="ordinal", strategy="uniform").fit(values[:, None])
    state = learn("Bucketizer", [batch(values)], bins=5, by="width")
    np.testing.assert_allclose(state["edges"], theirs.bin_edges_[0][1:-1], rtol=1e-12)


def test_buckets_are_named_by_their_edges_and_null_stays_null() -> None:
    state = learn("Bucketizer", [batch([])], edges=[18, 65.5])
    assert plain(apply("Bucketizer", batch([17.0, 18.0, 65.5, None]), state)) == ["< 18", "[18, 65.5)", "≥ 65.5", None]


def test_a_constant_has_one_bucket() -> None:
    state = learn("Bucketizer", [batch([3.0, 3.0])])
    assert plain(apply("Bucketizer", batch([3.0, 9.0]), state)) == ["all", "all"]


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("standard", StandardScaler()),
        ("minmax", MinMaxScaler()),
        ("maxabs", MaxAbsScaler()),
        ("robust", RobustScaler()),
    ],
)
def test_scaling_is_that_of_scikit_learn(method: str, theirs: Any) -> None:
    random = np.random.default_rng(0)
    train, test = random.exponential(50, 300), random.exponential(60, 100)
    state = learn("Scale", [batch(train)], method=method)
    expected = theirs.fit(train[:, None]).transform(test[:, None])[:, 0]
    np.testing.assert_allclose(plain(apply("Scale", batch(test), state, method=method)), expected, rtol=1e-12)


@pytest.mark.parametrize("method", ["standard", "minmax", "maxabs", "robust"])
def test_a_constant_scales_to_something_finite_and_null_stays_null(method: str) -> None:
    state = learn("Scale", [batch([7.0, 7.0, None])], method=method)
    found = plain(apply("Scale", batch([7.0, None]), state, method=method))
    assert found[0] == (1.0 if method == "maxabs" else 0.0)
    assert found[1] is None


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_imputing_is_that_of_scikit_learn(strategy: str) -> None:
    values = np.array([1.0, 2.0, 2.0, np.nan, 10.0, np.nan, 1.0])
    expected = SimpleImputer(strategy=strategy).fit_transform(values[:, None])[:, 0]
    state = learn("Impute", [batch(values)], strategy=strategy)
    np.testing.assert_allclose(plain(apply("Impute", batch(values), state, strategy=strategy)), expected, rtol=1e-15)


def test_the_most_frequent_text_is_imputed_the_least_of_equals() -> None:
    inputs = {"feature": feature(["b", "a", None, "b", "a"])}
    state = learn("Impute", [inputs], strategy="most_frequent")
    assert plain(apply("Impute", inputs, state, strategy="most_frequent")) == ["b", "a", "a", "b", "a"]


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        (["a", None], "none", ["a", "none"]),
        ([1, None], 0, [1, 0]),
        ([1, None], 0.5, [1.0, 0.5]),
        ([True, None], False, [True, False]),
        (pa.nulls(2, columns.CATEGORY), "x", ["x", "x"]),
    ],
)
def test_a_constant_is_imputed(values: Any, value: Any, expected: list[Any]) -> None:
    inputs = {"feature": feature(values)}
    state = learn("Impute", [inputs], strategy="constant", value=value)
    assert plain(apply("Impute", inputs, state, strategy="constant")) == expected


def test_a_text_is_not_put_among_numbers() -> None:
    inputs = {"feature": feature([1, None])}
    state = learn("Impute", [inputs], strategy="constant", value="x")
    with pytest.raises(HelixError, match="cannot put 'x' among numbers"):
        apply("Impute", inputs, state, strategy="constant")


@pytest.mark.parametrize("operator", ["Bucketizer", "Scale", "Impute"])
def test_nothing_is_learned_from_nulls_alone(operator: str) -> None:
    with pytest.raises(HelixError, match="every value is null"):
        learn(operator, [batch([None, None])])


@pytest.mark.parametrize("operator", ["Bucketizer", "Scale", "Impute"])
def test_text_is_no_number(operator: str) -> None:
    with pytest.raises(HelixError, match="needs numbers, and was given text"):
        learn(operator, [{"feature": feature(["a"])}])


texts = st.one_of(st.none(), st.sampled_from(["a", "b", "a × b", "×", "\\", "b × ", ""]))


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=30))
def test_interactions_are_equal_where_and_only_where_all_values_are(values: list[tuple[Any, Any, Any]]) -> None:
    operands = [feature(pa.array(column, pa.string())) for column in zip(*values, strict=True)]
    found = plain(apply("Interaction", {"features": operands}))
    assert [item is None for item in found] == [None in item for item in values]
    whole = {item: name for item, name in zip(values, found, strict=True) if name is not None}
    assert len(set(whole.values())) == len(whole)
    assert all(whole[item] == name for item, name in zip(values, found, strict=True) if name is not None)


def test_an_interaction_is_named_by_its_values() -> None:
    operands = [feature(["Masters", "Masters"]), feature([3, 4]), feature([True, False])]
    assert plain(apply("Interaction", {"features": operands})) == ["Masters × 3 × true", "Masters × 4 × false"]


def test_an_extractor_is_given_a_frame_without_the_row_id() -> None:
    seen: list[pd.DataFrame] = []

    def double(frame: pd.DataFrame) -> Any:
        seen.append(frame)
        return frame["n"] * 2

    table = rows(n=[1, 2], t=["a", None], f=[0.5, None], i=[1, None], b=[True, False])
    assert plain(apply("Extractor", {"rows": table}, fn=double)) == [2, 4]
    assert list(seen[0].columns) == ["n", "t", "f", "i", "b"]
    assert seen[0].index.equals(pd.RangeIndex(2))
    assert seen[0]["t"].tolist() == ["a", None]
    assert seen[0].dtypes.astype(str).tolist() == ["int64", "object", "float64", "float64", "bool"]


def test_what_an_extractor_writes_into_its_frame_is_seen_by_nobody_else() -> None:
    def writes(frame: pd.DataFrame) -> Any:
        frame.loc[0, "n"] = 99
        frame["t"] = "z"
        frame["new"] = 1
        return frame["n"]

    table = rows(n=[1, 2], t=["a", "b"])
    before = table.to_pylist()
    assert plain(apply("Extractor", {"rows": table}, fn=writes, each="split")) == [99, 2]
    assert table.to_pylist() == before


@pytest.mark.parametrize(
    ("function", "expected", "data_type"),
    [
        (lambda frame: frame["t"].str.upper(), ["A", None, "B"], columns.CATEGORY),
        (lambda frame: frame["t"].astype("category"), ["a", None, "b"], columns.CATEGORY),
        (lambda frame: (frame["n"] > 1).tolist(), [False, True, True], pa.bool_()),
        (lambda _: np.array([1.0, np.nan, 2.0]), [1.0, None, 2.0], pa.float64()),
        (lambda frame: frame["n"].astype("int8"), [1, 2, 3], pa.int8()),
        (lambda _: [None, None, None], [None, None, None], columns.CATEGORY),
        (lambda frame: frame["n"][::-1], [3, 2, 1], pa.int64()),
    ],
)
def test_an_extractor_may_give_anything_like_a_column(function: Any, expected: list[Any], data_type: Any) -> None:
    found = apply("Extractor", {"rows": rows(n=[1, 2, 3], t=["a", None, "b"])}, fn=function, each="split")
    assert plain(found) == expected
    assert found.schema.types == [data_type]


def test_an_extractor_that_gives_a_frame_makes_several_columns() -> None:
    found = apply("Extractor", {"rows": rows(n=[1, 2])}, fn=lambda frame: frame.assign(m=frame["n"] + 1))
    assert found.to_pylist() == [{"n": 1, "m": 2}, {"n": 2, "m": 3}]


def test_a_function_of_one_value_is_called_once_for_each_distinct_one() -> None:
    seen: list[Any] = []

    def shout(value: str | None) -> str | None:
        seen.append(value)
        return value and value.upper()

    found = apply("Extractor", {"rows": feature(["b", "a", None, "a", "b"])}, fn=shout, each="value")
    assert plain(found) == ["B", "A", None, "A", "B"]
    assert sorted(seen, key=str) == [None, "a", "b"]


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (lambda frame: frame["n"].head(2), "gave 2 values for 3 rows"),
        (lambda _: None, "is a `return` missing?"),
        (lambda _: 3, "one value for each row is needed"),
        (lambda _: "abc", "one value for each row is needed"),
        (lambda _: [1, "a", None], "more than one type"),
        (lambda _: [{"a": 1}] * 3, "which no column holds"),
    ],
)
def test_what_an_extractor_has_no_use_for_is_told(function: Any, problem: str) -> None:
    with pytest.raises(WrongResult) as caught:
        apply("Extractor", {"rows": rows(n=[1, 2, 3])}, fn=function)
    assert problem in caught.value.message


def test_a_function_called_row_by_row_is_told_with_its_row() -> None:
    with pytest.raises(UserCodeFailed) as caught:
        apply("Extractor", {"rows": rows(n=[1, 0])}, fn=lambda row: 1 / row["n"], each="row")
    assert caught.value.data["example"] == "{'n': 0}"


def test_a_function_that_no_single_row_breaks_is_told_without_one() -> None:
    def crowded(frame: pd.DataFrame) -> Any:
        if len(frame) > 2:
            raise RuntimeError("too many")
        return frame["n"]

    with pytest.raises(UserCodeFailed, match="RuntimeError: too many") as caught:
        apply("Extractor", {"rows": rows(n=[1, 2, 3, 4])}, fn=crowded)
    assert caught.value.data["example"] == ""


def transformed(transformer: Any, train: Any, test: Any) -> pa.Table:
    state = learn("Transform", [{"features": train}], transformer=transformer)
    return apply("Transform", {"features": test}, state)


def test_a_dense_transformer_gives_vectors_that_keep_their_names() -> None:
    random = np.random.default_rng(0)
    train, test = random.normal(size=(50, 3)), random.normal(size=(10, 3))
    operands = [[feature(column) for column in side.T] for side in (train, test)]
    found = transformed(PCA(2), *operands)
    np.testing.assert_array_equal(vectors.dense(found), PCA(2).fit(train).transform(test))
    assert vectors.names(found.schema.field(0)) == ["pca0", "pca1"]


def test_a_sparse_transformer_of_texts_gives_sparse_vectors() -> None:
    train, test = ["the cat", "the dog", None, "a cat"], ["cat dog cat", "bird"]
    found = transformed(TfidfVectorizer(), [feature(train)], [feature(test)])
    theirs = TfidfVectorizer().fit([text or "" for text in train])
    assert columns.is_sparse(found.schema.types[0])
    np.testing.assert_array_equal(vectors.dense(found).toarray(), theirs.transform(test).toarray())
    assert vectors.names(found.schema.field(0)) == theirs.get_feature_names_out().tolist()


def test_a_pipeline_that_begins_with_texts_is_given_texts() -> None:
    train = ["a b", "b c", "c d", "d a"]
    found = transformed(make_pipeline(TfidfVectorizer(token_pattern=r"\w"), PCA(2)), [feature(train)], [feature(train)])
    assert vectors.dense(found).shape == (4, 2)


def test_vectors_pass_through_another_transformer() -> None:
    train = np.random.default_rng(0).normal(size=(30, 4))
    first = transformed(PCA(3), [feature(column) for column in train.T], [feature(column) for column in train.T])
    second = transformed(StandardScaler(), [first], [first])
    expected = StandardScaler().fit_transform(PCA(3).fit_transform(train))
    np.testing.assert_allclose(vectors.dense(second), expected)


def test_a_transformer_of_categories_is_given_a_frame() -> None:
    train = [feature(["a", "b", "a"]), feature([1.0, 2.0, 3.0])]
    found = transformed(OneHotEncoder(sparse_output=False), train, train)
    assert vectors.dense(found).shape == (3, 5)
    assert plain(transformed(OrdinalEncoder(), [train[0]], [train[0]])) == [0.0, 1.0, 0.0]


def test_a_null_vector_is_told() -> None:
    field = pa.field("v", pa.list_(pa.float64(), 2))
    with pytest.raises(HelixError, match="1 vectors of `v` are null"):
        vectors.matrix(field, pa.array([[1.0, 2.0], None], field.type))
