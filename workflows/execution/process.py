"""The run process: takes one job from its supervisor, runs it, and reports; it ends when its supervisor does."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path

from workflows.execution.library import LibraryFinder
from workflows.execution.local import LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import Crashed, Limits, Message, Ready, encode, receive_job
from workflows.execution.scheduler import Scheduler
from workflows.execution.usercode import UserCode

logger = logging.getLogger(__name__)


class _Outbox:
    """Sends messages over the channel, from any thread, each whole."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        line = encode(message)
        with self._lock:
            self._channel.sendall(line)


def main(channel: socket.socket) -> int:
    """Run one job. Returns the exit status."""
    outbox = _Outbox(channel)
    try:
        outbox.send(Ready())
        job = receive_job(channel)
        if job is None:
            return 0
        _limit(job.limits)
        threading.Thread(target=_end_with, args=(channel,), name="watch", daemon=True).start()
        output = Output(outbox.send)
        output.install()
        os.chdir(_scratch(job.staging))
        if job.lib is not None:
            sys.meta_path.insert(0, LibraryFinder(job.lib))
        code = UserCode(job.program, {"log": output.log}, job.lib)
        Scheduler(job, LocalEngine(job, code), output, outbox.send).run()
    except (BrokenPipeError, ConnectionResetError):
        return 0  # the supervisor is gone, and nobody is left to tell
    except Exception as error:
        logger.exception("the run process failed")
        outbox.send(Crashed("".join(traceback.format_exception(error))[-4000:]))
        return 70
    return 0


def _scratch(staging: Path) -> Path:
    """Where files of user code go that are named without a folder: discarded with the run."""
    folder = staging / "scratch"
    folder.mkdir()
    return folder


def _limit(limits: Limits) -> None:
    """RLIMIT_AS would refuse to map large files into memory; RLIMIT_DATA refuses allocations alone."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    if limits.cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))


def _end_with(channel: socket.socket) -> None:
    """Nothing is sent after the job: what can be read is the end of the supervisor, which is the end of this group."""
    while True:
        try:
            if not channel.recv(1):
                break
        except OSError:
            break
    os.killpg(0, signal.SIGKILL)
