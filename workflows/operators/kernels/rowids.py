"""Row ids of rows that are made of others: they depend on the ids of those and on a place alone.

So rows that are added change no other's id, and whatever goes by ids (``Split``, ``Sample``) moves no other row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from workflows.operators.kernels import columns
from workflows.operators.kernels.base import ROW_ID

Ids = Any  # an array of uint64 (n)


def ids(rows: pa.Table) -> Ids:
    """The row ids of a table (n)."""
    return columns.single(rows[ROW_ID]).to_numpy().astype(np.uint64)


def mixed(values: Ids) -> Ids:
    """SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits whose outputs look independent."""
    result = values + np.uint64(0x9E3779B97F4A7C15)
    result = (result ^ (result >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    result = (result ^ (result >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return result ^ (result >> np.uint64(31))


def derived(parents: Ids, places: Any) -> Ids:
    """An id for each pair of a parent's id and a place (n each, or one place for all)."""
    return mixed(mixed(parents) ^ np.asarray(places).astype(np.uint64))


def with_ids(table: pa.Table, made: Ids) -> pa.Table:
    """The table with a row id first. Ids are 63 bits of what was derived, and made distinct where two fall together."""
    found = made >> np.uint64(1)
    while len(again := _repeated(found)):
        found = found.copy()
        found[again] = mixed(found[again]) >> np.uint64(1)
    return table.add_column(0, ROW_ID, pa.array(found.astype(np.int64)))


def _repeated(found: Ids) -> Any:
    """The places of ids that stood before already; of 10 million hashes two fall together once in 10⁵ tables."""
    ordered = np.sort(found)
    if not (ordered[1:] == ordered[:-1]).any():
        return ()
    _, first = np.unique(found, return_index=True)
    return np.setdiff1d(np.arange(len(found)), first)
