"""Tables for the tests of charts: with all that data have that is not nice."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from snapshots.charts.frame import Frame

ROWS = 5_000
ODD = 'say "a" <b>&; DROP TABLE data'


def messy(rows: int = ROWS, seed: int = 1) -> pa.Table:
    """Numbers with nulls, NaN and infinities; whole numbers; times; categories, one with an odd name."""
    chance = np.random.default_rng(seed)
    number = chance.normal(10.0, 4.0, rows)
    number[::97], number[1::101], number[2::103] = np.nan, np.inf, -np.inf
    began = datetime(2020, 1, 1)
    return pa.table(
        {
            "__row_id": np.arange(rows),
            "number": pa.array(number, mask=chance.random(rows) < 0.05, from_pandas=False),
            "whole": pa.array(chance.integers(0, 24, rows), pa.int16()),
            "time": pa.array([began + timedelta(minutes=int(m)) for m in chance.integers(0, 400_000, rows)]),
            "kind": pa.array([None if k == 9 else f"k{k}" for k in chance.integers(0, 10, rows)]).dictionary_encode(),
            ODD: pa.array([f"it's {k}" for k in chance.integers(0, 3, rows)]),
            "flag": pa.array(chance.random(rows) < 0.3),
            "place": pa.array(chance.integers(0, 5, rows)),  # names that queries use themselves
            "key": pa.array([str(k) for k in chance.integers(0, 4, rows)]),
            "many": pa.array([f"v{k}" for k in chance.integers(0, 10_000, rows)]),
            "empty": pa.nulls(rows, pa.float64()),
            "list": pa.array([[1, 2]] * rows),
        }
    )


def predicted(rows: int = ROWS, classes: int = 2, seed: int = 2) -> pa.Table:
    """Rows as Predict makes them, a bit better than chance."""
    chance = np.random.default_rng(seed)
    label = chance.integers(0, classes, rows)
    scores = chance.random((rows, classes)) + 0.4 * np.eye(classes)[label]
    scores = np.round(scores / scores.sum(axis=1, keepdims=True), 3)
    columns = {f"score[{k}]": pa.array(scores[:, k]) for k in range(classes)}
    return pa.table(
        {
            "__row_id": np.arange(rows),
            "label": pa.array(label, pa.int8()),
            "prediction": pa.array(scores.argmax(axis=1), pa.int8()),
            **columns,
        }
    )


def one(table: pa.Table) -> Frame:
    return Frame([("value", table)])
