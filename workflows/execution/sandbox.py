"""What a run may see of this machine: the sandbox that its process is put into, as arguments of ``bwrap`` (bubblewrap).

In it there is no network, no other process, and no file but those of the system and of Python, the data folder, and the
results that the run reads, all read-only; and the run's own staging folder, which it may write to.

``python -m workflows.execution.sandbox FOLDER`` tries one that may write to the folder, and prints what this machine
lacks.
"""

from __future__ import annotations

import os
import site
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias, get_args

from workflows.errors import HelixError
from workflows.execution.keeper import SandboxFailed, keep

Mode: TypeAlias = Literal["auto", "require", "off"]
MODES: tuple[Mode, ...] = get_args(Mode)

# What programs read of a system, and nothing that tells of its users.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/ssl/certs", "/etc/mime.types"),
    *("/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf"),
)
_SHARED_MEMORY = 1 << 30  # bytes of /dev/shm
_PROBE_SECONDS = 20.0


class NoSandbox(HelixError):
    """A sandbox is required, and this machine has none."""

    code = "no-sandbox"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Nothing is run, since HELIX_SANDBOX=require and there is no sandbox: {reason} "
            "HELIX_SANDBOX=auto runs without one; then functions can do whatever this account can."
        )


@dataclass(frozen=True, slots=True)
class View:
    """What a run process sees: ``read`` are files and folders that it may read, ``write`` the folder it may write to
    (with folders ``scratch`` and ``tmp`` in it), ``share`` those that others write to as well; ``hide`` are folders of
    which it sees no more than these. The folder ``results`` is shown to its keeper, which takes it away."""

    read: tuple[Path, ...]
    write: Path
    hide: tuple[Path, ...] = ()
    share: tuple[Path, ...] = ()
    results: Path | None = None

    def prepare(self) -> None:
        """Make the folders that there are in the one to write to."""
        for name in ("scratch", "tmp"):
            (self.write / name).mkdir(exist_ok=True)


@dataclass(frozen=True, slots=True)
class Isolation:
    """Whether runs are put into a sandbox: ``auto`` where one works, ``require`` refuses to run without, ``off`` never.

    ``read`` are folders beside the data folder that runs may read, ``hide`` such as nobody shows to a run.
    """

    mode: Mode = "auto"
    read: tuple[Path, ...] = ()
    hide: tuple[Path, ...] = ()

    @property
    def missing(self) -> str | None:
        """Why runs are not in a sandbox; None where they are. Tried once in the life of this process."""
        return "It is switched off (HELIX_SANDBOX=off)." if self.mode == "off" else probe()

    @property
    def active(self) -> bool:
        """Whether runs are put into a sandbox. Raises NoSandbox."""
        missing = self.missing
        if missing is not None and self.mode == "require":
            raise NoSandbox(missing)
        return missing is None

    def arguments(self, view: View) -> list[str] | None:
        """Those of ``bwrap``, None for no sandbox. Raises NoSandbox."""
        if not self.active:
            return None
        return arguments(replace(view, read=(*view.read, *self.read), hide=(*view.hide, *self.hide)))


@lru_cache(maxsize=1)
def probe() -> str | None:
    """Why there is no sandbox on this machine, None where one could be made and entered, which is really tried."""
    try:
        with TemporaryDirectory() as folder:
            tried = subprocess.run(
                [sys.executable, "-P", "-m", "workflows.execution.sandbox", folder],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PROBE_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Trying one failed: {error}."
    if tried.returncode == 0:
        return None
    return (tried.stdout or tried.stderr).strip() or f"Trying one ended with status {tried.returncode}."


def arguments(view: View) -> list[str]:
    """The arguments of ``bwrap`` for a view. Nothing is shown of what does not exist."""
    hidden = [path for path in view.hide if path.is_dir()]
    results = () if view.results is None else (view.results,)
    mounts: list[tuple[Path, tuple[str, ...]]] = [
        (Path("/dev"), ("--dev", "/dev")),
        (Path("/dev/shm"), ("--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm")),
        (Path("/proc"), ("--proc", "/proc")),
        (Path("/tmp"), ("--bind", str(view.write / "tmp"), "/tmp")),
        *((path, ("--ro-bind-try", str(path), str(path))) for path in _distinct((*_base(), *view.read, *results))),
        *((path, ("--tmpfs", str(path))) for path in hidden),
        *((path, ("--bind", str(path), str(path))) for path in (view.write, *view.share)),
    ]
    mounts.sort(key=lambda mount: len(mount[0].parts))  # what is mounted later lies over what it is in
    # The kernel's own files in /proc/sys ask for a user id alone: root outside would be root there.
    closed = ("/", "/dev", "/proc", *map(str, hidden))
    return [
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL"),
        *(word for _, words in mounts for word in words),
        *(word for path in closed for word in ("--remount-ro", path)),
    ]


def _base() -> Iterable[Path]:
    """The system, Python, its packages, and this one."""
    python = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *site.getsitepackages())
    own = Path(__file__).resolve().parents[1]
    return (*map(Path, (*_SYSTEM, *python, site.getusersitepackages())), own)


def _distinct(paths: Iterable[Path]) -> Iterable[Path]:
    return dict.fromkeys(path for path in paths if path != Path("/") and os.path.exists(path))


def main() -> int:
    """Make a sandbox, enter it, and end it."""
    view = View((), Path(sys.argv[1]))
    view.prepare()
    try:
        keep(arguments(view), 256, lambda _: 0)
    except SandboxFailed as error:
        print(error.message)
        return 1


if __name__ == "__main__":
    sys.exit(main())
