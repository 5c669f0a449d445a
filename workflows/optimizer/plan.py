"""The plan as a value: for each part and each node load, compute or prune, with the reason and an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.events import Action
from workflows.graph.dag import NodeName, PartId
from workflows.hashing import Signature


@dataclass(frozen=True, slots=True)
class PartPlan:
    """The decision for one part. ``signature`` is None where the data's identity is unknown. ``estimate``: seconds.

    ``same_as`` is the part of an equal signature that is computed in its stead, if any.
    """

    part: PartId
    signature: Signature | None
    action: Action
    stale: bool
    estimate: float
    compute_cost: float
    load_cost: float | None
    same_as: PartId | None = None


@dataclass(frozen=True, slots=True)
class NodePlan:
    """What people see: a node's action is compute if any part is computed, else load if any is loaded, else prune."""

    node: NodeName
    operator: str
    action: Action
    stale: bool
    reason: str
    estimate: float
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Plan:
    """``order`` lists the parts to load or compute, inputs first. ``estimate`` is the simulated makespan in seconds;
    ``error`` the relative error that scaling the costs for the minimum cut may have caused."""

    parts: Mapping[PartId, PartPlan]
    order: tuple[PartId, ...]
    nodes: Mapping[NodeName, NodePlan]
    estimate: float
    error: float
