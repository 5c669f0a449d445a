"""Delimited text becomes typed columns, and what is wrong with a file is told with its line."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data import data_folder, ner, sms, vega
from tests.workflows.operators.kernels.calls import apply, call
from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import ROW_ID
from workflows.operators.kernels.columns import CATEGORY
from workflows.operators.kernels.content import ScanFailed
from workflows.operators.kernels.delimited import scan, unified
from workflows.operators.kernels.records import Format
from workflows.operators.kernels.registry import KERNELS
from workflows.store.codecs import canonical

ADULT = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "target"),
)


def read(text: str | bytes, path: str = "file.csv", **layout: Any) -> pa.Table:
    content = text.encode() if isinstance(text, str) else text
    found = scan(content, path, Format(**layout))
    return found.table(found.types())


def failure(text: str | bytes, **layout: Any) -> ScanFailed:
    with pytest.raises(ScanFailed) as caught:
        read(text, **layout)
    return caught.value


def test_a_header_names_the_columns_and_types_are_inferred() -> None:
    table = read("a,b,c,d,e\n1,1.5,x,true,\n2,2,y,false,\n")
    assert table.schema.types == [pa.int64(), pa.float64(), CATEGORY, pa.bool_(), CATEGORY]
    assert table.to_pylist()[0] == {"a": 1, "b": 1.5, "c": "x", "d": True, "e": None}


@pytest.mark.parametrize("name", ["adult.data", "adult.test"])
def test_adult_reads_as_pandas_reads_it(name: str) -> None:
    path = data_folder() / "adult" / name
    table = read(path.read_bytes(), columns=ADULT, header=False, na=("?",), strip=True, comment="|")
    expected = pd.read_csv(
        path, names=list(ADULT), skipinitialspace=True, na_values=["?"], keep_default_na=False, comment="|"
    )
    assert table.num_rows == len(expected)
    for column in ADULT:
        assert (
            table[column].to_pylist() == expected[column].astype(object).where(expected[column].notna(), None).tolist()
        )


@given(
    st.lists(
        st.tuples(st.integers(-(10**12), 10**12), st.text(alphabet='ab," é\n', max_size=8)), min_size=1, max_size=20
    )
)
def test_what_the_standard_library_writes_is_read_back(values: list[tuple[int, str]]) -> None:
    buffer = io.StringIO()
    pd.DataFrame(values, columns=["number", "text"]).to_csv(buffer, index=False, lineterminator="\n", quoting=1)
    table = read(buffer.getvalue(), na=(), types=(("text", "str"),))
    assert list(zip(table["number"].to_pylist(), table["text"].to_pylist(), strict=True)) == values


def test_a_record_longer_than_a_block_is_read() -> None:
    long = "x" * (3 << 20)
    assert read(f"a,b\n1,{long}\n2,y\n")["b"].to_pylist() == [long, "y"]


def test_types_do_not_depend_on_which_block_a_value_is_in() -> None:
    numbers = "".join(f"{number}\n" for number in range(400_000))
    assert read(f"a\n{numbers}")["a"].type == pa.int64()
    assert read(f"a\n{numbers}x\n")["a"].type == CATEGORY


LATER = st.sampled_from(["", "NA", "+7", " 8 ", "7", "7.5", "1e3", "nan", "x", "0x1F", "9" * 25, '"12"', "5", "6"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LATER, max_size=30), st.booleans(), st.sampled_from([None, "int", "float", "str"]))
def test_numbers_that_nearly_all_differ_are_what_they_are_where_few_do(
    monkeypatch: pytest.MonkeyPatch, later: list[str], strip: bool, asked: str | None
) -> None:
    text = "\n".join(["a,b", *(f"{place},y" for place in range(50)), *(f"{value},z" for value in later)]) + "\n"
    layout = Format(na=("", "NA"), strip=strip, types=() if asked is None else (("a", asked),))
    monkeypatch.setattr(delimited, "_PART", 4)
    found: list[bytes | str] = []
    for least in (0, len(text)):
        monkeypatch.setattr(delimited, "_LEAST", least)
        scanned = scan(text.encode(), "file.csv", layout)
        assert [scanned.read[name].repeated for name in "ab"] == [least == 0, False]
        try:
            found.append(written(canonical(scanned.table(scanned.types()))))
        except ScanFailed as error:
            found.append(error.message)
    assert found[0] == found[1]


def written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def test_separator_quote_and_no_quote_are_as_asked_for() -> None:
    assert read("a;b\n'1;2';3\n", sep=";", quote="'").to_pylist() == [{"a": "1;2", "b": 3}]
    assert read('a,b\n"x",3\n', quote="").to_pylist() == [{"a": '"x"', "b": 3}]


def test_columns_choose_among_those_of_the_header() -> None:
    assert read("a,b,c\n1,2,3\n", columns=("c", "a")).column_names == ["c", "a"]


def test_columns_without_a_header_are_numbered() -> None:
    assert read("1,x\n", header=False).column_names == ["column_1", "column_2"]


def test_a_bom_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfa,b\n1,2\n").column_names == ["a", "b"]


def test_a_file_with_a_header_alone_has_no_rows() -> None:
    table = read("a,b\n")
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_gzip_and_other_encodings_are_read() -> None:
    assert read(gzip.compress(b"a\n1\n"), path="file.csv.gz")["a"].to_pylist() == [1]
    assert read("a\né\n".encode("latin-1"), encoding="latin-1")["a"].to_pylist() == ["é"]


def test_asked_for_types_win_over_inferred_ones() -> None:
    table = read("zip,n\n01234,1\n", types=(("zip", "str"), ("n", "float")))
    assert table.to_pylist() == [{"zip": "01234", "n": 1.0}]


def test_a_ragged_row_is_told_with_its_line_in_the_file() -> None:
    error = failure("|first\n\na,b\n1,2\n\n|note\n1,2,3\n4,5\n", comment="|")
    assert error.data["line"] == 7
    assert "2 values are expected, and here are 3" in error.message


def test_a_line_is_counted_through_quoted_line_ends() -> None:
    assert failure('a,b\n"x\ny",1\n1\n').data["line"] == 4


def test_bytes_of_another_encoding_are_told_with_their_line() -> None:
    error = failure("a,b\n1,2\n3,é\n".encode("latin-1"))
    assert error.data["line"] == 3
    assert "latin-1" in error.message


def test_a_missing_column_names_the_nearest() -> None:
    assert "did you mean `hours_per_week`?" in failure("age,hours_per_week\n1,2\n", columns=("hours_per_weak",)).message


def test_types_of_a_missing_column_names_the_nearest() -> None:
    assert "did you mean `zip`?" in failure("zip\n1\n", types=(("zipp", "str"),)).message


def test_two_columns_of_one_name_are_refused() -> None:
    assert "two columns are called `a`" in failure("a,b,a\n1,2,3\n").message


def test_an_empty_file_has_no_header() -> None:
    assert "empty" in failure("").message


def test_an_unknown_encoding_is_told() -> None:
    assert "no encoding 'utf-99'" in failure("a\n", encoding="utf-99").message


def test_a_value_that_does_not_fit_the_learned_type_is_told_with_its_line() -> None:
    train = scan(b"a,b\n1,2\n", "train.csv", Format())
    test = scan(b"a,b\n1,2\n3,4\n\n5,six\n", "test.csv", Format())
    with pytest.raises(ScanFailed, match=r"test\.csv, line 5: column `b` holds 'six', which is no `int`"):
        test.table(train.types())


def test_columns_of_a_test_file_come_in_the_order_of_train() -> None:
    train = scan(b"a,b\n1,2\n", "train.csv", Format())
    test = scan(b"b,a\n3,4\n", "test.csv", Format())
    assert test.table(train.types()).to_pylist() == [{"a": 4, "b": 3}]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["int", "float"], "float"),
        (["none", "int", "none"], "int"),
        (["int", "str"], "str"),
        (["bool", "int"], "str"),
        (["bool", "none"], "bool"),
        (["none"], "none"),
    ],
)
def test_types_of_parts_unite_to_the_one_that_holds_all(types: list[str], expected: str) -> None:
    states = [{"a": name} for name in types]
    assert unified(states) == unified(states[::-1]) == {"a": expected}


def test_the_scanner_gives_row_ids_and_reads_what_it_learned_from() -> None:
    files = {"a.csv": b"x,y\n1,a\n2,b\n"}
    source = {"path": "a.csv", "hash": "of a"}
    made = call("CSVScanner", {}, files=files)
    kernel = KERNELS["CSVScanner"]
    state = kernel.finish(made, kernel.update(made, kernel.init(made), {"source": source}))
    table = apply("CSVScanner", {"source": source}, state, files=files)
    assert table.column_names == [ROW_ID, "x", "y"]
    assert table[ROW_ID].to_pylist() == [0, 1]
    again = apply("CSVScanner", {"source": source}, state, files=files)
    assert again.equals(table)
    other = {"path": "b.csv", "hash": "of b"}
    assert apply("CSVScanner", {"source": other}, state, files={"b.csv": b"x,y\n7,z\n"})["x"].to_pylist() == [7]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(end: str) -> None:
    table = read(end.join(["a,b", "1,x", "2,y", ""]).encode())
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_a_header_that_ends_unlike_the_rows_is_a_line_all_the_same() -> None:
    assert read(b"a,b\r1,x\n2,y\n").to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'a,b\n1,"x\n2,y\n3,z\n', 2), (b'a,b\n1,x\n2,"y', 3), (b'a,b\n1,x\n2,"y\n\n', 3), (b'a\n"x"\n"y\nz', 3)],
)
def test_a_quote_that_is_never_closed_swallows_nothing_silently(content: bytes, line: int) -> None:
    with pytest.raises(ScanFailed, match="never ends") as caught:
        read(content)
    assert caught.value.data["line"] == line


@pytest.mark.parametrize(
    "content", [b'a,b\n1,"x"\n', b'a,b\n1,x"y"z\n', b'a,b\n1,"x\ny"\n', b'a,b\n1,"x""\ny"', b'a\n"x"']
)
def test_a_quote_that_is_closed_is_none_of_them(content: bytes) -> None:
    assert read(content).num_rows == 1


def test_a_line_within_a_quoted_value_is_no_comment() -> None:
    table = read(b'# one\na,b\n"x\n# y",1\n# two "\nz,2\n', comment="#")
    assert table.to_pydict() == {"a": ["x\n# y", "z"], "b": [1, 2]}


def test_whole_numbers_beyond_64_bits_stay_what_they_are() -> None:
    table = read(b"id,x\n12345678901234567890,1.5\n12345678901234567891,12345678901234567890\n")
    assert table["id"].to_pylist() == ["12345678901234567890", "12345678901234567891"]
    assert table["x"].to_pylist() == [1.5, 1.2345678901234567e19]


def test_the_name_of_the_row_id_is_refused() -> None:
    with pytest.raises(ScanFailed, match="`__row_id`"):
        read(b"__row_id,a\n1,2\n")


def test_a_file_without_a_header_may_not_have_more_columns_than_were_learned() -> None:
    layout = Format(header=False)
    learned = scan(b"1,2\n", "train.csv", layout).types()
    with pytest.raises(ScanFailed, match="2 columns are expected, and here are 3"):
        scan(b"1,2,3\n", "test.csv", layout).table(learned)


def test_gzip_is_told_by_its_bytes_whatever_the_name() -> None:
    packed = gzip.compress(b"a\n1\n" * 100)
    assert scan(packed, "a.csv", Format()).table({"a": "str"}).num_rows == 199
    assert scan(b"a\n1\n", "a.csv.gz", Format()).table({"a": "int"}).to_pydict() == {"a": [1]}
    with pytest.raises(ScanFailed, match="damaged"):
        scan(packed[:-4], "a.csv.gz", Format())


def test_what_is_utf_16_by_its_mark_is_told_so() -> None:
    with pytest.raises(ScanFailed, match='encoding="utf-16"'):
        read("a\né\n".encode("utf-16"))


def same(table: pa.Table, expected: pd.DataFrame) -> None:
    assert table.column_names == list(expected.columns)
    assert table.num_rows == len(expected)
    for name in expected.columns:
        wanted = expected[name].astype(object).where(expected[name].notna(), None).tolist()
        assert table[name].to_pylist() == wanted, name


VEGA = ("birdstrikes", "disasters", "github", "seattle-weather", "stocks", "us-employment", "weather")


@pytest.mark.parametrize("name", VEGA)
def test_tables_with_odd_names_and_the_word_none_read_as_pandas_reads_them(name: str) -> None:
    content = vega(f"{name}.csv")
    same(read(content), pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""]))


def test_tokens_in_latin_1_with_cr_lf_and_gzip_read_as_pandas_reads_them() -> None:
    lines = gzip.decompress(ner()).splitlines(keepends=True)
    content = gzip.compress(b"".join(lines[:60_000]))
    with pytest.raises(ScanFailed, match=r"byte [\d,]+ of the file is 0x.*encoding=\"latin-1\""):
        read(content)
    options = {"encoding": "latin-1", "keep_default_na": False, "na_values": [""], "compression": "gzip"}
    same(read(content, encoding="latin-1"), pd.read_csv(io.BytesIO(content), **options))


def test_messages_in_which_a_quote_means_nothing_read_as_pandas_reads_them() -> None:
    content, names = sms(), ["label", "text"]
    options = {"sep": "\t", "quoting": 3, "names": names, "keep_default_na": False, "na_values": [""]}
    table = read(content, columns=tuple(names), header=False, sep="\t", quote="")
    same(table, pd.read_csv(io.BytesIO(content), **options))


def test_a_quoted_line_end_and_a_byte_order_mark_are_read_with_cr_lf() -> None:
    table = read(b'\xef\xbb\xbfa,"b c"\r\n1,"x\r\ny"\r\n2,\r\n')
    assert table.to_pydict() == {"a": [1, 2], "b c": ["x\r\ny", None]}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_split_without_a_header_has_the_columns_of_train(content: bytes) -> None:
    layout = Format(header=False)
    learned = scan(b"1,x\n", "train.csv", layout).types()
    assert scan(content, "test.csv", layout).table(learned).to_pydict() == {"column_1": [], "column_2": []}
    named = Format(header=False, columns=("a", "b"))
    assert scan(content, "test.csv", named).table({"a": "int", "b": "str"}).to_pydict() == {"a": [], "b": []}


@pytest.mark.parametrize("value", ["1", "1.5", "true", "x"])
def test_a_column_that_is_null_throughout_a_split_keeps_the_type_of_train(value: str) -> None:
    train = scan(f"a,b\n{value},1\n".encode(), "train.csv", Format())
    test = scan(b"a,b\n,1\n,2\n", "test.csv", Format()).table(train.types())
    assert test["a"].type == train.table(train.types())["a"].type
    assert test["a"].to_pylist() == [None, None]


def test_a_column_of_several_types_is_text_and_may_be_asked_for_as_numbers_where_it_is_not() -> None:
    assert read(b"a\n1\nx\n2.5\n")["a"].to_pylist() == ["1", "x", "2.5"]
    with pytest.raises(ScanFailed, match=r"line 3: column `a` holds 'x', which is no `float`: .*na=\["):
        read(b"a\n1\nx\n2.5\n", types=(("a", "float"),))
    assert read(b"a\n1\nx\n2.5\n", types=(("a", "float"),), na=("x",))["a"].to_pylist() == [1.0, None, 2.5]


def test_what_is_learned_is_of_train_alone() -> None:
    learned = scan(b"a,b\n1,x\n", "train.csv", Format()).types()
    scan(b"a,b\n9999999999,y\n", "test.csv", Format()).table(learned)
    assert learned == {"a": "int", "b": "str"} == scan(b"a,b\n1,x\n", "train.csv", Format()).types()
