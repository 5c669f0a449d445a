"""Where things lie on this machine: the var folder, the data folder, the front end's build. No Django here."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from workflows.errors import HelixError

PROJECT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108 with the final zero, 104 on macOS


class FolderUnusable(HelixError):
    """A folder that HelixWeb needs cannot be made, entered or closed to others."""

    code = "folder-unusable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"The folder {folder} cannot be used: {reason}. HELIX_HOME names another place.")


def home() -> Path:
    """The folder for all that HelixWeb writes: HELIX_HOME, else ``var`` in the checkout or the current folder."""
    given = os.environ.get("HELIX_HOME")
    if given:
        return Path(given).resolve()
    base = PROJECT if (PROJECT / "manage.py").exists() else Path.cwd()
    return base / "var"


def data_root() -> Path:
    """The folder that relative data paths of workflows resolve against: HELIX_DATA, else ``data`` beside ``var``."""
    given = os.environ.get("HELIX_DATA")
    return Path(given).resolve() if given else home().parent / "data"


def store_root() -> Path:
    """The folder of stored results: HELIX_STORE, else ``store`` in ``var``. Workers of one database share it."""
    given = os.environ.get("HELIX_STORE")
    return Path(given).resolve() if given else home() / "store"


def frontend_build() -> Path:
    """The folder Vite builds the front end into."""
    return PROJECT / "frontend" / "dist"


def examples() -> Path:
    """The folder of the workflows that a newcomer starts from."""
    return PROJECT / "examples"


def redis_socket() -> Path:
    """The Unix socket of Redis, in a folder only its owner may enter: in ``var``, unless that path is too long."""
    usual = home() / "redis" / "redis.sock"
    if len(os.fsencode(usual)) <= LONGEST_SOCKET_PATH:
        return usual
    short = Path(f"helix-{os.getuid()}-{hashlib.sha256(os.fsencode(home())).hexdigest()[:12]}") / "redis.sock"
    found = tempfile.gettempdir() / short
    return found if len(os.fsencode(found)) <= LONGEST_SOCKET_PATH else "/tmp" / short


def make_private(folder: Path, *, in_shared: bool = False) -> Path:
    """Make a folder that only its owner may enter. Raises FolderUnusable.

    ``in_shared`` says that it lies where everybody may write, as in /tmp: what another account put there is refused.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if in_shared and (folder.is_symlink() or folder.stat().st_uid != os.getuid()):
            raise FolderUnusable(folder, "another account made it")
        folder.chmod(0o700)
    except OSError as error:
        raise FolderUnusable(folder, (error.strerror or str(error)).lower()) from error
    return folder


def secret_key() -> str:
    """The secret that signs what this installation hands out; made at first use, readable by its owner alone."""
    path = make_private(home()) / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
