"""What Examples does: features as one matrix, encoded as learned on ``train``, out of dictionary codes alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from workflows.errors import HelixError
from workflows.operators.kernels import certain, columns, vectors
from workflows.operators.kernels.base import ROW_ID, Arrow, Call, Data, Inputs, Matrix
from workflows.operators.kernels.names import Names, Numbered

_ROWS = 256  # of an array that are made sparse at once
_INDEX = 4  # bytes of an index of a CSR matrix: one an entry, and one a row


class NullNumber(HelixError):
    """A number of a feature is missing."""

    code = "null-number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a feature: its name in the matrix, its field, its values in one chunk, and the feature's name."""

    name: str
    field: Arrow
    array: Arrow
    feature: str

    @property
    def kind(self) -> str:
        kind = columns.kind(self.field.type)
        if kind == "tokens":
            raise HelixError(
                f"Examples cannot encode `{self.feature}`: it holds tokens. Wrap it in `TfIdf(…)` or `Hash(…)`."
            )
        if kind == "other":
            raise HelixError(
                f"Examples cannot encode `{self.feature}`: it holds {columns.described(self.field.type)}. Make a "
                "number or a text of it with an `Extractor`."
            )
        return kind


class ExamplesKernel:
    """Learns the columns: for a category the values that occur, and whether null does; for a vector its names."""

    whole = False

    def init(self, call: Call) -> Any:
        return {"columns": {}, "rows": 0, "entries": 0}

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        found: dict[str, dict[str, Any]] = {}
        entries = 0
        for column in columns_of(call, inputs):
            found[column.name], count = _learned(column)
            entries += count
        learned = {"columns": found, "rows": inputs["rows"].num_rows, "entries": entries}
        return self.merge(call, [state, learned])

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        merged: dict[str, dict[str, Any]] = {}
        for state in states:
            for name, learned in state["columns"].items():
                merged[name] = _together(merged.get(name), learned)
        return {
            "columns": merged,
            "rows": sum(state["rows"] for state in states),
            "entries": sum(state["entries"] for state in states),
        }

    def finish(self, call: Call, state: Any) -> Data:
        """``columns``: each with its kind; ``sparse``: whether CSR is smaller for what was learned from; ``single``:
        whether all are vectors of float32, so that the matrix is."""
        learned = [
            {"name": name, **column, "values": sorted(column["values"])}
            if "values" in column
            else {"name": name, **column}
            for name, column in state["columns"].items()
        ]
        single = all(column.get("single", False) for column in learned)
        cell = (np.float32 if single else np.float64)().itemsize
        dense = cell * state["rows"] * sum(_width(column) for column in learned)
        sparse = (cell + _INDEX) * state["entries"] + _INDEX * state["rows"] < dense
        return {"columns": learned, "sparse": sparse, "single": single}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows = inputs["rows"].num_rows
        given = list(columns_of(call, inputs))
        learned = state["columns"]
        left_out = {str(feature.index) for feature in call.left_out}  # each is one column
        names = [column["name"] for column in learned if column["name"] not in left_out]
        if [column.name for column in given] != names:
            wanted, found = set(names), {column.name for column in given}
            raise HelixError(
                f"The features of this split have other columns than those of `train`: {_some(wanted - found)} "
                f"missing, {_some(found - wanted)} new."
            )
        certain.check(call.left_out, inputs["rows"])
        encoder = _Encoder(rows, np.dtype(np.float32 if state["single"] else np.float64))
        following = iter(given)
        for known in learned:
            if known["name"] in left_out:
                encoder.leave_out(known)
                continue
            column = next(following)
            if len(column.array) != rows:
                raise HelixError(
                    f"`{column.feature}` has {len(column.array)} rows, and the rows of the examples are {rows}."
                )
            encoder.add(column, known)
        return Matrix(
            x=encoder.sparse() if state["sparse"] else encoder.dense(),
            columns=Names(chain.from_iterable(map(_names, learned))),
            label=_label(call, inputs, rows),
            weight=_weight(call, inputs, rows),
            row_id=columns.single(inputs["rows"][ROW_ID]).to_numpy(),
        )


def columns_of(call: Call, inputs: Inputs) -> Iterator[Column]:
    """The columns of all features: ``2`` for a feature's only column, ``2.name`` where it has several."""
    for slot, feature in enumerate(inputs["features"]):
        if feature is None:  # left out
            continue
        shown = call.names.get(f"features.{slot}", f"feature {slot}")
        for field in feature.schema:
            name = str(slot) if feature.num_columns == 1 else f"{slot}.{field.name}"
            yield Column(name, field, columns.single(feature[field.name]), shown)


def _learned(column: Column) -> tuple[dict[str, Any], int]:
    """What is to be known of a column to encode it, and how many entries its rows have."""
    match column.kind:
        case "category":
            encoded = columns.encoded(column.array)
            values, null = columns.present(encoded)
            return {"kind": "category", "values": set(values), "null": null}, len(encoded)
        case "number":
            return {"kind": "number"}, int(np.count_nonzero(numbers_of(column)))
        case _:
            matrix: Any = vectors.matrix(column.field, column.array)
            entries = np.count_nonzero(matrix) if isinstance(matrix, np.ndarray) else matrix.count_nonzero()
            return {**_layout(column), "single": matrix.dtype == np.float32}, int(entries)


def _layout(column: Column) -> dict[str, Any]:
    """What a vector is known by: its names, or its size where it has none (a hashed one is long)."""
    names = vectors.given_names(column.field)
    return {"kind": "vector", "names": names, "size": vectors.size(column.field)}


def _together(first: Mapping[str, Any] | None, second: dict[str, Any]) -> dict[str, Any]:
    if first is None or first == second:
        return second
    if first["kind"] == second["kind"] == "category":
        return {
            "kind": "category",
            "values": first["values"] | second["values"],
            "null": first["null"] or second["null"],
        }
    raise HelixError("A feature holds categories in some batches and numbers in others.")


def _width(column: Mapping[str, Any]) -> int:
    return column["size"] if column["kind"] == "vector" else len(_names(column))


def _names(column: Mapping[str, Any]) -> Sequence[str | Numbered]:
    """What a column's own columns in the matrix are called: ``2``, ``2=Bachelors`` and ``2 is null``, ``2[word]``."""
    name = column["name"]
    match column["kind"]:
        case "number":
            return [name]
        case "category":
            return [
                *(f"{name}={value}" for value in column["values"]),
                *([f"{name} is null"] if column["null"] else []),
            ]
    return [f"{name}[{place}]" for place in column["names"]] if column["names"] else [Numbered(name, column["size"])]


class _Encoder:
    """Blocks side by side. A number or a category has at most one entry a row: a place in the matrix, and a value."""

    def __init__(self, rows: int, dtype: np.dtype[Any]) -> None:
        self.rows = rows
        self.dtype = dtype
        self.width = 0
        self.blocks: list[tuple[list[Any], list[Any]] | Any] = []
        self.starts: list[int] = []

    def add(self, column: Column, known: Mapping[str, Any]) -> None:
        match known["kind"], column.kind:
            case "number", "number":
                values = numbers_of(column)
                self._entries(np.where(values != 0.0, np.int32(0), np.int32(-1)), values)
            case "number", _ if column.array.null_count == len(column.array):
                numbers_of(column)
            case "category", "category":
                self._entries(_codes(column, known), 1.0)
            case "vector", "vector" if _layout(column) == {name: known[name] for name in ("kind", "names", "size")}:
                self.blocks.append(vectors.matrix(column.field, column.array))
                self.starts.append(self.width)
            case _:
                raise HelixError(
                    f"`{column.feature}` holds {columns.described(column.field.type)} here, and held "
                    f"{'numbers' if known['kind'] == 'number' else 'other values'} in `train`. Name the type of its "
                    'column, as in CSVScanner(…, types={"zip": "str"}).'
                )
        self.width += _width(known)

    def leave_out(self, known: Mapping[str, Any]) -> None:
        """Zeros in the place of a column."""
        self._entries(np.full(self.rows, np.int32(-1)), 0.0)
        self.width += _width(known)

    def _entries(self, places: Any, values: Any) -> None:
        if not self.blocks or not isinstance(self.blocks[-1], tuple):
            self.blocks.append(([], []))
            self.starts.append(self.width)
        shifted = places + np.int32(self.width - self.starts[-1])
        shifted[places < 0] = -1
        self.blocks[-1][0].append(shifted)
        self.blocks[-1][1].append(values)

    def sparse(self) -> sp.csr_matrix:
        ends = [*self.starts[1:], self.width]
        parts = [
            self._assembled(block, end - start) if isinstance(block, tuple) else _sparse(block, self.dtype)
            for block, start, end in zip(self.blocks, self.starts, ends, strict=True)
        ]
        return parts[0] if len(parts) == 1 else sp.csr_matrix(sp.hstack(parts, format="csr"))

    def _assembled(self, block: tuple[list[Any], list[Any]], width: int) -> sp.csr_matrix:
        """Column by column, so that beside the matrix there is never an array of all of them."""
        entries = np.zeros(self.rows, dtype=np.int32)
        for places in block[0]:
            entries += places >= 0
        offsets = np.zeros(self.rows + 1, dtype=np.int32)
        np.cumsum(entries, out=offsets[1:])
        data, indices = np.empty(offsets[-1], dtype=self.dtype), np.empty(offsets[-1], dtype=np.int32)
        following = offsets[:-1].copy()  # where the next entry of each row goes
        for places, values in zip(*block, strict=True):
            filled = places >= 0
            at = following[filled]
            indices[at] = places[filled]
            data[at] = values if np.isscalar(values) else values[filled]
            following += filled
        return sp.csr_matrix((data, indices, offsets), shape=(self.rows, width))

    def dense(self) -> Any:
        only: Any = self.blocks[0] if len(self.blocks) == 1 else None
        if isinstance(only, np.ndarray):
            return only.astype(self.dtype, copy=False)
        matrix = np.zeros((self.rows, self.width), dtype=self.dtype)
        everyone = np.arange(self.rows)
        block: Any
        for block, start in zip(self.blocks, self.starts, strict=True):
            if not isinstance(block, tuple):
                matrix[:, start : start + block.shape[1]] = block if isinstance(block, np.ndarray) else block.toarray()
                continue
            for places, values in zip(*block, strict=True):
                chosen = places >= 0
                matrix[everyone[chosen], start + places[chosen]] = values if np.isscalar(values) else values[chosen]
        return matrix


def _sparse(block: Any, dtype: np.dtype[Any]) -> sp.csr_matrix:
    """A vector column as CSR. An array is gone through in some rows at a time: nothing else of its size is made."""
    if not isinstance(block, np.ndarray):
        return sp.csr_matrix(block, dtype=dtype)
    offsets = np.append(0, np.cumsum(np.count_nonzero(block, axis=1)))
    data, indices = np.empty(offsets[-1], dtype=dtype), np.empty(offsets[-1], dtype=np.int32)
    for start in range(0, len(block), _ROWS):
        rows = block[start : start + _ROWS]
        places = np.flatnonzero(rows)
        entries = slice(offsets[start], offsets[start + len(rows)])
        data[entries] = rows.ravel()[places]
        indices[entries] = places % block.shape[1]
    return sp.csr_matrix((data, indices, offsets), shape=block.shape)


def _codes(column: Column, known: Mapping[str, Any]) -> Any:
    """Place of each row's value among the learned ones: the null's is the last where it has one, −1 for none."""
    values = known["values"]
    codes = columns.by_value(columns.encoded(column.array), {value: place for place, value in enumerate(values)})
    null = np.int32(len(values) if known["null"] else -1)
    return np.where(codes == -1, null, np.maximum(codes, np.int32(-1)))


def numbers_of(column: Column) -> columns.Floats:
    """The numbers of a column, all there and finite. Raises NullNumber or HelixError."""
    values = columns.numbers(column.array, f"`{column.feature}`")
    finite = np.isfinite(values)
    if finite.all():
        return values
    missing = np.isnan(values)
    if missing.any():
        count, first = int(missing.sum()), int(np.argmax(missing))
        raise NullNumber(
            f"`{column.feature}` has {count} missing number{'s' if count > 1 else ''} (the first in row {first}): wrap "
            "it in `Impute(…)`, or drop those rows with `Filter`."
        )
    raise HelixError(f"`{column.feature}` is infinite in row {int(np.argmin(finite))}.")


def _label(call: Call, inputs: Inputs, rows: int) -> Any:
    feature = inputs.get("label")
    if feature is None:
        return None
    name = call.names.get("label", "the label")
    array = _whole_column(feature, rows, name)
    if columns.kind(array.type) == "category" and not pa.types.is_boolean(array.type):
        encoded = columns.encoded(array)
        return encoded.dictionary.to_numpy(zero_copy_only=False)[columns.codes(encoded)]
    if columns.kind(array.type) not in ("number", "category"):
        raise HelixError(f"A label is a number or a category, and `{name}` holds {columns.described(array.type)}.")
    return array.to_numpy(zero_copy_only=False)


def _weight(call: Call, inputs: Inputs, rows: int) -> Any:
    feature = inputs.get("weight")
    if feature is None:
        return None
    name = call.names.get("weight", "the weight")
    return columns.numbers(_whole_column(feature, rows, name), f"`{name}`")


def _whole_column(feature: pa.Table, rows: int, name: str) -> Arrow:
    array = columns.values(feature)
    if len(array) != rows:
        raise HelixError(f"`{name}` has {len(array)} rows, and the rows of the examples are {rows}.")
    missing = columns.is_null(array)
    if missing.true_count:
        first = int(np.argmax(missing.to_numpy(zero_copy_only=False)))
        raise HelixError(
            f"`{name}` is missing for {missing.true_count} row{'s' if missing.true_count > 1 else ''} (the first is "
            f"row {first}): drop them with `Filter` first."
        )
    return array


def _some(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)[:5]) or "none"
