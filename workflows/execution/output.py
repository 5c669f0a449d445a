"""What user code says while a node runs: its prints become the node's log, ``log(name, value)`` its curves, and
``progress(fraction)`` its bar."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import IO, cast

from workflows.errors import WORKFLOW
from workflows.execution.protocol import Logged, Message, MetricLogged
from workflows.execution.reporter import Reporter
from workflows.operators.kernels.quiet import is_trial

_PAUSE = 0.05  # seconds that lines wait for others, so that one who prints without end sends few messages
LONGEST = 256 * 1024  # characters a node may print; what comes after is dropped
POINTS = 100_000  # numbers a node may record with ``log``; what comes after is dropped
RUN_POINTS = 1_000_000  # and all nodes of a run together
_LONGEST_NAME = 200  # characters of the name of a number
_MOST_WARNINGS = 1000


class Output(io.TextIOBase):
    """Stands for ``sys.stdout`` and ``sys.stderr``: hands what is written to the node whose thread writes."""

    def __init__(self, send: Callable[[Message], None], most: int) -> None:
        self._send = send
        self._most = most  # characters that the run may print
        self._all_written = self._all_points = 0
        self._owner = os.getpid()
        self._own = threading.local()
        self._lock = threading.Lock()
        self._latest = ""  # what a thread of the user's own writes counts for this node
        self._written: dict[str, int] = {}
        self._points: dict[str, int] = {}
        self._full: set[str] = set()  # nodes that were told that their numbers are dropped
        self._warnings: set[tuple[str, str]] = set()
        self._waiting: dict[str, str] = {}
        self._due = threading.Event()  # lines or reports wait
        self._reporter = Reporter(send)

    def install(self) -> None:
        sys.stdout = sys.stderr = self
        threading.Thread(target=self._hand_on, name="output", daemon=True).start()
        self._take_warnings()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The same for as long as this lasts, handing on what was written at the end of each node."""
        with redirect_stdout(cast(IO[str], self)), redirect_stderr(cast(IO[str], self)), warnings.catch_warnings():
            self._take_warnings()
            yield

    def _take_warnings(self) -> None:
        for category in (UserWarning, RuntimeWarning, FutureWarning):
            warnings.simplefilter("always", category)  # of each node, though another one was warned of the same
        warnings.showwarning = self._warned

    @contextmanager
    def of(self, node: str) -> Iterator[None]:
        """What this thread writes in here is the node's."""
        self._own.node = self._latest = node
        try:
            yield
        finally:
            with self._lock:
                self._flush(node)
            self._reporter.end(node)
            self._own.node = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        node = self._node
        if self._is_trial or os.getpid() != self._owner:  # in a fork of user code the lock may be held for ever
            return len(text)
        with self._lock:
            room = min(LONGEST - self._written.get(node, 0), self._most - self._all_written)
            if room > 0 and text:
                self._written[node] = self._written.get(node, 0) + len(text)
                self._all_written += len(text)
                cut = text if len(text) < room else f"{text[:room]}\n… what follows was dropped\n"
                self._waiting[node] = self._waiting.get(node, "") + cut
                if "\n" in text:
                    self._due.set()
        return len(text)

    def log(self, name: str, value: float, step: int | None = None) -> None:
        """Record a number under a name, at a step: a curve of the run."""
        node, number, at = self._node, float(value), None if step is None else int(step)
        if at is not None and abs(at) >= 1 << 63:
            raise ValueError(f"the step {at} is larger than a step can be")
        if self._is_trial:
            return
        with self._lock:
            room = min(POINTS - self._points.get(node, 0), RUN_POINTS - self._all_points)
            if room > 0:
                self._points[node] = self._points.get(node, 0) + 1
                self._all_points += 1
            first_dropped = room <= 0 and node not in self._full
            if first_dropped:
                self._full.add(node)
        if room > 0:
            self._send(MetricLogged(node, str(name)[:_LONGEST_NAME], number, at))
        elif first_dropped:
            self.write(
                f"log: a node records at most {POINTS:,} numbers, a run {RUN_POINTS:,}; what follows is dropped\n"
            )

    def progress(self, fraction: float | None, message: str = "") -> None:
        """Tell how far the node is: a fraction between 0 and 1, None where that is not known, and words."""
        self.report(self._node, None if fraction is None else float(fraction), message)

    def report(self, node: str, fraction: float | None, message: str) -> None:
        """The same of a node by its name."""
        if os.getpid() == self._owner and not self._is_trial and self._reporter.tell(node, fraction, message):
            self._due.set()

    @property
    def names(self) -> dict[str, Callable[..., None]]:
        """What user code finds in its module to say things with."""
        return {"log": self.log, "progress": self.progress}

    def _warned(
        self, message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
    ) -> None:
        """A warning becomes a line of the node's log, once a node. Its line is told where it is one of the text."""
        place = f"line {lineno}: " if filename == WORKFLOW else ""
        text = f"{place}{category.__name__}: {message}\n"
        with self._lock:
            known = (self._node, text) in self._warnings or len(self._warnings) > _MOST_WARNINGS
            self._warnings.add((self._node, text))
        if not known:
            self.write(text)

    @property
    def _node(self) -> str:
        return getattr(self._own, "node", "") or self._latest

    @property
    def _is_trial(self) -> bool:
        return is_trial(own_thread=not getattr(self._own, "node", ""))

    def _hand_on(self) -> None:
        """Send whole lines, those too after which a node computes for long and prints no more."""
        with suppress(OSError):  # the supervisor is gone
            while self._due.wait():
                time.sleep(_PAUSE)
                self._due.clear()
                with self._lock:
                    for node in list(self._waiting):
                        self._flush(node, whole_lines=True)
                if self._reporter.send_due():
                    self._due.set()

    def _flush(self, node: str, *, whole_lines: bool = False) -> None:
        text = self._waiting.pop(node, "")
        if whole_lines:
            end = text.rfind("\n") + 1
            text, self._waiting[node] = text[:end], text[end:]
        if text:
            self._send(Logged(node, text))
