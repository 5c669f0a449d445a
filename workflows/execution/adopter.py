"""Has the store take over what a run process staged, in batches, beside the thread that reads its messages.

What is kept was decided by the speed that the store had shown before the run; in a new store that is a guess. So the
policy ``adaptive`` has what is large written one by one, and leaves out what is no longer worth its writing by what
those before it took.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from types import TracebackType

from workflows.optimizer.materialize import ORDER, Policy
from workflows.ports import ArtifactStore, Learned, Measurement, Staged
from workflows.store.eviction import LIGHT_BYTES

logger = logging.getLogger(__name__)

_GATHER = 0.05  # seconds for which more is waited for: what comes together costs one sync of the disk


class Adopter:
    """``close`` returns when everything that was handed over is durable, or was refused and logged."""

    def __init__(
        self,
        store: ArtifactStore,
        staging: Path,
        adopted: Callable[[Sequence[Staged]], None],
        policy: Policy = "all",
    ) -> None:
        self._store = store
        self._policy = policy
        self._staging = staging
        self._adopted = adopted
        self._closing = Event()
        self._queue: SimpleQueue[Staged | Measurement | Learned | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="adopter")
        self._thread.start()

    def __enter__(self) -> Adopter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def put(self, item: Staged | Measurement | Learned) -> None:
        self._queue.put(item)

    def close(self) -> None:
        if self._thread.is_alive():
            self._closing.set()
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        try:
            self._adopt_all()
        finally:
            self._store.catalog.release()

    def _adopt_all(self) -> None:
        last = False
        while not last:
            batch = [self._queue.get()]
            self._closing.wait(_GATHER)
            while not self._queue.empty():
                batch.append(self._queue.get())
            last = batch[-1] is None
            staged = [item for item in batch if isinstance(item, Staged)]
            measurements = [item for item in batch if isinstance(item, Measurement)]
            learned = _together([item for item in batch if isinstance(item, Learned)])
            if staged or measurements or learned:
                self._adopt(staged, measurements, learned)
        if self._policy == "adaptive":
            with _costing_no_run():
                self._store.tidy()

    def _adopt(self, staged: Sequence[Staged], measurements: Sequence[Measurement], learned: Learned) -> None:
        together = [item for item in staged if not self._alone(item)]
        if together or measurements or learned:
            with _costing_no_run():
                self._take_over(together, measurements, learned)
        for item in filter(self._alone, staged):
            with _costing_no_run():
                if item.benefit > self._store.speed.price(item.bytes):
                    self._take_over([item], (), Learned())
                else:
                    logger.info("not adopted: %s (%d bytes); writing it takes too long", item.signature, item.bytes)

    def _alone(self, item: Staged) -> bool:
        return self._policy == "adaptive" and item.bytes > LIGHT_BYTES

    def _take_over(self, staged: Sequence[Staged], measurements: Sequence[Measurement], learned: Learned) -> None:
        self._adopted(self._store.adopt(self._staging, staged, measurements, learned, order=ORDER[self._policy]))


def _together(learned: Sequence[Learned]) -> Learned:
    return Learned(
        {signature: value for each in learned for signature, value in each.values.items()},
        [trace for each in learned for trace in each.traces],
        [equal for each in learned for equal in each.equals],
    )


@contextmanager
def _costing_no_run() -> Iterator[None]:
    """The edge of a thread: whatever a store or its database raises costs what is kept, not the run."""
    try:
        yield
    except Exception:
        logger.exception("results could not be kept; they will be computed anew when they are wanted")
