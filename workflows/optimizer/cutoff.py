"""Early cut-off: what traces tell of results before, and while, a run computes them (engine.md §1).

A part whose signature is new may still give what is known: an earlier run applied the same operation to inputs of the
same values (a constructive trace; Mokhov, Mitchell and Peyton Jones, *Build Systems à la Carte*, ICFP 2018, section
4.2.3). Before a run that is known of parts whose inputs are; while it goes on, of those whose inputs turned out equal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from workflows.graph.dag import NodeName, Part, PartGraph, PartId
from workflows.graph.signature import trace_key
from workflows.hashing import Digest, Signature
from workflows.operators.registry import OPERATORS
from workflows.optimizer.reuse import Choice, Selection, select
from workflows.ports import Equal, Record, Trace

_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is known of results before a run.

    ``values``: of each part whose result is known. ``traces``: by key, those of the operations of parts that never
    completed; ``told``: the parts among these whose results they tell; ``conditional``: those that they may tell once
    inputs were computed.
    """

    values: Mapping[PartId, Digest] = field(default_factory=dict)
    traces: Mapping[Signature, Trace] = field(default_factory=dict)
    told: Mapping[PartId, Trace] = field(default_factory=dict)
    conditional: frozenset[PartId] = frozenset()


def foresee(
    graph: PartGraph,
    signatures: Mapping[PartId, Signature | None],
    records: Mapping[Signature, Record],
    operations: Mapping[PartId, Signature] | None = None,
    traces: Mapping[Signature, Trace] | None = None,
) -> Foresight:
    """What ``records`` and ``traces`` tell of each part. ``operations`` are those of the parts that traces may tell;
    without them nothing is told but what records do.

    What is never stored (a source) is known by its signature, which is made of the content of its file.
    """
    operations, traces = operations or {}, traces or {}
    traced = {trace.operation for trace in traces.values()}
    values: dict[PartId, Digest] = {}
    told: dict[PartId, Trace] = {}
    conditional: set[PartId] = set()
    for part_id, part in graph.parts.items():
        signature = signatures[part_id]
        if signature is None:
            continue
        record = records.get(signature)
        if not OPERATORS[part.node.operator].stored:
            values[part_id] = Digest(signature)
        elif record is not None:
            if record.value is not None:
                values[part_id] = record.value
        elif (operation := operations.get(part_id)) in traced and operation is not None:
            key = trace_key(part, operation, values, graph.parts)
            if key is None:
                conditional.add(part_id)
            elif key in traces:
                told[part_id] = traces[key]
                values[part_id] = traces[key].value
    return Foresight(values, traces, told, frozenset(conditional))


def tell(
    graph: PartGraph,
    waiting: Set[PartId],
    same_as: Mapping[PartId, PartId],
    operations: Mapping[PartId, Signature],
    traces: Mapping[Signature, Trace],
    values: Mapping[PartId, Digest],
) -> dict[PartId, Trace]:
    """The ``waiting`` parts whose results traces tell, now that ``values`` of others are known; and what these tell."""
    known = dict(values)
    told: dict[PartId, Trace] = {}
    for part_id, part in graph.parts.items():
        if part_id in same_as:
            if same_as[part_id] in known:
                known[part_id] = known[same_as[part_id]]
        elif part_id in waiting and part_id in operations:
            key = trace_key(part, operations[part_id], known, graph.parts)
            if key is not None and key in traces:
                told[part_id] = traces[key]
                known[part_id] = traces[key].value
    return told


def origins(
    requires: Mapping[PartId, Sequence[PartId]], told: Iterable[PartId], computed: Set[PartId]
) -> dict[PartId, NodeName]:
    """For each part that traces told of, in order, the node that was computed anew and gave what it gave before."""
    found: dict[PartId, NodeName] = {}
    for part in told:
        above = [item for item in requires[part] if item in computed or item in found]
        above.sort(key=lambda item: item.node == part.node)  # rather another node than its own state
        if above:
            found[part] = found.get(above[0], above[0].node)
    return found


def equal_by(part: Part, signature: Signature | None, trace: Trace, holder: Signature | None) -> Equal:
    """What is entered of a part that a trace tells of, so that the next plan knows it by its signature."""
    assert signature is not None
    costs = (trace.seconds, trace.input_bytes, trace.bytes)
    return Equal(Record(signature, part.node.operator, *costs, None, None, None, time.time(), trace.value), holder)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands, in seconds. ``there``: parts that are done or running, which cost nothing more; ``compute``:
    what the others take; ``load``: what loading them takes, where they can be; ``fixed``: those that were to be loaded
    anyway. ``requires`` holds for each part what it needs, ``wanted`` what is to be there in the end."""

    there: Set[PartId]
    compute: Mapping[PartId, float]
    load: Mapping[PartId, float]
    fixed: Set[PartId]
    requires: Mapping[PartId, Sequence[PartId]]
    wanted: Sequence[PartId]


def replan(standing: Standing) -> dict[PartId, Choice]:
    """The best choice for each part that has not begun, as exactly as a plan's."""
    parts = [*standing.there, *standing.fixed, *standing.compute]
    places = {part: place for place, part in enumerate(parts)}
    begun = len(standing.there)
    # What is there, and what is loaded in any case, is never computed: so it requires nothing.
    settled = begun + len(standing.fixed)
    costs = [round(standing.compute[part] * _NANOSECONDS) for part in parts[settled:]]
    loads = [standing.load.get(part) for part in parts[begun:]]
    prices = [None if load is None else round(load * _NANOSECONDS) for load in loads]
    problem = Selection(
        requires=[[]] * settled + [[places[item] for item in standing.requires[part]] for part in parts[settled:]],
        compute=[0] * begun + [price or 0 for price in prices[: settled - begun]] + costs,
        load=[0] * begun + prices,
        wanted=[places[part] for part in standing.wanted],
    )
    return dict(zip(parts[begun:], select(problem)[begun:], strict=True))
