"""Runs the parts of a job as soon as their inputs are there: one thread owns what is known, the others report to it."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from workflows.events import NodeFailed
from workflows.execution.failures import failure
from workflows.execution.keeping import Keeping
from workflows.execution.local import LocalEngine, runs_user_code
from workflows.execution.output import Output
from workflows.execution.protocol import (
    Done,
    Job,
    Message,
    PartFailed,
    PartFinished,
    PartSkipped,
    PartStarted,
    ValueMade,
)
from workflows.execution.sizes import size_of
from workflows.execution.writer import Writer
from workflows.graph.dag import VALUE, PartId
from workflows.operators.kernels.base import Data
from workflows.operators.kernels.weights import weightless


@dataclass(frozen=True, slots=True)
class _Report:
    """What an executor reports of a part: its data, or how it failed."""

    part: PartId
    seconds: float
    data: Data = None
    bytes: int = 0
    weightless: str = ""
    failed: NodeFailed | None = None


@dataclass(slots=True)
class _State:
    """What the owning thread knows of a part."""

    waiting: set[PartId]
    readers: int
    user_code: bool
    bytes: int = 0
    done: bool = False
    users: list[PartId] = field(default_factory=list)


class Scheduler:
    """Runs one job. ``run`` returns when every part is done, failed or skipped, and what is to be kept was staged."""

    def __init__(self, job: Job, engine: LocalEngine, output: Output, send: Callable[[Message], None]) -> None:
        self._job = job
        self._engine = engine
        self._output = output
        self._send = send
        self._owner = os.getpid()
        self._data: dict[PartId, Data] = {}
        self._skipped: dict[PartId, str] = {}
        self._ready: list[tuple[float, int, PartId]] = []
        self._held_back: list[tuple[float, int, PartId]] = []  # user code that waits for other user code
        self._user_code_runs = False
        self._running = 0
        self._reports: SimpleQueue[_Report] = SimpleQueue()
        self._order = {part: place for place, part in enumerate(job.parts.parts)}
        self._states = self._begin()
        self._keeping = Keeping(job)

    def run(self) -> None:
        writer = Writer(self._job, self._send)
        with ThreadPoolExecutor(self._job.cores, thread_name_prefix="executor") as executors:
            for part, state in self._states.items():
                if not state.waiting:
                    self._push(part)
            while True:
                self._start(executors)
                if not self._running:
                    break
                if self._running < self._job.cores:
                    writer.idle.set()
                else:
                    writer.idle.clear()
                self._settle(self._reports.get(), writer)
        self._send(Done())
        writer.close()

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
        heapq.heappush(self._ready, (-self._job.ranks.get(part, 0.0), self._order[part], part))

    def _start(self, executors: ThreadPoolExecutor) -> None:
        """Hand out what is ready, the longest way to the end first, while executors are free."""
        while self._ready and self._running < self._job.cores:
            entry = heapq.heappop(self._ready)
            part = entry[2]
            if self._states[part].user_code:
                if self._user_code_runs:
                    self._held_back.append(entry)
                    continue
                self._user_code_runs = True
            self._running += 1
            self._send(PartStarted(part.node, part.label))
            needed = {name: self._data[name] for name in self._needed(part)}
            executors.submit(self._execute, part, needed)

    def _needed(self, part: PartId) -> tuple[PartId, ...]:
        if part in self._job.loads:
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
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, ``SystemExit`` too
            self._end_fork()
            failed = failure(error, self._job.parts.parts[part].node, self._job.limits)
            self._reports.put(_Report(part, time.perf_counter() - began, failed=failed))
        else:
            self._reports.put(_Report(part, seconds, data, size, places))

    def _end_fork(self) -> None:
        """User code that forks comes back twice: once in the process that has the job, once in one that has not."""
        if os.getpid() != self._owner:
            os._exit(0)

    def _made(self, part: PartId, needed: dict[PartId, Data]) -> Data:
        if part in self._job.same_as:
            return needed[self._job.same_as[part]]
        artifact = self._job.loads.get(part)
        if artifact is None:
            return self._engine.compute(self._job.parts.parts[part], needed)
        return self._engine.load(self._job.parts.parts[part], artifact)

    def _settle(self, report: _Report, writer: Writer) -> None:
        part, state = report.part, self._states[report.part]
        self._running -= 1
        if state.user_code:
            self._user_code_runs = False
            while self._held_back:
                heapq.heappush(self._ready, self._held_back.pop())
        state.done = True
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
        self._send(PartFinished(part.node, part.label, report.seconds, input_bytes, state.bytes, report.weightless))
        if part.label == VALUE:
            self._send(ValueMade(part.node, part.label, report.data))
        benefit = self._keeping.benefit(part, report.seconds, state.bytes)
        if benefit is not None:
            writer.keep(part, report.data, benefit)
        if state.readers:
            self._data[part] = report.data
        for user in state.users:
            waiting = self._states[user].waiting
            waiting.discard(part)
            if not waiting and user not in self._skipped:
                self._push(user)

    def _fail(self, part: PartId, failed: NodeFailed) -> None:
        self._send(
            PartFailed(part.node, part.label, failed.code, failed.message, failed.line, failed.detail, failed.example)
        )
        below = list(self._states[part].users)
        while below:
            name = below.pop()
            if name not in self._skipped:
                self._skipped[name] = part.node
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
