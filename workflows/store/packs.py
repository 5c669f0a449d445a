"""Packs: append-only files that hold the small values of runs, and what is known of every result, large ones too.

A pack is a sequence of frames, each written and synced at once (the group commit): a fixed head, the values one after
the other, and an index in JSON. A frame that a kill tore has a wrong checksum; nothing refers to it, and readers end
there. Only the process that made a pack appends to it. The catalog can be rebuilt from packs and blobs alone.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from blake3 import blake3

from workflows.ports import JsonValue

SUFFIX = ".pack"
FULL = 64 * 1024 * 1024  # bytes after which a new pack is begun

_MAGIC = b"HXF1"
_HEAD = struct.Struct("<4sQQ32s")  # magic, bytes of values, bytes of index, BLAKE3 of values and index


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lies: the pack's name and the offset of its first byte."""

    pack: str
    offset: int


class PackWriter:
    """Appends frames to a pack of its own in ``folder``, made with the first of them. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._owner = 0
        self._name = ""
        self._end = 0

    def append(self, values: Sequence[bytes], index: Callable[[list[Place]], JsonValue]) -> None:
        """Write one frame and sync it; ``index`` makes its index from where the values will lie."""
        with self._lock:
            file = self._open()
            offset = self._end + _HEAD.size
            places = []
            for value in values:
                places.append(Place(self._name, offset))
                offset += len(value)
            content = b"".join(values)
            described = json.dumps(index(places), separators=(",", ":")).encode()
            checksum = blake3(content).update(described).digest()
            frame = _HEAD.pack(_MAGIC, len(content), len(described), checksum) + content + described
            try:
                _write(file, frame, self._end)
                os.fsync(file)
            except OSError:
                self._close()  # a torn frame ends a pack: the next one goes to another
                raise
            self._end += len(frame)
            if self._end > FULL:
                self._close()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _open(self) -> int:
        if self._file is not None and not os.fstat(self._file).st_nlink:
            self._close()  # somebody removed it: what is appended would be found by nobody
        if self._file is None or self._owner != os.getpid():  # a forked child must not write its parent's pack
            self._name = uuid4().hex
            self._file = os.open(self._folder / (self._name + SUFFIX), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            self._owner = os.getpid()
            self._end = 0
            sync_folder(self._folder)
        return self._file

    def _close(self) -> None:
        if self._file is not None and self._owner == os.getpid():
            os.close(self._file)
        self._file = None


def read_value(folder: Path, place: Place, size: int) -> bytes:
    """The bytes at a place, unverified; fewer where the pack ends. Raises OSError."""
    file = os.open(folder / (place.pack + SUFFIX), os.O_RDONLY)
    try:
        return os.pread(file, size, place.offset)
    finally:
        os.close(file)


def indexes(folder: Path) -> Iterator[JsonValue]:
    """The index of every whole frame of every pack, oldest pack first."""
    for path in sorted(folder.glob("*" + SUFFIX), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        with path.open("rb") as file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                magic, values, described, checksum = _HEAD.unpack(head)
                size = values + described
                if magic != _MAGIC or size > path.stat().st_size:
                    break
                content = file.read(size)
                if blake3(content).digest() != checksum:
                    break
                yield json.loads(content[values:])


def sync_folder(folder: Path) -> None:
    """Make names that were made or changed in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(file: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
