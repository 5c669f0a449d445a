"""Tells the ledger, as a run begins, what the run has of what is kept, what loading that saves, and what was edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from workflows.execution.loading import Load
from workflows.execution.planning import Prepared
from workflows.graph.dag import STATE, PartId
from workflows.optimizer.outlook import MEMORY_EDITS, kinds_edited, outlook_of, regain
from workflows.ports import EDITS, ArtifactStore, Use

_LONGEST_NAME = 200  # characters of a node's name, or a part's: what a table's column takes


def enter_run(prepared: Prepared, loads: Mapping[PartId, Load], store: ArtifactStore) -> None:
    """Note that a run of the plan begins. What it learns of edits counts from the next run on."""
    parts, plan, ledger = prepared.parts, prepared.plan, store.catalog.ledger
    assert parts is not None
    assert plan is not None
    saved: dict[PartId, float] = {}
    if loads:
        outlook = outlook_of(parts, plan, {})
        costs = [plan.parts[part].load_cost or 0.0 for part in outlook.parts]
        places = {part: place for place, part in enumerate(outlook.parts)}
        for part in loads:
            again = regain(outlook.requires, places[part], outlook.stored, outlook.seconds, costs)
            saved[part] = max(0.0, again - costs[places[part]])
    several = Counter(part.node for part in prepared.signatures)
    uses = [
        Use(signature, part.node[:_LONGEST_NAME], saved.get(part), _called(part) if several[part.node] > 1 else "")
        for part, signature in prepared.signatures.items()
        if signature is not None
    ]
    ledger.use(prepared.workflow, uses, whole=not prepared.only)
    if prepared.previous is not None and prepared.compiled.parts is not None:
        edits = kinds_edited(prepared.compiled.parts, prepared.whole, prepared.previous)
        if edits:
            ledger.count(EDITS, edits, most=MEMORY_EDITS)


def _called(part: PartId) -> str:
    return "learned" if part.label == STATE else part.label[:_LONGEST_NAME]
