"""The supervisor's side of the warm server: starts it with a clean environment, asks it for run processes, ends it."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from types import TracebackType

from workflows.errors import HelixError

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS")


class NoRunProcess(HelixError):
    """The warm server could not be started, or did not give a run process."""

    code = "no-run-process"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run process ended: its exit status, or the signal that killed it."""

    status: int | None
    signal: int | None


class RunProcess:
    """A run process as its supervisor sees it: a channel to talk over, and a lifeline to end it by."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket) -> None:
        self.channel = channel
        self._lifeline = lifeline
        self.pid: int | None = None
        self._exit: Exit | None = None

    def __enter__(self) -> RunProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def kill(self) -> None:
        """Have the process killed, with all that it started; returns at once."""
        try:
            self._lifeline.send(b"kill")
        except OSError:
            return  # it has ended, or the warm server has, and took it along

    def ended(self, timeout: float) -> Exit | None:
        """How the process ended, None if it has not within ``timeout`` seconds. Where the server died: by SIGKILL."""
        while self._exit is None and readable(self._lifeline, timeout):
            self.look()
        return self._exit

    def look(self) -> None:
        """Read what the warm server has said, without waiting."""
        while self._exit is None and readable(self._lifeline, 0.0):
            try:
                packet = self._lifeline.recv(4096)
            except ConnectionError:
                packet = b""
            facts = json.loads(packet) if packet else {"exit": None, "signal": 9}
            if "pid" in facts:
                self.pid = facts["pid"]
            else:
                self._exit = Exit(facts["exit"], facts["signal"])

    def close(self) -> None:
        """Let go of the process, which ends it if it has not ended."""
        self.channel.close()
        self._lifeline.close()


class WarmServer:
    """A warm server, started when first needed and again if it died. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> WarmServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Have it running soon: returns at once, while it still loads."""
        with self._lock:
            self._running()

    def fork_run(self) -> RunProcess:
        """A fresh run process, there as soon as the server is loaded. Raises NoRunProcess."""
        with self._lock:
            for _ in range(2):
                try:
                    return _ask(self._running())
                except OSError:
                    self._end()
        raise NoRunProcess("The process that runs workflows could not be started; the log says why.")

    def close(self) -> None:
        """End the server and every run process of it."""
        with self._lock:
            self._end()

    def _running(self) -> socket.socket:
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self._end()
        control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "workflows.execution.warm", str(other.fileno())],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )
        self._control = control
        return control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None


def clean_environment() -> dict[str, str]:
    """What the warm server knows of this process's environment: by name, so that no secret is handed on unnoticed.

    Hashes of strings are fixed, so that sets have one order in every run; BLAS has one thread.
    """
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**known, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONHASHSEED": "0"}


def readable(channel: socket.socket, seconds: float) -> bool:
    """Whether there is something to read, waiting so long for it. (``select`` fails in a process with many files.)"""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _ask(control: socket.socket) -> RunProcess:
    channel, its_channel = socket.socketpair()
    lifeline, its_lifeline = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its_channel, its_lifeline:
        try:
            socket.send_fds(control, [b"fork"], [its_channel.fileno(), its_lifeline.fileno()])
        except OSError:
            channel.close()
            lifeline.close()
            raise
    return RunProcess(channel, lifeline)
