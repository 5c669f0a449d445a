"""What a supervisor and its run process say: a job, pickled; and back a closed union of messages, as JSON.

The supervisor trusts nothing that comes back: messages are read as data, and what was staged is checked by the store.
"""

from __future__ import annotations

import base64
import json
import pickle
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from workflows.compiler.program import Program
from workflows.execution.limits import Limits
from workflows.graph.dag import NodeName, PartGraph, PartId
from workflows.hashing import Digest, Signature
from workflows.optimizer.materialize import Policy
from workflows.optimizer.outlook import Outlook
from workflows.ports import JsonValue, Room, Staged, StoredArtifact, StoreSpeed

DESCRIPTORS = Path("/proc/self/fd")  # where a process finds the files that it has open
_JSON = json.JSONEncoder(separators=(",", ":"))
_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class SparkAddress:
    """Where a run process finds Spark: a Unix ``socket``, and what Spark Connect calls a connection string (``url``),
    whose host is asked for its certificate alone. ``blocks`` is a folder that executors see too; ``cores`` is how many
    tasks run at once."""

    socket: Path
    url: str
    blocks: Path
    cores: int


@dataclass(frozen=True, slots=True)
class Job:
    """All that a run process needs to know.

    ``parts`` are those to compute or to load, inputs first; ``lines`` where the text makes their nodes; ``loads`` the
    artifacts of those that are loaded; ``same_as`` the part of equal signature that is computed in a part's stead;
    ``ranks`` the estimated seconds from the start of a part to the end of the run; ``data`` the content hashes of
    files; ``missing`` what to say of a file that is not there; ``outlook`` what later runs will want of the parts of
    the graph, of which those of the job are some; ``room`` what the store had left; ``spark`` where Spark is, where
    that computes.

    ``operations`` are those of the computed parts, as far as they have one. ``values`` say what is known of results
    beforehand. ``conditional`` parts need not be computed where the key of their operation and the values of their
    inputs is among ``traces``; ``hashed`` are the parts whose values are asked for because of that.
    """

    program: Program
    parts: PartGraph
    lines: Mapping[NodeName, int]
    signatures: Mapping[PartId, Signature | None]
    loads: Mapping[PartId, StoredArtifact]
    same_as: Mapping[PartId, PartId]
    ranks: Mapping[PartId, float]
    data: Mapping[tuple[NodeName, str], str | None]
    missing: Mapping[tuple[NodeName, str], str]
    data_root: Path
    downloads: Path
    lib: Path | None
    staging: Path
    policy: Policy
    outlook: Outlook
    speed: StoreSpeed
    room: Room
    cores: int
    limits: Limits
    operations: Mapping[PartId, Signature] = field(default_factory=dict)
    values: Mapping[PartId, Digest] = field(default_factory=dict)
    conditional: frozenset[PartId] = frozenset()
    traces: frozenset[Signature] = frozenset()
    hashed: frozenset[PartId] = frozenset()
    spark: SparkAddress | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run process is told before it has a job: it writes to ``staging``, may start so many ``processes``, and is
    put into the sandbox of these arguments of ``bwrap`` (None: into none), where it is to see of the folder ``results``
    no more than the files that its job loads."""

    staging: Path
    processes: int
    sandbox: Sequence[str] | None = None
    results: Path | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """The supervisor's answer to a ``TraceMatched`` of the same number: of the parts that have not begun, those to
    ``drop``, and those to ``load`` instead of computing them. ``values`` are those that traces tell. The bytes of an
    artifact that has neither a path nor inline ones are in a file whose descriptor comes after the revision."""

    number: int
    values: Mapping[PartId, Digest] = field(default_factory=dict)
    drop: frozenset[PartId] = frozenset()
    load: Mapping[PartId, StoredArtifact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """The run process is there and waits for its job."""

    type: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class PartStarted:
    node: str
    label: str
    type: Literal["part_started"] = "part_started"


@dataclass(frozen=True, slots=True)
class PartFinished:
    """A part is there. ``seconds`` is what computing or loading it took, ``bytes`` its size in memory.

    ``weightless`` is what ``ports.Record`` says it is; so is ``value``, where the result was hashed.
    """

    node: str
    label: str
    seconds: float
    input_bytes: int
    bytes: int
    weightless: str = ""
    value: str | None = None
    type: Literal["part_finished"] = "part_finished"


@dataclass(frozen=True, slots=True)
class PartFailed:
    """A part raised: the fields are those of ``events.NodeFailed``."""

    node: str
    label: str
    code: str
    message: str
    line: int | None
    detail: str
    example: str
    type: Literal["part_failed"] = "part_failed"


@dataclass(frozen=True, slots=True)
class PartSkipped:
    """A part cannot run, because the node ``because`` failed."""

    node: str
    label: str
    because: str
    type: Literal["part_skipped"] = "part_skipped"


@dataclass(frozen=True, slots=True)
class ValueMade:
    """The value of a part."""

    node: str
    label: str
    value: JsonValue
    type: Literal["value_made"] = "value_made"


@dataclass(frozen=True, slots=True)
class PartStaged:
    """A result was written to the staging folder, or comes along (``inline``, base64)."""

    node: str
    label: str
    signature: str
    codec: str
    digest: str
    bytes: int
    file: str | None
    inline: str | None
    benefit: float = 0.0
    value: str | None = None
    type: Literal["part_staged"] = "part_staged"

    @property
    def staged(self) -> Staged:
        inline = None if self.inline is None else base64.b64decode(self.inline, validate=True)
        value = None if self.value is None else Digest(self.value)
        given = (self.codec, Digest(self.digest), self.bytes, self.file, inline)
        return Staged(Signature(self.signature), *given, value=value, benefit=self.benefit)


@dataclass(frozen=True, slots=True)
class PartHashed:
    """The value of a result that is not kept, hashed after it was there."""

    node: str
    label: str
    value: str
    type: Literal["part_hashed"] = "part_hashed"


@dataclass(frozen=True, slots=True)
class TraceMatched:
    """The inputs of a conditional part turned out to be such that a trace tells its result: ``key`` is the trace's.

    No part is begun until the supervisor has answered with a ``Revision``, or did not for long; ``number`` counts these
    messages from 1.
    """

    number: int
    node: str
    label: str
    key: str
    type: Literal["trace_matched"] = "trace_matched"


@dataclass(frozen=True, slots=True)
class Revised:
    """What the supervisor answered is done from here on; or, not ``taken``, all goes on as it was."""

    number: int
    taken: bool
    type: Literal["revised"] = "revised"


@dataclass(frozen=True, slots=True)
class Logged:
    """What user code printed while a node ran."""

    node: str
    text: str
    type: Literal["logged"] = "logged"


@dataclass(frozen=True, slots=True)
class MetricLogged:
    """A number that user code recorded with ``log``."""

    node: str
    name: str
    value: float
    step: int | None
    type: Literal["metric_logged"] = "metric_logged"


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a node is: the fields are those of ``events.NodeProgressed``."""

    node: str
    fraction: float | None
    message: str
    type: Literal["progressed"] = "progressed"


@dataclass(frozen=True, slots=True)
class Done:
    """Every part is done, failed or skipped. What is to be kept may still be on its way; the end is end-of-file."""

    type: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Crashed:
    """The run process itself failed: a defect of the engine."""

    message: str
    type: Literal["crashed"] = "crashed"


@dataclass(frozen=True, slots=True)
class NotIsolated:
    """The sandbox could not be made or entered, so nothing was run."""

    message: str
    type: Literal["not_isolated"] = "not_isolated"


Message: TypeAlias = (
    Ready
    | PartStarted
    | PartFinished
    | PartFailed
    | PartSkipped
    | ValueMade
    | PartStaged
    | PartHashed
    | TraceMatched
    | Revised
    | Logged
    | MetricLogged
    | Progressed
    | Done
    | Crashed
    | NotIsolated
)

_FIELDS = {variant: tuple(variant.__dataclass_fields__) for variant in get_args(Message)}
_BY_TYPE = {variant.__dataclass_fields__["type"].default: variant for variant in get_args(Message)}

_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": int | float,
    "float | None": int | float | None,
    "bool": bool,
    "str | None": str | None,
    "int | None": int | None,
}


def encode(message: Message) -> bytes:
    """One line of JSON."""
    fields = {name: getattr(message, name) for name in _FIELDS[type(message)]}  # ``asdict`` would copy a value whole
    return _JSON.encode(fields).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line. Raises ValueError for anything else."""
    try:
        data: dict[str, Any] = json.loads(line.decode())  # bytes would be decoded with halves of characters
        kind = _BY_TYPE[data["type"]]
        if b"\\u" in line:  # else no text in it holds what ``_text`` takes out
            data = {name: _text(value) if name != "value" else value for name, value in data.items()}
        message: Message = kind(**data)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"not a message of a run process: {line[:80]!r}") from error
    for name, declared in kind.__annotations__.items():
        value = getattr(message, name)
        if not isinstance(value, _TYPES.get(declared, object)):
            raise ValueError(f"`{name}` of a message of a run process is {str(value)[:80]}")
    return message


def _text(value: Any) -> Any:
    """A string as every table and socket takes it: without halves of characters, and without NUL."""
    if not isinstance(value, str):
        return value
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")


def send_terms(channel: socket.socket, terms: Terms) -> None:
    """Tell a run process how it is kept. Raises OSError."""
    _send(channel, terms)


def receive_terms(channel: socket.socket) -> Terms:
    """How this process is kept. Raises ConnectionError where the supervisor went away."""
    terms = pickle.loads(_framed(channel))
    assert isinstance(terms, Terms)
    return terms


def send_job(channel: socket.socket, job: Job) -> None:
    """Hand over a job. Raises OSError."""
    _send(channel, job)


def receive_job(channel: socket.socket) -> Job:
    """The job. Raises ConnectionError where the supervisor went away."""
    job = pickle.loads(_framed(channel))
    assert isinstance(job, Job)
    return job


def send_revision(channel: socket.socket, revision: Revision, files: Sequence[int]) -> None:
    """Answer a run process; ``files`` are the descriptors of what it is to load, in order. Raises OSError."""
    _send(channel, revision)
    for file in files:
        socket.send_fds(channel, [b"f"], [file])


def receive_revision(channel: socket.socket) -> Revision:
    """The next answer, with paths to the files whose descriptors came along: they stay open. Raises ConnectionError
    where the supervisor went away."""
    revision = pickle.loads(_framed(channel))
    assert isinstance(revision, Revision)
    return replace(revision, load={part: _located(channel, artifact) for part, artifact in revision.load.items()})


def _located(channel: socket.socket, artifact: StoredArtifact) -> StoredArtifact:
    if artifact.path is not None or artifact.inline is not None:
        return artifact
    content, files, _, _ = socket.recv_fds(channel, 1, 1)
    if not content or not files:
        raise ConnectionError
    return replace(artifact, path=DESCRIPTORS / str(files[0]))


def _send(channel: socket.socket, thing: Terms | Job | Revision) -> None:
    content = pickle.dumps(thing, protocol=5)
    channel.sendall(_LENGTH.pack(len(content)) + content)


def _framed(channel: socket.socket) -> bytes:
    return _exactly(channel, _LENGTH.unpack(_exactly(channel, _LENGTH.size))[0])


def _exactly(channel: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        chunk = channel.recv(min(size - len(content), 1 << 20))
        if not chunk:
            raise ConnectionError
        content += chunk
    return bytes(content)


@dataclass(slots=True)
class Lines:
    """Puts lines together out of what a socket gives; what has no end yet waits. A line may be ``longest`` bytes."""

    longest: int = 1 << 28
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> list[bytes]:
        self._rest += chunk
        if len(self._rest) > self.longest:
            raise ValueError(f"a message of more than {self.longest} bytes")
        if b"\n" not in chunk:
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return lines
