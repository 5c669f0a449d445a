"""The supervisor's side of the warm server: starts it with a clean environment, asks it for run processes, ends it."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from workflows.errors import HelixError
from workflows.execution.orphans import end
from workflows.execution.protocol import Terms, send_terms
from workflows.execution.standby import Reserve

logger = logging.getLogger(__name__)

LOAD_SECONDS = 60.0  # for the warm server to load and fork
ANSWER_SECONDS = 30.0  # for one that is loaded: it forks and kills in milliseconds, but a machine may be busy
END_SECONDS = 10.0  # for it to end by itself

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS")


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class NoRunProcess(HelixError):
    """The warm server could not be started, or did not give a run process."""

    code = "no-run-process"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run process ended: its exit status, or the signal that killed it; neither where its warm server died."""

    status: int | None
    signal: int | None

    @property
    def with_server(self) -> bool:
        return self.status is None and self.signal is None


@dataclass(slots=True)
class _Server:
    """A process of the warm server. ``answered``: it is loaded, since it has forked a run process."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    answered: bool = False


class RunProcess:
    """A run process as its supervisor sees it: a channel to talk over, and a lifeline to end it by."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket, server: _Server, owner: WarmServer) -> None:
        self.channel = channel
        self._lifeline = lifeline
        self._server = server
        self._owner = owner
        self.pid: int | None = None
        self._exit: Exit | None = None

    def __enter__(self) -> RunProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def patience(self) -> float:
        """Seconds that the process may take to be there: a server that is loaded forks at once."""
        return ANSWER_SECONDS if self._server.answered else LOAD_SECONDS

    @property
    def alive(self) -> bool:
        """Whether nothing has been said of its end."""
        self.look()
        return self._exit is None

    def kill(self) -> None:
        """Have the process killed, with all that it started; returns at once."""
        try:
            self._lifeline.send(b"kill")
        except OSError:
            return  # it has ended, or the warm server has, and took it along

    def ended(self, timeout: float) -> Exit | None:
        """How the process ended, None if it has not within ``timeout`` seconds."""
        while self._exit is None and readable(self._lifeline, timeout):
            self.look()
        return self._exit

    def look(self) -> None:
        """Read what the warm server has said, without waiting."""
        while self._exit is None and readable(self._lifeline, 0.0):
            packet = self._packet() or self._packet()
            facts = json.loads(packet) if packet else {"exit": None, "signal": None}
            if "pid" in facts:
                self.pid = facts["pid"]
                self._server.answered = True
                continue
            self._exit = Exit(facts["exit"], facts["signal"])
            if self._exit.with_server:
                self._owner.lost(self._server)

    def _packet(self) -> bytes:
        """What was said next; nothing at the end, or where the server left our asking unread."""
        try:
            return self._lifeline.recv(4096)
        except ConnectionError:
            return b""

    def replace_server(self) -> None:
        """The warm server does not answer: it is killed, with every run process of it, and a fresh one is started."""
        self._owner.replace(self._server)

    def close(self) -> None:
        """Let go of the process, which ends it if it has not ended."""
        self.channel.close()
        self._lifeline.close()


class WarmServer:
    """A warm server, started when first needed and again if it died. Safe for several threads.

    ``ended`` is called when a process of it has ended, however that came: it may have left orphans. ``reserve`` has
    run processes for jobs; where ``standby``, since another run is likely to come, one for the next.
    """

    def __init__(self, ended: Callable[[], None] = lambda: None, *, standby: bool = True) -> None:
        self.standby = standby
        self.reserve = Reserve(self.fork_run)
        self._ended = ended
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def __enter__(self) -> WarmServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return None if self._server is None else self._server.process.pid

    def start(self) -> None:
        """Have it running soon: returns at once, while it still loads."""
        with self._lock:
            self._running()

    def fork_run(self, terms: Terms) -> RunProcess:
        """A fresh run process, there as soon as the server is loaded. Raises NoRunProcess."""
        with self._lock:
            for _ in range(2):
                try:
                    return self._ask(self._running(), terms)
                except OSError:
                    self._end()
        raise NoRunProcess("The process that runs workflows could not be started; the log says why.")

    def replace(self, server: _Server) -> None:
        """Kill a process of this server that does not answer, unless that was done, and start another."""
        with self._lock:
            if self._server is server:
                logger.error("the warm server (process %d) does not answer; it is replaced", server.process.pid)
                self._end(at_once=True)
            self._running()

    def lost(self, server: _Server) -> None:
        """A process of this server has died."""
        with self._lock:
            if self._server is server:
                self._end()

    def close(self) -> None:
        """End the server and every run process of it."""
        self.reserve.close()
        with self._lock:
            self._end()

    def _running(self) -> _Server:
        if self._server is not None and self._server.process.poll() is None:
            return self._server
        self._end()
        control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "workflows.execution.warm", str(other.fileno())],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )
        self._server = _Server(process, control)
        return self._server

    def _end(self, *, at_once: bool = False) -> None:
        """End the server, which does so by itself, taking all along, unless it hangs."""
        server, self._server = self._server, None
        if server is None:
            return
        server.control.close()
        try:
            server.process.wait(0 if at_once else END_SECONDS)
        except subprocess.TimeoutExpired:
            end([server.process.pid])
            server.process.wait()
        self._ended()

    def _ask(self, server: _Server, terms: Terms) -> RunProcess:
        channel, its_channel = socket.socketpair()
        lifeline, its_lifeline = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server.control.settimeout(ANSWER_SECONDS)  # the queue of a server that does not read may be full
        with its_channel, its_lifeline:
            try:
                socket.send_fds(server.control, [b"fork"], [its_channel.fileno(), its_lifeline.fileno()])
                channel.settimeout(LOAD_SECONDS)  # what does not fit the queue waits for the process
                send_terms(channel, terms)
                channel.settimeout(None)
            except OSError:
                channel.close()
                lifeline.close()
                raise
        return RunProcess(channel, lifeline, server, self)


def clean_environment() -> dict[str, str]:
    """What the warm server knows of this process's environment: by name, so that no secret is handed on unnoticed.

    Hashes of strings are fixed, so that sets have one order in every run; BLAS has one thread. Memory comes in huge
    pages where there is much of it (glibc 2.35+), as NumPy's does: liblinear and its like fit a tenth faster. Arrow
    takes its own from there too.
    """
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    allocated = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return {**known, **dict.fromkeys(_ONE_THREAD, "1"), **allocated, "PYTHONHASHSEED": "0"}


def readable(channel: HasFileno, seconds: float) -> bool:
    """Whether there is something to read, waiting so long for it. (``select`` fails in a process with many files.)"""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
