"""Join and Union: what pandas makes of the same rows, in a fixed order, with ids that other rows do not change."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import apply, rows
from workflows.errors import HelixError
from workflows.operators.kernels.base import ROW_ID

KEY = st.one_of(st.none(), st.integers(0, 5))
TEXT = st.one_of(st.none(), st.sampled_from("abc"))
SIDE = st.lists(st.tuples(KEY, TEXT), min_size=1, max_size=25)


def table(values: list[tuple[int | None, str | None]], name: str) -> pa.Table:
    keys, texts = zip(*values, strict=True)
    return rows(
        k=pa.array(keys, pa.int64()), t=pa.array(texts, pa.string()), **{name: pa.array(range(len(values)), pa.int64())}
    )


def join(left: pa.Table, right: pa.Table, **params: Any) -> pa.Table:
    names = {"left": "people", "right": "jobs"}
    return apply("Join", {"left": left, "right": right}, names=names, **{"how": "inner", **params})


def plain(result: pa.Table) -> list[dict[str, Any]]:
    return list(result.drop_columns([ROW_ID]).to_pylist())


@settings(max_examples=60)
@given(SIDE, SIDE, st.sampled_from([("k",), ("t",), ("k", "t")]), st.sampled_from(["inner", "left"]))
def test_a_join_is_what_pandas_makes_of_rows_whose_keys_are_not_null(
    left: list[Any], right: list[Any], on: tuple[str, ...], how: Any
) -> None:
    first, second = table(left, "a"), table(right, "b").drop_columns([name for name in ("k", "t") if name not in on])
    frames = [pd.DataFrame(side.to_pylist()).astype(object) for side in (first, second)]
    partners = frames[1].dropna(subset=list(on)).drop(columns=ROW_ID)
    expected = frames[0].drop(columns=ROW_ID).merge(partners, how=how, on=list(on), sort=False)
    expected = expected.sort_values(["a", "b"]) if len(expected) else expected
    found = join(first, second, on=on, how=how)
    wanted = expected.astype(object).where(expected.notna(), None)
    assert plain(found) == wanted[[name for name in found.column_names if name != ROW_ID]].to_dict("records")


@settings(max_examples=40)
@given(SIDE, SIDE)
def test_semi_and_anti_joins_part_the_left_rows_and_keep_their_ids(left: list[Any], right: list[Any]) -> None:
    first, second = table(left, "a"), table(right, "b")
    known = {key for key, _ in right if key is not None}
    semi, anti = (join(first, second, on=("k",), how=how)[ROW_ID].to_pylist() for how in ("semi", "anti"))
    assert semi == [place for place, (key, _) in enumerate(left) if key in known]
    assert sorted(semi + anti) == list(range(len(left)))


@settings(max_examples=40)
@given(SIDE, SIDE, SIDE)
def test_ids_of_pairs_are_distinct_and_other_rows_change_none(left: Any, right: Any, more: Any) -> None:
    second = table(right, "b").drop_columns(["t"])
    before, after = (join(table(side, "a"), second, on=("k",), how="left") for side in (left, left + more))
    ids = after[ROW_ID].to_pylist()
    assert len(set(ids)) == len(ids)
    assert ids[: before.num_rows] == before[ROW_ID].to_pylist()


def test_numbers_match_whole_or_not_and_text_keeps_its_encoding() -> None:
    left = rows(k=[1, 2, 3], t=["a", "b", "a"])
    right = rows(k=[1.0, 2.5, None, 3.0, -0.0], w=["x", "y", "z", "w", "v"])
    found = join(left, right, on=("k",))
    assert plain(found) == [{"k": 1, "t": "a", "w": "x"}, {"k": 3, "t": "a", "w": "w"}]
    assert join(rows(k=[0.0]), right, on=("k",)).num_rows == 1
    assert pa.types.is_dictionary(found.schema.field("w").type)


def test_a_side_without_rows_or_of_nulls_alone_joins_to_nothing() -> None:
    left, right = rows(k=[1, 2]), rows(k=[1, 2], v=[3, 4])
    assert join(left, right.slice(0, 0), on=("k",)).num_rows == 0
    assert plain(join(left, right.slice(0, 0), on=("k",), how="left")) == [{"k": 1, "v": None}, {"k": 2, "v": None}]
    assert join(left, rows(k=[None, None], v=[1, 2]), on=("k",)).num_rows == 0
    assert join(left.slice(0, 0), right, on=("k",), how="left").num_rows == 0


@pytest.mark.parametrize(
    ("right", "params", "problem"),
    [
        (rows(k=["1"], v=[2]), {}, "`k` has numbers in `people` and text in `jobs`"),
        (rows(k=[1], t=["a"]), {}, '`people` and `jobs` both have a column `t`. Pass suffix="_jobs"'),
        (rows(k=[1], t=["a"], t2=[1]), {"suffix": "2"}, "two columns `t2`"),
        (rows(key=[1]), {}, "no column `k`"),
    ],
)
def test_what_cannot_be_joined_is_told(right: pa.Table, params: dict[str, Any], problem: str) -> None:
    with pytest.raises(HelixError) as caught:
        join(rows(k=[1], t=["a"]), right, on=("k",), **params)
    assert problem in caught.value.message


def test_vectors_are_no_keys() -> None:
    side = rows(k=pa.FixedSizeListArray.from_arrays(pa.array([1.0, 2.0]), 2))
    with pytest.raises(HelixError, match="Join on `k` needs a column of single values, and has vectors"):
        join(side, side, on=("k",))


def test_a_suffix_is_added_to_what_both_have_alone() -> None:
    found = join(rows(k=[1], t=["a"]), rows(k=[1], t=["b"], u=[3]), on=("k",), suffix="_r")
    assert plain(found) == [{"k": 1, "t": "a", "t_r": "b", "u": 3}]


def union(*tables: pa.Table) -> pa.Table:
    return apply("Union", {"rows": list(tables)}, names={f"rows.{place}": f"t{place}" for place in range(len(tables))})


@settings(max_examples=40)
@given(st.lists(SIDE, min_size=2, max_size=4), SIDE)
def test_a_union_is_its_operands_one_after_another(sides: list[Any], more: Any) -> None:
    tables = [table(side, "a") for side in sides]
    found = union(*tables)
    assert plain(found) == [row for one in tables for row in plain(one)]
    ids = found[ROW_ID].to_pylist()
    assert len(set(ids)) == len(ids)
    grown = union(*tables[:-1], table(sides[-1] + more, "a"))[ROW_ID].to_pylist()
    assert grown[: len(ids)] == ids


def test_types_of_a_union_are_made_one() -> None:
    found = union(rows(x=[1, 2], t=["a", None]), rows(t=["b"], x=[2.5]), rows(x=[None], t=[None]))
    assert plain(found) == [{"x": x, "t": t} for x, t in [(1.0, "a"), (2.0, None), (2.5, "b"), (None, None)]]
    assert found.schema.field("x").type == pa.float64()
    assert pa.types.is_dictionary(found.schema.field("t").type)
    small = union(rows(x=pa.array([1], pa.int8())), rows(x=pa.array([300], pa.int16())))
    assert small.schema.field("x").type == pa.int64()


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (rows(x=[1], z=[2]), "t1 lacks `y` and t1 has `z` more, against t0"),
        (rows(x=["a"], y=[1]), "`x` has numbers in `t0` and text in `t1`"),
        (rows(x=[True], y=[1]), "`x` has numbers in `t0` and true and false in `t1`"),
        (rows(x=[2.5], y=[1]), "cannot be made one type"),
    ],
)
def test_what_cannot_be_united_is_told(other: pa.Table, problem: str) -> None:
    with pytest.raises(HelixError) as caught:
        union(rows(x=[2**60 + 1], y=[2]), other)
    assert problem in caught.value.message
