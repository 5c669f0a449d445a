"""Which parts to load, compute or prune, at the least cost: project selection, solved exactly (engine.md §2).

Every wanted part must be loaded or computed, and what a computed part requires must be there too. In the terms of a
maximum-weight closure: choosing ``a_i`` ("available") costs its load, choosing ``b_i`` ("computed rather than loaded")
earns load − compute and requires ``a_i`` and ``a_j`` of all that it requires; what cannot be loaded is one project
that costs its compute (Xin et al. 2018, section 5.2; Kleinberg & Tardos, *Algorithm Design*, section 7.11).

Costs are integers (nanoseconds), and Python's integers do not overflow, so the answer is exact. Among answers of equal
cost the one that computes fewest parts is taken, and of those the one that touches fewest. That one is unique: two
would both contain their intersection, which is again a closure of least cost and no larger.

Most parts are decided without any cut (``presolve``): a demanded part whose load is at most its compute is loaded, one
that cannot be loaded is computed, and so is one whose inputs are all there anyway. Only parts whose load is dearer than
their compute, but whose inputs may be dearer still, are left for the minimum cut (``closure``).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import IntEnum

from workflows.optimizer.closure import best_closure


class Choice(IntEnum):
    """What is decided for a part. OPEN: it will be there, loaded or computed."""

    PRUNE = 0
    LOAD = 1
    COMPUTE = 2
    OPEN = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """A problem over parts 0 … n-1. ``load`` is None where a part cannot be loaded; ``forced`` parts are computed."""

    requires: Sequence[Sequence[int]]
    compute: Sequence[int]
    load: Sequence[int | None]
    wanted: Sequence[int]
    forced: Set[int] = frozenset()


def select(problem: Selection) -> list[Choice]:
    """The choice for each part: of least cost, then fewest computed, then fewest touched. Unique."""
    choices = presolve(problem)
    open_parts = [part for part, choice in enumerate(choices) if choice is Choice.OPEN]
    if open_parts:
        _decide(problem, choices, open_parts)
    return choices


def presolve(problem: Selection) -> list[Choice]:
    """Everything that can be told without comparing costs of several parts. Linear in parts and requirements.

    OPEN parts are left: their load is dearer than their compute, and some input is not known to be there.
    """
    requires, compute, load = problem.requires, problem.compute, problem.load
    choices = [Choice.PRUNE] * len(requires)
    lacking: dict[int, int] = {}  # open part → how many of its inputs are not known to be there
    waiting: dict[int, list[int]] = {}  # part → open parts that lack it
    demanded = [*problem.wanted, *problem.forced]
    while demanded:
        part = demanded.pop()
        if choices[part] is not Choice.PRUNE:
            continue
        price = None if part in problem.forced else load[part]
        if price is None:
            choices[part] = Choice.COMPUTE
            demanded.extend(requires[part])
        elif price <= compute[part]:
            choices[part] = Choice.LOAD
        else:
            missing = [item for item in requires[part] if choices[item] is Choice.PRUNE]
            choices[part] = Choice.OPEN if missing else Choice.COMPUTE
            lacking[part] = len(missing)
            for item in missing:
                waiting.setdefault(item, []).append(part)
        for user in waiting.pop(part, ()):
            lacking[user] -= 1
            if not lacking[user]:
                choices[user] = Choice.COMPUTE
    return choices


def _decide(problem: Selection, choices: list[Choice], open_parts: Sequence[int]) -> None:
    """Decide the open parts, and what computing them would demand, by a maximum-weight closure."""
    requires, compute, load = problem.requires, problem.compute, problem.load
    computable, lacking = _region(problem, choices, open_parts)
    unit = len(requires) + 1  # more than there are parts: counts of parts never outweigh a nanosecond
    weights: list[int] = []
    edges: list[Sequence[int]] = []

    def project(weight: int, items: Sequence[int] = ()) -> int:
        weights.append(weight)
        edges.append(items)
        return len(weights) - 1

    available: dict[int, int] = {}  # part → the project that makes it available
    computed: dict[int, int] = {}  # part → the project that computes it
    for part in lacking:
        price = load[part]
        cost = compute[part] * unit + 1 if price is None else price * unit
        available[part] = project(-(cost * unit + 1))
    for part in computable:
        price = load[part]
        items = [available[item] for item in requires[part] if item in available]
        if price is None:
            computed[part] = available[part]
            edges[available[part]] = items
        else:
            if part in available:
                items.append(available[part])
            computed[part] = project(((price - compute[part]) * unit - 1) * unit, items)
    chosen = best_closure(weights, edges)
    for part in (*open_parts, *lacking):
        if part in computed and chosen[computed[part]]:
            choices[part] = Choice.COMPUTE
        elif choices[part] is Choice.OPEN or chosen[available[part]]:
            choices[part] = Choice.LOAD


def _region(problem: Selection, choices: Sequence[Choice], open_parts: Sequence[int]) -> tuple[list[int], list[int]]:
    """The parts whose computing is in question, and the parts that are not known to be there but may be demanded."""
    computable = list(open_parts)
    lacking: dict[int, None] = {}
    for part in computable:  # grows while it is walked
        for item in problem.requires[part]:
            if choices[item] is Choice.PRUNE and item not in lacking:
                lacking[item] = None
                price = problem.load[item]
                if price is None or price > problem.compute[item]:
                    computable.append(item)
    return computable, list(lacking)
