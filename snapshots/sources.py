"""Finds the data that a dashboard shows: the stored splits of a node at a version, or the versions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from blake3 import blake3
from django.db.models import Max

from metrics.models import MetricPoint, Run
from snapshots.models import Dashboard, Snapshot
from versions import services as versions
from versions.models import Version
from workflows.compiler import compile_workflow, files
from workflows.errors import HelixError, nearest
from workflows.graph.dag import NodeName, PartId
from workflows.graph.parts import output_labels
from workflows.graph.signature import sign
from workflows.hashing import Signature
from workflows.operators.base import Kind
from workflows.operators.registry import OPERATORS
from workflows.recall import Recall

TABLES: Final = (Kind.ROWS, Kind.FEATURE, Kind.PREDICTIONS)
_PARTS: Final[Recall[tuple[str, str], Sequence[Part]]] = Recall(1_000)  # a version never changes


class NodeNotExplorable(HelixError):
    """The data of this node cannot be shown in charts; the message says why."""

    code = "node-not-explorable"


@dataclass(frozen=True, slots=True)
class Part:
    """One split of a node's data, by the signature of its result. ``rows``: those that predictions were made for."""

    label: str
    node: str
    signature: Signature
    rows: Part | None = None


def parts(version: Version, node: str) -> Sequence[Part]:
    """The splits of a node at a version. Raises NodeNotExplorable where it has none that are tables."""
    known = _PARTS.get((version.id, node))
    if known is None:
        known = _found(version, node)
        _PARTS.keep((version.id, node), known)
    return known


def _found(version: Version, node: str) -> Sequence[Part]:
    compiled = compile_workflow(versions.text_of(version))
    if compiled.dag is None or compiled.parts is None:
        raise NodeNotExplorable(f"The text of v{version.number} has errors, so it has no data.")
    found = compiled.dag.nodes.get(NodeName(node))
    if found is None:
        near = nearest(node, compiled.dag.nodes)
        hint = f" Did you mean `{near}`?" if near else ""
        raise NodeNotExplorable(f"v{version.number} has no node `{node}`.{hint}")
    kind = OPERATORS[found.operator].kind
    if kind not in TABLES:
        raise NodeNotExplorable(
            f"`{node}` is no table ({found.operator}). Choose rows, a feature or predictions: those have charts."
        )
    recorded = versions.recorded_data(version)
    held = {(file.node, file.split): recorded.get(file.path) for file in files(compiled.dag)}
    signatures = sign(compiled.parts, held)
    labels = output_labels(found)
    graph = compiled.parts.parts

    def told(part: PartId, rows: Part | None = None) -> Part | None:
        signature = signatures[part]
        return None if signature is None else Part(part.label, part.node, signature, rows)

    def predicted(part: PartId) -> Part | None:
        """The rows whose examples a model was given; None where a part is no prediction."""
        for slot in ("examples", "rows"):
            inputs = {each.slot: each.part for each in graph[part].inputs}
            if slot not in inputs:
                return None
            part = inputs[slot]
        return told(part)

    mine = [part for part in graph if part.node == node and part.label in labels]
    shown = [each for part in mine if (each := told(part, predicted(part) if kind is Kind.PREDICTIONS else None))]
    if not shown:
        raise NodeNotExplorable(f"Nobody knows on which data v{version.number} was run. Run it again, then look.")
    return shown


def identity(dashboard: Dashboard, version: Version | None) -> str:
    """What the data are, as a hash: equal data of two versions are the same, so their figures are too.

    Raises NodeNotExplorable.
    """
    if version is None:
        return _history_identity(dashboard.workflow_id)
    return _hash(
        [
            f"{part.label} {part.signature}" + (f" {part.rows.signature}" if part.rows else "")
            for part in parts(version, dashboard.node)
        ]
    )


def nodes(version: Version, node: str) -> list[str]:
    """The nodes whose data a dashboard of one reads. Raises NodeNotExplorable."""
    found = parts(version, node)
    return sorted({each.node for part in found for each in (part, part.rows) if each is not None})


def of_snapshot(snapshot: Snapshot) -> str:
    """The identity of a snapshot's data. Raises NodeNotExplorable."""
    return identity(snapshot.dashboard, snapshot.version)


def _history_identity(workflow_id: str) -> str:
    runs = Run.objects.filter(workflow=workflow_id)
    last = runs.aggregate(finished=Max("finished_at"))["finished"]
    points = MetricPoint.objects.filter(run__workflow=workflow_id).aggregate(last=Max("id"))["last"]
    newest = Version.objects.filter(workflow=workflow_id).aggregate(last=Max("number"))["last"]
    return _hash(["history", workflow_id, str(last), str(points), str(newest)])


def _hash(told: Sequence[str]) -> str:
    return blake3("\n".join(told).encode()).hexdigest()
