"""Opens the stored results that a plan loads, and plans anew where one turns out to be gone or damaged."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from workflows.execution.pins import Pins
from workflows.execution.planning import Prepared, planned
from workflows.execution.progress import Progress
from workflows.graph.dag import VALUE, PartId
from workflows.hashing import Signature
from workflows.optimizer.reasons import DAMAGED, GONE
from workflows.ports import ArtifactDamaged, ArtifactMissing, ArtifactStore, StoredArtifact
from workflows.store.codecs import decode

logger = logging.getLogger(__name__)

_TRIES = 8  # plans made because a result was gone, before everything is computed


@dataclass(frozen=True, slots=True)
class Load:
    """A result that was opened and verified, and the seconds that took."""

    artifact: StoredArtifact
    seconds: float


def opened(prepared: Prepared, store: ArtifactStore, pins: Pins) -> tuple[Prepared, dict[PartId, Load]]:
    """What the plan loads, opened, and pinned where a computation reads it; with the plan that was made in the end."""
    lost: dict[Signature, str] = {}
    for attempt in range(_TRIES + 1):
        try:
            pins.hold(_signatures(prepared, needed_loads(prepared)))  # first: what is opened is not evicted then
            return _explained(prepared, lost), _open(prepared, store)
        except (ArtifactMissing, ArtifactDamaged) as error:
            logger.warning("planning anew: %s", error.message)
            lost[error.data["signature"]] = DAMAGED if isinstance(error, ArtifactDamaged) else GONE
            prepared = planned(prepared if attempt < _TRIES - 1 else replace(prepared, reuse=False), store)
    raise AssertionError("a plan without reuse loads nothing")


def needed_loads(prepared: Prepared) -> set[PartId]:
    """The loaded parts that a computed part reads."""
    plan, parts = prepared.plan, prepared.parts
    assert plan is not None
    assert parts is not None
    read = {
        plan.parts[part].same_as or part
        for name, decision in plan.parts.items()
        if decision.action == "compute" and decision.same_as is None
        for part in parts.parts[name].requires
    }
    return {part for part in read if plan.parts[part].action == "load"}


def _signatures(prepared: Prepared, parts: Iterable[PartId]) -> Iterator[Signature]:
    for part in parts:
        assert prepared.plan is not None
        signature = prepared.plan.parts[part].holder or prepared.signatures[part]
        assert signature is not None
        yield signature


def delivered(progress: Progress, loads: Mapping[PartId, Load], same_as: Mapping[PartId, PartId]) -> None:
    """Tell of results that no computation reads: verified, which is all the loading that they need, but for values."""
    twins: dict[PartId, list[PartId]] = {}
    for twin, part in same_as.items():
        twins.setdefault(part, []).append(twin)
    for part, load in loads.items():
        progress.started(part.node)
        value = decode(load.artifact.codec, _source(load.artifact)) if part.label == VALUE else None
        for place in (part, *twins.get(part, ())):
            if place.label == VALUE:
                progress.value(place.node, value)
            progress.loaded(place, load.artifact.digest)
            progress.finished(place, load.seconds, load.artifact.bytes)


def _source(artifact: StoredArtifact) -> bytes | Path:
    source = artifact.inline if artifact.path is None else artifact.path
    assert source is not None
    return source


def _explained(prepared: Prepared, lost: Mapping[Signature, str]) -> Prepared:
    """The same, with a plan that says of what is computed since its stored result was lost that this is why."""
    plan = prepared.plan
    assert plan is not None
    reasons = {
        part.node: lost[decision.signature]
        for part, decision in plan.parts.items()
        if decision.action == "compute" and decision.signature is not None and decision.signature in lost
    }
    nodes = {name: node._replace(reason=reasons.get(name, node.reason)) for name, node in plan.nodes.items()}
    return replace(prepared, plan=replace(plan, nodes=nodes)) if reasons else prepared


def _open(prepared: Prepared, store: ArtifactStore) -> dict[PartId, Load]:
    assert prepared.plan is not None
    loads: dict[PartId, Load] = {}
    for part in prepared.plan.order:
        decision = prepared.plan.parts[part]
        if decision.action == "load":
            assert decision.signature is not None
            began = time.perf_counter()
            artifact = store.open(decision.holder or decision.signature)
            loads[part] = Load(artifact, time.perf_counter() - began)
    return loads
