"""What extractors do: features out of rows and of other features, aligned by position with the rows of their basis."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workflows.errors import HelixError
from workflows.operators.kernels import columns, exact, functions, rowwise, vectors
from workflows.operators.kernels.base import Arrow, Call, Data, Inputs, Model, Stateless

_TIMES = " × "


class FieldKernel(Stateless):
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        name = call.params["column"]
        field = columns.field(inputs["rows"], name)
        return pa.table([columns.column(inputs["rows"], name)], schema=pa.schema([field]))


class ExtractorKernel(Stateless):
    """A user function: one column of what it gives for each row, or several where it gives a DataFrame."""

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        rows, function = inputs["rows"], call.params["fn"]
        what = functions.named(function)
        if call.params["each"] == "value":
            return pa.table({"value": functions.on_distinct(function, columns.values(rows), what)})
        return rowwise.made(function, rows, call.params, partial(_extracted, what)).table


def _extracted(what: str, result: Any, rows: int) -> rowwise.Made:
    if isinstance(result, pd.DataFrame):
        return rowwise.aligned(functions.as_table(result, rows, what))
    return rowwise.aligned(pa.table({"value": functions.as_column(result, rows, what)}))


class InteractionKernel(Stateless):
    """Each combination of values as one value, made on dictionary codes; null where an operand is null.

    They are numbered in the order in which they come, as texts are: so batches put together number them as all rows do.
    """

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        operands = [categories(columns.values(feature)) for feature in inputs["features"]]
        combined = columns.codes(operands[0]).astype(np.int64)
        for operand in operands[1:]:
            columns.aligned(combined, operand, "Interaction needs features of the same rows")
            codes = columns.codes(operand)
            combined = np.where((combined < 0) | (codes < 0), -1, combined * len(operand.dictionary) + codes)
        known = combined >= 0
        places = np.full(len(combined), -1, dtype=np.int32)
        places[known], distinct = pd.factorize(combined[known])
        return pa.table({"value": columns.from_codes(places, _combinations(distinct, operands))})


def categories(array: Arrow) -> Arrow:
    """A column as categories. Raises HelixError where it holds vectors."""
    if columns.kind(array.type) == "vector":
        raise HelixError("Interaction needs categories or numbers, and was given vectors.")
    if columns.kind(array.type) == "category":
        return columns.encoded(array)
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    distinct = plain.dictionary_encode()
    return pa.DictionaryArray.from_arrays(distinct.indices, distinct.dictionary.cast(pa.string()))


def _combinations(codes: Any, operands: Sequence[Arrow]) -> list[str]:
    """The texts of combined codes; the sign between values is escaped within them, so that no two share a text."""
    texts: list[list[str]] = []
    for operand in reversed(operands):
        codes, own = np.divmod(codes, max(len(operand.dictionary), 1))
        escaped = [text.replace("\\", "\\\\").replace("×", "\\×") for text in operand.dictionary.to_pylist()]
        texts.append([escaped[place] for place in own])
    return [_TIMES.join(values) for values in zip(*reversed(texts), strict=True)]


class BucketizerKernel(Stateless):
    """Edges are learned exactly: quantiles and extrema from counts. A bucket holds its lower edge, not its upper."""

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        values = _finite(inputs["feature"], "Bucketizer")
        return [*state, exact.counted(values)]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [counts for state in states for counts in state]

    def finish(self, call: Call, state: Any) -> Data:
        if call.params["edges"] is not None:
            return {"edges": [float(edge) for edge in call.params["edges"]]}
        counts = exact.merged(state)
        if not len(counts[0]):
            raise HelixError("Bucketizer has nothing to learn its edges from: every value is null.")
        bins = call.params["bins"]
        low, high = float(counts[0][0]), float(counts[0][-1])
        if call.params["by"] == "quantile":
            inner = exact.quantiles(counts, [place / bins for place in range(1, bins)])
        else:
            inner = [low + (high - low) * place / bins for place in range(1, bins)]
        return {"edges": sorted({edge for edge in inner if low < edge <= high})}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        array = columns.values(inputs["feature"])
        values = columns.numbers(array, "Bucketizer")
        edges = np.asarray(state["edges"], dtype=np.float64)
        codes = np.searchsorted(edges, values, side="right").astype(np.int32)
        codes[np.isnan(values)] = -1
        return pa.table({"value": columns.from_codes(codes, _buckets(state["edges"]))})


def _buckets(edges: Sequence[float]) -> list[str]:
    if not edges:
        return ["all"]
    texts = [repr(edge).removesuffix(".0") for edge in edges]
    between = [f"[{low}, {high})" for low, high in pairwise(texts)]
    return [f"< {texts[0]}", *between, f"≥ {texts[-1]}"]


def _finite(feature: pa.Table, what: str) -> exact.Floats:
    """The numbers of a feature that are not null. Raises HelixError where one is infinite."""
    values = columns.numbers(columns.values(feature), what)
    values = values[~np.isnan(values)]
    if not np.isfinite(values).all():
        raise HelixError(f"{what} cannot learn from infinite values.")
    return values


class ScaleKernel(Stateless):
    """Numbers brought to one scale by statistics that are exact; nulls stay null, a constant becomes 0."""

    def init(self, call: Call) -> Any:
        return (exact.Moments(), [])

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        values = _finite(inputs["feature"], "Scale")
        if call.params["method"] == "standard":
            return self.merge(call, [state, (exact.moments(values), [])])
        return self.merge(call, [state, (exact.Moments(), [exact.counted(values)])])

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        moments = sum((moments for moments, _ in states), exact.Moments())
        return (moments, [counts for _, batches in states for counts in batches])

    def finish(self, call: Call, state: Any) -> Data:
        moments, counts = state
        method: str = call.params["method"]
        if method == "standard" and moments.count:
            return {"shift": moments.mean, "divisor": moments.deviation or 1.0}
        distinct: Any = exact.merged(counts)[0] if counts else []
        if not len(distinct):
            raise HelixError("Scale has nothing to learn from: every value is null.")
        low, high = float(distinct[0]), float(distinct[-1])
        if method == "minmax":
            return {"shift": low, "divisor": (high - low) or 1.0}
        if method == "maxabs":
            return {"shift": 0.0, "divisor": max(abs(low), abs(high)) or 1.0}
        lower, median, upper = exact.quantiles(exact.merged(counts), [0.25, 0.5, 0.75])
        return {"shift": median, "divisor": (upper - lower) or 1.0}

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        values = columns.numbers(columns.values(inputs["feature"]), "Scale")
        return pa.table({"value": pa.array((values - state["shift"]) / state["divisor"], from_pandas=True)})


class ImputeKernel(Stateless):
    """Nulls replaced by the mean, the median, the most frequent value (the least of equals), or a given one."""

    def init(self, call: Call) -> Any:
        return (exact.Moments(), [], {})

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        array = columns.values(inputs["feature"])
        by = call.params["strategy"]
        if by == "constant":
            return state
        if by == "most_frequent":
            counts = pc.value_counts(array.filter(pc.invert(columns.is_null(array)))).to_pylist()
            return self.merge(call, [state, (exact.Moments(), [], {item["values"]: item["counts"] for item in counts})])
        values = _finite(inputs["feature"], f"Impute by {by}")
        learned: Any = (
            (exact.moments(values), [], {}) if by == "mean" else (exact.Moments(), [exact.counted(values)], {})
        )
        return self.merge(call, [state, learned])

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        frequent: dict[Any, int] = {}
        for _, _, counts in states:
            for value, count in counts.items():
                frequent[value] = frequent.get(value, 0) + count
        return (
            sum((moments for moments, _, _ in states), exact.Moments()),
            [counts for _, batches, _ in states for counts in batches],
            frequent,
        )

    def finish(self, call: Call, state: Any) -> Data:
        moments, counts, frequent = state
        match call.params["strategy"]:
            case "constant":
                return {"value": call.params["value"]}
            case "mean" if moments.count:
                return {"value": moments.mean}
            case "median" if counts and len(exact.merged(counts)[0]):
                return {"value": exact.quantiles(exact.merged(counts), [0.5])[0]}
            case "most_frequent" if frequent:
                return {"value": min(frequent, key=lambda value: (-frequent[value], value))}
        raise HelixError('Impute has nothing to learn from: every value is null; pass strategy="constant" and value=….')

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        array = columns.values(inputs["feature"])
        return pa.table({"value": _filled(array, state["value"])})


def _filled(array: Arrow, value: Any) -> Arrow:
    kind = columns.kind(array.type)
    if (kind == "number" and isinstance(value, bool | str)) or (
        kind == "category" and not isinstance(value, bool | str)
    ):
        empty = array.null_count == len(array)
        if not empty:
            raise HelixError(f"Impute cannot put {value!r} among {columns.described(array.type)}.")
        array = pa.nulls(len(array), pa.scalar(value).type)
    if isinstance(value, str):
        encoded = columns.encoded(array)
        texts = encoded.dictionary.to_pylist()
        place = texts.index(value) if value in texts else len(texts)
        codes = columns.codes(encoded)
        return columns.from_codes(
            np.where(codes < 0, np.int32(place), codes), texts if place < len(texts) else [*texts, value]
        )
    missing = columns.is_null(array)
    if isinstance(value, float) and not pa.types.is_floating(array.type):
        array = array.cast(pa.float64())
    return pc.if_else(missing, pa.scalar(value, array.type), array)


class TransformKernel(Stateless):
    """Any transformer with scikit-learn's interface, fitted on the features it is to learn from."""

    whole = True

    def init(self, call: Call) -> Any:
        return []

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        return [*state, _side_by_side(inputs["features"])]

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return [table for state in states for table in state]

    def finish(self, call: Call, state: Any) -> Data:
        transformer = call.params["transformer"]
        operand = _operand(transformer, pa.concat_tables(state))
        transformer.fit(operand)
        return Model(transformer, tuple(state[0].column_names))

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        operand = _operand(state.estimator, _side_by_side(inputs["features"]))
        return _feature(state.estimator, state.estimator.transform(operand))


def _side_by_side(features: Any) -> pa.Table:
    tables: list[pa.Table] = features if isinstance(features, list) else [features]
    if len(tables) == 1:
        return tables[0]
    fields, arrays = [], []
    for place, table in enumerate(tables):
        for field in table.schema:
            name = f"{place}.{field.name}"
            fields.append(field.with_name(name))
            arrays.append(table[field.name])
    return pa.table(arrays, schema=pa.schema(fields))


def _operand(transformer: Any, table: pa.Table) -> Any:
    """What ``fit`` and ``transform`` are given: texts (n) for a vectorizer, numbers (n × d), else a DataFrame."""
    kinds = [columns.kind(data_type) for data_type in table.schema.types]
    if all(kind in ("number", "vector") for kind in kinds):
        return vectors.dense(table)
    if kinds == ["category"] and _takes_texts(transformer):
        texts = columns.encoded(columns.single(table[0]))
        if texts.null_count:
            texts = texts.fill_null("")
        return texts.dictionary.to_numpy(zero_copy_only=False)[columns.codes(texts)]
    return functions.frame(table)


def _takes_texts(transformer: Any) -> bool:
    steps = getattr(transformer, "steps", None)
    first = steps[0][1] if steps else transformer
    tags = getattr(first, "__sklearn_tags__", None)
    return bool(tags is not None and tags().input_tags.string and not tags().input_tags.two_d_array)


def _feature(transformer: Any, result: Any) -> pa.Table:
    what = type(transformer).__name__
    if isinstance(result, pd.DataFrame):
        return functions.as_table(result.reset_index(drop=True), len(result), what)
    if hasattr(result, "toarray") or np.asarray(result).ndim == 2:
        if not hasattr(result, "toarray") and (result.shape[1] == 1 or result.dtype.kind not in "fiub"):
            return pa.table(
                {
                    str(place): functions.as_column(result[:, place], len(result), what)
                    for place in range(result.shape[1])
                }
            )
        return vectors.table(result, _output_names(transformer, result.shape[1]))
    return pa.table({"value": functions.as_column(result, len(result), what)})


def _output_names(transformer: Any, size: int) -> tuple[str, ...] | None:
    try:
        found = tuple(str(name) for name in transformer.get_feature_names_out())
    except (AttributeError, ValueError, NotImplementedError):
        return None
    return found if len(found) == size else None
