"""What a reducer of the user's own does: a value out of any nodes, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from workflows.operators.kernels import functions
from workflows.operators.kernels.base import Call, Data, Inputs, Matrix, Model, Stateless
from workflows.operators.kernels.names import Names


class ReducerKernel(Stateless):
    """Calls a function with the nodes: rows, features and predictions as DataFrames, examples as (x, label), a model
    as its estimator, a value as itself. What it gives becomes JSON."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        result = functions.on_values(call.params["fn"], *(_operand(data) for data in inputs["nodes"]))
        try:
            return jsonable(result, functions.named(call.params["fn"]))
        except RecursionError:
            name = functions.named(call.params["fn"])
            raise functions.WrongResult(f"{name} gave a value that is nested too deeply, or holds itself.") from None


def _operand(data: Data) -> Any:
    match data:
        case pa.Table():
            return functions.frame(data).copy(deep=False)
        case Matrix():
            return data
        case Model():
            return data.estimator
    return data


def jsonable(value: Any, what: str) -> Any:
    """The value as JSON has it: arrays and Series as lists, a DataFrame as ``{"columns": […], "rows": [[…]]}``."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic() if value.dtype.kind in "biufU":
            return value.item()
        case np.ndarray() if value.dtype.kind in "biufUO":
            return [jsonable(item, what) for item in value.tolist()]
        case pd.DataFrame():
            rows = [[jsonable(item, what) for item in row] for row in value.itertuples(index=False)]
            return {"columns": [str(name) for name in value.columns], "rows": rows}
        case pd.Series():
            return {_key(name): jsonable(item, what) for name, item in value.items()}
        case Mapping():
            return {_key(name): jsonable(item, what) for name, item in value.items()}
        case list() | tuple() | Names() | set() | frozenset():
            items = sorted(value, key=_rank) if isinstance(value, set | frozenset) else value
            return [jsonable(item, what) for item in items]
    raise functions.WrongResult(
        f"{what} gave a value of type {type(value).__name__}; return numbers, texts, or lists and dicts of them."
    )


def _rank(item: Any) -> tuple[bool, Any]:
    """Numbers in their order, then all else by what it looks like."""
    number = isinstance(item, int | float | np.number)
    return not number, item if number else str(item)


def _key(name: Any) -> str:
    return name if isinstance(name, str) else str(name.item() if isinstance(name, np.generic) else name)
