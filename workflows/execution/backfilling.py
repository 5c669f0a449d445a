"""Plans nodes of today for texts of yesterday: which of their results are stored, what is missing, and what that costs.

Texts whose plan needs no user code are planned and run as one, since what they have in common is one result then and a
process is started once; the others each by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflows.compiler import Compiled, compile_workflow, files, only, queries
from workflows.compiler.graft import GraftRefused, graft
from workflows.compiler.union import union, within
from workflows.errors import HelixError
from workflows.execution.files import identity
from workflows.execution.owncode import runs_user_code
from workflows.execution.planning import Data, Prepared, planned
from workflows.graph.dag import STATE, Dag, NodeName
from workflows.graph.signature import sign
from workflows.optimizer.materialize import USUAL
from workflows.ports import ArtifactStore
from workflows.store.files import FileChanged, FileMissing


@dataclass(frozen=True, slots=True)
class Past:
    """A text of the past: how it is called, and by path the content hashes of its files, None where nobody knows."""

    name: str
    text: str
    data: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Backfill:
    """What is to run: ``together`` for several texts, whose nodes are called ``<text's name>.<node>``, and ``alone`` by
    text. ``estimates`` are seconds by text; ``refused`` says of the others why they cannot have the nodes."""

    together: Prepared | None
    alone: Mapping[str, Prepared]
    estimates: Mapping[str, float]
    refused: Mapping[str, str]

    @property
    def estimate(self) -> float:
        """Seconds for all: what texts have in common is computed once."""
        plans = [prepared.plan for prepared in (self.together, *self.alone.values()) if prepared is not None]
        return sum(plan.estimate for plan in plans if plan is not None)


def backfill(
    pasts: Sequence[Past],
    donor: str,
    dag: Dag,
    nodes: Sequence[NodeName],
    *,
    workflow: str,
    store: ArtifactStore,
    data_root: Path,
) -> Backfill:
    """Plan ``nodes`` of the ``donor``, which compiles to ``dag``, for each text of the past."""
    compiled: dict[str, Compiled] = {}
    data: dict[str, Data] = {}
    refused: dict[str, str] = {}
    prepared: dict[str, Prepared] = {}
    for past in pasts:
        try:
            compiled[past.name] = _grafted(past, donor, dag, nodes)
            data[past.name] = _data(compiled[past.name], past)
            alone = _planned(compiled[past.name], data[past.name], nodes, workflow, store)
            _refuse_changed(alone, past, store, data_root)
        except HelixError as error:
            refused[past.name] = error.message
        else:
            prepared[past.name] = alone
    estimates = {name: each.plan.estimate for name, each in prepared.items() if each.plan is not None}
    free = [name for name, each in prepared.items() if not _needs_user_code(each)]
    together = None
    if len(free) > 1:
        all_data = {(within(name, node), split): held for name in free for (node, split), held in data[name].items()}
        wanted = [within(name, node) for name in free for node in nodes]
        together = _planned(union({name: compiled[name] for name in free}), all_data, wanted, workflow, store)
    rest = {name: each for name, each in prepared.items() if together is None or name not in free}
    return Backfill(together, rest, estimates, refused)


def _grafted(past: Past, donor: str, dag: Dag, nodes: Sequence[NodeName]) -> Compiled:
    text = past.text
    try:
        for node in nodes:
            text = graft(text, donor, dag, node).text
    except SyntaxError:
        raise GraftRefused("Its text has errors.") from None
    compiled = compile_workflow(text)
    if compiled.dag is None:
        own = compile_workflow(past.text)
        first = next(each for each in (own if own.dag is None else compiled).diagnostics if each.severity == "error")
        where = "its text has errors" if own.dag is None else f"the new node does not fit in: {first.message}"
        raise GraftRefused(where[0].upper() + where[1:].rstrip(".") + ".")
    lacking = next((node for node in nodes if node not in compiled.dag.nodes), None)
    if lacking is not None:
        raise GraftRefused(f"`{lacking}` is no node in it.")
    return only(compiled, nodes)


def _data(compiled: Compiled, past: Past) -> Data:
    assert compiled.dag is not None
    asked = {(query.node, query.split): query.version for query in queries(compiled.dag)}
    return {(file.node, file.split): past.data.get(file.path) for file in files(compiled.dag)} | asked


def _planned(
    compiled: Compiled, data: Data, nodes: Sequence[NodeName], workflow: str, store: ArtifactStore
) -> Prepared:
    assert compiled.parts is not None
    cores = len(os.sched_getaffinity(0))
    signatures = sign(compiled.parts, data)
    unplanned = Prepared(
        compiled, signatures, None, (), data, workflow, USUAL, True, frozenset(), None, cores, only=tuple(nodes)
    )
    return planned(unplanned, store)


def _refuse_changed(prepared: Prepared, past: Past, store: ArtifactStore, data_root: Path) -> None:
    """Raises GraftRefused where something is to be computed of a file that is not what it was."""
    assert prepared.plan is not None
    assert prepared.compiled.dag is not None
    for file in files(prepared.compiled.dag):
        if prepared.plan.nodes[file.node].action != "compute":
            continue
        held = past.data.get(file.path)
        if held is None:
            raise GraftRefused(f"It is not known what {file.path} was then, and what was made of it is not stored.")
        try:
            now = identity(store.catalog, store.downloads, data_root, file.path, read=True)
        except (FileMissing, FileChanged) as error:
            raise GraftRefused(error.message) from None
        if now != held:
            raise GraftRefused(f"{file.path} is not what it was then, and what was made of it is not stored any more.")


def _needs_user_code(prepared: Prepared) -> bool:
    assert prepared.plan is not None
    assert prepared.parts is not None
    parts = prepared.parts.parts
    return any(
        (decision.action == "compute" or (decision.action == "load" and part.label == STATE))
        and runs_user_code(parts[part], parts)
        for part, decision in prepared.plan.parts.items()
    )
