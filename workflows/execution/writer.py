"""Stages what is to be kept, and hashes what is not: what takes long in a thread of its own, off the critical path.

It begins when all results are there, or half a second after it has something to do: it would slow down short parts.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import time
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Thread

from workflows.execution.limits import in_words, raising
from workflows.execution.protocol import Job, Logged, Message, PartHashed, PartStaged
from workflows.graph.dag import PartId
from workflows.operators.kernels.base import Data, Model
from workflows.ports import Staged
from workflows.store.codecs import INLINE_LIMIT, NotStorable, stage, staged_name, value_of

_PATIENCE = 0.5  # seconds that a result waits at most: nothing complete is to be lost when a run is ended
_HASHED_SECOND = 20_000_000  # bytes, at the least: models are slow to hash
_SHARE = 0.05  # of the seconds that computing a result took, for which it is hashed
_HELD = 64 * 1024 * 1024  # bytes of results that may wait to be hashed


class Writer:
    """Encodes results into the staging folder in the order in which they come. ``close`` waits for the last.

    ``fetched`` gives the data of what an engine made.
    """

    def __init__(self, job: Job, send: Callable[[Message], None], fetched: Callable[[Data], Data]) -> None:
        self._job = job
        self._send = send
        self._fetched = fetched
        self._staged = 0  # bytes
        self._counting = Lock()
        self._closing = Event()
        self._hashing = 0  # bytes of results that were handed over to be hashed
        self._queue: SimpleQueue[tuple[float, PartId, Data, float | None, int] | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="writer")
        self._thread.start()

    def keep(self, part: PartId, data: Data, benefit: float, size: int) -> None:
        """``benefit``: seconds that keeping it is expected to save; ``size`` in bytes.

        A small result is staged at once: what runs next may hold the interpreter for good, and end with the process.
        """
        if size <= INLINE_LIMIT and not isinstance(data, Model):
            self._stage(part, data, benefit)
        else:
            self._queue.put((time.monotonic(), part, data, benefit, 0))

    def hash(self, part: PartId, data: Data, size: int, seconds: float) -> None:
        """Tell the value of what is not kept, where hashing it takes little of what computing it took."""
        if size / _HASHED_SECOND < _SHARE * seconds and self._hashing + size <= _HELD:
            self._hashing += size
            self._queue.put((time.monotonic(), part, data, None, size))

    def close(self) -> None:
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            given, part, data, benefit, size = item
            self._closing.wait(max(0.0, given + _PATIENCE - time.monotonic()))
            if benefit is None:
                self._hash(part, data)
                self._hashing -= size  # an update that two threads made at once may be lost: it is a bound, no count
            else:
                self._stage(part, data, benefit)

    def _stage(self, part: PartId, data: Data, benefit: float) -> None:
        signature = self._job.signatures[part]
        assert signature is not None
        try:
            staged = stage(self._fetched(data), signature, self._job.staging)
            self._count(staged)
        except NotStorable as error:
            self._send(Logged(part.node, f"Not kept: {error.message}\n"))
        except OSError as error:
            (self._job.staging / staged_name(signature)).unlink(missing_ok=True)
            self._send(Logged(part.node, f"Not kept: {self._reason(error)}\n"))
        else:
            self._tell(part, staged, benefit)

    def _hash(self, part: PartId, data: Data) -> None:
        with contextlib.suppress(Exception):  # a model may have code of the user's in its pickle
            value = value_of(self._fetched(data))
            if value is not None:
                self._send(PartHashed(part.node, part.label, value))

    def _reason(self, error: OSError) -> str:
        if error.errno == errno.EFBIG:
            return f"the result is larger than {in_words(self._job.limits.disk)}. {raising('disk')}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk of the store is full. Make room; then it is kept the next time that it is computed."
        return f"the store's folder cannot be written to ({error})."

    def _count(self, staged: Staged) -> None:
        """Raises NotStorable where a run's results are larger than they may be."""
        limit = self._job.limits.disk
        with self._counting:
            if self._staged + staged.bytes <= limit:
                self._staged += staged.bytes
                return
        if staged.file is not None:
            (self._job.staging / staged.file).unlink()
        raise NotStorable(f"the results of the run are larger than {in_words(limit)}. {raising('disk')}")

    def _tell(self, part: PartId, staged: Staged, benefit: float) -> None:
        inline = None if staged.inline is None else base64.b64encode(staged.inline).decode()
        self._send(
            PartStaged(
                *(part.node, part.label, staged.signature, staged.codec, staged.digest, staged.bytes),
                file=staged.file,
                inline=inline,
                benefit=benefit,
                value=staged.value,
            )
        )
