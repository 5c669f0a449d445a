"""A matrix without some features has zeros in their place, and fails where making them would have."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, encoded, feature, learn
from workflows.errors import HelixError
from workflows.operators.base import LeftOut
from workflows.operators.kernels import certain
from workflows.operators.kernels.base import ROW_ID, Matrix
from workflows.operators.registry import OPERATORS
from workflows.store.codecs import canonical

words = st.lists(st.one_of(st.none(), st.sampled_from(["aa bb", "bb", "cc cc", ""])), min_size=3, max_size=12)


def features(train: list[Any], test: list[Any], sizes: tuple[int, int]) -> tuple[list[pa.Table], list[pa.Table]]:
    """Features of every sort on two splits: numbers, categories, hashed and weighed words, vectors of float32."""
    pair = [feature(pa.array(values, pa.string())) for values in (train, test)]
    lengths = [feature([len(value or "") for value in values]) for values in (train, test)]
    buckets = learn("Bucketizer", [{"feature": lengths[0]}], bins=2)
    terms = learn("TfIdf", [{"feature": feature(["aa bb", "cc"])}])
    made = [
        [
            number,
            apply("Bucketizer", {"feature": number}, buckets, bins=2),
            word,
            apply("Interaction", {"features": [word, number]}),
            apply("Hash", {"features": [word]}, size=sizes[0]),
            apply("TfIdf", {"feature": word}, terms),
            apply("Hash", {"features": [apply("Tokenize", {"feature": word})]}, size=sizes[1]),
        ]
        for word, number in zip(pair, lengths, strict=True)
    ]
    return made[0], made[1]


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(words, words, st.sets(st.sampled_from([1, 3, 4, 5, 6])), st.sampled_from([(4, 4), (4, 500)]), st.booleans())
def test_zeros_stand_in_the_place_of_what_is_left_out(
    train: list[Any], test: list[Any], places: set[int], sizes: tuple[int, int], vectors_alone: bool
) -> None:
    ours, theirs = features(train, test, sizes)
    if vectors_alone:
        ours, theirs = [table.select([0]) for table in ours[4:]], [table.select([0]) for table in theirs[4:]]
        places = {place - 4 for place in places if place >= 4}
    rows = [canonical(pa.table({ROW_ID: pa.array(np.arange(len(side)))})) for side in (train, test)]
    state = learn("Examples", [{"rows": rows[0], "features": ours}])
    whole: Matrix = apply("Examples", {"rows": rows[1], "features": theirs}, state)
    left_out = tuple(LeftOut(place, f"f{place}", ()) for place in sorted(places))
    kept = [None if place in places else table for place, table in enumerate(theirs)]
    sliced: Matrix = apply("Examples", {"rows": rows[1], "features": kept}, state, left_out=left_out)
    assert (sliced.columns, sp.issparse(sliced.x)) == (whole.columns, sp.issparse(whole.x))
    assert (sliced.x.dtype, sliced.x.shape) == (whole.x.dtype, whole.x.shape)
    expected = whole.x.toarray() if sp.issparse(whole.x) else np.array(whole.x)
    expected[:, [int(name.split("=")[0].split("[")[0].split(" ")[0]) in places for name in whole.columns]] = 0.0
    np.testing.assert_array_equal(sliced.x.toarray() if sp.issparse(sliced.x) else sliced.x, expected)


def test_a_matrix_of_float32_stays_one() -> None:
    block = np.eye(3, dtype=np.float32)
    vector = canonical(pa.table({"value": pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), 3)}))
    rows = canonical(pa.table({ROW_ID: pa.array(np.arange(3))}))
    state = learn("Examples", [{"rows": rows, "features": [vector, vector]}])
    found = apply("Examples", {"rows": rows, "features": [None, vector]}, state, left_out=(LeftOut(0, "hashed", ()),))
    assert found.x.dtype == np.float32


COLUMNS: dict[str, Any] = {
    "text": pa.array(["a", None, "b c"]),
    "nothing": pa.nulls(3),
    "whole": pa.array([1, 2, None]),
    "full": pa.array([1, 2, 3]),
    "real": pa.array([0.5, float("inf"), 2.0]),
    "large": pa.array([1e308, 1e308, 2.0]),
    "flag": pa.array([True, None, False]),
    "day": pa.array([date(2020, 1, 1)] * 3),
    "vector": pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6.0)), 2),
    "bytes": pa.array([b"a", b"\xff", b""]),
    "tokens": pa.ListArray.from_arrays(
        [0, 1, 1, 2], pa.array(["a", "b"]).dictionary_encode().cast(pa.dictionary(pa.int32(), pa.string()))
    ),
    "holes": pa.ListArray.from_arrays(
        [0, 1, 1, 2], pa.array(["a", None]).dictionary_encode().cast(pa.dictionary(pa.int32(), pa.string()))
    ),
    "structs": pa.array([{"a": 1}, {"a": 2}, None]),
}


def by_operator(operator: str, column: Any) -> None:
    """The operator itself on a column: raises where it fails, or where what it gives is not finite."""
    table = canonical(pa.table({"value": encoded(column)}))
    match operator:
        case "Bucketizer":
            apply(operator, {"feature": table}, {"edges": [1.0]})
        case "Interaction":
            apply(operator, {"features": [table, table]})
        case "TfIdf":
            apply(operator, {"feature": table}, {"terms": ["a"], "weights": [1.0]})
        case "Hash":
            apply(operator, {"features": [table]}, size=1)
        case "NGrams":
            apply(operator, {"tokens": table})
        case _:
            apply(operator, {"feature": table})


@pytest.mark.parametrize("operator", sorted(name for name, each in OPERATORS.items() if each.certain))
@pytest.mark.parametrize("name", COLUMNS)
def test_whether_an_operator_would_fail_is_told_of_its_columns(operator: str, name: str) -> None:
    rows = canonical(pa.table({name: encoded(COLUMNS[name])}))
    left_out = (LeftOut(0, "some feature", ((name, operator),)),)
    refused: Exception | None = None
    try:
        by_operator(operator, COLUMNS[name])
    except (HelixError, pa.ArrowException) as error:
        refused = error
    if (operator, name) == ("Hash", "large"):  # sums of such numbers may be too large, whichever meet
        refused = HelixError("")
    if refused is None:
        certain.check(left_out, rows)
        return
    with pytest.raises((HelixError, pa.ArrowException)) as told:
        certain.check(left_out, rows)
    if isinstance(refused, HelixError):
        assert isinstance(told.value, HelixError)
        assert "`some feature`: " in told.value.message


def test_a_column_that_is_not_there_is_told_with_its_code() -> None:
    with pytest.raises(HelixError, match="`some feature`: There is no column `town`") as told:
        certain.check((LeftOut(0, "some feature", (("town", "Hash"),)),), pa.table({"city": [1]}))
    assert told.value.code == "column-missing"


def test_what_is_left_out_is_not_asked_for_its_rows() -> None:
    """Columns of the kept features are held against those learned as ever."""
    rows = canonical(pa.table({ROW_ID: pa.array(np.arange(2))}))
    state = learn("Examples", [{"rows": rows, "features": [feature([1, 2]), feature(["a", "b"])]}])
    with pytest.raises(HelixError, match="`1` missing"):
        apply("Examples", {"rows": rows, "features": [None]}, state, left_out=(LeftOut(0, "f", ()),))
