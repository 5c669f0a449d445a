"""Tells how far nodes are, seldom enough that nobody is flooded: of what comes too soon the latest is told later."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from workflows.execution.protocol import Message, Progressed

PAUSE = 0.2  # seconds between two reports of a node
_SHARE = 200  # and at least a 200th of the time since its first: so a node of a year makes 3,000 of them
REPORTS = 4000  # of one node, whatever happens
_LONGEST = 200  # characters of a message


@dataclass(slots=True)
class _Node:
    first: float
    told: float = -math.inf
    waiting: Progressed | None = None


class Reporter:
    """Safe for several threads. Nothing is sent of a node after ``end`` has returned."""

    def __init__(self, send: Callable[[Message], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._lock = Lock()
        self._nodes: dict[str, _Node] = {}
        self._ended: dict[str, _Node] = {}  # a node may have several parts, one after the other

    def tell(self, node: str, fraction: float | None, message: str) -> bool:
        """Report that ``fraction`` (0 to 1, None where that is not known) of a node is done. Whether that has to wait.

        Raises ValueError for what is no number.
        """
        if fraction is not None and math.isnan(fraction):
            raise ValueError("progress takes a fraction between 0 and 1, or None, and was given nan")
        share = None if fraction is None else min(max(float(fraction), 0.0), 1.0)
        with self._lock:
            known = self._nodes.get(node) or self._ended.pop(node, None) or _Node(self._clock())
            self._nodes[node] = known
            known.waiting = Progressed(node, share, str(message)[:_LONGEST])
            return not self._sent(known)

    def send_due(self) -> bool:
        """Send what has waited long enough. Whether something still waits."""
        with self._lock:
            sent = [self._sent(known) for known in self._nodes.values()]
        return not all(sent)

    def end(self, node: str) -> None:
        """A part of the node is done: what waits is told no more."""
        with self._lock:
            known = self._nodes.pop(node, None)
            if known is not None:
                known.waiting = None
                self._ended[node] = known

    def _sent(self, known: _Node) -> bool:
        now = self._clock()
        if known.waiting is None:
            return True
        if now - known.told < max(PAUSE, (now - known.first) / _SHARE):
            return False
        self._send(known.waiting)
        known.told, known.waiting = now, None
        return True
