"""What execution and planning need of the outside: small Protocols, declared beside those who use them."""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from workflows.errors import HelixError
from workflows.events import Event
from workflows.hashing import Digest, Signature

TRACES = 16  # of an operation: those of several splits and of a few versions
LOADING = "(loading)"  # under this name, the costs of operators hold what loading costs, by the bytes loaded


class ArtifactMissing(HelixError):
    """The store has no bytes for this signature (any more); its catalog has forgotten them. Compute it anew."""

    code = "artifact-missing"


class ArtifactDamaged(HelixError):
    """The stored bytes or their seal are not what was stored; they were quarantined and forgotten. Compute it anew."""

    code = "artifact-damaged"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a signature that completed at least once.

    ``seconds``: compute time, last measured. ``input_bytes``: summed size of its inputs when it was computed.
    ``bytes``: size of its canonical encoding. ``digest`` and ``codec`` are None unless its bytes are stored.
    ``load_seconds``: last measured load time, None where it was never loaded. ``completed_at``: Unix seconds.
    ``value`` says what the result is (``store.codecs``): results of equal value are the same. It outlives the bytes,
    and is None where the result was neither stored nor hashed. ``weightless``: of a model, the places of the features
    that it gives no weight (``kernels.weights``), with spaces between them.
    """

    signature: Signature
    operator: str
    seconds: float
    input_bytes: int
    bytes: int
    digest: Digest | None
    codec: str | None
    load_seconds: float | None
    completed_at: float
    value: Digest | None = None
    weightless: str = ""

    @property
    def stored(self) -> bool:
        return self.digest is not None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A part that was computed or loaded in a run, as it is handed to the catalog: in the terms of ``Record``."""

    signature: Signature
    operator: str
    computed: bool
    seconds: float
    input_bytes: int
    bytes: int
    weightless: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """That an operation, applied to inputs of certain values, gave a result of a certain value.

    ``key`` is the hash of ``operation`` and the values of the inputs (``graph.signature.trace_key``); ``seconds``,
    ``input_bytes`` and ``bytes`` are what a record has. Traces tell what a result will be before it is computed:
    constructive traces in the terms of Mokhov, Mitchell and Peyton Jones, *Build Systems à la Carte* (ICFP 2018).
    """

    key: Signature
    operation: Signature
    value: Digest
    seconds: float
    input_bytes: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A result that a run process wrote to its staging folder (``file``, relative) or sent along (``inline``).

    ``value`` says what it is, as ``Record.value`` does; None where it was not told.
    """

    signature: Signature
    codec: str
    digest: Digest
    bytes: int
    file: str | None = None
    inline: builtins.bytes | None = None
    value: Digest | None = None
    benefit: float = 0.0  # seconds that keeping it is expected to save


@dataclass(frozen=True, slots=True)
class Equal:
    """A result that is known without having been computed, since it equals an earlier one.

    ``record`` is what is known of it but for the bytes; these are stored under ``holder``, if they are (``seal`` is the
    store's business).
    """

    record: Record
    holder: Signature | None = None
    seal: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run came to know beside its measurements; ``values`` are those of results that were not kept."""

    values: Mapping[Signature, Digest] = field(default_factory=dict)
    traces: Sequence[Trace] = ()
    equals: Sequence[Equal] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.traces or self.equals)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file's content hash is remembered by (times in nanoseconds)."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


ROOM_SECONDS = 2e-9  # seconds that a byte has to save at least: two seconds a gigabyte, on however fast a disk


@dataclass(frozen=True, slots=True)
class StoreSpeed:
    """Measured speed of the store: a load costs ``latency`` seconds plus bytes over ``bytes_per_second``, and what is
    written is durable after its bytes over ``written_per_second``."""

    latency: float
    bytes_per_second: float
    written_per_second: float = 500e6

    def load_seconds(self, size: float) -> float:
        return self.latency + size / self.bytes_per_second

    def price(self, size: float) -> float:
        """The seconds that keeping so many bytes has to save: what writing them takes, and at least their room."""
        return size * max(1.0 / self.written_per_second, ROOM_SECONDS)


UNMEASURED = StoreSpeed(latency=0.0005, bytes_per_second=500e6)  # until loads were measured: a modest local disk


Order: TypeAlias = Literal["benefit", "recency", "none"]
"""What makes room in a full store: whatever has the least benefit for its size, what was used longest ago, nothing."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a store has left: ``bytes`` that are free; beyond them a result has to have a greater benefit for its size
    (seconds a byte) than ``floor``, and at most ``largest`` bytes, or it is not written at all."""

    bytes: float = math.inf
    floor: float = 0.0
    largest: float = math.inf

    def takes(self, size: int, benefit: float) -> bool:
        return size <= self.bytes or (size <= self.largest and benefit > self.floor * size)

    def less(self, size: int) -> Room:
        """The room where so much of it is taken."""
        return replace(self, bytes=max(0.0, self.bytes - size))


@dataclass(frozen=True, slots=True)
class Use:
    """A result that belongs to a run, by the node that it is of there, and which ``part`` of that (a split, or what it
    learned; empty where it has one alone). ``saved``: seconds that loading it saved against getting it again, None
    where it was not loaded."""

    signature: Signature
    node: str
    saved: float | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """Stored bytes, for whom they are kept, and what that brought. Several results of equal bytes are one holding.

    ``benefit``: seconds that keeping them is expected to save; ``base``: the store's ``inflation`` when they came or
    were last used; ``seconds``: what computing them took; ``current``: the last run of some workflow has them in its
    graph, or no run had them yet; ``saved``: seconds that loading them saved so far, in ``hits`` loads. ``pinned``: by
    a person for good, or by a run under way. ``parts``: which parts they are of the first of the ``nodes``.
    """

    digest: Digest
    signatures: tuple[Signature, ...]
    operator: str
    codec: str
    bytes: int
    benefit: float
    base: float
    used_at: float
    seconds: float = 0.0
    current: bool = True
    hits: int = 0
    saved: float = 0.0
    pinned: Literal["", "run", "user"] = ""
    nodes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """How much is stored: ``bytes``, and ``count`` holdings."""

    bytes: int
    count: int


class Evicted(NamedTuple):
    """A result that was evicted, with the seal that its bytes had."""

    digest: Digest
    signature: Signature
    seal: str


@dataclass(frozen=True, slots=True)
class Audits:
    """How many loads were recomputed to be checked, and how many of them were not what computing gives."""

    checked: int = 0
    false_hits: int = 0


class Ledger(Protocol):
    """What is kept, for whom, and what it saved; beside the records of a catalog, and as safe."""

    def stock(self) -> Stock:
        """What is stored, bytes that several results share counted once."""

    def holdings(self) -> list[Holding]:
        """All that is stored, largest first."""

    def use(self, workflow: str, uses: Sequence[Use], *, whole: bool = True) -> None:
        """A run of the workflow begins whose graph has these results, and loads some of them.

        Where the run is of the ``whole`` workflow, that has no others in its graph any more.
        """

    def evicted(self, signatures: Iterable[Signature]) -> set[Signature]:
        """Those of the signatures whose bytes were stored, and made room for others."""

    def evict(self, digests: Iterable[Digest]) -> list[Evicted]:
        """Forget all results of these bytes, as evicted, in one transaction; and note the bytes as ``doomed``.

        Bytes that a pinned result has stay, with all results that have them.
        """

    def doom(self, digests: Iterable[Digest]) -> None:
        """Note bytes that are about to be written: they are to go unless a result has them in the end."""

    def doomed(self) -> list[Digest]:
        """Bytes that are perhaps there though no result has them: of evicted results, and of what a kill left."""

    def settled(self, digests: Iterable[Digest]) -> None:
        """These bytes are doomed no longer: they were removed, or a result has them."""

    def pin(self, holder: str, signatures: Iterable[Signature], seconds: float | None) -> set[Signature]:
        """Keep what is stored of these from being evicted, for so long (None: until ``unpin``); returns what that is.

        A holder that pins again renews: what it pinned before and does not name any more is let go of. The pins of a
        person (USER) are added to.
        """

    def unpin(self, holder: str, signatures: Iterable[Signature] | None = None) -> None:
        """Let go of what the holder pinned: of these, or of all."""

    def tally(self, group: str) -> dict[str, float]:
        """What was counted so far under a group, by name."""

    def count(self, group: str, amounts: Mapping[str, float], most: float | None = None) -> None:
        """Add to a group's counts. Where they then sum to more than ``most``, all shrink to it: old is forgotten."""

    def inflate(self, level: float) -> None:
        """Raise the store's ``inflation`` to this level (GreedyDual-Size), if it is lower."""


USER = "user"  # the holder of what people pin
EDITS, SPEED, AUDITS = "edits", "speed", "audits"  # groups of counts: by kind of node; bytes and seconds; loads


class Catalog(Protocol):
    """Artifacts, costs and file identities. Safe for several threads and several processes at once."""

    @property
    def ledger(self) -> Ledger:
        """What is kept, for whom, and what it saved."""

    def records(self, signatures: Iterable[Signature]) -> dict[Signature, Record]:
        """What is known of each signature; those never completed are left out."""

    def operator_costs(self) -> Mapping[str, tuple[float, float]]:
        """Per operator, a regression over past runs: (fixed seconds, seconds per input byte).

        LOADING stands among them: (latency in seconds, seconds per byte loaded).
        """

    def traces(self, operations: Iterable[Signature]) -> dict[Signature, Trace]:
        """The newest traces of each operation (TRACES of them), by key."""

    def holders(self, values: Iterable[Digest]) -> dict[Digest, Record]:
        """For each value a record of a result that has it and is stored; values that nobody holds are left out."""

    def commit(
        self,
        measurements: Sequence[Measurement],
        artifacts: Sequence[tuple[Staged, str]],
        learned: Learned | None = None,
    ) -> None:
        """Enter measurements, then adopted artifacts (each with its seal), then what else was learned, in one
        transaction.

        Raises ValueError, and enters nothing, for an artifact that was never measured: its record would have no cost.
        A trace stays as it was first entered, and so does a record that is stored: what came later is no better.
        """

    def seal(self, signature: Signature) -> str | None:
        """The seal under which a stored artifact was entered; None where it is not stored."""

    def forget(self, signature: Signature) -> None:
        """The bytes are gone (evicted or damaged); what was measured stays known."""

    def content_hash(self, stamp: FileStamp) -> str | None:
        """The remembered content hash of a file with exactly this stamp, None where there is none."""

    def remember_hash(self, stamp: FileStamp, content_hash: str) -> None:
        """Remember a content hash under a stamp."""

    def last_run(self, workflow: str) -> str | None:
        """What was remembered of the workflow's last run (``workflow``: an id, or a path for the command line)."""

    def remember_run(self, workflow: str, made_from: str) -> None:
        """Remember what a run that started was made from, as ``execution.memory`` writes it."""

    def release(self) -> None:
        """The calling thread ends: what is held for it alone, such as a connection, is let go of."""


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact that was verified and may be opened: exactly one of ``path`` and ``inline`` is set."""

    signature: Signature
    codec: str
    digest: Digest
    bytes: int
    path: Path | None = None
    inline: builtins.bytes | None = None


class ArtifactStore(Protocol):
    """Bytes by digest. What it hands out was verified and carries this store's own seal."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def speed(self) -> StoreSpeed: ...

    @property
    def room(self) -> Room:
        """What is left of the budget."""

    @property
    def root(self) -> Path:
        """The folder that all of it lies in: hidden from run processes, but for what they are given."""

    @property
    def downloads(self) -> Path:
        """The folder for what sources fetched: a run process reads it."""

    @property
    def blobs(self) -> Path:
        """The folder of all results that are files: a run process is given those that it loads."""

    def staging(self) -> Path:
        """A fresh, empty folder that a run process may write to; on the same file system as the store."""

    def adopt(
        self,
        staging: Path,
        staged: Sequence[Staged],
        measurements: Sequence[Measurement],
        learned: Learned | None = None,
        order: Order = "benefit",
    ) -> list[Staged]:
        """Check each digest, seal, sync, rename, and enter all in the catalog at once. Returns what was adopted;
        what fails its check is left out and logged. Idempotent.

        What does not fit the budget is left out, or makes others be evicted, as ``order`` says."""

    def learn(self, learned: Learned) -> None:
        """Enter what was learned: results that equal others are from now on found under their own signatures too."""

    def open(self, signature: Signature) -> StoredArtifact:
        """The stored artifact. Raises ArtifactMissing or ArtifactDamaged (then it was quarantined and forgotten)."""

    def tidy(self) -> None:
        """Evict what versions have left and what is not worth its room by that."""

    def quarantine(self, signature: Signature, reason: str) -> None:
        """Put the bytes of a result aside that are not what computing gives; forget all results of these bytes."""

    def discard(self, staging: Path) -> None:
        """Remove a staging folder with whatever is left in it."""


class EventSink(Protocol):
    """Where a run's events go, in order."""

    def emit(self, events: Sequence[Event]) -> None: ...


class Cancellation(Protocol):
    """Asked between messages: has somebody asked for the run to stop?"""

    def requested(self) -> bool: ...


JsonValue = Any  # a value that ``json`` reads and writes
