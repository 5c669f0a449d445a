"""Audits: a random share of what a run loaded is computed anew and compared, so that reuse is seen to be sound.

A load that is drawn is computed from its stored inputs, with reuse for all but itself, in a run process as any other,
and the value digests are compared. Since equal signatures mean equal results (engine design, "soundness"), a difference
is a defect: the stored result is put into quarantine, what was made of it is forgotten, and the user is told.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from workflows.events import Event
from workflows.execution.limits import Limits
from workflows.execution.loading import needed_loads, opened
from workflows.execution.pins import Pins
from workflows.execution.planning import Prepared, planned
from workflows.execution.progress import Events, Progress
from workflows.execution.sandbox import Isolation
from workflows.execution.supervision import supervise
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import PartGraph, PartId
from workflows.hashing import Digest, Signature
from workflows.ports import AUDITS, ArtifactStore, Cancellation, Catalog, Record, Staged, Trace

logger = logging.getLogger(__name__)

_OVERTIME = 20.0  # seconds beyond its time after which a computation is given up: a warm server may have to start


@dataclass(frozen=True, slots=True)
class FalseHit:
    """A stored result that is not what computing gives: ``node`` it is of, and the values of both."""

    node: str
    stored: Digest
    computed: Digest

    @property
    def told(self) -> tuple[str, Digest, Digest]:
        return self.node, self.stored, self.computed

    @property
    def message(self) -> str:
        return (
            f"The stored result of `{self.node}` was not what computing it gives (value {self.stored[:12]}… against "
            f"{self.computed[:12]}…). It was put into quarantine, and what was made of it forgotten: run again. If "
            f"`{self.node}` reads the clock, the network or anything else that its inputs do not name, give it "
            "`cache=False`; else this is a defect of HelixWeb, and worth a report."
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found; ``checked`` are the nodes whose results were computed anew and compared."""

    checked: tuple[str, ...] = ()
    false_hits: tuple[FalseHit, ...] = ()


def drawn(prepared: Prepared, share: float, chance: random.Random) -> list[PartId]:
    """The loads of a plan that are to be checked: each with the probability ``share``, in random order."""
    assert prepared.plan is not None
    loads = [
        part
        for part, decision in prepared.plan.parts.items()
        if decision.action == "load" and decision.same_as is None and decision.signature is not None
    ]
    picked = [part for part in loads if chance.random() < share]
    chance.shuffle(picked)
    return picked


@dataclass(frozen=True, slots=True)
class Auditor:
    """Computes loads of plans that were run anew. It gives up where ``cancellation`` is asked for."""

    store: ArtifactStore
    data_root: Path
    warm: WarmServer
    isolation: Isolation
    limits: Limits
    cancellation: Cancellation

    def audit(self, prepared: Prepared, parts: Sequence[PartId], seconds: float) -> Audit:
        """Check loads of a plan that was run, one after the other; what is found is counted in the store's ledger.

        A part is left out where checking it is estimated to take longer than what is left of ``seconds``; and where
        the computation fails, is given up or takes _OVERTIME longer, which says nothing.
        """
        checked: list[str] = []
        false_hits: list[FalseHit] = []
        end = time.monotonic() + seconds
        for part in parts:
            if self.cancellation.requested():
                break
            values = self._values(prepared, part, end)
            if values is None:
                continue
            checked.append(part.node)
            if values[0] != values[1]:
                false_hits.append(FalseHit(part.node, *values))
                self._cast_out(prepared, part, false_hits[-1])
        if checked:
            counts = {"checked": float(len(checked)), "false hits": float(len(false_hits))}
            self.store.catalog.ledger.count(AUDITS, counts)
        return Audit(tuple(checked), tuple(false_hits))

    def _values(self, prepared: Prepared, part: PartId, end: float) -> tuple[Digest, Digest] | None:
        """The values of the stored result and of the computed one; None where that could not be told."""
        signature = prepared.signatures[part]
        assert signature is not None
        record = self.store.catalog.records([signature]).get(signature)
        if record is None or not record.stored or record.value is None:
            return None
        lens = _Lens(self.store, signature)
        store = cast(ArtifactStore, lens)
        alone = planned(_of_one(prepared, part), store)
        assert alone.plan is not None
        if alone.plan.estimate > end - time.monotonic():
            return None
        events = Events(_Unheard())
        with Pins(self.store.catalog) as pins, ExitStack() as afterwards:
            alone, loads = opened(alone, store, pins)
            supervise(
                alone,
                {name: loads[name] for name in needed_loads(alone)},
                store=store,
                data_root=self.data_root,
                progress=Progress(alone, events),
                events=events,
                cancellation=_Deadline(self.cancellation, end + _OVERTIME),
                limits=self.limits,
                isolation=self.isolation,
                warm=self.warm,
                afterwards=afterwards,
            )
        return None if lens.value is None else (record.value, lens.value)

    def _cast_out(self, prepared: Prepared, part: PartId, found: FalseHit) -> None:
        """Put the false result aside, and forget all that was made of it: it may be false as well."""
        parts, signatures = prepared.parts, prepared.signatures
        assert parts is not None
        signature = signatures[part]
        assert signature is not None
        logger.error("false hit: %s of node %s: stored %s, computed %s", signature, *found.told)
        self.store.quarantine(signature, "an audit computed another result")
        below = {part}
        for name, each in parts.parts.items():
            if not below.isdisjoint(each.requires):
                below.add(name)
                made = signatures[name]
                if made is not None:
                    self.store.catalog.forget(made)


def _of_one(prepared: Prepared, target: PartId) -> Prepared:
    """The same for one part and what it is made of; all that is kept is its own result."""
    graph = prepared.parts
    assert graph is not None
    needed = {target}
    for name in reversed(list(graph.parts)):
        if name in needed:
            needed.update(graph.parts[name].requires)
    parts = PartGraph({name: part for name, part in graph.parts.items() if name in needed}, (target,))
    return replace(
        prepared,
        compiled=replace(prepared.compiled, parts=parts),
        signatures={name: prepared.signatures[name] for name in parts.parts},
        policy="outputs",
        reuse=True,
        force=frozenset(),
        engine="local",  # what the other one computed is to be the same
        previous=None,
        slicing=None,
    )


class _Lens:
    """A store as it is but for one result, which it does not have; what is staged it only looks at."""

    def __init__(self, store: ArtifactStore, signature: Signature) -> None:
        self._store = store
        self._signature = signature
        self.catalog = _CatalogLens(store.catalog, signature)
        self.value: Digest | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def adopt(self, _: Path, staged: Sequence[Staged], *__: object, **___: object) -> list[Staged]:
        for each in staged:
            if each.signature == self._signature:
                # The bytes of a model do not say what it is; its value comes along.
                self.value = each.value or (each.digest if each.codec != "model" else None)
        return []

    def tidy(self) -> None:
        """Nothing was kept."""

    def learn(self, *_: object) -> None:
        """Nothing is learned of an audit."""


class _CatalogLens:
    """A catalog without what is stored of one result, and without traces, which would tell it; matrices are whole, so
    that nothing is left out of them."""

    def __init__(self, catalog: Catalog, signature: Signature) -> None:
        self._catalog = catalog
        self._signature = signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    def traces(self, _: Iterable[Signature]) -> dict[Signature, Trace]:
        return {}

    def holders(self, _: Iterable[Digest]) -> dict[Digest, Record]:
        return {}

    def records(self, signatures: Iterable[Signature]) -> dict[Signature, Record]:
        records = {name: replace(each, weightless="") for name, each in self._catalog.records(signatures).items()}
        if self._signature in records:
            hidden = replace(records[self._signature], digest=None, codec=None, load_seconds=None, value=None)
            records[self._signature] = hidden
        return records


@dataclass(frozen=True, slots=True)
class _Deadline:
    """A cancellation that is also asked for when the time is up."""

    cancellation: Cancellation
    end: float

    def requested(self) -> bool:
        return time.monotonic() > self.end or self.cancellation.requested()


class _Unheard:
    """An event sink that nobody listens to: an audit is no part of the run."""

    def emit(self, events: Sequence[Event]) -> None:
        pass
