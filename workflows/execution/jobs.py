"""Puts together what a run process needs to know: the job of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from workflows.execution.limits import Limits
from workflows.execution.loading import Load
from workflows.execution.planning import Prepared
from workflows.execution.protocol import Job, SparkAddress
from workflows.graph.dag import Part, PartGraph, PartId
from workflows.graph.signature import operations
from workflows.optimizer.outlook import outlook_of
from workflows.ports import EDITS, ArtifactStore


def job_of(
    prepared: Prepared,
    loads: Mapping[PartId, Load],
    store: ArtifactStore,
    staging: Path,
    data_root: Path,
    limits: Limits,
    spark: SparkAddress | None = None,
) -> Job:
    """The job of a plan that computes something; ``loads`` are the opened results that its computed parts read."""
    compiled, plan = prepared.compiled, prepared.plan
    assert plan is not None
    assert prepared.parts is not None
    assert compiled.program is not None
    assert compiled.dag is not None
    computed = {name for name, decision in plan.parts.items() if decision.action == "compute" and not decision.same_as}
    same_as = {
        name: decision.same_as
        for name, decision in plan.parts.items()
        if decision.same_as is not None and (decision.same_as in computed or decision.same_as in loads)
    }
    chosen = computed | loads.keys() | same_as.keys()
    parts = {name: part for name, part in prepared.parts.parts.items() if name in chosen}
    foresight = prepared.foresight
    conditional = frozenset(name for name in computed if plan.parts[name].conditional)
    values = {name: value for name, value in foresight.values.items() if name in parts}
    return Job(
        program=compiled.program,
        parts=PartGraph(parts, tuple(part for part in prepared.parts.wanted if part in parts)),
        lines={name.node: compiled.dag.lines[name.node][0] for name in parts},
        signatures={name: prepared.signatures[name] for name in parts},
        loads={part: load.artifact for part, load in loads.items()},
        same_as=same_as,
        ranks=_ranks(parts, {name: plan.parts[name].estimate for name in parts}),
        data=dict(prepared.data),
        missing={(missing.node, missing.split): missing.message for missing in prepared.missing},
        data_root=data_root.resolve(),
        downloads=store.downloads.resolve(),
        lib=prepared.lib,
        staging=staging,
        policy=prepared.policy,
        outlook=outlook_of(prepared.parts, plan, store.catalog.ledger.tally(EDITS)),
        speed=store.speed,
        room=store.room,
        cores=prepared.cores,
        limits=limits,
        operations=operations(prepared.parts, prepared.data, computed),
        values=values,
        conditional=conditional,
        traces=frozenset(foresight.traces) if conditional else frozenset(),
        hashed=_hashed(parts, conditional, same_as) - values.keys(),
        spark=spark,
    )


def _hashed(
    parts: Mapping[PartId, Part], conditional: Set[PartId], same_as: Mapping[PartId, PartId]
) -> frozenset[PartId]:
    """What conditional parts are made of."""
    return frozenset(same_as.get(item, item) for name in conditional for item in parts[name].requires)


def _ranks(parts: Mapping[PartId, Part], estimates: Mapping[PartId, float]) -> dict[PartId, float]:
    """For each part the estimated seconds from its start to the end of the run, along the longest way."""
    ranks = dict(estimates)
    for name in reversed(list(parts)):
        for needed in parts[name].requires:
            if needed in ranks:
                ranks[needed] = max(ranks[needed], estimates[needed] + ranks[name])
    return ranks
