from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from workflows.hashing import Digest, Signature
from workflows.ports import (
    UNMEASURED,
    ArtifactDamaged,
    ArtifactMissing,
    ArtifactStore,
    Equal,
    Learned,
    Measurement,
    Record,
    Staged,
    Trace,
)
from workflows.store import filesystem
from workflows.store.catalog import CatalogOutdated, SqliteCatalog
from workflows.store.codecs import INLINE_LIMIT, decode, stage
from workflows.store.filesystem import FileStore
from workflows.store.rebuild import rebuild

A, B, C, D = (Signature(letter * 64) for letter in "abcd")
LARGE = {"text": "x" * (INLINE_LIMIT + 1)}
SMALL = {"accuracy": 0.5}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    catalog = SqliteCatalog(tmp_path / "store" / "catalog.sqlite")
    store = FileStore(tmp_path / "store", catalog)
    yield store
    store.close()
    catalog.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def staging(store: FileStore) -> Path:
    return store.staging()


def measured(signature: Signature, seconds: float = 1.0, computed: bool = True, size: int = 10) -> Measurement:
    return Measurement(signature, "Map", computed, seconds, 10, size)


def keep(store: FileStore, staging: Path, signature: Signature, data: Any) -> Staged:
    staged = stage(data, signature, staging)
    assert store.adopt(staging, [staged], [measured(signature)]) == [staged]
    return staged


def read(store: FileStore, signature: Signature) -> Any:
    artifact = store.open(signature)
    return decode(artifact.codec, artifact.path or artifact.inline or b"")


def blob(root: Path) -> Path:
    (path,) = (root / "blobs").iterdir()
    return path


def rewrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_it_is_an_artifact_store(store: FileStore) -> None:
    port: ArtifactStore = store
    assert port.speed == UNMEASURED


def test_what_is_adopted_can_be_opened_small_from_a_pack_and_large_from_a_file(
    store: FileStore, staging: Path, root: Path
) -> None:
    small, large = keep(store, staging, A, SMALL), keep(store, staging, B, LARGE)
    assert read(store, A) == SMALL
    assert read(store, B) == LARGE
    assert store.open(A).path is None
    assert store.open(B).path == root / "blobs" / large.digest
    assert store.catalog.records([A])[A].digest == small.digest
    assert [path.name for path in (root / "blobs").iterdir()] == [large.digest]


def test_a_small_file_is_taken_into_the_pack_too(store: FileStore, staging: Path, root: Path) -> None:
    (staging / "value").write_bytes(b"[1]")
    staged = Staged(A, "json", Digest(blake3(b"[1]").hexdigest()), 3, file="value")
    assert store.adopt(staging, [staged], [measured(A)]) == [staged]
    assert read(store, A) == [1]
    assert not list((root / "blobs").iterdir())


def test_stored_files_cannot_be_written_to_and_the_key_is_the_owners_alone(
    store: FileStore, staging: Path, root: Path
) -> None:
    keep(store, staging, A, LARGE)
    assert stat.S_IMODE(blob(root).stat().st_mode) == 0o444
    assert stat.S_IMODE((root / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(staging.stat().st_mode) == 0o700


def test_adopting_again_changes_nothing(store: FileStore, staging: Path, root: Path) -> None:
    staged = [stage(SMALL, A, staging), stage(LARGE, B, staging)]
    measurements = [measured(A), measured(B)]
    assert store.adopt(staging, staged, measurements) == staged
    before = (blob(root).stat().st_ino, store.catalog.seal(A), store.catalog.seal(B))
    assert store.adopt(staging, staged, measurements) == staged
    assert (blob(root).stat().st_ino, store.catalog.seal(A), store.catalog.seal(B)) == before


def test_equal_bytes_of_two_signatures_are_one_file(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, LARGE)
    keep(store, staging, B, LARGE)
    assert len(list((root / "blobs").iterdir())) == 1
    assert read(store, A) == read(store, B) == LARGE


def test_a_store_is_found_again_by_another_process_with_its_key(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, LARGE)
    keep(store, staging, B, SMALL)
    other = FileStore(root)
    assert read(other, A) == LARGE
    assert read(other, B) == SMALL
    other.close()


def test_measurements_alone_make_a_result_known_but_not_stored(store: FileStore, staging: Path) -> None:
    assert store.adopt(staging, [], [measured(A, 2.0)]) == []
    assert store.catalog.records([A])[A].seconds == 2.0
    with pytest.raises(ArtifactMissing):
        store.open(A)


def test_the_speed_is_what_loads_measured(store: FileStore, staging: Path) -> None:
    keep(store, staging, A, SMALL)
    loads = [measured(A, 0.010, computed=False, size=0), measured(A, 1.010, False, 100_000_000)] * 30
    store.adopt(staging, [], loads)
    assert store.speed.latency == pytest.approx(0.010, rel=0.05)
    assert store.speed.bytes_per_second == pytest.approx(1e8, rel=0.05)


# Damage


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    rewrite(path, bytes(content))


def test_a_damaged_file_is_never_served_but_quarantined_and_forgotten(
    store: FileStore, staging: Path, root: Path
) -> None:
    keep(store, staging, A, LARGE)
    read(store, A)
    damage(blob(root))
    with pytest.raises(ArtifactDamaged, match="quarantine"):
        store.open(A)
    assert not store.catalog.records([A])[A].stored
    assert not list((root / "blobs").iterdir())
    assert len(list((root / "quarantine").iterdir())) == 1
    with pytest.raises(ArtifactMissing):
        store.open(A)
    keep(store, staging, A, LARGE)
    assert read(store, A) == LARGE


@pytest.mark.parametrize("length", [0, 1, INLINE_LIMIT])
def test_a_torn_file_is_never_served(store: FileStore, staging: Path, root: Path, length: int) -> None:
    keep(store, staging, A, LARGE)
    rewrite(blob(root), blob(root).read_bytes()[:length])
    with pytest.raises(ArtifactDamaged):
        store.open(A)


def test_a_file_that_is_verified_once_is_verified_again_when_it_changed(
    store: FileStore, staging: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.store.files.SETTLED_SECONDS", -3600.0)
    keep(store, staging, A, LARGE)
    store.open(A)
    hashed: list[int] = []

    def counting(file: int, size: int) -> str:
        hashed.append(size)
        return blake3(os.pread(file, size, 0)).hexdigest()

    monkeypatch.setattr(filesystem, "_hash", counting)
    store.open(A)
    assert hashed == []
    damage(blob(root))
    with pytest.raises(ArtifactDamaged):
        store.open(A)
    assert len(hashed) == 1


def test_a_missing_file_is_forgotten(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, LARGE)
    blob(root).unlink()
    with pytest.raises(ArtifactMissing, match="gone"):
        store.open(A)
    assert not store.catalog.records([A])[A].stored


def test_a_damaged_value_in_a_pack_is_never_served(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, SMALL)
    (pack,) = (root / "packs").iterdir()
    rewrite(pack, pack.read_bytes().replace(b"0.5", b"0.9"))
    with pytest.raises(ArtifactDamaged):
        store.open(A)
    assert [path.read_bytes() for path in (root / "quarantine").iterdir()] == [b'{"accuracy":0.9}']
    keep(store, staging, A, SMALL)
    assert read(store, A) == SMALL


def test_a_missing_pack_is_forgotten(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, SMALL)
    shutil.rmtree(root / "packs")
    with pytest.raises(ArtifactMissing, match="pack"):
        store.open(A)


# Forgery


def test_a_catalog_cannot_pass_other_bytes_off_as_a_result(store: FileStore, staging: Path) -> None:
    """Whoever can write the catalog, but has no key, cannot make one result stand for another."""
    model = keep(store, staging, A, LARGE)
    keep(store, staging, B, {**LARGE, "other": 1})
    seal = store.catalog.seal(A)
    assert seal is not None
    store.catalog.commit([], [(Staged(B, model.codec, model.digest, model.bytes), seal)])
    with pytest.raises(ArtifactDamaged, match="seal"):
        store.open(B)
    assert read(store, A) == LARGE


@pytest.mark.parametrize("codec", ["arrow", "model"])
def test_a_seal_is_for_one_codec(store: FileStore, staging: Path, codec: str) -> None:
    value = keep(store, staging, A, SMALL)
    seal = store.catalog.seal(A)
    assert seal is not None
    store.catalog.commit([], [(Staged(A, codec, value.digest, value.bytes), seal)])
    with pytest.raises(ArtifactDamaged, match="seal"):
        store.open(A)


def test_a_store_with_another_key_does_not_trust_what_it_finds(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, SMALL)
    (root / "key").unlink()
    stranger = FileStore(root)
    with pytest.raises(ArtifactDamaged, match="seal"):
        stranger.open(A)
    stranger.close()


# A disk that is full

FULL_DISK = """
import resource, sys
from pathlib import Path
from workflows.hashing import Signature
from workflows.ports import Measurement
from workflows.store.codecs import stage
from workflows.store.filesystem import FileStore
store = FileStore(Path(sys.argv[1]))
staging = store.staging()
large, small = Signature("a" * 64), Signature("b" * 64)
staged = [stage("x" * 1_000_000, large, staging), stage([1], small, staging)]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # no file may grow beyond
adopted = store.adopt(staging, staged, [Measurement(s, "Map", True, 1.0, 0, 0) for s in (large, small)])
assert [item.signature for item in adopted] == [small], adopted
assert store.open(small).inline == b"[1]"
assert not store.catalog.records([large])[large].stored
"""


def test_what_does_not_fit_on_the_disk_is_left_out_and_the_rest_is_kept(root: Path) -> None:
    subprocess.run([sys.executable, "-c", FULL_DISK, str(root)], check=True, stderr=subprocess.DEVNULL)
    assert not list((root / "blobs").iterdir())


# Staging folders


def test_a_staging_folder_is_fresh_and_can_be_discarded_with_what_is_in_it(store: FileStore, root: Path) -> None:
    first, second = store.staging(), store.staging()
    assert first != second
    assert not list(first.iterdir())
    (first / "folder").mkdir()
    (first / "folder" / "file").write_bytes(b"x")
    store.discard(first)
    store.discard(first)
    assert not first.exists()
    assert second.exists()
    with pytest.raises(ValueError, match="not a staging folder"):
        store.discard(root / "blobs")


def test_discarding_follows_no_link(store: FileStore, staging: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"x")
    (staging / "link").symlink_to(precious)
    store.discard(staging)
    assert (precious / "file").exists()


def test_folders_of_processes_that_are_gone_are_swept_and_those_of_the_living_are_not(
    staging: Path, root: Path
) -> None:
    abandoned = root / "staging" / "abandoned"
    abandoned.mkdir()
    fresh = root / "staging" / "just made"
    fresh.mkdir()
    for folder in (abandoned, staging):
        os.utime(folder, (0, 0))
    other = FileStore(root)
    assert not abandoned.exists()
    assert fresh.exists()
    assert staging.exists()
    other.close()


def test_folders_that_a_killed_process_left_are_swept_while_this_one_goes_on(store: FileStore, root: Path) -> None:
    abandoned = root / "staging" / "abandoned"
    abandoned.mkdir()
    (abandoned / "file").write_bytes(b"x")
    os.utime(abandoned, (0, 0))
    mine = store.staging()
    assert [path.name for path in (root / "staging").iterdir()] == [mine.name]


def test_a_closed_store_leaves_no_folder_behind(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, LARGE)
    store.discard(staging)
    store.close()
    assert not list((root / "staging").iterdir())


# Several at once


def test_threads_and_stores_may_adopt_and_open_the_same_results_at_once(store: FileStore, root: Path) -> None:
    other = FileStore(root)
    barrier = threading.Barrier(4)

    def work(number: int) -> None:
        mine = (store, other)[number % 2]
        staging = mine.staging()
        barrier.wait()
        for turn in range(8):
            signature = Signature(f"{turn:064x}")
            data = {"turn": turn, "text": "x" * (turn % 2) * (INLINE_LIMIT + 1)}
            staged = stage(data, signature, staging)
            assert mine.adopt(staging, [staged], [measured(signature)]) == [staged]
            assert read(mine, signature) == data
        mine.discard(staging)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    other.close()


# Rebuilding


def test_a_catalog_is_rebuilt_from_the_store(store: FileStore, staging: Path, root: Path, tmp_path: Path) -> None:
    keep(store, staging, A, SMALL)
    keep(store, staging, B, LARGE)
    store.adopt(staging, [], [measured(C, 7.0)])
    catalog = SqliteCatalog(tmp_path / "rebuilt.sqlite")
    assert rebuild(root, catalog) == 2
    old, new = store.catalog.records([A, B, C]), catalog.records([A, B, C])
    assert {s: (r.digest, r.codec, r.bytes, r.seconds) for s, r in old.items()} == {
        s: (r.digest, r.codec, r.bytes, r.seconds) for s, r in new.items()
    }
    again = FileStore(root, catalog)
    assert read(again, A) == SMALL
    assert read(again, B) == LARGE
    again.close()
    catalog.close()


def test_rebuilding_leaves_out_what_is_gone_torn_or_not_the_stores_own(
    store: FileStore, staging: Path, root: Path, tmp_path: Path
) -> None:
    keep(store, staging, A, SMALL)
    keep(store, staging, B, LARGE)
    keep(store, staging, C, {"later": 1})
    blob(root).unlink()
    (pack,) = (root / "packs").iterdir()
    rewrite(pack, pack.read_bytes()[:-3])
    catalog = SqliteCatalog(tmp_path / "rebuilt.sqlite")
    assert rebuild(root, catalog) == 1
    assert catalog.records([A])[A].stored
    assert not catalog.records([B])[B].stored
    assert C not in catalog.records([C])
    catalog.close()
    (root / "key").unlink()
    stranger = SqliteCatalog(tmp_path / "stranger.sqlite")
    assert rebuild(root, stranger) == 0
    stranger.close()


@pytest.mark.parametrize("content", [None, b"this is no database, and was never one; it is long enough to be read"])
def test_a_store_whose_own_catalog_is_gone_or_damaged_rebuilds_it(
    store: FileStore, staging: Path, root: Path, content: bytes | None
) -> None:
    keep(store, staging, A, SMALL)
    keep(store, staging, B, LARGE)
    store.close()
    for path in root.glob("catalog.sqlite*"):
        path.unlink()
    if content is not None:
        (root / "catalog.sqlite").write_bytes(content)
    again = FileStore(root)
    assert read(again, A) == SMALL
    assert read(again, B) == LARGE
    assert len(list((root / "quarantine").iterdir())) == (content is not None)
    again.close()


def equal_to(store: FileStore, holder: Signature, signature: Signature, value: str | None = None) -> Equal:
    held = store.catalog.records([holder])[holder]
    known = held.value if value is None else Digest(value)
    return Equal(Record(signature, "Map", 7.0, 1, 2, None, None, None, 3.0, known), holder)


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_result_that_equals_a_stored_one_is_found_under_its_own_signature_too(
    store: FileStore, staging: Path, root: Path, data: Any
) -> None:
    keep(store, staging, A, data)
    store.learn(Learned(equals=[equal_to(store, A, B)]))
    assert read(store, B) == data
    record = store.catalog.records([B])[B]
    assert (record.seconds, record.digest) == (7.0, store.catalog.records([A])[A].digest)
    assert store.catalog.seal(B) != store.catalog.seal(A)
    store.catalog.forget(A)
    assert read(store, B) == data
    assert len(list((root / "blobs").iterdir())) == (data is LARGE)


def test_what_equals_a_result_that_is_gone_or_another_by_now_is_known_without_bytes(
    store: FileStore, staging: Path
) -> None:
    keep(store, staging, A, SMALL)
    store.learn(Learned(equals=[equal_to(store, A, B, "0" * 64)]))
    gone = equal_to(store, A, C)
    store.catalog.forget(A)
    store.learn(Learned(equals=[gone]))
    assert not any(record.stored for record in store.catalog.records([B, C]).values())
    assert store.catalog.records([C])[C].value == gone.record.value


def test_values_traces_and_equals_survive_a_rebuild(
    store: FileStore, staging: Path, root: Path, tmp_path: Path
) -> None:
    keep(store, staging, A, SMALL)
    keep(store, staging, B, LARGE)
    trace = Trace(Signature("e" * 64), Signature("f" * 64), Digest("0" * 64), 0.5, 1, 2)
    store.adopt(staging, [], [measured(C)], Learned({C: Digest("1" * 64)}, [trace], [equal_to(store, B, D)]))
    catalog = SqliteCatalog(tmp_path / "rebuilt.sqlite")
    assert rebuild(root, catalog) == 3
    signatures = [A, B, C, D]
    found = {key: (each.value, each.digest) for key, each in catalog.records(signatures).items()}
    assert found == {key: (each.value, each.digest) for key, each in store.catalog.records(signatures).items()}
    assert found[D] == found[B]
    assert catalog.traces([trace.operation]) == {trace.key: trace}
    again = FileStore(root, catalog)
    assert read(again, D) == LARGE
    again.close()
    catalog.close()


def test_an_equal_result_whose_bytes_are_gone_is_rebuilt_without_them(
    store: FileStore, staging: Path, root: Path, tmp_path: Path
) -> None:
    keep(store, staging, A, LARGE)
    store.learn(Learned(equals=[equal_to(store, A, B)]))
    blob(root).unlink()
    catalog = SqliteCatalog(tmp_path / "rebuilt.sqlite")
    assert rebuild(root, catalog) == 0
    assert not catalog.records([B])[B].stored
    assert catalog.records([B])[B].value is not None
    catalog.close()


def test_a_catalog_of_an_earlier_version_is_set_aside_and_rebuilt(store: FileStore, staging: Path, root: Path) -> None:
    keep(store, staging, A, SMALL)
    store.close()
    for path in root.glob("catalog.sqlite*"):
        path.unlink()
    with closing(sqlite3.connect(root / "catalog.sqlite")) as old, old:
        old.execute("create table artifact (signature text primary key)")
    with pytest.raises(CatalogOutdated, match="version 0"):
        SqliteCatalog(root / "catalog.sqlite")
    again = FileStore(root)
    assert read(again, A) == SMALL
    assert [path.name.startswith("catalog.sqlite.") for path in (root / "quarantine").iterdir()] == [True]
    again.close()
