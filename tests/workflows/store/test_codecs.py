import io
import math
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.cluster import MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from workflows.hashing import Signature
from workflows.operators.kernels.base import Matrix, Model
from workflows.store.codecs import INLINE_LIMIT, NotStorable, canonical, codec_of, decode, encode, stage, value_of
from workflows.store.codecs.state import state_of

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def through_bytes(data: Any) -> Any:
    file = io.BytesIO()
    encoded = encode(data, file)
    content = file.getvalue()
    assert encoded.bytes == len(content)
    return decode(encoded.codec, content)


def through_file(data: Any, folder: Path) -> Any:
    path = folder / "artifact"
    with path.open("wb") as file:
        encoded = encode(data, file)
    return decode(encoded.codec, path)


def bits(value: Any) -> Any:
    """JSON data with floats as their bits, so that == tells -0.0 from 0.0 and lets NaN, of which JSON has one, equal
    itself."""
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else struct.pack("<d", value))
    if isinstance(value, dict):
        return [(key, bits(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [bits(item) for item in value]
    return (type(value), value)


def array_bits(array: Any) -> Any:
    if array is None:
        return None
    content = array.tolist() if array.dtype == object else array.tobytes()
    return (array.dtype, array.shape, array.flags.c_contiguous, array.flags.writeable, content)


def matrix_bits(matrix: Matrix) -> Any:
    x = [matrix.x] if isinstance(matrix.x, np.ndarray) else [matrix.x.data, matrix.x.indices, matrix.x.indptr]
    return (type(matrix.x), matrix.columns, [array_bits(a) for a in (*x, matrix.label, matrix.weight, matrix.row_id)])


def table_bits(table: pa.Table) -> Any:
    return (
        table.schema.to_string(),
        table.schema.metadata,
        [(c.num_chunks, [(k.offset, k.null_count, k.buffers()[0] is None) for k in c.chunks]) for c in table.columns],
        [bits(column.to_pylist()) for column in table.columns],
    )


# Values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@QUICK
@given(JSON)
def test_a_value_comes_back_bit_for_bit(value: Any) -> None:
    assert bits(through_bytes(value)) == bits(canonical(value)) == bits(value)


def test_numpy_values_become_plain_ones() -> None:
    value = {"a": np.float32(0.5), "b": np.int64(3), "c": np.array([1.5, math.inf]), 4: (np.bool_(True), None)}
    plain = {"a": 0.5, "b": 3, "c": [1.5, math.inf], "4": [True, None]}
    assert bits(canonical(value)) == bits(through_bytes(value)) == bits(plain)


@pytest.mark.parametrize(
    ("value", "word"),
    [({1, 2}, "set"), (object(), "object"), ({1: "a", "1": "b"}, "keys"), ({(1, 2): 3}, "key"), (b"x", "bytes")],
)
def test_what_json_cannot_hold_is_refused_with_a_reason(value: Any, word: str) -> None:
    with pytest.raises(NotStorable, match=word):
        canonical(value)


def test_a_value_within_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotStorable, match="holds itself"):
        canonical(value)


def test_reading_a_value_imports_neither_numpy_nor_arrow() -> None:
    program = (
        "import sys; from workflows.store.codecs import canonical, decode\n"
        "assert decode('json', b'[0.5]') == canonical([0.5])\n"
        "assert not {'numpy', 'pyarrow', 'scipy', 'sklearn', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# Tables

COLUMNS: list[st.SearchStrategy[Any]] = [
    st.lists(st.none() | st.floats(), max_size=8).map(lambda items: pa.array(items, pa.float64())),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=8).map(lambda items: pa.array(items, pa.int64())),
    st.lists(st.none() | st.text(max_size=5), max_size=8).map(lambda items: pa.array(items, pa.string())),
    st.lists(st.none() | st.booleans(), max_size=8).map(lambda items: pa.array(items, pa.bool_())),
    st.lists(st.none() | st.sampled_from("abc"), max_size=8).map(
        lambda items: pa.array(items, pa.string()).dictionary_encode()
    ),
    st.lists(st.none() | st.lists(st.integers(0, 9), max_size=3), max_size=8).map(
        lambda items: pa.array(items, pa.list_(pa.int32()))
    ),
    st.lists(st.none() | st.lists(st.floats(width=32), min_size=2, max_size=2), max_size=8).map(
        lambda items: pa.array(items, pa.list_(pa.float32(), 2))
    ),
    st.lists(st.none() | st.lists(st.tuples(st.integers(0, 9), st.floats()), max_size=3), max_size=8).map(
        lambda items: pa.array(items, pa.list_(pa.struct([("index", pa.int32()), ("value", pa.float64())])))
    ),
    st.lists(st.lists(st.sampled_from("abc"), max_size=3), max_size=8).map(
        lambda items: pa.array(items, pa.list_(pa.string())).cast(pa.list_(pa.dictionary(pa.int32(), pa.string())))
    ),
]


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables in several chunks, sliced, with dictionaries that differ from chunk to chunk."""
    kinds = draw(st.lists(st.sampled_from(range(len(COLUMNS))), min_size=1, max_size=4))
    lengths = draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))
    columns = []
    for kind in kinds:
        pieces = [draw(COLUMNS[kind]) for _ in lengths]
        whole = [
            pa.concat_arrays([piece, *[pa.nulls(1, piece.type).cast(piece.type)] * 8]) if len(piece) < 8 else piece
            for piece in pieces
        ]
        columns.append(
            pa.chunked_array([a.slice(draw(st.integers(0, 2)), n) for a, n in zip(whole, lengths, strict=True)])
        )
    return pa.table(columns, names=[f"c{place}" for place in range(len(columns))])


@QUICK
@given(tables())
def test_a_table_comes_back_as_its_canonical_form_in_one_clean_chunk_a_column(table: pa.Table) -> None:
    form = canonical(table)
    assert table_bits(through_bytes(table)) == table_bits(form) == table_bits(canonical(form))
    assert bits([c.to_pylist() for c in form.columns]) == bits([c.to_pylist() for c in table.columns])
    assert form.schema == table.schema
    assert all(column.num_chunks == 1 and column.chunk(0).offset == 0 for column in form.columns)


def test_a_table_without_rows_comes_back_whatever_its_types() -> None:
    kinds = [
        pa.string(),
        pa.list_(pa.float32(), 3),
        pa.dictionary(pa.int32(), pa.null()),
        pa.struct([("a", pa.int8())]),
    ]
    schema = pa.schema([(str(kind), kind) for kind in kinds])
    for table in (pa.Table.from_batches([], schema), schema.empty_table().slice(0)):
        assert through_bytes(canonical(table)).schema == schema


def test_a_stored_table_is_mapped_not_read(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array(np.arange(1_000_000, dtype=np.float64))})
    before = pa.total_allocated_bytes()
    back = through_file(table, tmp_path)
    assert pa.total_allocated_bytes() - before < 1_000_000
    assert back.equals(table)
    assert not back["x"].chunk(0).to_numpy().flags.writeable


def test_a_table_that_is_canonical_is_handed_back_as_it_is() -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6, dtype=np.float32)), 3)
    pairs = pa.StructArray.from_arrays([pa.array([0, 4], pa.int32()), pa.array([0.5, 1.0])], ["index", "value"])
    table = pa.table(
        {
            "x": [1.0, None],
            "dense": vectors,
            "sparse": pa.ListArray.from_arrays(pa.array([0, 2, 2], pa.int32()), pairs),
            "tokens": pa.ListArray.from_arrays(pa.array([0, 1, 3], pa.int32()), pa.array([*"aba"]).dictionary_encode()),
        }
    )
    assert canonical(table) is table
    assert canonical(table.slice(1)).equals(table.slice(1))
    assert canonical(table.slice(1)) is not table


def test_metadata_of_pandas_are_no_part_of_a_table_and_others_are() -> None:
    table = pa.table({"x": [1]}).replace_schema_metadata({b"pandas": b"{}", b"unit": b"m"})
    assert canonical(table).schema.metadata == through_bytes(table).schema.metadata == {b"unit": b"m"}


# Matrices

LABELS = st.sampled_from(["none", "int8", "float64", "bool", ">i4", "strings", "fixed strings"])


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    rows, width = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    dtype = draw(st.sampled_from(["<f8", "<f4", ">f8", "<i4"]))
    x: Any = draw(hnp.arrays(dtype, (rows, width)))
    layout = draw(st.sampled_from(["C", "F", "strided", "csr", "csr with duplicates", "csr array"]))
    if layout == "F":
        x = np.asfortranarray(x)
    elif layout == "strided":
        x = np.repeat(x, 2, axis=0)[::2]
    elif layout == "csr":
        x = sp.csr_matrix(x.astype("<f8"))
    elif layout == "csr array":
        x = sp.csr_array(x.astype("<f8"))
    elif layout == "csr with duplicates" and width:
        entries = draw(
            st.lists(st.tuples(st.integers(0, width - 1), st.floats(-9, 9)), min_size=2 * rows, max_size=2 * rows)
        )
        indices, data = [column for column, _ in entries], [value for _, value in entries]
        x = sp.csr_matrix((np.array(data, float), np.array(indices, int), np.arange(rows + 1) * 2), (rows, width))
    kind = draw(LABELS)
    label: Any = None
    if kind == "strings":
        label = np.array(draw(st.lists(st.text(max_size=3), min_size=rows, max_size=rows)), dtype=object)
    elif kind == "fixed strings":
        label = np.array(draw(st.lists(st.text("ab", max_size=3), min_size=rows, max_size=rows)), dtype="U3")
    elif kind != "none":
        label = draw(hnp.arrays(kind, rows))
    weight = draw(st.none() | hnp.arrays("<f4", rows, elements=st.floats(0, 1, width=32)))
    names = tuple(draw(st.lists(st.text(max_size=4), min_size=width, max_size=width)))
    return Matrix(x, names, label, weight, np.arange(rows, dtype=np.int32))


@settings(QUICK, max_examples=150)
@given(matrices())
def test_a_matrix_comes_back_as_its_canonical_form(matrix: Matrix) -> None:
    form = canonical(matrix)
    assert matrix_bits(through_bytes(matrix)) == matrix_bits(form) == matrix_bits(canonical(form))
    dense = form.x if isinstance(form.x, np.ndarray) else form.x.toarray()
    given_x = matrix.x if isinstance(matrix.x, np.ndarray) else matrix.x.toarray()
    np.testing.assert_array_equal(dense, given_x.astype(dense.dtype))


def test_a_stored_matrix_is_mapped_and_cannot_be_written_to(tmp_path: Path) -> None:
    matrix = Matrix(np.ones((100, 50)), tuple(map(str, range(50))), np.zeros(100), None, np.arange(100))
    back = through_file(matrix, tmp_path)
    assert matrix_bits(back) == matrix_bits(canonical(matrix))
    with pytest.raises(ValueError, match="read-only"):
        back.x[0, 0] = 2.0


def test_the_producer_may_still_write_to_what_it_made() -> None:
    x = np.ones((2, 2))
    canonical(Matrix(x, ("a", "b"), None, None, np.arange(2)))
    x[0, 0] = 2.0


@pytest.mark.parametrize(
    "label", [np.array(["a", None], dtype=object), np.array([1 + 2j, 0]), np.array(["2024-01-01"] * 2, "M8[D]")]
)
def test_a_label_that_is_no_number_or_string_is_refused(label: Any) -> None:
    with pytest.raises(NotStorable, match="Labels must be"):
        canonical(Matrix(np.ones((2, 1)), ("a",), label, None, np.arange(2)))


# Models

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 6))
Y = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")


def double(x: Any) -> Any:
    return x * 2


ESTIMATORS = {
    "logistic regression": LogisticRegression(C=0.5),
    "pipeline": make_pipeline(StandardScaler(), PCA(3, random_state=0), SGDClassifier(random_state=0)),
    "columns": make_pipeline(ColumnTransformer([("a", StandardScaler(), [0, 2])]), LogisticRegression()),
    "tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(8, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=8, random_state=0),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=5, random_state=0),
    "clusters": MiniBatchKMeans(3, random_state=np.random.RandomState(3), n_init=1),
    "function": make_pipeline(FunctionTransformer(double), LogisticRegression()),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_model_comes_back_with_the_same_state_and_the_same_predictions(name: str, tmp_path: Path) -> None:
    model = Model(ESTIMATORS[name].fit(X, Y), ("a", "b"))
    form = canonical(model)
    state = state_of(form.estimator)
    assert state is not None
    for back in (through_bytes(model), through_file(form, tmp_path)):
        again = state_of(back.estimator)
        assert again is not None
        assert again.digest == state.digest
        assert back.columns == model.columns
        assert back.estimator.predict(X).tolist() == form.estimator.predict(X).tolist()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_value_of_a_model_is_its_state_whatever_its_pickle(name: str) -> None:
    model = Model(ESTIMATORS[name].fit(X, Y), ())
    loaded = Model(pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(model.estimator)))), ())
    assert encode(model, io.BytesIO()).value == encode(loaded, io.BytesIO()).value


def test_models_that_differ_in_one_bit_differ_in_value() -> None:
    first, second = (LogisticRegression().fit(X, Y) for _ in range(2))
    assert encode(Model(first, ()), io.BytesIO()).value == encode(Model(second, ()), io.BytesIO()).value
    second.coef_[0, 0] = np.nextafter(second.coef_[0, 0], 9)
    assert encode(Model(first, ()), io.BytesIO()).value != encode(Model(second, ()), io.BytesIO()).value


def test_the_columns_of_a_model_are_part_of_its_value() -> None:
    model = LogisticRegression().fit(X, Y)
    assert encode(Model(model, ("a",)), io.BytesIO()).value != encode(Model(model, ("b",)), io.BytesIO()).value


@pytest.mark.parametrize(
    "data",
    [
        {"b": [1.0, -0.0], "a": None},
        pa.table({"a": ["x", None], "b": [1, 2]}),
        Matrix(sp.csr_matrix(X), ("a", "b"), Y, None, np.arange(len(Y))),
        *(Model(estimator.fit(X, Y), ("a", "b")) for estimator in ESTIMATORS.values()),
    ],
    ids=lambda data: type(data).__name__,
)
def test_the_value_of_data_is_told_without_their_bytes(data: Any) -> None:
    assert value_of(canonical(data)) == encode(canonical(data), io.BytesIO()).value


def test_the_order_of_an_array_is_part_of_a_model() -> None:
    array = np.arange(6.0).reshape(2, 3)
    first, second = state_of([array]), state_of([np.asfortranarray(array)])
    assert first is not None
    assert second is not None
    assert first.digest != second.digest


def test_padding_between_fields_is_no_part_of_a_model() -> None:
    kind = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 16})
    first, second = (
        np.zeros(2, kind),
        np.frombuffer(b"\x00" + b"\xff" * 7 + bytes(8) + b"\x00" + b"\xaa" * 7 + bytes(8), kind),
    )
    one, other = state_of(first), state_of(second)
    assert one is not None
    assert other is not None
    assert first.tobytes() != second.tobytes()
    assert one.digest == other.digest


def test_a_model_within_itself_has_a_state() -> None:
    first: dict[str, Any] = {"x": 1}
    first["self"] = first
    second: dict[str, Any] = {"x": 1}
    second["self"] = second
    one, other = state_of(first), state_of(second)
    assert one is not None
    assert one == other


def test_a_model_that_cannot_be_pickled_is_refused_with_a_way_out_and_still_usable() -> None:
    model = Model(make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression()).fit(X, Y), ())
    assert canonical(model).estimator is model.estimator
    with pytest.raises(NotStorable, match="lambda"):
        encode(model, io.BytesIO())


def test_only_types_that_skops_vouches_for_are_stored_as_skops() -> None:
    def kind(estimator: Any) -> bytes:
        file = io.BytesIO()
        encode(Model(estimator.fit(X, Y), ()), file)
        return file.getvalue()[16:60]

    assert b'"skops"' in kind(LogisticRegression())
    assert b'"skops"' in kind(make_pipeline(StandardScaler(), PCA(2)))
    assert b'"pickle"' in kind(RandomForestClassifier(2))
    assert b'"pickle"' in kind(ESTIMATORS["function"])


def test_a_vocabulary_is_stored_in_its_order() -> None:
    vectors = TfidfVectorizer().fit(["bb aa", "cc aa"])
    back = through_bytes(Model(vectors, ()))
    assert list(back.estimator.vocabulary_.items()) == list(vectors.vocabulary_.items())


# Staging


def test_small_results_travel_inline_and_large_ones_in_a_file(tmp_path: Path) -> None:
    small = stage({"accuracy": 0.5}, Signature("a" * 64), tmp_path)
    large = stage(pa.table({"x": pa.array(np.arange(INLINE_LIMIT))}), Signature("b" * 64), tmp_path)
    assert small.inline == b'{"accuracy":0.5}'
    assert small.file is None
    assert large.inline is None
    assert large.file is not None
    assert (tmp_path / large.file).stat().st_size == large.bytes
    assert [path.name for path in tmp_path.iterdir()] == [large.file]


def test_each_kind_of_data_has_its_codec() -> None:
    matrix = Matrix(np.ones((1, 1)), ("a",), None, None, np.arange(1))
    data = [pa.table({"x": [1]}), matrix, Model(LogisticRegression(), ()), {"x": 1}, 0.5, None]
    assert [codec_of(item) for item in data] == ["arrow", "matrix", "model", "json", "json", "json"]
