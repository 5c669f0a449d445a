"""The versions of a workflow as a table, so that people explore experiments as any data: parameters, metrics, cost."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from metrics.parameters import parameters
from metrics.trends import trends
from workflows.operators.kernels.base import Arrow


def table(workflow_id: str) -> pa.Table:
    """A row a version, by number: its number, message and time, run time in seconds, every metric, and the parameters
    that vary over the newest versions. Raises WorkflowNotFound."""
    told = trends(workflow_id)
    found = told.versions
    varying = parameters(workflow_id, [])
    columns: dict[str, Arrow] = {
        "version": pa.array(found.number, pa.int64()),
        "message": pa.array(found.message, pa.string()),
        "created": pa.array([int(1000 * at) for at in found.created_at], pa.timestamp("ms")),
        "run seconds": pa.array(found.seconds, pa.float64()),
    }
    for metric in told.metrics:
        columns[_free(metric.name, columns)] = pa.array(metric.values, pa.float64())
    places = {number: place for place, number in enumerate(varying.numbers)}
    for each in varying.parameters:
        values = [each.values[places[number]] if number in places else None for number in found.number]
        columns[_free(each.name, columns)] = _typed(values)
    return pa.table(columns)


def _typed(values: Sequence[float | str | None]) -> Arrow:
    if any(isinstance(value, str) for value in values):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values, pa.float64())


def _free(name: str, taken: dict[str, Arrow]) -> str:
    return next(each for each in (name, *(f"{name} ({n})" for n in range(2, 10_000))) if each not in taken)
