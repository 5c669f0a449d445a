"""What a workflow's versions measured, in columns: one list of values for each metric, in the order of the versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import QuerySet

from metrics.history import backfilled_operator, direction
from metrics.log import refs
from metrics.models import Backfill, MetricPoint, NodeRun, Run
from metrics.schemas import CurveListedOut, CurveOut, TrendOut, TrendsOut, VersionColumnsOut
from versions.models import Branch, Tag, Version
from workflows import services as workflows

NEVER: Final = (-1, -1)


@dataclass(slots=True)
class Column:
    """A metric over the versions. ``ranks``: which run each value is of, and which of its points; the highest counts.
    ``newest`` is the highest of all, with its run; ``later``: when values were computed that no run measured."""

    values: list[float | None]
    ranks: list[tuple[int, int]]
    newest: tuple[int, int] = NEVER
    run: str = ""
    later: dict[int, float] = field(default_factory=dict)


def trends(workflow_id: str) -> TrendsOut:
    """Every version of the workflow and every metric over them. Raises WorkflowNotFound.

    Of a version's runs that succeeded the newest whole one counts; what it did not measure, since it loaded a result
    that an earlier one had computed, is taken from that one. Read in one pass over plain columns, for there may be
    10,000 versions.
    """
    workflow = workflows.get(workflow_id).id
    found = list(
        Version.objects.filter(workflow=workflow)
        .order_by("number")
        .values_list("id", "number", "parent", "message", "created_at")
    )
    numbers = {version: number for version, number, *_ in found}
    places = {version: place for place, version in enumerate(numbers)}
    seconds: list[float | None] = [None] * len(found)
    last: list[str | None] = [None] * len(found)
    ranked: dict[str, tuple[int, int]] = {}
    for whole in (False, True):
        for run, version, taken in _succeeded(workflow, whole):
            place = places.get(version)
            if place is None:  # it was committed since
                continue
            ranked[run] = place, len(ranked)
            if whole:
                seconds[place], last[place] = taken, run
    return TrendsOut(
        versions=VersionColumnsOut(
            id=list(numbers),
            number=list(numbers.values()),
            parent=[None if parent is None else numbers.get(parent) for _, _, parent, _, _ in found],
            message=[message for *_, message, _ in found],
            created_at=[at.timestamp() for *_, at in found],
            seconds=seconds,
            run=last,
        ),
        metrics=_metrics(workflow, _columns(workflow, ranked, len(found))),
        branches=refs(Branch.objects.filter(workflow=workflow)),
        tags=refs(Tag.objects.filter(workflow=workflow)),
    )


def _succeeded(workflow: str, whole: bool) -> Iterable[tuple[str, str, float | None]]:
    runs = Run.objects.filter(workflow=workflow, status="succeeded").order_by("queued_at")
    return (runs.filter(only=[]) if whole else runs.exclude(only=[])).values_list("id", "version", "seconds")


def _columns(workflow: str, ranked: Mapping[str, tuple[int, int]], length: int) -> Mapping[str, Column]:
    """By name. ``ranked``: of each run the place of its version, and its rank among all.

    Points come in no order, for a database that sorts them by id reads those of every workflow, steps of curves too.
    """
    columns: dict[str, Column] = {}
    backfills = {each.id: each.finished_at or each.requested_at for each in Backfill.objects.filter(workflow=workflow)}
    points = MetricPoint.objects.filter(run__workflow=workflow, run__status="succeeded", step=None)
    for point, run, name, value, backfill in points.values_list("id", "run", "name", "value", "backfill"):
        known = ranked.get(run)
        if known is None:  # it ended since
            continue
        place, rank = known[0], (known[1], point)
        column = columns.get(name)
        if column is None:
            column = columns[name] = Column([None] * length, [NEVER] * length)
        if rank > column.ranks[place]:
            column.values[place], column.ranks[place] = value, rank
            column.later.pop(place, None)
            if backfill is not None and backfill in backfills:
                column.later[place] = backfills[backfill].timestamp()
        if rank > column.newest:
            column.newest, column.run = rank, run
    return columns


def _metrics(workflow: str, columns: Mapping[str, Column]) -> list[TrendOut]:
    """Those of the newest run first, in its order; each with its node there, and that one's direction."""
    newest = sorted(columns.items(), key=lambda item: (-item[1].newest[0], item[1].newest[1]))
    runs = {column.run for column in columns.values()}
    points = MetricPoint.objects.filter(id__in=[column.newest[1] for column in columns.values()])
    nodes = dict(points.values_list("name", "node"))
    operators = {
        (run, node): operator
        for run, node, operator in NodeRun.objects.filter(run__in=runs, name__in=set(nodes.values())).values_list(
            "run", "name", "operator"
        )
    }
    return [
        TrendOut(
            name=name,
            node=nodes[name],
            higher_is_better=direction(
                operators.get((column.run, nodes[name])) or backfilled_operator(workflow, nodes[name])
            ),
            values=column.values,
            later=column.later,
        )
        for name, column in newest
        if name in nodes
    ]


def curve_list(workflow_id: str) -> list[CurveListedOut]:
    """What runs logged by step, by node and name, with the versions that have it. Raises WorkflowNotFound."""
    rows = _logged(workflow_id).values_list("node", "name", "run__version__number").distinct()
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for node, name, number in sorted(rows):
        numbers[node, name].append(number)
    return [CurveListedOut(node=node, name=name, numbers=having) for (node, name), having in numbers.items()]


def curves(workflow_id: str, node: str, name: str, numbers: Sequence[int]) -> list[CurveOut]:
    """One logged value by step, for each of the numbered versions that has it, of its newest run that does."""
    rows = (
        _logged(workflow_id)
        .filter(node=node, name=name, run__version__number__in=numbers)
        .order_by("run__queued_at", "id")
        .values_list("run__version__number", "run", "step", "value")
    )
    found: dict[int, tuple[str, dict[int, float | None]]] = {}
    for number, run, step, value in rows:
        if number not in found or found[number][0] != run:
            found[number] = run, {}
        assert step is not None
        found[number][1][step] = value
    return [
        CurveOut(number=number, run=run, steps=sorted(points), values=[points[step] for step in sorted(points)])
        for number, (run, points) in sorted(found.items())
    ]


def _logged(workflow_id: str) -> QuerySet[MetricPoint]:
    workflow = workflows.get(workflow_id)
    return MetricPoint.objects.filter(run__workflow=workflow, run__status="succeeded", step__isnull=False)
