"""What a data file is identified by: the hash of its bytes, remembered by what the file system says about it."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from blake3 import blake3

from workflows.errors import HelixError
from workflows.ports import Catalog, FileStamp

# A file may be written again within the granularity of its times (up to 2 s on some file systems) and look the same.
SETTLED_SECONDS = 2.0
_TRIES = 5


class FileMissing(HelixError):
    """There is no such file, or it cannot be read."""

    code = "file-missing"


class FileChanged(HelixError):
    """The file's bytes are not those that the plan was made for."""

    code = "file-changed"


def content_hash(catalog: Catalog, path: Path, *, read: bool) -> str | None:
    """BLAKE3 (hex) of the file's bytes: what is remembered for a file with exactly this stamp, else read.

    With ``read`` False nothing is read, and None means "not read yet". A hash is remembered only where the file was
    last changed more than 2 s before; a file that changes while it is read is read again. Raises FileMissing, and
    FileChanged where it never holds still.
    """
    stamp = _stamp(path, _status(path))
    remembered = catalog.content_hash(stamp)
    if remembered is not None or not read:
        return remembered
    for _ in range(_TRIES):
        found, stamp = _read_hash(path)
        if found is not None:
            if settled(stamp.ctime_ns):
                catalog.remember_hash(stamp, found)
            return found
    raise FileChanged(f"{path} is being written to; run again when it is complete.", path=str(path))


def read_verified(path: Path, expected: str) -> bytes:
    """The file's bytes, which have the hash ``expected``: what is scanned is what was identified. Raises FileMissing
    and FileChanged."""
    try:
        _status(path)
        content = path.read_bytes()
    except OSError as error:
        raise _missing(path, error) from None
    if blake3(content).hexdigest() != expected:
        raise FileChanged(f"{path} changed while the run was going on; run again.", path=str(path))
    return content


def settled(ctime_ns: int) -> bool:
    """Whether a file last changed at ``ctime_ns`` can no longer change unseen. A time in the future never can."""
    return time.time_ns() - ctime_ns > SETTLED_SECONDS * 1e9


def _read_hash(path: Path) -> tuple[str | None, FileStamp]:
    """The hash of the bytes, None where the file changed meanwhile; and the stamp of what was read."""
    try:
        with path.open("rb") as file:
            stamp = _stamp(path, os.fstat(file.fileno()))
            hasher = blake3()
            while chunk := file.read(1 << 20):
                hasher.update(chunk)
            after = _stamp(path, os.fstat(file.fileno()))
    except OSError as error:
        raise _missing(path, error) from None
    return (hasher.hexdigest() if stamp == after else None), stamp


def _status(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        raise _missing(path, error) from None
    if stat.S_ISDIR(status.st_mode):
        raise FileMissing(f"{path} is a folder; name a file in it.", path=str(path))
    if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
        raise FileMissing(f"{path} is no file that can be read as a whole: it is a pipe or a device.", path=str(path))
    return status


def _stamp(path: Path, status: os.stat_result) -> FileStamp:
    return FileStamp(os.path.abspath(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _missing(path: Path, error: OSError) -> FileMissing:
    return FileMissing(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.", path=str(path))
