"""A hostile run process: it writes what it likes to its staging folder, and says of it what it likes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from blake3 import blake3

from workflows.hashing import Digest, Signature
from workflows.ports import ArtifactMissing, Measurement, Staged
from workflows.store.catalog import SqliteCatalog
from workflows.store.codecs import INLINE_LIMIT
from workflows.store.filesystem import FileStore

A, B = Signature("a" * 64), Signature("b" * 64)
SECRET = b"the key to everything"
SIZES = [len(SECRET), INLINE_LIMIT + 1]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    catalog = SqliteCatalog(tmp_path / "store" / "catalog.sqlite")
    store = FileStore(tmp_path / "store", catalog)
    yield store
    store.close()
    catalog.close()


@pytest.fixture
def staging(store: FileStore) -> Path:
    return store.staging()


def secret(path: Path, size: int) -> Path:
    path.write_bytes(SECRET.ljust(size, b"."))
    return path


def claim(content: bytes, file: str | None, codec: str = "json") -> Staged:
    inline = content if file is None else None
    return Staged(A, codec, Digest(blake3(content).hexdigest()), len(content), file=file, inline=inline)


def refused(store: FileStore, staging: Path, staged: Staged) -> bool:
    """Whether it was left out, with nothing of it kept, while what was staged with it is adopted."""
    good = replace(claim(b"[1]", None), signature=B)
    measurements = [Measurement(signature, "Map", True, 1.0, 0, 0) for signature in (A, B)]
    adopted = store.adopt(staging, [staged, good], measurements)
    assert good in adopted
    assert store.open(B).inline == b"[1]"
    if staged in adopted:
        return False
    with pytest.raises(ArtifactMissing):
        store.open(A)
    root = staging.parent.parent
    assert not list((root / "blobs").iterdir())
    return not [path for folder in (root / "staging").iterdir() if folder != staging for path in folder.iterdir()]


@pytest.mark.parametrize("size", SIZES)
def test_a_link_is_refused(store: FileStore, staging: Path, tmp_path: Path, size: int) -> None:
    target = secret(tmp_path / "secret", size)
    (staging / "link").symlink_to(target)
    assert refused(store, staging, claim(target.read_bytes(), "link"))


@pytest.mark.parametrize("size", SIZES)
def test_a_path_out_of_the_folder_is_refused(store: FileStore, staging: Path, tmp_path: Path, size: int) -> None:
    target = secret(tmp_path / "secret", size)
    outside = os.path.relpath(target, staging)
    (staging / "folder").symlink_to(tmp_path)
    for name in (outside, str(target), "folder/secret", "./folder/secret", "..", ".", "", "a\0b", "absent"):
        assert refused(store, staging, claim(target.read_bytes(), name)), name


def test_a_folder_that_became_a_link_is_refused(store: FileStore, staging: Path, tmp_path: Path) -> None:
    target = secret(tmp_path / "secret", INLINE_LIMIT + 1)
    staging.rmdir()
    staging.symlink_to(tmp_path)
    assert refused(store, staging, claim(target.read_bytes(), "secret"))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_no_file_is_refused_at_once(store: FileStore, staging: Path, size: int) -> None:
    os.mkfifo(staging / "pipe")
    (staging / "folder").mkdir()
    for name in ("pipe", "folder"):
        assert refused(store, staging, claim(bytes(size), name)), name


@pytest.mark.parametrize("size", SIZES)
def test_bytes_that_are_not_what_was_said_are_refused(store: FileStore, staging: Path, size: int) -> None:
    content = bytes(size)
    (staging / "result").write_bytes(content)
    honest = claim(content, "result")
    for lie in (
        replace(honest, digest=Digest("0" * 64)),
        replace(honest, digest=Digest("../../key")),
        replace(honest, bytes=size - 1),
        replace(honest, bytes=size + 1),
        replace(honest, bytes=-1),
        replace(honest, bytes=0),
        replace(honest, codec="exec"),
        replace(honest, file=None),
    ):
        assert refused(store, staging, lie), lie
    assert not refused(store, staging, honest)


def test_inline_bytes_are_checked_as_well(store: FileStore, staging: Path) -> None:
    honest = claim(b"[2]", None)
    for lie in (replace(honest, inline=b"[3]"), replace(honest, bytes=4), replace(honest, codec="exec")):
        assert refused(store, staging, lie), lie
    assert not refused(store, staging, honest)


def test_a_file_still_held_open_by_its_writer_cannot_be_changed_afterwards(store: FileStore, staging: Path) -> None:
    content = b"[" + b" " * INLINE_LIMIT + b"1]"
    with (staging / "result").open("wb") as file:
        file.write(content)
        file.flush()
        os.link(staging / "result", staging / "another name")
        store.adopt(staging, [claim(content, "result")], [Measurement(A, "Map", True, 1.0, 0, 0)])
        file.seek(0)
        file.write(b"[666")
    path = store.open(A).path
    assert path is not None
    assert path.read_bytes() == content


def test_a_result_without_a_measurement_is_left_out(
    store: FileStore, staging: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert store.adopt(staging, [claim(b"[1]", None)], []) == []
    assert "never measured" in caplog.text
