"""The keeper of a run: a small process between the warm server and the run process, whose descendants are the run.

It enters the sandbox where there is one, forks the run process there, waits for its end, ends whatever else is left of
the run, and ends as the run process did.

``bwrap`` (bubblewrap) makes the sandbox: namespaces, and a file system with nothing but what it is told. It is started
for each run and then holds the sandbox open; the keeper enters it (``setns``), so that the run process needs to
load nothing, being a fork. Linux, ``namespaces(7)``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from workflows.errors import HelixError
from workflows.execution.orphans import adopt_orphans, end_orphans

_NAMESPACES = 0x20000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000  # mount uts ipc user pid net
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: two words of 32 capabilities for each of three sets
_THREADS = 256  # beyond what is asked for: threads count as processes
_HOLD = "/bin/cat"  # what keeps the sandbox open: it answers once that is complete, and ends with its keeper
_libc = ctypes.CDLL(None, use_errno=True)


class SandboxFailed(HelixError):
    """The sandbox could not be made or entered; nothing was run."""

    code = "sandbox-failed"


class Sandbox:
    """A sandbox that is open; whoever made it is inside, but for the process ids: only children of it are.

    ``results`` is a folder that was shown and is not any more: of it there is a descriptor, by which its files can be
    opened as they were shown, to be read only.
    """

    def __init__(self, arguments: Sequence[str], results: Path | None) -> None:
        self._holder, init = _opened(arguments)
        self._init = os.pidfd_open(init)
        self.results: int | None = None
        try:
            _enter(self._init)
            if results is not None:
                self.results = _hidden(results)
        except OSError as error:
            self.end()
            raise SandboxFailed(f"The sandbox cannot be entered: {error.strerror}.") from error
        _drop_capabilities()

    def end(self) -> None:
        """Kill all that is inside: the kernel does, when the first process of the process ids ends."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._init, signal.SIGKILL)
        self._holder.kill()
        self._holder.wait()

    def close(self) -> None:
        """Let go of what a child must not have."""
        os.close(self._init)
        for pipe in (self._holder.stdin, self._holder.stdout, self._holder.stderr):
            if pipe is not None:
                pipe.close()


def keep(
    arguments: Sequence[str] | None,
    processes: int,
    run_process: Callable[[int | None], int],
    results: Path | None = None,
) -> NoReturn:
    """Run ``run_process`` in a process of its own, in the sandbox of these arguments of ``bwrap`` (None: in none), and
    end as it does. It is given a descriptor of the folder ``results``, which is not to be seen otherwise. In a sandbox
    the kernel refuses far more than ``processes``. Raises SandboxFailed."""
    adopt_orphans()
    sandbox = None if arguments is None else Sandbox(arguments, results)
    end_with_parent()  # once more: a change of capabilities has cancelled it
    pid = os.fork()
    if pid == 0:
        status = 70  # EX_SOFTWARE
        try:
            end_with_parent()
            os.setsid()  # no terminal, and a group of its own
            if sandbox is not None:
                sandbox.close()
                _lower_processes(2 * processes + _THREADS)
            status = run_process(None if sandbox is None else sandbox.results)
        finally:
            os._exit(status)
    if sandbox is not None and sandbox.results is not None:
        os.close(sandbox.results)
    while True:
        ended, status = os.wait()
        if ended == pid:
            break
    if sandbox is not None:
        sandbox.end()
    end_orphans(own=())
    _end_as(os.waitstatus_to_exitcode(status))


def _lower_processes(most: int) -> None:
    """A bound of the kernel's, since a fork bomb may be quicker than whoever watches. It counts those in the sandbox
    alone (Linux 5.14), and none of root's."""
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _end_as(code: int) -> NoReturn:
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):  # SIGKILL has no handler to be reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _opened(arguments: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
    """``bwrap``, holding a sandbox that is complete, and the id of the first process in it."""
    told, tell = os.pipe()
    listed = os.memfd_create("arguments")
    try:
        os.write(listed, b"".join(os.fsencode(argument) + b"\0" for argument in arguments))
        os.lseek(listed, 0, os.SEEK_SET)
        holder = subprocess.Popen(
            ["bwrap", "--args", str(listed), "--info-fd", str(tell), _HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=[listed, tell],
            env={},
            executable=_bwrap(),
        )
    except OSError as error:
        os.close(told)
        raise SandboxFailed(f"bwrap cannot be started: {error.strerror}.") from error
    finally:
        os.close(tell)
        os.close(listed)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stderr is not None
    with os.fdopen(told, "rb") as facts:
        info = facts.read()
    with contextlib.suppress(BrokenPipeError):
        holder.stdin.write(b".")
    if not info or holder.stdout.read(1) != b".":
        complaint = holder.stderr.read().decode(errors="replace").strip()
        holder.kill()
        holder.wait()
        raise SandboxFailed(f"bwrap makes no sandbox here: {complaint}")
    return holder, int(json.loads(info)["child-pid"])


def _bwrap() -> str:
    for folder in os.get_exec_path():
        path = Path(folder) / "bwrap"
        if os.access(path, os.X_OK):
            return str(path)
    raise SandboxFailed("There is no bubblewrap (bwrap). Install it; Debian and Ubuntu: apt-get install bubblewrap.")


def _enter(init: int) -> None:
    if _libc.setns(init, _NAMESPACES) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    os.chdir("/")


def _hidden(folder: Path) -> int:
    """Take away what is mounted at ``folder``. Returns a descriptor of it; the mount's being read-only stays with it,
    and with what is opened by it, whoever owns the files."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if _libc.umount2(os.fsencode(folder), _MNT_DETACH) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return descriptor


def _drop_capabilities() -> None:
    """Give up the rights over the sandbox that entering it brought, for good."""
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0 or _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SandboxFailed("The rights over the sandbox cannot be given up.")
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self would belong to another
