"""Runs the parts of a job as soon as their inputs are there: one thread owns what is known, the others report to it."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Protocol, TypeAlias

from workflows.events import NodeFailed
from workflows.execution.failures import failure
from workflows.execution.keeping import Keeping
from workflows.execution.output import Output
from workflows.execution.owncode import runs_user_code
from workflows.execution.protocol import (
    DESCRIPTORS,
    Done,
    Job,
    Message,
    PartFailed,
    PartFinished,
    PartSkipped,
    PartStarted,
    Revision,
    ValueMade,
)
from workflows.execution.questions import PATIENCE, Questions
from workflows.execution.sizes import size_of
from workflows.execution.writer import Writer
from workflows.graph.dag import VALUE, Part, PartId
from workflows.hashing import Digest
from workflows.operators.kernels.base import Data
from workflows.operators.kernels.weights import weightless
from workflows.operators.registry import OPERATORS
from workflows.ports import StoredArtifact
from workflows.store.codecs import codec_of, value_of

_SMALL = 64 * 1024  # bytes that are hashed in no time


@dataclass(frozen=True, slots=True)
class _Report:
    """What an executor reports of a part: its data, or how it failed."""

    part: PartId
    seconds: float
    data: Data = None
    bytes: int = 0
    weightless: str = ""
    value: Digest | None = None
    failed: NodeFailed | None = None


@dataclass(slots=True)
class _State:
    """What the owning thread knows of a part. ``ready``: it is among what may begin; ``begun``: or was dropped."""

    waiting: set[PartId]
    readers: int
    user_code: bool
    bytes: int = 0
    ready: bool = False
    begun: bool = False
    users: list[PartId] = field(default_factory=list)


class Engine(Protocol):
    """Where parts are computed. What it hands out of a part is its data, or stands for them, and goes back to it."""

    def compute(self, part: Part, data: Mapping[PartId, Data]) -> Data: ...
    def load(self, part: Part, artifact: StoredArtifact) -> Data: ...

    def fetched(self, data: Data) -> Data:
        """The data that what was handed out stands for."""


Reports: TypeAlias = "SimpleQueue[_Report | Revision]"


class Scheduler:
    """Runs one job. ``run`` returns when every part is done, failed or skipped, and what is to be kept was staged.

    Where the inputs of a conditional part turn out to be what a trace tells of, the supervisor is asked what is still
    to be done (``TraceMatched``), and nothing begins until it has answered: so what it knows of this run is exact. Its
    answers come by ``reports``. What a conditional part needs of which it is known what it is waits until that part is
    to be computed: it may never be.
    """

    def __init__(
        self,
        job: Job,
        engine: Engine,
        output: Output,
        send: Callable[[Message], None],
        reports: Reports | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._job = job
        self._engine = engine
        self._output = output
        self._send = send
        self._owner = os.getpid()
        self._data: dict[PartId, Data] = {}
        self._demanded: set[PartId] = set()
        self._skipped: dict[PartId, str] = {}
        self._ready: list[tuple[float, int, PartId]] = []
        self._held_back: list[tuple[float, int, PartId]] = []  # user code that waits for other user code
        self._user_code_runs = False
        self._running = 0
        self._reports: Reports = SimpleQueue() if reports is None else reports
        self._questions = Questions(job, send, patience)
        self._loads = dict(job.loads)
        self._order = {part: place for place, part in enumerate(job.parts.parts)}
        self._states = self._begin()
        self._keeping = Keeping(job)

    def run(self) -> None:
        writer = Writer(self._job, self._send, self._engine.fetched)
        with ThreadPoolExecutor(self._job.cores, thread_name_prefix="executor") as executors:
            self._demand(self._ends())
            while True:
                if not self._questions.ask():
                    self._start(executors)
                    if not self._running:
                        if not self._demand(self._rest()):
                            break
                        continue
                self._hear(writer)
        self._send(Done())
        writer.close()

    def _hear(self, writer: Writer) -> None:
        """Wait for a report; while a question is open, for its answer too."""
        try:
            report = self._reports.get(timeout=self._questions.seconds_left)
        except Empty:
            self._questions.give_up()
        else:
            if isinstance(report, _Report):
                self._settle(report, writer)
                return
            if not self._questions.take(report):
                return
            self._revise(report)
        for part in self._questions.released():
            if part not in self._skipped:
                self._demand(self._lacking(part))

    def _revise(self, revision: Revision) -> None:
        """Do no more than is still wanted."""
        for part in (*revision.drop, *revision.load):
            state = self._states[part]
            for needed in self._needed(part):
                self._states[needed].users.remove(part)
                self._read(needed)
            state.waiting.clear()
            state.begun = part in revision.drop
        for part, artifact in revision.load.items():
            self._loads[part] = artifact
            self._states[part].user_code = self._states[part].user_code and artifact.codec == "model"
        self._demanded.clear()
        self._demand(self._ends())

    def _ends(self) -> list[PartId]:
        """What is wanted for itself."""
        wanted = set(self._job.parts.wanted)
        return [part for part, state in self._states.items() if not state.users or part in wanted]

    def _rest(self) -> list[PartId]:
        """What nothing waits for any more, as after a failure: it is computed for the next run."""
        return [part for part in self._states if part not in self._demanded and part not in self._skipped]

    def _demand(self, parts: Iterable[PartId]) -> bool:
        """Have parts begin as soon as what they need is there, and all that is needed for that. Returns whether any of
        them had not begun."""
        demanded = [part for part in parts if not self._states[part].begun]
        any_waits = bool(demanded)
        while demanded:
            part = demanded.pop()
            state = self._states[part]
            if part not in self._demanded and not state.begun:
                self._demanded.add(part)
                demanded.extend(self._lacking(part))
        return any_waits

    def _lacking(self, part: PartId) -> Iterable[PartId]:
        """What is to be there before a part begins, which is handed on where nothing is lacking. As long as it may turn
        out that it need not be computed, that is what decides it."""
        waiting = self._states[part].waiting
        if self._questions.is_open(part):
            unknown = [item for item in waiting if not self._questions.knows(item)]
            if unknown:
                return unknown
            if self._questions.holds(part):
                return ()
        if not waiting:
            self._push(part)
        return tuple(waiting)

    def _begin(self) -> dict[PartId, _State]:
        states: dict[PartId, _State] = {}
        for part_id, part in self._job.parts.parts.items():
            needed = set() if part_id in self._job.loads else set(part.requires)
            if part_id in self._job.same_as:
                needed = {self._job.same_as[part_id]}
            artifact = self._job.loads.get(part_id)
            here = part_id not in self._job.same_as and (artifact is None or artifact.codec == "model")
            user_code = here and runs_user_code(part, self._job.parts.parts)
            states[part_id] = _State(needed, 0, user_code)
        for part_id, state in states.items():
            for needed_part in state.waiting:
                states[needed_part].users.append(part_id)
                states[needed_part].readers += 1
        return states

    def _push(self, part: PartId) -> None:
        if self._states[part].ready:
            return
        self._states[part].ready = True
        heapq.heappush(self._ready, (-self._job.ranks.get(part, 0.0), self._order[part], part))

    def _start(self, executors: ThreadPoolExecutor) -> None:
        """Hand out what is ready, the longest way to the end first, while executors are free. What runs alone is
        computed here, as nothing could begin meanwhile; user code never is, which may tell threads apart."""
        while self._ready and self._running < self._job.cores:
            entry = heapq.heappop(self._ready)
            part = entry[2]
            state = self._states[part]
            if state.begun or part not in self._demanded:  # any more
                state.ready = False
                continue
            if state.user_code:
                if self._user_code_runs:
                    self._held_back.append(entry)
                    continue
                self._user_code_runs = True
            state.begun = True
            self._running += 1
            self._send(PartStarted(part.node, part.label))
            needed = {name: self._data[name] for name in self._needed(part)}
            if self._running == 1 and not self._ready and not state.user_code:
                self._execute(part, needed)
            else:
                executors.submit(self._execute, part, needed)

    def _needed(self, part: PartId) -> tuple[PartId, ...]:
        if part in self._loads:
            return ()
        same = self._job.same_as.get(part)
        return self._job.parts.parts[part].requires if same is None else (same,)

    def _execute(self, part: PartId, needed: dict[PartId, Data]) -> None:
        """In an executor's thread: compute or load the part, and report."""
        began = time.perf_counter()
        try:
            with self._output.of(part.node):
                data = self._made(part, needed)
            self._end_fork()
            seconds = time.perf_counter() - began
            size, places = size_of(data), " ".join(map(str, weightless(data)))
            value = (
                _hashed(self._engine.fetched(data)) if part in self._job.hashed and part not in self._loads else None
            )
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, ``SystemExit`` too
            self._end_fork()
            failed = failure(error, part.node, self._job.lines[part.node], self._job.limits)
            self._reports.put(_Report(part, time.perf_counter() - began, failed=failed))
        else:
            self._reports.put(_Report(part, seconds, data, size, places, value))

    def _end_fork(self) -> None:
        """User code that forks comes back twice: once in the process that has the job, once in one that has not."""
        if os.getpid() != self._owner:
            os._exit(0)

    def _made(self, part: PartId, needed: dict[PartId, Data]) -> Data:
        if part in self._job.same_as:
            return needed[self._job.same_as[part]]
        artifact = self._loads.get(part)
        if artifact is None:
            return self._engine.compute(self._job.parts.parts[part], needed)
        data = self._engine.load(self._job.parts.parts[part], artifact)
        if artifact.path is not None and artifact.path.parent == DESCRIPTORS:
            os.close(int(artifact.path.name))
        return data

    def _settle(self, report: _Report, writer: Writer) -> None:
        part, state = report.part, self._states[report.part]
        self._running -= 1
        if state.user_code:
            self._user_code_runs = False
            while self._held_back:
                heapq.heappush(self._ready, self._held_back.pop())
        if report.failed is not None:
            self._fail(part, report.failed)
        else:
            self._finish(part, report, writer)
        for name in self._needed(part):
            self._read(name)

    def _finish(self, part: PartId, report: _Report, writer: Writer) -> None:
        state = self._states[part]
        state.bytes = report.bytes
        input_bytes = sum(self._states[name].bytes for name in self._needed(part))
        benefit = self._keeping.benefit(part, report.seconds, state.bytes, loaded=part in self._loads)
        value = report.value
        unknown = value is None and benefit is None and self._is_known(part)
        if unknown and state.bytes <= _SMALL and codec_of(report.data) != "model":
            value = _hashed(report.data)
        self._questions.know(part, value)
        measures = (report.seconds, input_bytes, state.bytes, report.weightless, value)
        self._send(PartFinished(part.node, part.label, *measures))
        if part.label == VALUE:
            self._send(ValueMade(part.node, part.label, report.data))
        if benefit is not None:
            writer.keep(part, report.data, benefit, state.bytes)
        elif unknown and value is None:
            writer.hash(part, report.data, state.bytes, report.seconds)
        if state.readers:
            self._data[part] = report.data
        for user in state.users:
            self._states[user].waiting.discard(part)
            if user in self._demanded and user not in self._skipped:
                self._demand(self._lacking(user))

    def _is_known(self, part: PartId) -> bool:
        """Whether the part was computed, and what came out may be known by its signature."""
        job = self._job
        computed = part not in self._loads and part not in job.same_as
        return computed and job.signatures[part] is not None and OPERATORS[job.parts.parts[part].node.operator].stored

    def _fail(self, part: PartId, failed: NodeFailed) -> None:
        self._send(
            PartFailed(part.node, part.label, failed.code, failed.message, failed.line, failed.detail, failed.example)
        )
        below = list(self._states[part].users)
        while below:
            name = below.pop()
            if name not in self._skipped:
                self._skipped[name] = part.node
                self._questions.skip(name)
                self._send(PartSkipped(name.node, name.label, part.node))
                for needed in self._needed(name):
                    self._read(needed)
                below.extend(self._states[name].users)

    def _read(self, part: PartId) -> None:
        """One reader less: at the last, the data are dropped."""
        state = self._states[part]
        state.readers -= 1
        if not state.readers:
            self._data.pop(part, None)


def _hashed(data: Data) -> Digest | None:
    try:
        return value_of(data)
    except Exception:  # noqa: BLE001 - a model may have code of the user's in its pickle; then its value is not known
        return None
