"""Early cut-off as the supervisor sees it: it keeps what a run finds out about values, and plans the rest anew."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from workflows.events import Action
from workflows.execution.adopter import Adopter
from workflows.execution.conversation import Conversation
from workflows.execution.loading import Load, delivered
from workflows.execution.planning import Prepared
from workflows.execution.progress import Progress
from workflows.execution.protocol import Job, PartFinished, Revision
from workflows.graph.dag import NodeName, PartId
from workflows.graph.signature import trace_key
from workflows.hashing import Digest
from workflows.optimizer.costs import OVERHEAD_SECONDS, CostModel
from workflows.optimizer.cutoff import Standing, equal_by, origins, replan, tell
from workflows.optimizer.plan import NodePlan
from workflows.optimizer.reasons import PRUNED, turned_out_equal
from workflows.optimizer.reuse import Choice
from workflows.ports import (
    ArtifactDamaged,
    ArtifactMissing,
    ArtifactStore,
    Equal,
    Learned,
    Record,
    StoredArtifact,
    Trace,
)

logger = logging.getLogger(__name__)

_TRIES = 8  # plans made because a result was gone, before nothing is loaded
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE  # nothing changes any more
_BEGUN = ("running", "finished")


class Finder:
    """Has the catalog know the values of results, and the traces that they make with those of their inputs."""

    def __init__(self, job: Job, conversation: Conversation, adopter: Adopter) -> None:
        self._job = job
        self._conversation = conversation
        self._adopter = adopter
        self._finished: dict[PartId, PartFinished] = {}
        self._traced: set[PartId] = set()
        self._users: dict[PartId, list[PartId]] = {}
        for part in job.parts.parts.values():
            for item in part.requires:
                self._users.setdefault(item, []).append(part.id)

    def finished(self, part: PartId, message: PartFinished) -> None:
        if part not in self._conversation.loads and part not in self._job.same_as:
            self._finished[part] = message
            if message.value is not None:
                self.found(*part)

    def found(self, node: str, label: str) -> None:
        """The value of a computed part came to be known."""
        part = PartId(NodeName(node), label)
        signature, value = self._job.signatures[part], self._conversation.values.get(part)
        if signature is None or value is None:
            return
        twins = [twin for twin, same in self._job.same_as.items() if same == part] if self._job.same_as else []
        users = [user for each in (part, *twins) for user in self._users.get(each, ())]
        traces = [trace for each in (part, *users) if (trace := self._trace(each)) is not None]
        self._adopter.put(Learned({signature: value}, traces))

    def _trace(self, part: PartId) -> Trace | None:
        """What a computed part has shown, once its value and those of its inputs are known; once."""
        values, message = self._conversation.values, self._finished.get(part)
        if message is None or part in self._traced or part not in values or part not in self._job.operations:
            return None
        operation, parts = self._job.operations[part], self._job.parts.parts
        key = trace_key(parts[part], operation, values, parts) if parts[part].requires else None
        if key is None or self._job.signatures[part] is None:
            return None
        self._traced.add(part)
        return Trace(key, operation, values[part], message.seconds, message.input_bytes, message.bytes)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A revision that was offered, and what it rests on. ``here``: results that no computation reads any more."""

    revision: Revision
    told: Mapping[PartId, Trace]
    holders: Mapping[Digest, Record]
    computed: frozenset[PartId]
    loads: Mapping[PartId, Load]
    here: Mapping[PartId, Load]


class Reviser:
    """Plans the rest of a run anew whenever traces tell more of it. ``loads``: the opened results that it reads."""

    def __init__(
        self,
        prepared: Prepared,
        job: Job,
        loads: Mapping[PartId, Load],
        store: ArtifactStore,
        conversation: Conversation,
        progress: Progress,
        adopter: Adopter,
    ) -> None:
        assert prepared.plan is not None
        self.loads = dict(loads)
        self._plan = prepared.plan
        self._traces = prepared.foresight.traces
        self._job = job
        self._store = store
        self._conversation = conversation
        self._progress = progress
        self._adopter = adopter
        self._pending: _Pending | None = None
        self._actions: dict[PartId, Action] = {part: each.action for part, each in self._plan.parts.items()}
        self._requires = {
            name: [job.same_as.get(item, item) for item in part.requires] for name, part in job.parts.parts.items()
        }

    def revision(self, number: int) -> Revision:
        """What is still to be done, as exactly as a plan says it. Done and running parts cost nothing more; a part that
        a trace tells of can be loaded where an equal result is stored."""
        states, job = self._conversation.states, self._job
        waiting = {part for part, state in states.items() if state == "waiting"}
        computing = waiting - self.loads.keys() - job.same_as.keys()
        told = tell(job.parts, computing, job.same_as, job.operations, self._traces, self._conversation.values)
        values = {part: trace.value for part, trace in told.items()}
        for attempt in range(_TRIES + 1):
            holders = self._store.catalog.holders(set(values.values())) if attempt < _TRIES else {}
            choices = replan(self._standing(computing, told, holders))
            try:
                opened = {
                    part: self._open(holders[values[part]])
                    for part in computing
                    if choices[part] is Choice.LOAD and part in values
                }
            except (ArtifactMissing, ArtifactDamaged) as error:
                logger.warning("planning anew: %s", error.message)
            else:
                return self._offered(number, told, holders, choices, opened)
        raise AssertionError("a plan without holders loads nothing new")

    def taken(self) -> None:
        """The run process goes by the last revision: so do all that watch, and the catalog."""
        pending, self._pending = self._pending, None
        assert pending is not None
        revision = pending.revision
        self.loads.update(pending.loads)
        known = {part: trace for part, trace in pending.told.items() if part in revision.drop | revision.load.keys()}
        dropped = [part for part in revision.drop if self._job.same_as.get(part, part) not in pending.here]
        self._actions.update(dict.fromkeys(dropped, "prune"))
        loaded = revision.load.keys() | (revision.drop - set(dropped))
        self._actions.update(dict.fromkeys(loaded, "load"))
        named = origins(self._requires, [part for part in self._job.parts.parts if part in known], pending.computed)
        nodes = dict.fromkeys(part.node for part in (*revision.drop, *revision.load))
        self._progress.replanned({name: self._replanned(name, named) for name in nodes}, dropped)
        delivered(self._progress, pending.here, self._job.same_as)
        self._adopter.put(Learned(equals=[self._equal(part, trace, pending) for part, trace in known.items()]))

    def _standing(
        self, computing: set[PartId], told: Mapping[PartId, Trace], holders: Mapping[Digest, Record]
    ) -> Standing:
        states, job, decided = self._conversation.states, self._job, self._plan.parts
        costs = CostModel(self._store.catalog.operator_costs(), self._store.speed) if holders else CostModel()
        there = {part for part, state in states.items() if state in _BEGUN and part not in job.same_as}
        fixed = {part for part in self.loads if states.get(part) == "waiting"}
        compute = {part: decided[part].compute_cost for part in job.parts.parts if part in computing}
        compute.update({part: trace.seconds + OVERHEAD_SECONDS for part, trace in told.items()})
        load = {part: decided[part].load_cost or 0.0 for part in fixed}
        for part, trace in told.items():
            seconds = costs.load_seconds(holders[trace.value]) if trace.value in holders else None
            if seconds is not None:
                load[part] = seconds
        wanted = dict.fromkeys(job.same_as.get(part, part) for part in job.parts.wanted)
        known = there | fixed | compute.keys()
        return Standing(there, compute, load, fixed, self._requires, [part for part in wanted if part in known])

    def _open(self, holder: Record) -> Load:
        began = time.perf_counter()
        return Load(self._store.open(holder.signature), time.perf_counter() - began)

    def _offered(
        self,
        number: int,
        told: Mapping[PartId, Trace],
        holders: Mapping[Digest, Record],
        choices: Mapping[PartId, Choice],
        opened: Mapping[PartId, Load],
    ) -> Revision:
        states, job = self._conversation.states, self._job
        read = {item for part, choice in choices.items() if choice is Choice.COMPUTE for item in self._requires[part]}
        available = {**{part: self.loads[part] for part in choices if part in self.loads}, **opened}
        here = {part: load for part, load in available.items() if choices[part] is Choice.LOAD and part not in read}
        loads = {part: load for part, load in opened.items() if part in read}
        drop = {part for part, choice in choices.items() if choice is Choice.PRUNE or part in here}
        drop |= {twin for twin, part in job.same_as.items() if part in drop and states[twin] == "waiting"}
        revision = Revision(
            number,
            {part: trace.value for part, trace in told.items()},
            frozenset(drop),
            {part: load.artifact for part, load in loads.items()},
        )
        computed = frozenset(part for part, state in states.items() if state in _BEGUN and part not in self.loads)
        self._pending = _Pending(revision, told, holders, computed, loads, here)
        return revision

    def _replanned(self, name: NodeName, named: Mapping[PartId, NodeName]) -> NodePlan:
        """The plan of a node, with the action that is executed, and why."""
        plan = self._progress.nodes[name].plan
        parts = [part for part in self._plan.parts if part.node == name]
        actions = {self._actions[part] for part in parts}
        action: Action = "compute" if "compute" in actions else "load" if "load" in actions else "prune"
        estimate = sum(self._plan.parts[part].estimate for part in parts if self._actions[part] == "compute")
        origin = next((named[part] for part in parts if part in named), None)
        reason = plan.reason
        if action != "compute":
            reason = PRUNED if origin is None else turned_out_equal(origin)
        return plan._replace(action=action, reason=reason, estimate=estimate, conditional=False)

    def _equal(self, part: PartId, trace: Trace, pending: _Pending) -> Equal:
        holder = pending.holders.get(trace.value)
        told = self._job.parts.parts[part], self._job.signatures[part], trace
        return equal_by(*told, None if holder is None else holder.signature)


@contextmanager
def sealed(revision: Revision, *, hidden: bool) -> Iterator[tuple[Revision, Sequence[int]]]:
    """A revision as it is sent, and descriptors of what it loads from files: whatever is evicted meanwhile, they stay.

    Where the store is ``hidden`` from the run process they are of copies in memory that nobody can write to. Of the
    files themselves the run process is the owner, and it could change them: what it is shown of the store otherwise is
    protected by a mount that is read-only.
    """
    files: list[int] = []
    load: dict[PartId, StoredArtifact] = {}
    try:
        for part, artifact in revision.load.items():
            load[part] = replace(artifact, path=None)
            if artifact.path is not None:
                files.append(_copy(artifact) if hidden else os.open(artifact.path, os.O_RDONLY | os.O_CLOEXEC))
        yield replace(revision, load=load), files
    finally:
        for file in files:
            os.close(file)


def _copy(artifact: StoredArtifact) -> int:
    """A descriptor of the bytes, which nobody can change any more."""
    assert artifact.path is not None
    copy = os.memfd_create("result", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with artifact.path.open("rb") as file:
        place = 0
        while sent := os.sendfile(copy, file.fileno(), place, artifact.bytes - place):
            place += sent
    fcntl.fcntl(copy, fcntl.F_ADD_SEALS, _SEALS)
    return copy
