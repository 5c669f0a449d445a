"""Stages what is to be kept, off the critical path: in a thread of its own, while a core has nothing else to do."""

from __future__ import annotations

import base64
import errno
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

from workflows.execution.limits import in_words, raising
from workflows.execution.protocol import Job, Logged, Message, PartStaged
from workflows.graph.dag import PartId
from workflows.operators.kernels.base import Data
from workflows.ports import Staged
from workflows.store.codecs import NotStorable, stage, staged_name

_PATIENCE = 0.5  # seconds that a result waits for an idle core: nothing complete is to be lost when a run is ended


class Writer:
    """Encodes results into the staging folder in the order in which they come. ``close`` waits for the last.

    ``idle`` is to be set while fewer parts run than there are cores.
    """

    def __init__(self, job: Job, send: Callable[[Message], None]) -> None:
        self._job = job
        self._send = send
        self._staged = 0  # bytes
        self.idle = Event()
        self._queue: SimpleQueue[tuple[PartId, Data, float] | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="writer")
        self._thread.start()

    def keep(self, part: PartId, data: Data, benefit: float) -> None:
        """``benefit``: seconds that keeping it is expected to save."""
        self._queue.put((part, data, benefit))

    def close(self) -> None:
        self.idle.set()
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            self.idle.wait(_PATIENCE)
            part, data, benefit = item
            signature = self._job.signatures[part]
            assert signature is not None
            try:
                staged = stage(data, signature, self._job.staging)
                self._count(staged)
            except NotStorable as error:
                self._send(Logged(part.node, f"Not kept: {error.message}\n"))
            except OSError as error:
                (self._job.staging / staged_name(signature)).unlink(missing_ok=True)
                self._send(Logged(part.node, f"Not kept: {self._reason(error)}\n"))
            else:
                self._tell(part, staged, benefit)

    def _reason(self, error: OSError) -> str:
        if error.errno == errno.EFBIG:
            return f"the result is larger than {in_words(self._job.limits.disk)}. {raising('disk')}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk of the store is full. Make room; then it is kept the next time that it is computed."
        return f"the store's folder cannot be written to ({error})."

    def _count(self, staged: Staged) -> None:
        """Raises NotStorable where a run's results are larger than they may be."""
        limit = self._job.limits.disk
        if self._staged + staged.bytes > limit:
            if staged.file is not None:
                (self._job.staging / staged.file).unlink()
            raise NotStorable(f"the results of the run are larger than {in_words(limit)}. {raising('disk')}")
        self._staged += staged.bytes

    def _tell(self, part: PartId, staged: Staged, benefit: float) -> None:
        inline = None if staged.inline is None else base64.b64encode(staged.inline).decode()
        self._send(
            PartStaged(
                *(part.node, part.label, staged.signature, staged.codec, staged.digest, staged.bytes),
                file=staged.file,
                inline=inline,
                benefit=benefit,
            )
        )
