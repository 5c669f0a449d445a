"""The protocol of kernels, and the data they take and give. Loaded in the run process alone.

The data of a part, by the kind of its node:

=============  ==========================================================================================
source         ``dict`` (JSON): what to read: ``{"path": …, "hash": …}`` or ``{"dataset": …}``
rows           ``pyarrow.Table`` with the hidden column ROW_ID (int64) first
feature        ``pyarrow.Table`` of one or more columns, aligned by position with the rows of its basis
examples       ``Matrix``
model          ``Model``
predictions    ``pyarrow.Table`` with ROW_ID, ``label`` (if any), ``prediction``, ``score[<class>]`` columns
value          anything that JSON holds
state          anything that JSON holds (floats exact), or a ``Model`` (a fitted transformer)
=============  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import scipy.sparse as sp

from workflows.operators.base import LeftOut

ROW_ID = "__row_id"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Examples of one split: ``x`` (n × d, CSR or C-ordered array; float32 where all features are vectors of that, else
    float64), ``columns`` (d names by operand slot), ``label`` and ``weight`` (n, or None), ``row_id`` (n, int64)."""

    x: sp.csr_matrix | np.ndarray[Any, Any]
    columns: Sequence[str]
    label: np.ndarray[Any, Any] | None
    weight: np.ndarray[Any, Any] | None
    row_id: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted estimator, and the columns of the matrix it was fitted on."""

    estimator: Any
    columns: Sequence[str]


Data: TypeAlias = Any
Report: TypeAlias = Callable[[float | None, str], None]
"""Takes the fraction that is done, None where it is not known, and what to say of it."""
Arrow: TypeAlias = Any  # an Arrow array, scalar or field: their stubs lag behind what their functions take


def silent(fraction: float | None, message: str) -> None:
    """A report that nobody hears."""


@dataclass(frozen=True, slots=True)
class Call:
    """One application of an operator: its parameters, with functions and estimators built, and the seed.

    ``read`` gives name and bytes of each file of a source, in order. ``names`` maps an operand's slot (``features.0``)
    to the name people know it by, for messages alone. ``split`` is the split whose output is made, None for a state or
    a value. ``identity`` is the content hash of a source's files, None for every other operator. ``cores`` is how many
    threads a kernel may use, which must not show in what it gives. ``left_out`` are the features in whose place a
    matrix has zeros: instead of each of them None is given.
    """

    params: Mapping[str, Any]
    seed: int
    read: Callable[[Mapping[str, Any]], Sequence[tuple[str, bytes]]]
    names: Mapping[str, str]
    split: str | None = None
    identity: str | None = None
    cores: int = 1
    report: Report = silent
    left_out: tuple[LeftOut, ...] = ()


Inputs: TypeAlias = Mapping[str, Any]  # slot → data, or list of data for a list operand


class Kernel(Protocol):
    """What an operator does, the same for every engine. Stateless: what is learned travels in the state.

    A kernel that learns gives ``init / update / merge / finish``; merging is exact and independent of order. ``apply``
    makes the output for one batch (or, where ``whole`` is set, for one whole split) given the finished state.
    """

    whole: bool

    def init(self, call: Call) -> Any: ...
    def update(self, call: Call, state: Any, inputs: Inputs) -> Any: ...
    def merge(self, call: Call, states: Sequence[Any]) -> Any: ...
    def finish(self, call: Call, state: Any) -> Data: ...
    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data: ...


class Stateless:
    """What a kernel that learns nothing gives for the protocol's learning half."""

    whole = False

    def init(self, call: Call) -> Any:
        return None

    def update(self, call: Call, state: Any, inputs: Inputs) -> Any:
        return None

    def merge(self, call: Call, states: Sequence[Any]) -> Any:
        return None

    def finish(self, call: Call, state: Any) -> Data:
        return None
