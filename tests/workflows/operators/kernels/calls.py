"""Calls kernels as the local engine does: parameters filled from the declaration, data in canonical form."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.base import REQUIRED, LeftOut
from workflows.operators.kernels.base import ROW_ID, Call
from workflows.operators.kernels.registry import KERNELS
from workflows.operators.registry import OPERATORS
from workflows.store.codecs import canonical


def call(
    operator: str,
    params: Mapping[str, Any],
    *,
    split: str | None = None,
    names: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    seed: int = 0,
    left_out: tuple[LeftOut, ...] = (),
) -> Call:
    declared = {
        parameter.name: None if parameter.default is REQUIRED else parameter.default
        for parameter in OPERATORS[operator].parameters
        if not parameter.operand
    }
    return Call(
        {**declared, **params},
        seed,
        lambda source: [(source["path"], (files or {})[source["path"]])],
        names or {},
        split,
        left_out=left_out,
    )


def learn(operator: str, batches: Sequence[Mapping[str, Any]], **params: Any) -> Any:
    """The finished state, learned from each batch apart and merged in the given order."""
    kernel, made = KERNELS[operator], call(operator, params)
    states = [kernel.update(made, kernel.init(made), batch) for batch in batches]
    return canonical(kernel.finish(made, kernel.merge(made, states) if len(states) > 1 else states[0]))


def apply(operator: str, inputs: Mapping[str, Any], state: Any = None, **params: Any) -> Any:
    options = {name: params.pop(name) for name in ("split", "names", "files", "seed", "left_out") if name in params}
    return canonical(KERNELS[operator].apply(call(operator, params, **options), inputs, state))


def rows(**columns: Any) -> pa.Table:
    """Rows as a scanner makes them: text is dictionary-encoded."""
    arrays = {name: encoded(values) for name, values in columns.items()}
    count = len(next(iter(arrays.values())))
    return canonical(pa.table({ROW_ID: pa.array(np.arange(count)), **arrays}))


def feature(values: Any) -> pa.Table:
    return canonical(pa.table({"value": encoded(values)}))


def encoded(values: Any) -> Any:
    array = values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
    return array.dictionary_encode() if pa.types.is_string(array.type) else array


def plain(table: pa.Table) -> list[Any]:
    """The values of a feature's one column."""
    return table.column(0).to_pylist()


def cuts(items: Sequence[Any], places: Sequence[int]) -> list[Sequence[Any]]:
    """The items in several batches, cut at the places; none of them is empty."""
    ends = sorted({place % len(items) for place in places} | {0, len(items)})
    return [items[start:end] for start, end in itertools.pairwise(ends)]
