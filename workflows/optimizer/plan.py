"""The plan: for each part and each node load, compute or prune, with the reason and an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

from workflows.events import Action
from workflows.graph.dag import NodeName, Part, PartGraph, PartId
from workflows.graph.slicing import Slicing
from workflows.hashing import Digest, Signature
from workflows.optimizer.costs import OVERHEAD_SECONDS, Cost, CostModel
from workflows.optimizer.cutoff import Foresight
from workflows.optimizer.history import Previous
from workflows.optimizer.makespan import simulate
from workflows.optimizer.reasons import (
    EQUAL,
    EVICTED,
    FORCED,
    NOT_KEPT,
    PRUNED,
    REUSE_OFF,
    Explainer,
    cheaper,
    weightless,
)
from workflows.optimizer.reuse import Choice, Selection, select
from workflows.ports import Record

_ACTIONS: tuple[Action, ...] = ("prune", "load", "compute")  # by Choice
_COMPUTE, _LOAD, _PRUNE = Choice.COMPUTE, Choice.LOAD, Choice.PRUNE
_NANOSECONDS = 1e9
NOTHING_FORESEEN = Foresight()


class PartPlan(NamedTuple):
    """The decision for one part. ``signature`` is None where the data's identity is unknown. ``estimate``: seconds.

    ``bytes``: the size of its result, estimated unless it was computed before. ``same_as`` is the part of an equal
    signature that is computed (or loaded) in its stead, if any. ``evicted``: its result was stored, and made room.
    ``holder`` is the signature under which an equal result is stored, where it is not computed and its own has none.
    ``conditional``: it may turn out equal to an earlier result, and then need not be computed; the estimate takes it
    that it must.
    """

    part: PartId
    signature: Signature | None
    action: Action
    stale: bool
    estimate: float
    compute_cost: float
    load_cost: float | None
    bytes: float = 0.0
    same_as: PartId | None = None
    evicted: bool = False
    holder: Signature | None = None
    conditional: bool = False


class NodePlan(NamedTuple):
    """What people see: a node's action is compute if any part is computed, else load if any is loaded, else prune.

    ``signature`` is that of its last part. ``conditional``: parts of it may turn out to be known, and not be computed.
    """

    node: NodeName
    operator: str
    action: Action
    stale: bool
    reason: str
    estimate: float
    signature: Signature | None
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``order`` lists the parts to load or compute, inputs first, as a schedule would start them; parts that are
    ``same_as`` another are not in it. ``estimate`` is the simulated makespan in seconds; ``error`` the relative error
    of the least cost that rounding costs to nanoseconds may have caused.
    """

    parts: Mapping[PartId, PartPlan]
    order: tuple[PartId, ...]
    nodes: Mapping[NodeName, NodePlan]
    estimate: float
    error: float


def plan_run(
    parts: PartGraph,
    signatures: Mapping[PartId, Signature | None],
    records: Mapping[Signature, Record],
    *,
    costs: CostModel,
    reuse: bool = True,
    force: frozenset[NodeName] = frozenset(),
    previous: Previous | None = None,
    cores: int = 1,
    slicing: Slicing | None = None,
    evicted: Set[Signature] = frozenset(),
    foresight: Foresight = NOTHING_FORESEEN,
    holders: Mapping[Digest, Record] | None = None,
) -> Plan:
    """The plan of least summed cost for what is wanted, unique among those (``reuse``), and how long it will take.

    ``records`` are what the catalog knows of these signatures, and of ``previous``'s, whose costs stand in for parts
    that never ran. Parts of equal signature are one. Without ``reuse`` everything is computed (staleness still tells
    the truth); nodes in ``force`` are computed whatever is stored (names that are not in the graph are ignored).
    ``slicing`` is what ``parts`` and ``signatures`` come from, if matrices in them are sliced: to the user it is the
    whole matrix that is stale or not, and a part that is left out is not stale.
    ``evicted`` are known to have been stored, so that a reason can say it. ``foresight`` is what traces tell;
    ``holders`` are stored results of the values that they tell.
    """
    members = list(parts.parts.values())
    signed = [signatures[part_id] for part_id in parts.parts]
    places, requires = parts.places, parts.requires
    estimates = costs.estimate(members, requires, signed, records, previous)
    held: dict[PartId, Record] = {}
    for part_id, trace in foresight.told.items():
        holder = (holders or {}).get(trace.value)
        load = None if holder is None else costs.load_seconds(holder)
        estimates[places[part_id]] = Cost(trace.seconds + OVERHEAD_SECONDS, load, trace.bytes)
        if holder is not None:
            held[part_id] = holder

    first = _first_of_equals(signed)
    if first != list(range(len(first))):
        # An equal of an earlier part stands aside: whoever requires it requires the earlier one.
        requires = [[first[item] for item in items] if first[i] == i else [] for i, items in enumerate(requires)]
    problem = Selection(
        requires=requires,
        compute=[round(cost.compute * _NANOSECONDS) for cost in estimates],
        load=[round(cost.load * _NANOSECONDS) if reuse and cost.load is not None else None for cost in estimates],
        wanted=[first[places[part_id]] for part_id in parts.wanted],
        forced={first[place] for part_id, place in places.items() if part_id.node in force} if force else set(),
    )
    choices = select(problem)

    told = signatures if slicing is None else slicing.whole
    hidden: Set[PartId] = frozenset() if slicing is None else slicing.hidden
    conditional = foresight.conditional
    plans: dict[PartId, PartPlan] = {}
    seconds: list[float] = []
    for place, (part_id, signature, cost, same) in enumerate(zip(parts.parts, signed, estimates, first, strict=True)):
        choice = choices[same]
        load, computed = cost.load if reuse else None, choice is _COMPUTE
        spent = (cost.compute if computed else load if choice is _LOAD else 0.0) if same == place else 0.0
        seconds.append(spent or 0.0)
        known = signature is not None and (signature in records or told[part_id] in records)
        plans[part_id] = PartPlan(
            part_id,
            signature,
            _ACTIONS[choice],
            not (known or (hidden and part_id in hidden)),
            seconds[-1],
            cost.compute,
            load,
            cost.bytes,
            None if same == place else members[same].id,
            signature in evicted,
            held[part_id].signature if held and not computed and part_id in held else None,
            computed and part_id in conditional,
        )
    makespan, order, total = _schedule(choices, requires, seconds, cores)
    return Plan(
        parts=plans,
        order=tuple([members[place].id for place in order]),
        nodes=_node_plans(members, plans, Explainer(parts, told, previous), reuse, force, slicing),
        estimate=makespan,
        error=min(1.0, 0.5 / _NANOSECONDS * len(order) / total) if total else 0.0,
    )


def _first_of_equals(signatures: Sequence[Signature | None]) -> list[int]:
    """For each part the place of the first with the same signature: its own, where there is none before."""
    places: dict[Signature, int] = {}
    return [
        place if signature is None else places.setdefault(signature, place)
        for place, signature in enumerate(signatures)
    ]


def _schedule(
    choices: Sequence[Choice], requires: Sequence[Sequence[int]], seconds: Sequence[float], cores: int
) -> tuple[float, list[int], float]:
    """The makespan, the places of what is loaded or computed in the order in which it starts, and its summed time."""
    active = [place for place, choice in enumerate(choices) if choice is not _PRUNE]
    tasks = [0] * len(choices)
    for task, place in enumerate(active):
        tasks[place] = task
    nothing: Sequence[int] = ()
    after = [[tasks[item] for item in requires[i]] if choices[i] is _COMPUTE else nothing for i in active]
    spent = [seconds[place] for place in active]
    makespan, started = simulate(spent, after, cores)
    return makespan, [active[task] for task in started], sum(spent)


def _node_plans(
    parts: Sequence[Part],
    plans: Mapping[PartId, PartPlan],
    explainer: Explainer,
    reuse: bool,
    force: frozenset[NodeName],
    slicing: Slicing | None,
) -> dict[NodeName, NodePlan]:
    nodes: dict[NodeName, NodePlan] = {}
    forced = {plan.same_as or part for part, plan in plans.items() if part.node in force} if force else set()
    every = iter(plans.values())
    for name, group in groupby(parts, key=_node_of):
        members = list(group)
        decided = list(islice(every, len(members)))
        actions = [plan.action for plan in decided]
        action: Action = "compute" if "compute" in actions else "load" if "load" in actions else "prune"
        nodes[name] = NodePlan(
            node=name,
            operator=members[0].node.operator,
            action=action,
            stale=True in [plan.stale for plan in decided],
            reason=_left_out(name, plans, slicing)
            if action == "prune"
            else _reason(action, members, decided, explainer, reuse, name in force, forced),
            estimate=sum([plan.estimate for plan in decided]),
            signature=decided[-1].signature,
            conditional=True in [plan.conditional for plan in decided],
        )
    return nodes


def _node_of(part: Part) -> NodeName:
    return part.id.node


def _left_out(name: NodeName, plans: Mapping[PartId, PartPlan], slicing: Slicing | None) -> str:
    """Why a node is pruned: nothing needs it, or what is computed does without it."""
    if slicing is None:
        return PRUNED
    matrix = slicing.features.get(name) or slicing.above.get(name)
    if matrix is None or plans[matrix].action != "compute":
        return PRUNED
    return weightless(slicing.sliced[matrix], name in slicing.features)


def _reason(
    action: Action,
    members: Sequence[Part],
    decided: Sequence[PartPlan],
    explainer: Explainer,
    reuse: bool,
    forced: bool,
    forced_parts: Set[PartId],
) -> str:
    """Why the node's action: of several parts with that action, what is stale speaks first.

    ``forced``: the node itself is; ``forced_parts`` are computed for any node, and stand for equal ones of others.
    """
    if forced and action == "compute":
        return FORCED
    for part, plan in zip(members, decided, strict=True):
        if plan.stale and plan.action == action == "compute":
            return explainer.stale(part)
    acting = [(part, plan) for part, plan in zip(members, decided, strict=True) if plan.action == action]
    if action == "load":
        return EQUAL if any(plan.holder for _, plan in acting) else explainer.loaded(acting[0][0].id)
    if any((plan.same_as or plan.part) in forced_parts for _, plan in acting):
        return FORCED
    if not reuse:
        return REUSE_OFF
    stored = [(plan.compute_cost, plan.load_cost) for _, plan in acting if plan.load_cost is not None]
    if stored:
        return cheaper(stored)
    return EVICTED if any(plan.evicted for _, plan in acting) else NOT_KEPT
