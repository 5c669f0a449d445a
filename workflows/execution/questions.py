"""Early cut-off as a run process sees it: which parts traces tell of by now, and what its supervisor is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from workflows.execution.protocol import Job, Message, Revised, Revision, TraceMatched
from workflows.graph.dag import PartId
from workflows.graph.signature import trace_key
from workflows.hashing import Digest

PATIENCE = 20.0  # seconds for an answer: it takes milliseconds, unless the store hangs


class Questions:
    """What is known of the values of results, and the one question that may be open. Of one thread alone.

    A part that a trace tells of is held until the supervisor was asked; one question asks for all that are held then.
    An answer that comes after its question was given up is not taken.
    """

    def __init__(self, job: Job, send: Callable[[Message], None], patience: float = PATIENCE) -> None:
        self._job = job
        self._send = send
        self._patience = patience
        self._values = dict(job.values)
        self._twins: dict[PartId, list[PartId]] = {}
        for twin, part in job.same_as.items():
            self._twins.setdefault(part, []).append(twin)
        self._answered: set[PartId] = set()
        self._held: dict[PartId, str] = {}  # with the key of the trace
        self._asked: dict[PartId, str] = {}
        self._number = 0
        self._until: float | None = None  # when the open question is given up
        self._failed = False  # something failed since it was asked

    def know(self, part: PartId, value: Digest | None) -> None:
        if value is not None:
            for each in (part, *self._twins.get(part, ())):
                self._values.setdefault(each, value)

    def knows(self, part: PartId) -> bool:
        return part in self._values

    def is_open(self, part: PartId) -> bool:
        """Whether it may turn out that a trace tells a part's result."""
        return part in self._job.conditional and part not in self._answered

    def holds(self, part: PartId) -> bool:
        """Whether a part that is still open, and all that decides it is known, is to wait, since a trace tells its
        result."""
        job = self._job
        key = trace_key(job.parts.parts[part], job.operations[part], self._values, job.parts.parts)
        if key is None or key not in job.traces:
            self._answered.add(part)
            return False
        self._held[part] = key
        return True

    def ask(self) -> bool:
        """Whether a question is open: the next one is asked where there is something to ask."""
        if self._until is None and self._held:
            self._asked, self._held = self._held, {}
            self._number += 1
            self._failed = False
            part, key = next(iter(self._asked.items()))
            self._until = time.monotonic() + self._patience
            self._send(TraceMatched(self._number, part.node, part.label, key))
        return self._until is not None

    @property
    def seconds_left(self) -> float | None:
        """How long the open question is to be waited for; None where none is."""
        return None if self._until is None else max(0.0, self._until - time.monotonic())

    def skip(self, part: PartId) -> None:
        """The part will not run, as what it needs has failed: an answer that does not know of it is of no use."""
        self._failed = True
        self._held.pop(part, None)
        self._asked.pop(part, None)

    def take(self, revision: Revision) -> bool:
        """Whether an answer is one to go by; if not, its question is asked again, or was given up."""
        if self._until is None or revision.number != self._number:
            return False
        self._until = None
        self._send(Revised(self._number, not self._failed))
        if self._failed:
            self._held = {**self._asked, **self._held}
            self._asked = {}
            return False
        self._answered.update(self._asked, revision.values)
        for part, value in revision.values.items():
            self.know(part, value)
        return True

    def give_up(self) -> None:
        """There is no answer: all goes on as planned, and nothing more is asked."""
        self._until = None
        self._send(Revised(self._number, False))
        self._asked.update(self._held)
        self._held = {}
        self._answered.update(self._job.conditional)

    def released(self) -> Iterable[PartId]:
        """The parts that were held, of which the supervisor was asked, or cannot be."""
        asked, self._asked = self._asked, {}
        return asked
