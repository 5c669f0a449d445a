"""What a process that is to run a workflow does before it has one: a little of what nearly every run does.

Modules that are loaded at first use are loaded then, and memory that a fork shares until it is written to is its own
before that takes time from a run. Nothing of it shows in what a run computes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score

from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import ROW_ID, Matrix, Model
from workflows.operators.kernels.records import Format
from workflows.store.codecs import canonical, decode, encode

_LINES = 50_000  # of text, so that Arrow reads them in blocks, on threads of its own


def rehearse() -> None:
    """Learn from four rows, predict them, measure that, encode and decode all of it. It leaves no thread behind, so
    whoever is to fork may do it."""
    for _ in _steps():
        pass


def rehearse_whole(wanted: Callable[[], bool]) -> None:
    """The same, and read delimited text, for which Arrow starts threads; as long as that is wanted."""
    for _ in chain(_steps(), _reading()):
        if not wanted():
            return


def _steps() -> Iterator[None]:
    x, y, rows = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]), np.array([0, 1, 0, 1]), np.arange(4)
    sparse = sp.csr_matrix(x)
    model = LogisticRegression().fit(sparse, y)
    yield
    scores, predicted = model.predict_proba(sparse)[:, 1], model.predict(x)
    roc_auc_score(y, scores)
    yield
    for metric in (accuracy_score, f1_score, confusion_matrix):
        metric(y, predicted)
        yield
    columns = {ROW_ID: rows, "prediction": predicted, "score[1]": scores, "text": ["a", "b", "a", "b"]}
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    for data in (table, Matrix(sparse, ("a", "b"), y, None, rows), Model(model, ("a", "b")), {"n": 0.5}):
        written = io.BytesIO()
        encoded = encode(canonical(data), written)
        decode(encoded.codec, written.getvalue())
        yield


def _reading() -> Iterator[None]:
    text = "".join([f"{row},{row / 7:.3f},word{row % 7},{row % 2}\n" for row in range(_LINES)])
    scan = delimited.scan(text.encode(), "", Format(columns=("a", "b", "c", "d"), header=False))
    yield
    scan.table(scan.types())
    yield
