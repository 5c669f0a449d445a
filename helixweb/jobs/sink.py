"""Takes a run's events from the engine at once, and writes them in batches on a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import Final

from django.db import connection

from metrics.recorder import Recorder
from workflows.events import Event, RunFinished

BATCH_SECONDS: Final = 0.01  # from one transaction's beginning to the next's; the engine has put events together
BATCH_EVENTS: Final = 2000
BACKLOG: Final = 20_000  # events that wait at most; then the engine waits


class RowSink:
    """An ``EventSink`` whose events become rows: the first at once, those that come close together in one transaction.

    The run's last event is left out: the task writes it together with the run's end. Used as a context manager; leaving
    it writes what is left, and raises what made writing fail (the lease was lost, the disk is full). ``failed`` is set
    when that happens, so that the run can stop.
    """

    def __init__(self, recorder: Recorder, failed: threading.Event) -> None:
        self._recorder = recorder
        self._events: queue.Queue[Event | None] = queue.Queue(BACKLOG)
        self._began = 0.0  # the newest batch
        self._ended = False  # the end of the events was taken from the queue
        self._error: BaseException | None = None
        self._failed = failed
        self._thread = threading.Thread(target=self._write, name="events", daemon=True)

    def emit(self, events: Sequence[Event]) -> None:
        for event in events:
            if not isinstance(event, RunFinished):
                self._events.put(event)

    def __enter__(self) -> RowSink:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._events.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        try:
            while self._write_batch():
                time.sleep(max(0.0, self._began + BATCH_SECONDS - time.monotonic()))
        except Exception as error:  # noqa: BLE001  (the edge of a thread: it is raised where the run ends)
            self._error = error
            self._failed.set()
            while not self._ended:  # so that whoever emits never waits for a writer that is gone
                self._ended = self._events.get() is None
        finally:
            connection.close()

    def _write_batch(self) -> bool:
        """Write what has come, waiting for one event at least; False after the last."""
        batch: list[Event] = []
        event = self._events.get()
        while event is not None:
            batch.append(event)
            if len(batch) == BATCH_EVENTS:
                break
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                break
        self._ended = event is None
        self._began = time.monotonic()
        if batch:
            self._recorder.write(batch)
        return not self._ended
