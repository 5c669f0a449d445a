"""The artifact store in a folder: content-addressed, sealed, verified, durable.

Layout: ``blobs/`` one file a large result, named by its digest; ``packs/`` small values and the index of everything
(``packs``); ``staging/`` where run processes write; ``downloads/`` what sources fetched; ``quarantine/`` what failed
its check; ``key`` what seals are made with; ``lock`` what whoever changes the store holds; ``catalog.sqlite`` unless
another catalog is given.

A result is adopted in this order: its bytes are copied (and hashed while they are) to a temporary file and synced,
renamed to their digest, the folder synced, a frame with the index appended to the pack and synced, and only then does
the catalog learn of it. So a kill at any moment leaves either a whole result or none.

Where it would exceed its budget, the store evicts first (``eviction``): the catalog forgets the results and notes their
bytes as doomed, in one transaction, and only then is the file removed. What is being written is doomed as well, until
the catalog has it. So a kill in between leaves a doomed file at most, which whoever changes the store next removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import mmap
import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from blake3 import blake3

from workflows.hashing import Digest, Signature
from workflows.ports import (
    LOADING,
    SPEED,
    UNMEASURED,
    USER,
    ArtifactDamaged,
    ArtifactMissing,
    Catalog,
    Equal,
    Evicted,
    JsonValue,
    Learned,
    Measurement,
    Order,
    Record,
    Room,
    Staged,
    StoredArtifact,
    StoreSpeed,
    Trace,
)
from workflows.store.catalog import CatalogDamaged, CatalogOutdated, SqliteCatalog
from workflows.store.codecs import INLINE_LIMIT
from workflows.store.eviction import Budget, disk_budget, worthless
from workflows.store.evictor import Evictor
from workflows.store.files import settled
from workflows.store.packs import PackWriter, Place, read_value, sync_folder
from workflows.store.rebuild import rebuild
from workflows.store.sealing import Sealer, place_of
from workflows.store.staging import Refused, copy_staged, staged_value

logger = logging.getLogger(__name__)

_SPEED_BYTES = 20e9  # what was written before that is forgotten in the speed of writing
_ABANDONED_SECONDS = 60.0  # a staging folder this old that nobody holds was left by a process that is gone


class FileStore:
    """``ports.ArtifactStore`` in the folder ``root``. Safe for several threads and processes at once.

    ``budget``: how much it may hold (half of the disk's room unless given). ``throttle``: bytes a second that it reads
    and writes at most, as a slower disk would: each read and each write waits until that time has passed. A load is
    charged whole when it is opened, since a mapped file is read nobody knows when.
    """

    def __init__(
        self,
        root: Path,
        catalog: Catalog | None = None,
        *,
        budget: Budget | None = None,
        throttle: float | None = None,
    ) -> None:
        self._root = root
        self._throttle = throttle
        for name in ("blobs", "packs", "staging", "quarantine"):
            (root / name).mkdir(parents=True, exist_ok=True)
        self._sealer = Sealer(root / "key")
        self._close_catalog: Callable[[], None] | None = None
        if catalog is None:
            catalog = own = _own_catalog(root)
            self._close_catalog = own.close
        self._catalog = catalog
        self._packs = PackWriter(root / "packs")
        self._lock = threading.Lock()
        self._held: dict[Path, int] = {}
        self._verified: dict[Digest, tuple[int, int, int]] = {}
        self._incoming: Path | None = None
        self._sweep()
        self._evictor = Evictor(budget or disk_budget(root), catalog, self.blobs)

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    @property
    def speed(self) -> StoreSpeed:
        """Until loads were measured, what was written tells how fast the disk is."""
        latency, seconds_per_byte = self._catalog.operator_costs().get(LOADING, (UNMEASURED.latency, 0.0))
        written = self._catalog.ledger.tally(SPEED)
        writing = written["bytes"] / written["seconds"] if written else UNMEASURED.written_per_second
        reading = 1.0 / seconds_per_byte if seconds_per_byte > 0.0 else min(UNMEASURED.bytes_per_second, writing)
        return StoreSpeed(latency, reading, writing)

    @property
    def room(self) -> Room:
        return self._evictor.room()

    @property
    def budget(self) -> Budget:
        return self._evictor.budget

    @property
    def root(self) -> Path:
        return self._root

    @property
    def downloads(self) -> Path:
        return self._root / "downloads"

    @property
    def blobs(self) -> Path:
        return self._root / "blobs"

    def close(self) -> None:
        """End writing: nothing may be adopted afterwards. A catalog that was given stays open."""
        self._packs.close()
        if self._incoming is not None:
            self.discard(self._incoming)
        if self._close_catalog is not None:
            self._close_catalog()

    def staging(self) -> Path:
        self._sweep()
        folder = self._root / "staging" / uuid4().hex
        folder.mkdir(mode=0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # held as long as this process lives: so others know it is not abandoned
        self._held[folder] = descriptor
        return folder

    def discard(self, staging: Path) -> None:
        if staging.parent != self._root / "staging":
            raise ValueError(f"{staging} is not a staging folder of this store")
        shutil.rmtree(staging, ignore_errors=True)
        if (descriptor := self._held.pop(staging, None)) is not None:
            os.close(descriptor)

    def adopt(
        self,
        staging: Path,
        staged: Sequence[Staged],
        measurements: Sequence[Measurement],
        learned: Learned | None = None,
        order: Order = "benefit",
    ) -> list[Staged]:
        with self._alone():
            records = self._catalog.records({item.signature for item in staged})
            measured = records.keys() | {item.signature for item in measurements if item.computed}
            there = [item for item in staged if self._has(records.get(item.signature), item)]
            coming = [item for item in staged if item not in there and item.signature in measured]
            for item in staged:
                if item.signature not in measured:
                    logger.warning("not adopted: %s was never measured", item.signature)
            refused, evicted = self._evictor.make_room(coming, order)
            taken = [item for item in coming if item.digest not in refused]
            large = {item.digest for item in taken if item.bytes > INLINE_LIMIT}
            if large:
                self._catalog.ledger.doom(large)
            landed = self._landed(staging, taken)
            learned = Learned() if learned is None else replace(learned, equals=self._sealed_equals(learned.equals))
            sealed = self._write_pack(landed, [item for item in measurements if item.computed], learned, evicted)
            self._catalog.commit(measurements, sealed, learned)
            if large:
                self._catalog.ledger.settled(large)
            kept = {item.staged.signature for item in landed} | {item.signature for item in there}
            return [item for item in staged if item.signature in kept]

    def evict(self, digests: Collection[Digest]) -> set[Digest]:
        """Evict what is stored under the digests. Returns those that are gone now: of the others each is pinned, or
        was not there."""
        with self._alone():
            evicted = self._evictor.evict(digests)
            self._write_pack([], [], Learned(), evicted)
            return {each.digest for each in evicted}

    def learn(self, learned: Learned) -> None:
        self.adopt(self._root / "staging", (), (), learned)

    def open(self, signature: Signature) -> StoredArtifact:
        began = time.perf_counter()
        artifact = self._open(signature)
        self._wait(artifact.bytes, began)
        return artifact

    def tidy(self) -> None:
        with self._alone():
            evicted = self._evictor.evict(worthless(self._catalog.ledger.holdings(), self.speed))
            self._write_pack([], [], Learned(), evicted)

    def pin(self, signatures: Iterable[Signature]) -> set[Signature]:
        """Keep results from being evicted until ``unpin``. Returns those that are stored, and so were pinned."""
        pinned = self._catalog.ledger.pin(USER, signatures, None)
        self._note({"pinned": sorted(pinned)})
        return pinned

    def unpin(self, signatures: Iterable[Signature]) -> None:
        """Let go of results that were pinned."""
        named = sorted(signatures)
        self._catalog.ledger.unpin(USER, named)
        self._note({"unpinned": named})

    def quarantine(self, signature: Signature, reason: str) -> None:
        """Put the bytes of a result aside, whole as they are, since they are not what computing gives; forget it and
        all others of the same bytes."""
        with self._alone():
            record = self._catalog.records([signature]).get(signature)
            if record is None or record.digest is None:
                return
            logger.error("%s is put into quarantine: %s", signature, reason)
            holdings = self._catalog.ledger.holdings()
            gone = next((holding.signatures for holding in holdings if holding.digest == record.digest), ())
            seals = [Evicted(record.digest, other, self._catalog.seal(other) or "") for other in gone]
            for other in gone:
                self._catalog.forget(other)
            self._write_pack([], [], Learned(), seals)
            with contextlib.suppress(FileNotFoundError):  # a small value stays in its pack
                os.replace(self._blob(record.digest), self._set_aside(record.digest))

    def _open(self, signature: Signature) -> StoredArtifact:
        record, seal = self._sealed(signature)
        assert record.digest is not None
        assert record.codec is not None
        place = place_of(seal)
        if place is None:
            path = self._open_blob(record, record.digest)
            return StoredArtifact(signature, record.codec, record.digest, record.bytes, path=path)
        value = self._open_value(record, record.digest, place)
        return StoredArtifact(signature, record.codec, record.digest, record.bytes, inline=value)

    def _has(self, record: Record | None, staged: Staged) -> bool:
        """Whether exactly this result is stored already (its bytes are verified when they are opened)."""
        if record is None or (record.digest, record.codec, record.bytes) != (staged.digest, staged.codec, staged.bytes):
            return False
        try:
            self._open(staged.signature)
        except (ArtifactMissing, ArtifactDamaged):
            return False
        return True

    def _landed(self, staging: Path, staged: Sequence[Staged]) -> list[_Landed]:
        """What could be taken over: a full disk costs what is kept, not the run."""
        landed = []
        began = time.perf_counter()
        for item in staged:
            try:
                landed.append(self._land(staging, item))
            except (Refused, OSError) as error:
                logger.warning("not adopted: %s (%s)", item.signature, error)
        size = sum(item.staged.bytes for item in landed)
        if any(item.value is None for item in landed):
            sync_folder(self.blobs)
            waited = self._wait(size, began)
            spent = {"bytes": size, "seconds": sum(item.seconds for item in landed) + waited}
            self._catalog.ledger.count(SPEED, spent, most=_SPEED_BYTES)
        return landed

    def _wait(self, size: int, since: float) -> float:
        """Take as long as a disk of the ``throttle``'s speed would have taken. Returns the seconds of waiting."""
        if self._throttle is None:
            return 0.0
        seconds = max(0.0, size / self._throttle - (time.perf_counter() - since))
        time.sleep(seconds)
        return seconds

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the store meanwhile, in whatever process: what is evicted must not be adopted at once."""
        with (self._root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _land(self, staging: Path, staged: Staged) -> _Landed:
        """Take the bytes over: a small value into memory, a large one into ``blobs/``. Raises Refused."""
        if staged.codec != "model":  # of a model alone the bytes do not say what it is (``codecs``)
            staged = replace(staged, value=staged.digest)
        if staged.bytes <= INLINE_LIMIT:
            return _Landed(staged, staged_value(staging, staged))
        incoming = self._own_folder() / uuid4().hex
        seconds = copy_staged(staging, staged, incoming)
        os.replace(incoming, self._blob(staged.digest))
        return _Landed(staged, None, seconds)

    def _note(self, said: Mapping[str, JsonValue]) -> None:
        """Write something into a pack that a rebuilt catalog is to know."""
        with self._alone():
            self._packs.append([], lambda _: {"measured": [], "stored": [], **said})

    def _sealed_equals(self, equals: Sequence[Equal]) -> list[Equal]:
        """The same, each with the bytes of its holder under a seal of its own; without, where these are gone."""
        sealed: list[Equal] = []
        for equal in equals:
            record = equal.record
            try:
                held, seal = (None, "") if equal.holder is None else self._sealed(equal.holder)
            except (ArtifactMissing, ArtifactDamaged):
                held = None
            if held is None or held.digest is None or held.codec is None or held.value != record.value:
                sealed.append(Equal(replace(record, digest=None, codec=None, load_seconds=None)))
                continue
            mark = self._sealer.seal(record.signature, held.codec, held.digest, held.bytes, place_of(seal))
            stored = replace(held, signature=record.signature, operator=record.operator, seconds=record.seconds)
            stored = replace(stored, input_bytes=record.input_bytes, completed_at=record.completed_at)
            sealed.append(Equal(stored, equal.holder, mark))
        return sealed

    def _write_pack(
        self,
        landed: Sequence[_Landed],
        measurements: Sequence[Measurement],
        learned: Learned,
        evicted: Sequence[Evicted] = (),
    ) -> list[tuple[Staged, str]]:
        """Seal what landed and write one frame: the small values, and the index of all. Returns results with seals."""
        sealed: list[tuple[Staged, str]] = []

        def index(places: list[Place]) -> JsonValue:
            free = iter(places)
            for item in landed:
                at = None if item.value is None else next(free)
                it = item.staged
                sealed.append((it, self._sealer.seal(it.signature, it.codec, it.digest, it.bytes, at)))
            return {
                "measured": list(map(_plain, measurements)),
                "stored": [[it.signature, it.codec, it.digest, it.bytes, seal, it.value] for it, seal in sealed],
                "benefits": [it.benefit for it, _ in sealed],
                "learned": {
                    "values": dict(learned.values),
                    "traces": list(map(_plain, learned.traces)),
                    "equals": [{**_plain(equal), "record": _plain(equal.record)} for equal in learned.equals],
                },
                "evicted": [(each.signature, each.seal) for each in evicted],
            }

        if landed or measurements or learned or evicted:
            self._packs.append([item.value for item in landed if item.value is not None], index)
        return sealed

    def _sealed(self, signature: Signature) -> tuple[Record, str]:
        """The record of a stored artifact and its seal, which is good."""
        for _ in range(3):  # the two are read one after the other, and another process may adopt in between
            record = self._catalog.records([signature]).get(signature)
            seal = self._catalog.seal(signature)
            if record is None or record.digest is None or record.codec is None or seal is None:
                raise ArtifactMissing(f"No result is stored for {signature}.", signature=signature)
            if self._sealer.vouches(seal, signature, record.codec, record.digest, record.bytes):
                return record, seal
        self._catalog.forget(signature)
        raise ArtifactDamaged(f"The result of {signature} does not carry this store's seal.", signature=signature)

    def _open_blob(self, record: Record, digest: Digest) -> Path:
        path = self._blob(digest)
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            self._catalog.forget(record.signature)
            raise ArtifactMissing(
                f"The stored result {digest} is gone ({error.strerror}).", signature=record.signature
            ) from None
        try:
            status = os.fstat(file)
            identity = (status.st_ino, status.st_size, status.st_ctime_ns)
            if self._verified.get(digest) != identity:
                if status.st_size != record.bytes or _hash(file, status.st_size) != digest:
                    raise self._damaged(record, lambda target: os.replace(path, target))
                if settled(status.st_ctime_ns):
                    self._verified[digest] = identity
        finally:
            os.close(file)
        return path

    def _open_value(self, record: Record, digest: Digest, place: Place) -> bytes:
        try:
            value = read_value(self._root / "packs", place, record.bytes)
        except OSError as error:
            self._catalog.forget(record.signature)
            raise ArtifactMissing(
                f"The pack of the stored result {digest} is gone ({error.strerror}).", signature=record.signature
            ) from None
        if blake3(value).hexdigest() != digest:
            raise self._damaged(record, lambda target: target.write_bytes(value))
        return value

    def _damaged(self, record: Record, move: Callable[[Path], object]) -> ArtifactDamaged:
        """Put the bytes aside by ``move``, forget them, and say so."""
        assert record.digest is not None
        target = self._set_aside(record.digest)
        try:
            move(target)
        except OSError as error:
            logger.warning("could not quarantine %s: %s", record.digest, error.strerror)
        self._catalog.forget(record.signature)
        logger.error("damaged: the bytes of %s are not those stored as %s", record.signature, record.digest)
        return ArtifactDamaged(
            f"The stored bytes of {record.signature} are damaged; they were put into quarantine/{target.name}.",
            signature=record.signature,
        )

    def _set_aside(self, digest: Digest) -> Path:
        return self._root / "quarantine" / f"{digest}.{uuid4().hex[:8]}"

    def _blob(self, digest: Digest) -> Path:
        return self.blobs / digest

    def _own_folder(self) -> Path:
        """Where this process puts copies together: a staging folder that no run process is told of."""
        with self._lock:
            if self._incoming is None:
                self._incoming = self.staging()
            return self._incoming

    def _sweep(self) -> None:
        """Remove the staging folders of processes that were killed."""
        for folder in (self._root / "staging").iterdir():
            try:
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except OSError:
                continue  # discarded just now
            try:
                if time.time() - os.fstat(descriptor).st_mtime > _ABANDONED_SECONDS:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            except BlockingIOError:
                pass  # its process lives
            finally:
                os.close(descriptor)


def _plain(item: Measurement | Trace | Equal | Record) -> dict[str, JsonValue]:
    """Its fields, by name. (``asdict`` would look for more in each, and copy it.)"""
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _own_catalog(root: Path) -> SqliteCatalog:
    """The catalog in the store's folder; rebuilt from the store where it is damaged, of another version, or gone."""
    path = root / "catalog.sqlite"
    with (root / "catalog.sqlite.making").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # what another process has just rebuilt must not be set aside
        complete = path.exists()
        try:
            catalog = SqliteCatalog(path)
        except (CatalogDamaged, CatalogOutdated) as error:
            logger.error("%s It is put into quarantine and rebuilt.", error.message)
            for name in ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"):
                if (root / name).exists():
                    os.replace(root / name, root / "quarantine" / f"{name}.{uuid4().hex[:8]}")
            catalog, complete = SqliteCatalog(path), False
        if not complete:
            rebuild(root, catalog)
        return catalog


@dataclass(frozen=True, slots=True)
class _Landed:
    """A result whose bytes were checked: ``value`` holds a small one's, a large one's are in ``blobs/`` (moving them
    there took ``seconds``)."""

    staged: Staged
    value: bytes | None
    seconds: float = 0.0


def _hash(file: int, size: int) -> str:
    if not size:
        return blake3().hexdigest()
    with mmap.mmap(file, size, access=mmap.ACCESS_READ) as content:
        return blake3(content).hexdigest()
