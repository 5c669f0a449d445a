"""JSON becomes the columns that pandas makes of it, and what is wrong with a file is told with its place."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data import vega
from tests.workflows.operators.kernels.calls import call
from workflows.operators.kernels.base import ROW_ID, Call
from workflows.operators.kernels.columns import CATEGORY, TOKENS
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs import canonical

KERNEL = KERNELS["JSONScanner"]


def calling(files: tuple[bytes, ...], params: dict[str, Any]) -> Call:
    made = call("JSONScanner", params)
    named = [(f"{number}.json", content) for number, content in enumerate(files)]
    return Call(made.params, 0, lambda _: named, {})


def learned(*files: Any, **params: Any) -> Any:
    made = calling(tuple(map(encoded, files)), params)
    return canonical(KERNEL.finish(made, KERNEL.update(made, KERNEL.init(made), {"source": {}})))


def read(*files: Any, state: Any = None, **params: Any) -> pa.Table:
    state = learned(*files, **params) if state is None else state
    return canonical(KERNEL.apply(calling(tuple(map(encoded, files)), params), {"source": {}}, state))


def encoded(document: Any) -> bytes:
    if isinstance(document, bytes):
        return document
    return (document if isinstance(document, str) else json.dumps(document)).encode()


def plain(table: pa.Table) -> list[dict[str, Any]]:
    return table.drop_columns([ROW_ID]).to_pylist()


def same(table: pa.Table, expected: pd.DataFrame) -> None:
    """Value for value; NaN of pandas is null, and it puts nested columns last."""
    assert sorted(table.column_names) == sorted([ROW_ID, *expected.columns])
    for name in expected.columns:
        wanted = expected[name].astype(object).where(expected[name].notna(), None).tolist()
        assert table[name].to_pylist() == wanted, name


def test_an_array_of_objects_becomes_typed_columns() -> None:
    table = read([{"a": 1, "b": 1.5, "c": "x", "d": True, "e": None}, {"a": 2, "b": 2, "c": "y", "d": False}])
    assert table.schema.types == [pa.int64(), pa.int64(), pa.float64(), CATEGORY, pa.bool_(), CATEGORY]
    assert plain(table)[1] == {"a": 2, "b": 2.0, "c": "y", "d": False, "e": None}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_object_a_line_is_the_same_rows(end: str) -> None:
    rows = [{"a": 1, "b": "x\ny"}, {"a": 2}, {"b": "z"}]
    text = end.join(json.dumps(row) for row in rows)
    expected = read(rows)
    assert read(text).equals(expected)
    assert read(text + end + end).equals(expected)
    assert read(gzip.compress(text.encode())).equals(expected)
    assert read(f"\ufeff{text}").equals(expected)


def test_an_object_by_itself_is_one_row() -> None:
    assert plain(read({"a": 1})) == plain(read('{\n"a": 1\n}')) == [{"a": 1}]


def test_nested_objects_are_dotted_columns_and_missing_keys_are_null() -> None:
    rows = [{"id": 1, "at": {"city": "A", "place": {"x": 1.5}}}, {"id": 2, "at": None}, {"id": 3, "at": {}}]
    same(read(rows), pd.json_normalize([{"id": 1, "at": {"city": "A", "place": {"x": 1.5}}}, {"id": 2}, {"id": 3}]))


def test_arrays_are_vectors_tokens_or_text() -> None:
    table = read([{"v": [1, 2.5], "t": ["a", "b"], "o": [1, "a"]}, {"v": [3, 4], "t": [], "o": [{"x": None}]}])
    assert table.schema.types[1:] == [pa.list_(pa.float64(), 2), TOKENS, CATEGORY]
    assert plain(table)[1] == {"v": [3.0, 4.0], "t": [], "o": '[{"x": null}]'}


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "n": st.integers(-(2**63), 2**63 - 1),
                "f": st.floats(allow_nan=False, allow_infinity=False),
                "é ": st.text(max_size=5).filter(lambda text: text.isprintable()),
                "o": st.fixed_dictionaries({}, optional={"b": st.booleans(), "": st.text(max_size=3)}),
            },
        ),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_written_is_read_back_as_an_array_and_by_lines(rows: list[dict[str, Any]]) -> None:
    table = read(rows, lines=False)
    assert table.num_rows == len(rows)
    for row, found in zip(rows, plain(table), strict=True):
        flat = {key: value for key, value in row.items() if key != "o"}
        flat |= {f"o.{key}": value for key, value in row.get("o", {}).items()}
        assert {name: value for name, value in found.items() if value is not None} == flat
    assert read("\n".join(map(json.dumps, rows)), lines=True).equals(table)


def test_records_within_a_document_are_found_by_their_path() -> None:
    document = {"meta": 1, "data": {"items": [{"a": 1}, {"a": 2}]}}
    assert read(document, records="data.items")["a"].to_pylist() == [1, 2]
    with pytest.raises(ScanFailed, match=r"there is no `item`, .* did you mean `items`"):
        read(document, records="data.item")
    with pytest.raises(ScanFailed, match=r'the document is one object; .* pass records="items"'):
        read({"items": [{"a": 1}]})


def test_columns_choose_and_types_are_asked_for() -> None:
    rows = [{"a": 1, "b": "7", "c": {"d": 1}}, {"a": "x", "b": "8"}]
    table = read(rows, columns=("b", "a"), types={"a": "str", "b": "int"})
    assert plain(table) == [{"b": 7, "a": "1"}, {"b": 8, "a": "x"}]
    assert plain(read(rows, columns=("c",), types={"a": "str", "c": "str"})) == [{"c": '{"d": 1}'}, {"c": None}]
    mixed = [{"a": 1, "m": "x", "o": {"b": 1}}, {"a": 2, "m": 3, "o": 5}]
    assert plain(read(mixed, columns=("a",))) == [{"a": 1}, {"a": 2}]
    with pytest.raises(ScanFailed, match="record 2: column `o` holds 5 here and an object elsewhere"):
        read(mixed, columns=("o",))
    with pytest.raises(ScanFailed, match="`columns` names `aa`; did you mean `a`"):
        read([{"a": 1}], columns=("aa",))
    with pytest.raises(ScanFailed, match="`types` names `aa`; did you mean `a`"):
        read([{"a": 1}], types={"aa": "str"})


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([{"t": "x"}, {"t": "y"}, {"t": 300}], r"record 3: column `t` holds 300 here and \"x\" elsewhere: .*types="),
        ([{"t": True}, {"t": 1}, {"t": 2}], "record 1: column `t` holds true here and 1 elsewhere"),
        ([{"t": {"x": 1}}, {"t": 5}], "record 2: column `t` holds 5 here and an object elsewhere"),
        ([{"a": 1}, 5], "record 2: an object is expected, and this is 5"),
        ('{"a": 1}\n{"a": "x"}\n{"a": 2}', 'line 2: column `a` holds "x" here and 1 elsewhere'),
        ('[{"a": 1},\n {"a": }]', "line 2: column 8: this is no JSON: Expecting value"),
        ('{"a": 1}\n\n{"a": 2', "line 3: column 8: this is no JSON"),
        ('{"a": 1} {"a": 2}', "line 1: column 10: .*Extra data.*lines=True"),
        ("[" * 100_000, "nested too deeply"),
        (f'[{{"a": {"9" * 5000}}}]', "Exceeds the limit"),
        ("5", "an array of objects is expected, and this is 5"),
        ([{"__row_id": 1}], "may not be called `__row_id`"),
        (r'[{"a": "\ud800"}]', "lone surrogate"),
        ('[{"a": "é"}]'.encode("latin-1"), 'line 1: .*byte 8 of the file is 0xe9.*encoding="latin-1"'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(document: Any, problem: str) -> None:
    with pytest.raises(ScanFailed, match=problem):
        read(document)


def test_whole_numbers_beyond_64_bits_stay_what_they_are() -> None:
    assert read([{"id": 12345678901234567890}, {"id": 1}])["id"].to_pylist() == ["12345678901234567890", "1"]


def test_an_empty_file_has_no_rows_and_the_columns_of_train() -> None:
    state = learned([{"a": 1, "b": "x"}])
    for empty in (b"", b"[]", b" \n"):
        assert read(empty, state=state).schema == read([{"a": 1}], state=state).schema
        assert read(empty, state=state).num_rows == 0


def test_other_splits_have_the_columns_and_types_of_train_alone() -> None:
    state = learned([{"a": 1, "b": "x"}])
    assert plain(read([{"c": 5, "b": None, "a": 3.0}, {}], state=state)) == [
        {"a": 3, "b": None},
        {"a": None, "b": None},
    ]
    before = json.dumps(state)
    with pytest.raises(ScanFailed, match=r'record 1: column `a` holds 1\.5, which is no whole number: .*"float"'):
        read([{"a": 1.5}], state=state)
    with pytest.raises(ScanFailed, match='record 1: column `a` holds "7", which is no whole number'):
        read([{"a": "7"}], state=state)
    assert json.dumps(state) == before


def test_several_files_learn_together() -> None:
    assert read([{"a": 1}], [{"a": 1.5, "b": "x"}])["a"].to_pylist() == [1.0, 1.5]
    with pytest.raises(ScanFailed, match=r"1\.json: column `a` holds text, and whole number in a file before"):
        read([{"a": 1}], [{"a": "x"}])


@pytest.mark.parametrize("name", ["cars.json", "penguins.json", "gapminder.json"])
def test_a_table_reads_as_pandas_reads_it(name: str) -> None:
    content = vega(name)
    same(read(content), pd.DataFrame(json.loads(content)))


def test_messy_films_need_a_type_and_read_as_pandas_reads_them() -> None:
    content = vega("movies.json")
    with pytest.raises(ScanFailed, match=r"record \d+: column `Title` holds \d+ here and .*types="):
        read(content)
    expected = pd.DataFrame(json.loads(content))
    expected["Title"] = expected["Title"].map(lambda title: str(title) if isinstance(title, int) else title)
    same(read(content, types={"Title": "str"}), expected)


def test_a_geojson_document_flattens_as_pandas_flattens_it() -> None:
    content = vega("earthquakes.json")
    expected = pd.json_normalize(json.loads(content)["features"])
    same(read(content, records="features"), expected)
