"""Expressions of Filter mean what Python means by them, null as SQL has it; all else is refused with a way out."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.operators.kernels.calls import rows
from workflows.operators.expression import BadExpression, parse
from workflows.operators.kernels.columns import ColumnMissing
from workflows.operators.kernels.expressions import chosen

TABLE = rows(
    age=pa.array([17, 18, 40, None], pa.int64()),
    pay=[1.5, 2.5, None, -4.0],
    job=["clerk", None, "Sales Clerk", "cook"],
    member=[True, False, None, True],
    **{"hours-per-week": [40, 50, 0, 7]},
)


def kept(text: str, table: pa.Table = TABLE) -> list[int]:
    mask = chosen(parse(text), table)
    return [place for place, keep in enumerate(mask.to_pylist()) if keep]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age >= 18", [1, 2]),
        ("18 <= age < 40", [1]),
        ("not age >= 18", [0]),
        ("age == 17 or pay < 0", [0, 3]),
        ("age > 17 and pay > 2", [1]),
        ("job == 'clerk'", [0]),
        ("job != 'clerk'", [2, 3]),
        ("job in ['clerk', 'cook']", [0, 3]),
        ("job not in ['clerk', 'cook']", [2]),
        ("age in (17, 40)", [0, 2]),
        ("job is None", [1]),
        ("job is not None and member", [0, 3]),
        ("isnull(pay)", [2]),
        ("contains(lower(job), 'clerk')", [0, 2]),
        ("startswith(job, 'c')", [0, 3]),
        ("endswith(job, 'k')", [0, 2, 3]),
        ("length(job) == 4", [3]),
        ("upper(job) == 'COOK'", [3]),
        ("abs(pay) > 3", [3]),
        ("`hours-per-week` > 40", [1]),
        ("contains(job, '`')", []),
        ("age * 2 - 1 == 35", [1]),
        ("age / 4 == 4.25", [0]),
        ("age // 4 == 4", [0, 1]),
        ("age % 2 == 0", [1, 2]),
        ("-pay > 0", [3]),
        ("100 // `hours-per-week` == 2", [0, 1]),
        ("100 % `hours-per-week` >= 0", [0, 1, 3]),
        ("True", [0, 1, 2, 3]),
        ("job + '!' == 'cook!'", [3]),
        ("pay > age", []),
        ("age between 17 and 18", [0, 1]),
        ("age not between 17 and 18", [2]),
        ("age BETWEEN 17 AND 18 AND pay > 2", [1]),
        ("age + 1 between 10 + 8 and 19 or job == 'x'", [0, 1]),
        ("not (age between 18 and 40 or age is null)", [0]),
        ("job between 'clerk' and 'cook'", [0, 3]),
        ("length(job) between 4 and (2 + 3)", [0, 3]),
        ("job is null", [1]),
        ("job IS NOT NULL and member == true", [0, 3]),
        ("job in ('clerk')", [0]),
        ("job NOT IN ('clerk', 'cook')", [2]),
        ("contains(job, ' between 1 and ')", []),
    ],
)
def test_an_expression_chooses_the_rows_it_is_true_for(text: str, expected: list[int]) -> None:
    assert kept(text) == expected


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=20),
    st.sampled_from(
        ["a < b", "a + b * 2 > 3", "a // 3 == b // 3", "a % 7 <= 2", "not (a == b or a - b > 5)", "a < b < 9"]
    ),
)
def test_expressions_agree_with_python_where_nothing_is_null(values: list[tuple[int, int]], text: str) -> None:
    table = rows(a=[a for a, _ in values], b=[b for _, b in values])
    expected = [place for place, (a, b) in enumerate(values) if eval(text, {}, {"a": a, "b": b})]
    assert kept(text, table) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("age >", "cannot be read"),
        ("age = 3", "write `==` to compare"),
        ("__import__('os').system('true')", "which is no function"),
        ("age.real > 1", "no Attribute"),
        ("[x for x in age]", "no ListComp"),
        ("lowr(job) == 'x'", "did you mean `lower`?"),
        ("lower(job, job)", "takes 1 positional"),
        ("age in 3", "needs a list of values"),
        ("age in []", "needs a list of values"),
        ("[1, 2] == age", "after `in` alone"),
        ("age is 3", "`is` with None alone"),
        ("age between 3", "a `between` without its `and`"),
        ("(age between 3) and 4", "a `between` without its `and`"),
        ("age between 1 and 2 between 3 and 4", "put parentheses around it"),
        ("age == b'x'", "values are numbers"),
        ("(" * 300 + "age" + ")" * 300, "cannot be read"),
    ],
)
def test_what_an_expression_may_not_hold_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadExpression) as caught:
        parse(text)
    assert problem in caught.value.message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("age == 'x'", "`age`: numbers"),
        ("job > 3", "`job`: text"),
        ("age + 1", "a condition is needed"),
        ("contains(job, job)", "a text in quotes"),
    ],
)
def test_what_does_not_fit_the_columns_is_told_with_their_types(text: str, problem: str) -> None:
    with pytest.raises(BadExpression) as caught:
        kept(text)
    assert problem in caught.value.message


def test_a_missing_column_names_the_nearest() -> None:
    with pytest.raises(ColumnMissing, match="did you mean `age`"):
        kept("agee > 1")


def test_the_row_id_is_no_column() -> None:
    with pytest.raises(ColumnMissing):
        kept("__row_id > 1")


def test_an_expression_names_its_columns() -> None:
    found: dict[str, Any] = parse("age > 1 and `hours-per-week` > lower").columns
    assert sorted(found.values()) == ["age", "hours-per-week", "lower"]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("age>=18", " age  >= (18) "),
        ("job == 'a'", 'job == "a"'),
        ("age between 1 and 2", "1 <= age <= 2"),
        ("age not between 1 and 2", "not 1 <= age <= 2"),
        ("job is not null AND age in (1)", "job is not None and age in [1]"),
        ("`age` > 1", "age > 1"),
        ("`hours-per-week` > 1", "(`hours-per-week`) > 1"),
    ],
)
def test_expressions_that_mean_the_same_have_one_text(text: str, other: str) -> None:
    assert parse(text).canonical == parse(other).canonical


@pytest.mark.parametrize("name", ["null", "between", "AND", "class", "a b", "é", "None", "x'y"])
def test_a_column_of_any_name_can_be_quoted_and_stays_so(name: str) -> None:
    text = f"`{name}` between 1 and 2 and `{name}` is not null"
    again = parse(parse(text).canonical)
    assert again.canonical == parse(text).canonical
    assert set(parse(text).columns.values()) == set(again.columns.values()) == {name}
    assert kept(again.text, rows(**{name: [0, 1, None, 2]})) == [1, 3]
