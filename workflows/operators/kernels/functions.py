"""Calls user functions: what they are given, what they may give back, and which input broke one that raised."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workflows.errors import WORKFLOW, HelixError
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID, Arrow
from workflows.operators.kernels.quiet import trial

_SEARCH_SECONDS = 2.0  # how long the first input that breaks a function is looked for
_EXAMPLE = 400  # characters shown of it

pd.set_option("mode.copy_on_write", True)


class UserCodeFailed(HelixError):
    """User code raised: ``line`` of the workflow text (from 1), ``example`` the first input that broke it."""

    code = "user-code-failed"

    def __init__(self, error: BaseException, example: str = "") -> None:
        frames = workflow_frames(error)
        line = frames[-1].lineno if frames else None
        detail = "\n".join(f"line {frame.lineno}, in {frame.name}" for frame in frames)
        super().__init__(said(error), line=line, detail=detail, example=example)


class WrongResult(HelixError):
    """A user function gave something that its operator has no use for."""

    code = "wrong-result"


def said(error: BaseException) -> str:
    """What an exception says of itself, after its kind: it may be one whose own words fail."""
    try:
        words = str(error)
    except Exception as again:  # noqa: BLE001 - user code may raise anything
        words = f"(and its message cannot be made: {type(again).__name__})"
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def workflow_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of the traceback that stand in the workflow text, outermost first."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == WORKFLOW]


def frame(table: pa.Table) -> pd.DataFrame:
    """The rows as a DataFrame with a fresh RangeIndex, without the row id.

    Text becomes Python strings, None for null; integers with nulls become floats with NaN. Buffers are shared and
    read-only: writing into the frame copies what is written to.
    """
    names = [name for name in table.column_names if name != ROW_ID]
    series = {name: _series(columns.single(table[name])) for name in names}
    return pd.DataFrame(series, index=pd.RangeIndex(table.num_rows), columns=names, copy=False)


def _series(array: Arrow) -> Any:
    if pa.types.is_dictionary(array.type):
        distinct = np.append(array.dictionary.to_numpy(zero_copy_only=False), [None])
        values = distinct[columns.codes(array)]
        is_text = columns.is_text(array.type.value_type)
        return pd.Series(values, dtype=object, copy=False) if is_text else values  # pandas looks for dates, else
    if pa.types.is_fixed_size_list(array.type) or pa.types.is_list(array.type):
        return pd.Series(list(array.to_numpy(zero_copy_only=False)), dtype=object)
    return array.to_numpy(zero_copy_only=False)


def on_rows(function: Callable[..., Any], table: pa.Table) -> list[Any]:
    """The function's results for each row as a mapping."""
    return [_on_row(function, row) for row in _rows(table)]  # each row is a fresh dict


def on_frame(function: Callable[..., Any], rows: pd.DataFrame, each: str) -> Any:
    """The function's result for a frame; what it writes into it changes nothing else."""
    try:
        return function(rows.copy(deep=False))
    except Exception as error:  # user code may raise anything
        raise UserCodeFailed(error, _first_bad_row(function, rows) if each == "batch" else "") from error


def on_distinct(function: Callable[..., Any], array: Arrow, what: str) -> Arrow:
    """A function of one value alone: called once for each distinct value of a column (null: with None)."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = columns.codes(encoded)
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(encoded.dictionary) + 1)) - 1  # −1 first: null
    values = encoded.dictionary.take(pa.array(used[used >= 0])).to_pylist()
    results = [_on_row(function, value) for value in ([None] if len(values) < len(used) else []) + values]
    places = np.empty(len(encoded.dictionary) + 1, dtype=np.int32)
    places[used] = np.arange(len(used))  # the last is null's
    return as_column(results, len(results), what).take(pa.array(places[codes]))


def named(function: Callable[..., Any]) -> str:
    """The function as a sentence begins with it."""
    name = getattr(function, "__name__", "<lambda>")
    return "The function" if name == "<lambda>" else f"`{name}`"


def on_values(function: Callable[..., Any], *operands: Any) -> Any:
    """The function's result for whole operands (a Reducer's)."""
    try:
        return function(*operands)
    except Exception as error:  # user code may raise anything
        raise UserCodeFailed(error) from error


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    chosen = table.drop_columns([ROW_ID]) if ROW_ID in table.column_names else table
    return chosen.to_pylist()


def _on_row(function: Callable[..., Any], row: Any) -> Any:
    try:
        return function(row)
    except Exception as error:  # user code may raise anything
        raise UserCodeFailed(error, shortened(row)) from error


def _first_bad_row(function: Callable[..., Any], rows: pd.DataFrame) -> str:
    """The first row that breaks a row-wise function, found by halving; empty where none does so by itself."""
    deadline = time.monotonic() + _SEARCH_SECONDS
    good, bad = 0, len(rows)
    while bad - good > 1 and time.monotonic() < deadline:
        middle = (good + bad) // 2
        if _raises(function, rows.iloc[good:middle]):
            bad = middle
        elif _raises(function, rows.iloc[middle:bad]):
            good = middle
        else:
            return ""
    if bad - good != 1 or not _raises(function, rows.iloc[good:bad]):
        return ""
    return shortened({str(name): rows[name].iloc[good] for name in rows.columns})


def _raises(function: Callable[..., Any], rows: pd.DataFrame) -> bool:
    with trial():
        try:
            function(rows.reset_index(drop=True))
        except Exception:  # noqa: BLE001 - whether user code raises is the question
            return True
    return False


def shortened(value: Any) -> str:
    """The value as Python writes it, cut where it is long."""
    plain = (
        {name: item.item() if isinstance(item, np.generic) else item for name, item in value.items()}
        if isinstance(value, Mapping)
        else value
    )
    text = repr(plain)
    return text if len(text) <= _EXAMPLE else text[: _EXAMPLE - 1] + "…"


def as_column(result: Any, rows: int, what: str) -> Arrow:
    """One value a row as an Arrow array. Raises WrongResult for another length, or values that no column holds."""
    if isinstance(result, pd.DataFrame):
        raise WrongResult(f"{what} gave a DataFrame where one column is needed.")
    if not hasattr(result, "__len__") or isinstance(result, str | bytes | Mapping):
        raise WrongResult(
            f"{what} gave {kind_of(result)}, and one value for each row is needed: a Series, an array or a list."
        )
    if len(result) != rows:
        raise WrongResult(
            f"{what} gave {len(result)} values for {rows} rows; a row-wise function gives one value for each row.",
            expected=rows,
            given=len(result),
        )
    return _array(result, what)


def _array(result: Any, what: str) -> Arrow:
    if isinstance(result, pd.Series) and isinstance(result.dtype, np.dtype):
        result = result.to_numpy()  # which Arrow reads as it reads the Series, without asking it for what it has not
    try:
        if isinstance(result, np.ndarray) and result.ndim == 2:
            number = np.float32 if result.dtype == np.float32 else np.float64
            flat = pa.array(np.ascontiguousarray(result, dtype=number).ravel())
            return pa.FixedSizeListArray.from_arrays(flat, result.shape[1])
        array = result if isinstance(result, pa.Array | pa.ChunkedArray) else pa.array(result, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise WrongResult(
            f"{what} gave values of more than one type, or of one that no column holds: {error}"
        ) from None
    if isinstance(array, pa.ChunkedArray):
        array = columns.single(array)
    return normal(array, what)


def normal(array: Arrow, what: str) -> Arrow:
    """The array in a type that columns have: numbers, booleans, dictionary-encoded text, dates, vectors, tokens."""
    data_type = array.type
    if pa.types.is_dictionary(data_type) or columns.is_text(data_type):
        value_type = data_type.value_type if pa.types.is_dictionary(data_type) else data_type
        return columns.encoded(array) if columns.is_text(value_type) else normal(array.dictionary_decode(), what)
    if pa.types.is_null(data_type):
        return array.cast(columns.CATEGORY)
    if pa.types.is_float16(data_type) or pa.types.is_decimal(data_type):
        return array.cast(pa.float64())
    if pa.types.is_list(data_type) and columns.is_text_or_null(data_type.value_type):
        return array.cast(columns.TOKENS)
    if columns.kind(data_type) == "other" and not pa.types.is_temporal(data_type):
        raise WrongResult(f"{what} gave values of type {data_type}, which no column holds.")
    if pa.types.is_floating(data_type):
        return pa.array(array.to_numpy(zero_copy_only=False), from_pandas=True) if _has_nan(array) else array
    return array


def _has_nan(array: Arrow) -> bool:
    return bool(columns.is_null(array).true_count > array.null_count)


def as_table(result: Any, rows: int, what: str) -> pa.Table:
    """A table with a row for each row: of a DataFrame, or of one mapping a row."""
    if isinstance(result, list):
        wrong = next((item for item in result if not isinstance(item, Mapping)), None)
        if wrong is not None:
            raise WrongResult(f"{what} gave {kind_of(wrong)} for a row, and a mapping of column to value is needed.")
        names = list(dict.fromkeys(name for item in result for name in item))
        result = pd.DataFrame({name: pd.Series([item.get(name) for item in result], dtype=object) for name in names})
        result.index = pd.RangeIndex(rows) if not names else result.index
    if not isinstance(result, pd.DataFrame):
        raise WrongResult(f"{what} gave {kind_of(result)}, and a DataFrame is needed.")
    bad = next((name for name in result.columns if not isinstance(name, str) or name == ROW_ID), None)
    if bad is not None:
        raise WrongResult(f"{what} gave a column called {bad!r}; columns are named by text.")
    if not result.columns.is_unique:
        twice = result.columns[result.columns.duplicated()][0]
        raise WrongResult(f"{what} gave two columns called `{twice}`.")
    if len(result) != rows:
        raise WrongResult(
            f"{what} gave {len(result)} rows for {rows}; Map gives one row for each row, Filter drops rows."
        )
    return pa.table({name: as_column(result[name], rows, f"{what}, column `{name}`,") for name in result.columns})


def kind_of(value: Any) -> str:
    """What a function gave, for messages: "a value of type int"."""
    return "nothing (is a `return` missing?)" if value is None else f"a value of type {type(value).__name__}"
