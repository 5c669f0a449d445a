"""Supervises a run process: hands it the job, follows its messages, keeps its limits, ends it when it is to end."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import assert_never

from workflows.events import NodeFailed, RunStatus
from workflows.execution.adopter import Adopter
from workflows.execution.conversation import Conversation
from workflows.execution.jobs import job_of
from workflows.execution.limits import Limits
from workflows.execution.loading import Load
from workflows.execution.planning import Prepared
from workflows.execution.progress import Events, Progress
from workflows.execution.protocol import (
    Crashed,
    Done,
    Job,
    Lines,
    Logged,
    Message,
    MetricLogged,
    NotIsolated,
    PartFailed,
    PartFinished,
    PartHashed,
    PartSkipped,
    PartStaged,
    PartStarted,
    Progressed,
    Ready,
    Revised,
    SparkAddress,
    TraceMatched,
    ValueMade,
    decode,
    send_job,
    send_revision,
)
from workflows.execution.revising import Finder, Reviser, sealed
from workflows.execution.sandbox import Isolation, NoSandbox
from workflows.execution.spark.java import NoJava
from workflows.execution.spark.placement import any_spread
from workflows.execution.spark.server import NoSpark, SparkServer
from workflows.execution.standby import Setting
from workflows.execution.view import outside, view_of
from workflows.execution.warmserver import Exit, NoRunProcess, RunProcess, WarmServer, readable
from workflows.execution.watchdog import Watchdog
from workflows.graph.dag import NodeName, PartId
from workflows.optimizer.costs import measured_as
from workflows.ports import ArtifactDamaged, ArtifactMissing, ArtifactStore, Cancellation, Measurement

logger = logging.getLogger(__name__)

_TICK = 0.04  # seconds between two looks at the clock, the cancellation and the memory
_ATTEMPTS = 3  # run processes asked for until one takes the job
_SILENT_SECONDS = 60.0  # after the last result, while what is kept is written: nothing takes so long between two
_END_SECONDS = 10.0  # for a process that was killed, or hung up, to be gone
_SEND_SECONDS = 10.0  # for an answer to be taken
_LONGEST = 20_000  # characters of a failure that are kept; the process itself sends less


@dataclass(frozen=True, slots=True)
class End:
    """How the run process ended. ``seconds`` from the job's going out to the last result; ``message`` for people.

    ``interrupted``: it failed by no fault of what it ran.
    """

    status: RunStatus
    seconds: float
    message: str = ""
    interrupted: bool = False


def supervise(
    prepared: Prepared,
    loads: Mapping[PartId, Load],
    *,
    store: ArtifactStore,
    data_root: Path,
    progress: Progress,
    events: Events,
    cancellation: Cancellation,
    limits: Limits,
    isolation: Isolation,
    warm: WarmServer | None,
    spark: SparkServer | None = None,
    afterwards: contextlib.ExitStack,
) -> End:
    """Compute what the plan says in a run process; returns when what is kept is durable. ``afterwards`` holds what can
    be cleared away when the end was told.

    A process that ended before it had the job has done nothing, so another one is asked for: the warm server may have
    been killed while it forked.
    """
    assert prepared.plan is not None
    assert prepared.parts is not None
    decisions = prepared.plan.parts
    computed = [part for name, part in prepared.parts.parts.items() if decisions[name].action == "compute"]
    server = warm if warm is not None else afterwards.enter_context(WarmServer(standby=False))
    server.start()  # it loads while the sandbox is tried
    try:
        spread = prepared.engine == "spark" and any_spread(computed)
        address = afterwards.enter_context(_address(spark)) if spread else None
        view = view_of(store, data_root, prepared.lib, address)
        setting = Setting(store, view, isolation, limits.processes)
        again = server.standby and address is None  # the next run is likely to have this setting
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                standby = afterwards.enter_context(server.reserve.take(setting))
                job = job_of(prepared, loads, store, standby.staging, data_root, limits, address)
                hidden = standby.terms.sandbox is not None
                if hidden:
                    job = replace(job, missing={**outside(prepared, data_root, isolation.read), **job.missing})
                with Adopter(store, standby.staging, progress.stored, job.policy) as adopter:
                    conversation = Conversation(job)
                    finder = Finder(job, conversation, adopter)
                    reviser = Reviser(prepared, job, loads, store, conversation, progress, adopter)
                    run = _Supervision(
                        *(job, hidden, store, standby.process, progress, events, adopter, cancellation),
                        *(conversation, finder, reviser, partial(server.reserve.restock, setting) if again else None),
                    )
                    return run.run()
            except NoRunProcess as error:
                logger.warning("no run process (attempt %d of %d): %s", attempt, _ATTEMPTS, error.message)
                reason = error.message
    except (NoSpark, NoJava, NoSandbox) as error:
        return _not_begun(progress, error.message)
    return replace(_not_begun(progress, reason), interrupted=True)


def stand_by(warm: WarmServer, *, store: ArtifactStore, data_root: Path, limits: Limits, isolation: Isolation) -> None:
    """Have a run process on standby before the first run, as there is after each; ``warm`` may still load."""
    warm.reserve.restock(Setting(store, view_of(store, data_root, None, None), isolation, limits.processes))


def _address(spark: SparkServer | None) -> AbstractContextManager[SparkAddress]:
    if spark is None:
        raise NoSpark("This run was to compute on Spark, and whoever runs it has none.")
    return spark.session()


def _not_begun(progress: Progress, message: str) -> End:
    for name in progress.unfinished():
        progress.skipped(name, "")
    return End("failed", 0.0, message)


class _Supervision:
    """One run process from its start to its end."""

    def __init__(
        self,
        job: Job,
        hidden: bool,
        store: ArtifactStore,
        process: RunProcess,
        progress: Progress,
        events: Events,
        adopter: Adopter,
        cancellation: Cancellation,
        conversation: Conversation,
        finder: Finder,
        reviser: Reviser,
        at_done: Callable[[], None] | None,
    ) -> None:
        self._job = job
        self._hidden = hidden
        self._watchdog = Watchdog(job.limits, job.staging)
        self._loads = reviser.loads
        self._store = store
        self._process = process
        self._progress = progress
        self._events = events
        self._adopter = adopter
        self._cancellation = cancellation
        self._conversation = conversation
        self._finder = finder
        self._reviser = reviser
        self._at_done = at_done
        self._heard = 0.0  # when something came last
        self._began: float | None = None  # when the job went out
        self._done: float | None = None  # when the last result was there
        self._stopped: _Stop | None = None
        self._stopped_at = 0.0

    def run(self) -> End:
        created = time.monotonic()
        lines = Lines()
        while not self._ignored_its_end():
            chunk = self._receive() if readable(self._process.channel, _TICK) else None
            if chunk == b"":
                break
            if chunk and self._stopped is None:
                self._heard = time.monotonic()
                self._take(lines, chunk)
            self._events.flush(now=self._done is not None)  # who waits for the result has nothing else to wait for
            if self._done is not None and self._at_done is not None:
                self._at_done()
                self._at_done = None
            self._watch(created)
        return self._end(self._farewell())

    def _ignored_its_end(self) -> bool:
        return self._stopped is not None and time.monotonic() - self._stopped_at > _END_SECONDS

    def _farewell(self) -> Exit | None:
        """How the process ended. A warm server that does not even say so when asked to kill it is replaced."""
        how = self._process.ended(0.0 if self._ignored_its_end() else _END_SECONDS)
        if how is None and not self._ignored_its_end():
            self._process.kill()
            how = self._process.ended(_END_SECONDS)
        if how is None:
            self._process.replace_server()
        return how

    def _take(self, lines: Lines, chunk: bytes) -> None:
        """Believe what may be believed; at the first message that may not, the process is ended and no longer heard."""
        try:
            for line in lines.feed(chunk):
                message = decode(line)
                self._conversation.hear(message)
                self._hear(message)
                if self._stopped is not None:
                    return
        except ValueError as error:
            logger.error("the run process broke the protocol: %s", error)
            self._stop(
                _Stop(
                    "protocol",
                    "The process of this run sent something that is no message of this run, so it was ended: user code "
                    "must leave the files and sockets alone that it did not open.",
                )
            )

    def _receive(self) -> bytes:
        try:
            return self._process.channel.recv(1 << 20)
        except ConnectionError:
            return b""

    def _hear(self, message: Message) -> None:
        progress = self._progress
        match message:
            case Ready():
                self._began = time.perf_counter()
                with contextlib.suppress(ConnectionError):
                    send_job(self._process.channel, self._job)
            case PartStarted(node=node):
                progress.started(node)
            case PartFinished():
                self._finished(message)
            case PartFailed(node, label) if self._lost(PartId(NodeName(node), label)):
                self._stop(_LOST)
            case PartFailed(node, _, code, text, line, detail, example):
                texts = (text[:_LONGEST], line, detail[:_LONGEST], example[:_LONGEST])
                progress.failed(NodeFailed(node, code[:100], *texts))
            case PartSkipped(node=node, because=because):
                progress.skipped(node, because)
            case ValueMade(node=node, value=value):
                progress.value(NodeName(node), value)
            case PartStaged():
                self._adopter.put(message.staged)
                self._finder.found(message.node, message.label)
            case PartHashed(node=node, label=label):
                self._finder.found(node, label)
            case TraceMatched(number=number):
                self._answer(number)
            case Revised(taken=taken):
                if taken:
                    self._reviser.taken()
            case Logged(node=node, text=text):
                if node:
                    progress.logged(node, text)
            case MetricLogged(node=node, name=name, value=value, step=step):
                progress.metric(node, name, value, step)
            case Progressed(node=node, fraction=fraction, message=text):
                progress.progressed(node, fraction, text[:_LONGEST])
            case Done():
                self._done = time.perf_counter()
            case Crashed(message=text):
                logger.error("the run process crashed:\n%s", text[:_LONGEST])
                self._stop(_Stop("engine-failed", "The engine itself failed while this ran; its log has the details."))
            case NotIsolated(message=text):
                logger.error("no sandbox: %s", text[:_LONGEST])
                self._stop(_LOST if any(map(self._lost, self._loads)) else _Stop("not-isolated", text[:_LONGEST]))
            case _:
                assert_never(message)

    def _answer(self, number: int) -> None:
        """Say what is still to be done. A process that does not even read is stopped: its channel is full."""
        revision = self._reviser.revision(number)
        self._conversation.offer(revision)
        channel = self._process.channel
        try:
            with sealed(revision, hidden=self._hidden) as (told, files):
                channel.settimeout(_SEND_SECONDS)
                send_revision(channel, told, files)
        except ConnectionError:
            pass
        except OSError as error:
            logger.error("the run process cannot be answered: %s", error)
            self._stop(_Stop("silent", "The process of this run takes no answer: it was stopped, or hangs."))
        finally:
            channel.settimeout(None)

    def _finished(self, message: PartFinished) -> None:
        part = PartId(NodeName(message.node), message.label)
        signature = self._job.signatures[part]
        seconds, size = message.seconds, message.bytes
        if part in self._loads:
            load = self._loads[part]
            self._progress.loaded(part, load.artifact.digest)
            seconds, size = seconds + load.seconds, load.artifact.bytes
        self._progress.finished(part, seconds, size)
        if signature is not None and part not in self._job.same_as:
            computed = part not in self._loads
            engine = "local" if self._job.spark is None else "spark"
            operator = measured_as(self._job.parts.parts[part].node.operator, engine)
            measures = (seconds, message.input_bytes, size, message.weightless)
            self._adopter.put(Measurement(signature, operator, computed, *measures))
        self._finder.finished(part, message)

    def _watch(self, created: float) -> None:
        """End the process where it is to be ended."""
        if self._stopped is not None:
            return
        if self._cancellation.requested():
            self._stop(_Stop("cancelled", "cancelled"))
        elif self._done is not None:
            if time.monotonic() - self._heard > _SILENT_SECONDS:
                logger.error(
                    "the run process neither wrote nor ended for %.0f s after its last result", _SILENT_SECONDS
                )
                self._stop(_Stop("silent", "The process of this run did not end."))
        elif self._began is None:
            self._process.look()
            if time.monotonic() - created > self._process.patience:
                self._process.replace_server()
                raise NoRunProcess(f"There was no process to run this in after {time.monotonic() - created:.0f} s.")
        else:
            self._process.look()
            if self._process.pid is not None:
                excess = self._watchdog.look(self._process.pid, time.perf_counter() - self._began)
                if excess is not None:
                    self._stop(_Stop(excess.code, excess.message))

    def _lost(self, part: PartId) -> bool:
        """Whether a stored result that the plan loads is gone since it was opened, or is damaged by now."""
        if part not in self._loads:
            return False
        try:
            self._store.open(self._loads[part].artifact.signature)
        except (ArtifactMissing, ArtifactDamaged) as error:
            logger.warning("%s", error.message)
            return True
        return False

    def _stop(self, why: _Stop) -> None:
        if self._stopped is None:
            self._stopped, self._stopped_at = why, time.monotonic()
        self._process.kill()

    def _end(self, how: Exit | None) -> End:
        """Tell of what did not come to an end, and of the run."""
        self._adopter.close()
        seconds = 0.0 if self._began is None else (self._done or time.perf_counter()) - self._began
        if self._done is None:
            stopped = self._stopped or _Stop("process-ended", _epitaph(how))
            if stopped.code == "cancelled":
                for name in self._progress.unfinished():
                    self._progress.skipped(name, "cancelled")
                return End("cancelled", seconds, "Cancelled.")
            if self._began is None and not self._stopped:
                raise NoRunProcess("The process that runs workflows ended before it began; the log says why.")
            if self._stopped is None and (how is None or how.with_server):
                stopped = _SERVER_ENDED
            if stopped in (_SERVER_ENDED, _LOST):
                return replace(_not_begun(self._progress, stopped.message), seconds=seconds, interrupted=True)
            self._blame(stopped)
        failed = [node.error for node in self._progress.nodes.values() if node.error is not None]
        if failed:
            return End("failed", seconds, f"`{failed[0].node}`: {failed[0].message}")
        if self._done is None:
            return End("failed", seconds, (self._stopped or _Stop("process-ended", _epitaph(how))).message)
        if self._stopped is not None and self._stopped.code in ("protocol", "engine-failed"):
            return End("failed", seconds, self._stopped.message)
        return End("succeeded", seconds)

    def _blame(self, stopped: _Stop) -> None:
        """The nodes that ran when the process ended failed with it; the others could not run."""
        running = self._progress.running()
        for name in running:
            self._progress.failed(NodeFailed(name, stopped.code, stopped.message, self._job.lines.get(name)))
        for name in self._progress.unfinished():
            self._progress.skipped(name, running[0] if running else "")


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why the supervisor ended the process."""

    code: str
    message: str


_SERVER_ENDED = _Stop(
    "server-ended", "The process that keeps the processes of runs ended, or hung, and with it this run."
)
_LOST = _Stop("result-lost", "A stored result was removed or damaged before this run had read it.")


def _epitaph(how: Exit | None) -> str:
    if how is None or how.signal is None:
        status = "" if how is None else f" with status {how.status}"
        return f"The process that ran this ended by itself{status}, as by `os._exit`."
    name = {
        6: "ended by native code that gave up (`abort`), as for want of memory",
        9: "killed: by its own code, or by the system, for want of memory",
        11: "ended by a segmentation fault in native code",
    }
    return f"The process that ran this was {name.get(how.signal, f'ended by signal {how.signal}')}."
