"""Taking over what a run process staged, as from a stranger: it may have written anything, and may still be writing."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3

from workflows.errors import HelixError
from workflows.hashing import Digest
from workflows.ports import Staged
from workflows.store.codecs import CODECS

_CHUNK = 1 << 20


class Refused(HelixError):
    """What was staged is not what it was said to be."""

    code = "staged-refused"


def staged_value(folder: Path, staged: Staged) -> bytes:
    """The bytes of a small result, from the message or its file. Raises Refused."""
    if staged.inline is None:
        file = _open(folder, staged)
        try:
            content = b"".join(_read(file, staged.bytes))
        finally:
            os.close(file)
    else:
        content = staged.inline
    _check(staged, len(content), Digest(blake3(content).hexdigest()))
    return content


def copy_staged(folder: Path, staged: Staged, target: Path) -> float:
    """Copy a staged file to ``target`` (new, read-only) and sync it. Raises Refused, and then leaves no file.

    Returns the seconds that moving the bytes took, without the sync, which takes about as long for a small file as for
    a large one.

    It is copied, not renamed: whoever wrote it may hold it open or mapped, and what is hashed must be what is kept.
    """
    source = _open(folder, staged)
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        try:
            hasher, size, began = blake3(), 0, time.perf_counter()
            for chunk in _read(source, staged.bytes):
                hasher.update(chunk)
                size += len(chunk)
                _write(file, chunk)
            _check(staged, size, Digest(hasher.hexdigest()))
            seconds = time.perf_counter() - began
            os.fsync(file)
        except BaseException:
            target.unlink()
            raise
        finally:
            os.close(file)
    finally:
        os.close(source)
    return seconds


def _open(folder: Path, staged: Staged) -> int:
    """Open a regular file right in the folder, following no link. Not blocking: a FIFO would wait for a writer."""
    name = staged.file
    if name is None or "/" in name or "\0" in name or name in ("", ".", ".."):
        raise Refused(f"{name!r} does not name a file of the staging folder.", signature=staged.signature)
    try:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else (error.strerror or "it cannot be opened").lower()
        raise Refused(f"The staged file {name!r} is refused: {reason}.", signature=staged.signature) from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Refused(f"The staged {name!r} is not a file.", signature=staged.signature)
    return file


def _read(file: int, expected: int) -> Iterator[bytes]:
    """The content in chunks; at most one more than ``expected`` bytes need, so that a file without end is refused."""
    rest = expected + 1
    while rest > 0 and (chunk := os.read(file, min(rest, _CHUNK))):
        rest -= len(chunk)
        yield chunk


def _write(file: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(file, view) :]


def _check(staged: Staged, size: int, digest: Digest) -> None:
    if staged.codec not in CODECS:
        raise Refused(f"There is no codec {staged.codec!r}.", signature=staged.signature)
    if size != staged.bytes or digest != staged.digest:
        raise Refused(
            f"The staged result has {size} bytes with digest {digest}, not {staged.bytes} bytes with {staged.digest}.",
            signature=staged.signature,
        )
