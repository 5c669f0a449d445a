"""What a backfill is to do: which versions lack a metric of today, which of them can have it, and what that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from metrics.backfills import runs_shown
from metrics.models import MetricPoint
from versions import services as versions
from versions.models import Version
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.execution import backfilling
from workflows.execution.backfilling import Past
from workflows.execution.planning import UnknownNode
from workflows.graph.dag import Dag, NodeName
from workflows.operators.registry import OPERATORS

MOST: Final = 200  # versions at once, the newest of them
NEVER_RAN: Final = "No run of it has succeeded, so there is nothing to add a metric to. Run it, then try again."
HAS_IT: Final = "It has the metric already."


class NotAMetric(HelixError):
    code = "not-a-metric"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        told = ", ".join(f"`{each}`" for each in names[:8]) or "none"
        super().__init__(f"`{name}` measures nothing. The text's metrics: {told}.")


class NothingLacking(HelixError):
    code = "nothing-lacking"

    def __init__(self) -> None:
        super().__init__("Every version that was run has this metric already. There is nothing to compute.")


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan for versions, whose members are called as ``named`` does. ``refused``: reasons by version number."""

    versions: Sequence[Version]
    plan: backfilling.Backfill
    refused: Mapping[int, str]


def named(number: int) -> str:
    """What a version is called in a plan."""
    return f"v{number}"


def metrics_named(dag: Dag, nodes: Sequence[str]) -> dict[str, str]:
    """The operator of each of the nodes. Raises UnknownNode, or NotAMetric."""
    known = [name for name, node in dag.nodes.items() if OPERATORS[node.operator].metric]
    for name in nodes:
        if name not in dag.nodes:
            raise UnknownNode(name, known)
        if name not in known:
            raise NotAMetric(name, known)
    return {name: dag.nodes[NodeName(name)].operator for name in nodes}


def chosen(workflow_id: str, nodes: Sequence[str], numbers: Sequence[int] | None) -> tuple[list[Version], int]:
    """The numbered versions by number, or those that were run and lack one of the nodes; at most ``MOST``, the newest.

    Also how many were left out. Raises WorkflowNotFound; VersionNotFound where a number is none of the workflow's;
    NothingLacking where none is left.
    """
    mine = Version.objects.filter(workflow=workflows.get(workflow_id))
    if numbers is not None:
        wanted = sorted(set(numbers))
        found = list(mine.filter(number__in=wanted))
        if len(found) < len(wanted):
            raise versions.VersionNotFound
    else:
        shown = runs_shown(workflow_id)
        whole = _having(workflow_id, nodes)
        found = list(mine.filter(number__in=shown.keys() - whole))
    if not found:
        raise NothingLacking
    newest = sorted(found, key=lambda version: version.number)[-MOST:]
    return newest, len(found) - len(newest)


def planned(workflow_id: str, text: str, dag: Dag, nodes: Sequence[str], wanted: Sequence[Version]) -> Planned:
    """Plan nodes of the text, which compiles to ``dag``, for versions: no user code is run, and no file is read but
    where something has to be computed of it."""
    shown, whole = runs_shown(workflow_id), _having(workflow_id, nodes)
    refused = {each.number: NEVER_RAN for each in wanted if each.number not in shown}
    refused |= {each.number: HAS_IT for each in wanted if each.number in whole}
    pasts = [
        Past(named(each.number), versions.text_of(each), versions.recorded_data(each))
        for each in wanted
        if each.number not in refused
    ]
    plan = backfilling.backfill(
        pasts,
        text,
        dag,
        [NodeName(name) for name in nodes],
        workflow=workflow_id,
        store=workflows.store(),
        data_root=settings.DATA_ROOT,
    )
    refused |= {each.number: plan.refused[named(each.number)] for each in wanted if named(each.number) in plan.refused}
    return Planned(wanted, plan, refused)


def _having(workflow_id: str, nodes: Sequence[str]) -> set[int]:
    """The numbers of the versions that have every one of the nodes."""
    points = MetricPoint.objects.filter(run__workflow=workflow_id, run__status="succeeded", node__in=list(nodes))
    rows: QuerySet[MetricPoint, tuple[int, str]] = points.values_list("run__version__number", "node").distinct()
    found: dict[int, set[str]] = {}
    for number, node in rows:
        found.setdefault(number, set()).add(node)
    return {number for number, having in found.items() if having == set(nodes)}
