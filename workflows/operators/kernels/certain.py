"""Tells of the columns that features are made of whether making them would fail, where they themselves are left out.

For each operator that is ``certain``: what its kernel would refuse of a column. What these operators give each other is
never refused: they give categories, tokens and sparse vectors, finite and without nulls where it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.base import LeftOut
from workflows.operators.kernels import columns
from workflows.operators.kernels.base import Arrow
from workflows.operators.kernels.extractor import categories
from workflows.operators.kernels.tokens import text_of, tokens

_LARGEST = 1e300  # sums of as many of them as there are features are finite


def check(left_out: Iterable[LeftOut], rows: pa.Table) -> None:
    """Raises HelixError where a feature that is left out could not be computed of these rows, as its operator would."""
    for feature in left_out:
        for name, operator in feature.reads:
            try:
                _CHECKS[operator](columns.column(rows, name))
            except HelixError as error:
                told = HelixError(f"`{feature.node}`: {error.message}")
                told.code = error.code
                raise told from error


def _hashed(array: Arrow) -> None:
    kind = columns.kind(array.type)
    if kind == "tokens":
        tokens(pa.table([array], names=["value"]), "Hash")
    elif kind == "number":
        if not (np.abs(columns.numbers(array, "Hash")) < _LARGEST).all():
            raise HelixError("Hash was given a number that is missing or infinite: wrap it in `Impute(…)`.")
    elif kind != "category":
        raise HelixError(f"Hash takes categories, numbers and tokens, and was given {columns.described(array.type)}.")


def _weighed(array: Arrow) -> None:
    if not columns.is_text_or_null(array.type):
        tokens(pa.table([array], names=["value"]), "TfIdf")


_CHECKS: Mapping[str, Callable[[Arrow], object]] = {
    "Bucketizer": lambda array: columns.numbers(array.slice(0, 0), "Bucketizer"),
    "Interaction": lambda array: categories(array.slice(0, 0) if columns.kind(array.type) == "number" else array),
    "Tokenize": lambda array: text_of(array, "Tokenize"),
    "NGrams": lambda array: tokens(pa.table([array], names=["value"]), "NGrams"),
    "TfIdf": _weighed,
    "Hash": _hashed,
}
