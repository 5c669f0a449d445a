from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from blake3 import blake3

from workflows.store import files
from workflows.store.catalog import SqliteCatalog
from workflows.store.files import FileChanged, FileMissing, content_hash, read_verified, settled


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    catalog = SqliteCatalog(tmp_path / "store" / "catalog.sqlite")
    yield catalog
    catalog.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "adult.data"
    path.write_bytes(b"39, State-gov\n")
    return path


def digest(content: bytes) -> str:
    return blake3(content).hexdigest()


@pytest.fixture
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: nobody can set a file's change time back."""
    monkeypatch.setattr(files, "SETTLED_SECONDS", -3600.0)


def test_a_keystroke_reads_nothing(catalog: SqliteCatalog, data: Path) -> None:
    assert content_hash(catalog, data, read=False) is None


@pytest.mark.usefixtures("old_files")
def test_a_hash_once_read_is_remembered(catalog: SqliteCatalog, data: Path) -> None:
    assert content_hash(catalog, data, read=True) == digest(b"39, State-gov\n")
    assert content_hash(catalog, data, read=False) == digest(b"39, State-gov\n")


def test_a_file_that_just_changed_is_hashed_but_not_remembered(catalog: SqliteCatalog, data: Path) -> None:
    assert content_hash(catalog, data, read=True) == digest(b"39, State-gov\n")
    assert content_hash(catalog, data, read=False) is None


@pytest.mark.usefixtures("old_files")
def test_a_file_with_other_content_of_the_same_size_and_time_is_read_again(catalog: SqliteCatalog, data: Path) -> None:
    content_hash(catalog, data, read=True)
    before = data.stat()
    time.sleep(0.02)  # the change time moves by the kernel's tick
    data.write_bytes(b"40, State-gov\n")
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert content_hash(catalog, data, read=False) is None
    assert content_hash(catalog, data, read=True) == digest(b"40, State-gov\n")


@pytest.mark.usefixtures("old_files")
def test_a_file_put_in_the_place_of_another_is_read_again(catalog: SqliteCatalog, data: Path, tmp_path: Path) -> None:
    content_hash(catalog, data, read=True)
    other = tmp_path / "other"
    other.write_bytes(b"41, State-gov\n")
    os.replace(other, data)
    assert content_hash(catalog, data, read=True) == digest(b"41, State-gov\n")


def test_a_file_that_changes_while_it_is_read_is_read_again(
    catalog: SqliteCatalog, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading is spoilt by a writer that comes in between; the second is undisturbed."""
    spoilt = threading.Event()

    class Spoiler:
        def __init__(self) -> None:
            self._hasher = blake3()

        def update(self, chunk: bytes) -> None:
            self._hasher.update(chunk)
            if not spoilt.is_set():
                spoilt.set()
                with data.open("ab") as file:
                    file.write(b"50, Private\n")

        def hexdigest(self) -> str:
            return str(self._hasher.hexdigest())

    monkeypatch.setattr(files, "blake3", Spoiler)
    assert content_hash(catalog, data, read=True) == digest(b"39, State-gov\n50, Private\n")
    assert spoilt.is_set()


def test_a_time_in_the_future_is_never_settled() -> None:
    assert settled(time.time_ns() - 3 * 10**9)
    assert not settled(time.time_ns() - 10**9)
    assert not settled(time.time_ns() + 10**12)


def test_what_is_scanned_is_what_was_identified(data: Path) -> None:
    expected = digest(data.read_bytes())
    assert read_verified(data, expected) == b"39, State-gov\n"
    data.write_bytes(b"another\n")
    with pytest.raises(FileChanged, match="changed while the run"):
        read_verified(data, expected)


def test_a_missing_file_is_named(catalog: SqliteCatalog, tmp_path: Path) -> None:
    absent = tmp_path / "absent.csv"
    with pytest.raises(FileMissing, match=r"absent\.csv cannot be read: no such file"):
        content_hash(catalog, absent, read=False)
    with pytest.raises(FileMissing, match=r"absent\.csv"):
        read_verified(absent, "0" * 64)
    with pytest.raises(FileMissing, match="folder"):
        content_hash(catalog, tmp_path, read=True)
