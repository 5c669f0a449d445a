"""The warm server, ``python -m workflows.execution.warm FD``: what is heavy is loaded once; each run is a fork of it.

It reads from the control socket FD (sequenced packets, inherited): a packet with two descriptors asks for a run process
that talks to its supervisor over the first (``channel``); the second (``lifeline``) is the server's: the process's id
and how it ended are written to it, and its end-of-file, or a packet, has the process killed with all it started. At the
end-of-file of the control socket the server kills every run process and ends, so that none outlives its supervisor.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import threading
from dataclasses import dataclass

from workflows.execution.orphans import adopt_orphans, end, end_orphans
from workflows.execution.process import main as run_process

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class _Child:
    pid: int
    lifeline: socket.socket


class WarmServer:
    """One thread, one loop: it forks, it reaps, it kills."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._signals, self._wakeup = socket.socketpair()

    def serve(self) -> None:
        self._signals.setblocking(False)
        self._wakeup.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._control, selectors.EVENT_READ, None)
        self._selector.register(self._signals, selectors.EVENT_READ, None)
        try:
            while self._step():
                pass
        finally:
            end(self._children)
            end_orphans(own=())

    def _step(self) -> bool:
        for key, _ in self._selector.select():
            if key.fileobj is self._control:
                if not self._accept():
                    return False
            elif key.fileobj is self._signals:
                with contextlib.suppress(BlockingIOError):
                    self._signals.recv(4096)
                self._reap()
            elif key.data.pid in self._children:
                self._selector.unregister(key.fileobj)
                _kill(key.data.pid)
        return True

    def _accept(self) -> bool:
        """Fork the process that was asked for. False at end-of-file."""
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._control, 16, 2)
        except ConnectionError:
            return False
        if not packet:
            return False
        channel, lifeline = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        # A lock that another thread holds at the fork stays held in the child for ever.
        assert threading.active_count() == 1, [thread.name for thread in threading.enumerate()]
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_run_process(channel, lifeline, server)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # here and in the child: whoever comes first
        channel.close()
        child = _Child(pid, lifeline)
        self._children[pid] = child
        self._selector.register(lifeline, selectors.EVENT_READ, child)
        _tell(lifeline, {"pid": pid})
        return True

    def _become_run_process(self, channel: socket.socket, lifeline: socket.socket, server: int) -> None:
        status = 70  # EX_SOFTWARE
        try:
            os.setpgid(0, 0)
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != server:
                os._exit(status)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            for open_socket in (self._control, self._signals, self._wakeup, lifeline):
                open_socket.close()
            for child in self._children.values():
                child.lifeline.close()
            status = run_process(channel)
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            # Not waited for yet, the process keeps its id, and so does its group: what it started goes with it.
            if ended.si_pid in self._children:
                _kill(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            child = self._children.pop(ended.si_pid, None)
            if child is not None:
                self._farewell(child, status)

    def _farewell(self, child: _Child, status: int) -> None:
        end_orphans(own=self._children)  # what left the group of its run process
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(child.lifeline)
        code = os.waitstatus_to_exitcode(status)
        _tell(child.lifeline, {"exit": code if code >= 0 else None, "signal": -code if code < 0 else None})
        child.lifeline.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _tell(lifeline: socket.socket, facts: dict[str, int | None]) -> None:
    with contextlib.suppress(OSError):
        lifeline.send(json.dumps(facts).encode())


def load() -> None:
    """Import what runs need, and go once through what is loaded at first use."""

    from workflows.execution.rehearsal import rehearse

    rehearse()


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal goes to the group; the supervisor decides
    adopt_orphans()
    load()
    gc.collect()
    gc.freeze()  # what is loaded is never garbage: without a collection touching it, its pages stay shared
    WarmServer(control).serve()


if __name__ == "__main__":
    main()
