"""The files that a source names: a path, a pattern that stands for several, or an address; identity, and bytes."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from blake3 import blake3

from workflows.execution.downloads import Downloads, is_address
from workflows.hashing import fingerprint
from workflows.ports import Cancellation, Catalog
from workflows.store.files import FileChanged, FileMissing, content_hash, read_verified


def identity(
    catalog: Catalog,
    downloads: Path,
    data_root: Path,
    path: str,
    *,
    read: bool,
    fetch: bool = True,
    cancellation: Cancellation | None = None,
) -> str | None:
    """The content hash of a file, or the hash over those of a pattern's files in the order of their names.

    With ``read`` False no file is read, and without ``fetch`` no address asked: None for what was never read. Raises
    FileMissing, FileChanged, and FetchCancelled.
    """
    path = local(path)
    if is_address(path):
        return Downloads(downloads, cancellation).identity(path, read=read and fetch)
    if not _is_pattern(data_root, path):
        return content_hash(catalog, data_root / path, read=read)
    hashes = [content_hash(catalog, member, read=read) for member in _members(data_root, path)]
    known = [found for found in hashes if found is not None]
    return _of_all(known) if len(known) == len(hashes) else None


def size(data_root: Path, path: str) -> int | None:
    """Bytes of a file, or of all files of a pattern; None for an address, and for what is not there."""
    path = local(path)
    if is_address(path):
        return None
    try:
        members = _members(data_root, path) if _is_pattern(data_root, path) else [data_root / path]
        return sum(os.stat(member).st_size for member in members)
    except (FileMissing, OSError, ValueError):
        return None


def read(downloads: Path, data_root: Path, path: str, expected: str) -> list[tuple[str, bytes]]:
    """Name and bytes of each file; together they have the identity ``expected``. Raises FileMissing and FileChanged."""
    path = local(path)
    if is_address(path):
        return [(path, Downloads(downloads).content(path, expected))]
    if not _is_pattern(data_root, path):
        return [(path, read_verified(data_root / path, expected))]
    try:
        found = [(_name(member, data_root), member.read_bytes()) for member in _members(data_root, path)]
    except OSError as error:
        raise FileMissing(f"A file of {path} cannot be read: {error.strerror}.") from None
    if _of_all([blake3(content).hexdigest() for _, content in found]) != expected:
        raise FileChanged(f"The files of {path} changed while the run was going on; run again.", path=path)
    return found


def whole_database(path: Path) -> None:
    """Raises FileMissing where a database has a log beside its file, with changes that the file does not have yet."""
    for ending in ("-wal", "-journal", ".wal"):
        log = path.with_name(path.name + ending)
        if log.exists() and log.stat().st_size:
            raise FileMissing(
                f"{path.name} has changes that are only in {log.name}: end the program that writes it, or have it "
                "written out (`PRAGMA wal_checkpoint(TRUNCATE)`).",
                path=str(path),
            )


def local(path: str) -> str:
    """The path that a ``file://`` address stands for; anything else as it is."""
    address = urlsplit(path) if path.lower().startswith("file://") else None
    return path if address is None or address.netloc not in ("", "localhost") else unquote(address.path)


def _is_pattern(data_root: Path, path: str) -> bool:
    return glob.has_magic(path) and not os.path.exists(data_root / path)


def _members(data_root: Path, path: str) -> list[Path]:
    names = sorted(glob.glob(path, root_dir=data_root, recursive=True))
    members = [data_root / name for name in names if (data_root / name).is_file()]
    if not members:
        raise FileMissing(f"No file in {data_root} matches {path}.", path=path)
    return members


def _name(member: Path, data_root: Path) -> str:
    return str(member.relative_to(data_root) if member.is_relative_to(data_root) else member)


def _of_all(hashes: Sequence[str]) -> str:
    return fingerprint("files", tuple(hashes))
