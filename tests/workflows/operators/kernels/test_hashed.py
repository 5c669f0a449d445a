"""Hash is scikit-learn's FeatureHasher over pairs of slot and value."""

from __future__ import annotations

import csv
import gzip
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction import FeatureHasher

from tests.data import data_folder
from tests.workflows.operators.kernels.calls import apply, feature
from workflows.errors import HelixError
from workflows.operators.kernels import vectors

texts = st.one_of(st.none(), st.sampled_from(["a", "b", "ñ", "", "a=b", "long text"]))
numbers = st.one_of(st.integers(-3, 3), st.floats(-1e6, 1e6)).map(float)


def hashed(*features: pa.Table, size: int = 64) -> Any:
    return vectors.dense(apply("Hash", {"features": list(features)}, size=size))


def theirs(rows: Any, size: int = 64) -> Any:
    return FeatureHasher(size, input_type="pair").transform(rows)


def equal(found: Any, expected: Any) -> None:
    for matrix in (found, expected):
        matrix.eliminate_zeros()
        matrix.sort_indices()
    np.testing.assert_array_equal(found.indptr, expected.indptr)
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, numbers, st.booleans(), st.lists(st.sampled_from("abc"), max_size=4)), min_size=1))
def test_features_are_hashed_as_by_scikit_learn(rows: list[tuple[str | None, float, bool, list[str]]]) -> None:
    word, number, flag, letters = zip(*rows, strict=True)
    lists = apply("Tokenize", {"feature": feature([" ".join(each) for each in letters])}, pattern=r"\w")
    found = hashed(feature(pa.array(word, pa.string())), feature(number), feature(flag), lists)
    expected = [
        [
            *([("0", a)] if a is not None else []),
            ("1", b),
            ("2", "true" if c else "false"),
            *(("3", letter) for letter in d),
        ]
        for a, b, c, d in rows
    ]
    equal(found, theirs(expected))


@pytest.mark.parametrize("size", [1, 7, 2**18, 2**24])
def test_any_size_will_do(size: int) -> None:
    words = [f"word{number}" for number in range(500)]
    equal(hashed(feature(words), size=size), theirs([[("0", word)] for word in words], size))


def test_columns_of_one_feature_are_named_by_slot_and_column() -> None:
    both = pa.table({"prefix": pa.array(["a", "b"]).dictionary_encode(), "size": pa.array([2, 0])})
    expected = [[("0", "x"), ("1.prefix", "a"), ("1.size", 2)], [("0", "y"), ("1.prefix", "b")]]
    equal(hashed(feature(["x", "y"]), both), theirs(expected))


def test_real_tokens_are_hashed_as_by_scikit_learn() -> None:
    """Four features of 30,000 tokens of the Groningen Meaning Bank; without it, of as many made-up ones."""
    words, tags = real_tokens(30_000)
    endings = [word[-3:] for word in words]
    titles = [word.istitle() for word in words]
    found = hashed(*map(feature, (words, tags, endings, titles)), size=2**18)
    rows = (
        [("0", word), ("1", tag), ("2", ending), ("3", str(title).lower())]
        for word, tag, ending, title in zip(words, tags, endings, titles, strict=True)
    )
    equal(found, theirs(rows, 2**18))


def real_tokens(count: int) -> tuple[list[str], list[str]]:
    path = data_folder() / "ner-gmb" / "ner_dataset.csv.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
            rows = [row for _, row in zip(range(count + 1), csv.reader(file), strict=False)][1:]
        return [row[1] for row in rows], [row[2] for row in rows]
    random = np.random.default_rng(0)
    return [f"Word{n}" for n in random.zipf(1.3, count)], [f"T{n}" for n in random.integers(0, 40, count)]


def test_a_missing_number_is_told_and_a_vector_as_well() -> None:
    with pytest.raises(HelixError, match="has 1 missing number"):
        hashed(feature([1.0, None]))
    vector = vectors.table(np.eye(2))
    with pytest.raises(HelixError, match="`feature 0` holds vectors: pass it to `Examples` as it is"):
        hashed(vector)


def test_rows_beyond_those_that_are_put_together_at_once_are_hashed_alike() -> None:
    count = 9001
    words = [None if place % 7 == 3 else f"w{place % 11}" for place in range(count)]
    numbers = [float(place % 3) for place in range(count)]
    rows = [
        [*([("0", word)] if word is not None else []), ("1", number), ("2", "x")]
        for word, number in zip(words, numbers, strict=True)
    ]
    found = hashed(feature(words), feature(numbers), feature(["x"] * count))
    equal(found, theirs(rows))
    no_nulls = hashed(feature([word or "none" for word in words]), feature(["x"] * count))
    equal(no_nulls, theirs([[("0", word or "none"), ("1", "x")] for word in words]))
