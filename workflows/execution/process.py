"""The run process: takes one job from its supervisor, runs it, and reports; it ends when its supervisor does.

Between it and the warm server stands its keeper (``keeper``), which puts it into the sandbox.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import threading
import traceback
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pyarrow

from workflows.execution.keeper import SandboxFailed, keep
from workflows.execution.library import LibraryFinder
from workflows.execution.limits import Limits
from workflows.execution.local import LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import (
    DESCRIPTORS,
    Crashed,
    Job,
    Message,
    NotIsolated,
    Ready,
    Terms,
    encode,
    receive_job,
    receive_revision,
    receive_terms,
)
from workflows.execution.rehearsal import rehearse_whole
from workflows.execution.scheduler import Engine, Reports, Scheduler
from workflows.execution.usercode import UserCode

logger = logging.getLogger(__name__)


class _Outbox:
    """Sends messages over the channel, from any thread, each whole."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self.owner = 0  # the process that sends: what user code forks off has nothing to say

    def send(self, message: Message) -> None:
        if self.owner not in (0, os.getpid()):
            return
        line = encode(message)
        with self._lock:
            self._channel.sendall(line)


def main(channel: socket.socket) -> int:
    """Be the keeper of one run, which ends as its run process does. Returns the exit status where there was none."""
    outbox = _Outbox(channel)
    try:
        outbox.send(Ready())
        terms = receive_terms(channel)
        keep(terms.sandbox, terms.processes, lambda results: _run(channel, outbox, terms, results), terms.results)
    except SandboxFailed as error:
        outbox.send(NotIsolated(error.message))
        return 70
    except ConnectionError:
        return 0  # the supervisor is gone, and nobody is left to tell


def _run(channel: socket.socket, outbox: _Outbox, terms: Terms, results: int | None) -> int:
    """Wait for a job, and run it. Returns the exit status."""
    outbox.owner = os.getpid()
    try:
        try:
            _settle(terms.staging)
        except FileNotFoundError:
            return 70  # its store was removed while it was on standby: there will be no job
        pyarrow.set_cpu_count(len(os.sched_getaffinity(0)))  # else it takes what OpenMP is told, which is one
        rehearse_whole(lambda: not select.select([channel], [], [], 0.0)[0])
        job = receive_job(channel)
        if terms.results is not None and results is not None:
            job = _given(job, terms.results, results)
        reports: Reports = SimpleQueue()
        threading.Thread(target=_listen, args=(channel, reports), name="listen", daemon=True).start()
        _limit(job.limits)
        output = Output(outbox.send, job.limits.log)
        output.install()
        if job.lib is not None:
            sys.meta_path.insert(0, LibraryFinder(job.lib))
        code = UserCode(job.program, output.names, job.lib)
        Scheduler(job, _engine(job, code, output), output, outbox.send, reports).run()
    except ConnectionError:
        return 0
    except Exception as error:
        logger.exception("the run process failed")
        outbox.send(Crashed("".join(traceback.format_exception(error))[-4000:]))
        return 70
    return 0


def _engine(job: Job, code: UserCode, output: Output) -> Engine:
    local = LocalEngine(job, code, output.report)
    if job.spark is None:
        return local
    from workflows.execution.spark.engine import SparkEngine
    from workflows.execution.spark.session import Session

    return SparkEngine(job, local, Session(job.spark), job.spark.blocks, output.log)


def _given(job: Job, folder: Path, descriptor: int) -> Job:
    """The job, with the files of ``folder`` that it loads opened by a descriptor of that: it is not to be seen, and the
    descriptor is closed before any code of the user's runs. What is gone fails where it is loaded."""
    loads = dict(job.loads)
    for part, artifact in job.loads.items():
        if artifact.path is not None:
            with contextlib.suppress(FileNotFoundError):
                file = os.open(artifact.path.relative_to(folder), os.O_RDONLY, dir_fd=descriptor)
                loads[part] = replace(artifact, path=DESCRIPTORS / str(file))
    os.close(descriptor)
    return replace(job, loads=loads)


def _settle(staging: Path) -> None:
    """Have files of user code that are named without a folder, and temporary ones, discarded with the run; and nothing
    that native code says in the supervisor's log or on its terminal."""
    os.chdir(staging / "scratch")
    os.environ["HOME"] = str(staging / "scratch")
    os.environ["TMPDIR"] = str(staging / "tmp")
    tempfile.tempdir = None
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)
    os.close(silent)


def _limit(limits: Limits) -> None:
    """What the kernel limits for each process; the supervisor's watchdog limits the run as a whole.

    RLIMIT_AS would refuse to map large files into memory; RLIMIT_DATA refuses allocations alone. What the fork brought
    along is not the run's.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.disk)
    if limits.memory is not None:
        _lower(resource.RLIMIT_DATA, _data_bytes() + limits.memory)


def _lower(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def _data_bytes() -> int:
    """Bytes that this process has allocated, as RLIMIT_DATA counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmData:")) * 1024


def _listen(channel: socket.socket, reports: Reports) -> None:
    """Hand on the supervisor's answers. Its end is the end of this group."""
    try:
        while True:
            reports.put(receive_revision(channel))
    except Exception:  # noqa: BLE001 - user code may have read what was not for it: then there is nobody to talk to
        os.killpg(0, signal.SIGKILL)
