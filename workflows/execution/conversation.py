"""What a run process may say, and when: each message is held against the job before anything is believed of it."""

from __future__ import annotations

import math
import re
from typing import assert_never

from workflows.execution.output import LONGEST, POINTS, RUN_POINTS
from workflows.execution.protocol import (
    Crashed,
    Done,
    Job,
    Logged,
    Message,
    MetricLogged,
    NotIsolated,
    PartFailed,
    PartFinished,
    PartHashed,
    PartSkipped,
    PartStaged,
    PartStarted,
    Progressed,
    Ready,
    Revised,
    Revision,
    TraceMatched,
    ValueMade,
)
from workflows.execution.reporter import REPORTS
from workflows.graph.dag import VALUE, NodeName, PartId
from workflows.graph.signature import trace_key
from workflows.hashing import Digest
from workflows.operators.base import Kind
from workflows.operators.registry import OPERATORS

_SLACK = 64 * 1024  # characters that the process itself may add to what a node prints
_COUNTS = range(1 << 63)  # what a table's integer holds
_ALL = "the whole run"  # beside the names of nodes
_STEPS = range(-(1 << 63), 1 << 63)
_VALUE = re.compile("[0-9a-f]{64}")
_MAY_FOLLOW_DONE = PartStaged | PartHashed | Logged | MetricLogged | Crashed


def _places(text: str) -> bool:
    """Whether a text is numbers in rising order with spaces between them, and no longer than a row may be."""
    numbers = [int(word) for word in text.split(" ") if word.isascii() and word.isdecimal() and len(word) < 10]
    return len(text) <= _SLACK and text == " ".join(map(str, sorted(set(numbers))))


class Breach(ValueError):
    """A message that no run process of ours sends."""


class Conversation:
    """Follows one job: every part starts once and ends once, and only what was computed is staged, once. ``states`` and
    ``values`` are what was said so far.

    A trace is said to match only where it does, given the values that were said before; and while that waits for an
    answer, nothing begins.

    So what user code forges at most misreports its own run; it never reaches a part or a node that is not in the job,
    nor a result that the store already holds.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._nodes = {part.node for part in job.parts.parts}
        self.states = dict.fromkeys(job.parts.parts, "waiting")
        self.values = dict(job.values)
        self.loads = set(job.loads)
        self._twins: dict[PartId, list[PartId]] = {}
        for twin, part in job.same_as.items():
            self._twins.setdefault(part, []).append(twin)
        self._open = len(self.states)
        self._asked = 0
        self._asking = False
        self._offered: Revision | None = None
        self._once: set[tuple[str, PartId]] = set()
        self._spoken: dict[str, int] = {}
        self._points: dict[str, int] = {}
        self._reports: dict[str, int] = {}
        self._staged = 0  # bytes
        self._ready = self._done = False

    def hear(self, message: Message) -> None:
        """Take note of a message. Raises Breach where it is not one that may come now."""
        if self._done and not isinstance(message, _MAY_FOLLOW_DONE):
            raise Breach(f"{message.type} after the end")
        match message:
            case Ready():
                self._expect(not self._ready, "ready, once more")
                self._ready = True
            case PartStarted():
                self._expect(not self._asking, "part to begin, while an answer is waited for")
                self._move(message, "waiting", "running")
            case PartFinished(seconds=seconds, input_bytes=read, bytes=size, weightless=places, value=value):
                self._expect(
                    math.isfinite(seconds) and seconds >= 0 and read in _COUNTS and size in _COUNTS, "measures"
                )
                self._move(message, "running", "finished")
                self._expect(not places or (self._is_model(message) and _places(places)), "list of features")
                self._value(PartId(NodeName(message.node), message.label), value)
            case PartFailed(line=line):
                self._expect(line is None or line in _COUNTS, "line")
                self._move(message, "running", "failed")
            case PartSkipped(because=because):
                self._expect(because in self._nodes, "node")
                self._move(message, "waiting", "skipped")
            case ValueMade():
                part = self._finished_once(message)
                self._expect(part.label == VALUE, "part with a value")
            case PartStaged(signature=signature, bytes=size, benefit=benefit, value=value):
                part = self._finished_once(message)
                self._expect(self._computed(part) and signature == self._job.signatures[part], "signature")
                self._value(part, value)
                self._expect(size in _COUNTS, "size")
                self._expect(math.isfinite(benefit) and benefit >= 0, "benefit")
                self._staged += size
                self._expect(self._staged <= self._job.limits.disk, "result, for so many bytes were staged already")
            case PartHashed(value=value):
                self._value(self._finished_once(message), value)
            case TraceMatched():
                self._match(message)
            case Revised(number=number, taken=taken):
                self._expect(self._asking and number == self._asked, "answer that was waited for")
                self._asking = False
                if taken:
                    self._revise()
            case Logged(node=node, text=text):
                self._expect(not node or node in self._nodes, "node")
                self._add(self._spoken, node, len(text), LONGEST + _SLACK)
                self._add(self._spoken, _ALL, len(text), self._job.limits.log + _SLACK * (1 + len(self._nodes)))
            case MetricLogged(node=node, step=step):
                self._expect(node in self._nodes, "node")
                self._expect(step is None or step in _STEPS, "step")
                self._add(self._points, node, 1, POINTS)
                self._add(self._points, _ALL, 1, RUN_POINTS)
            case Progressed(node=node, fraction=fraction):
                self._expect(node in self._nodes, "node")
                self._expect(fraction is None or 0 <= fraction <= 1, "fraction")
                self._add(self._reports, node, 1, REPORTS)
            case Done():
                self._expect(not self._open and not self._asking, "end, since not every part has ended")
                self._done = True
            case Crashed() | NotIsolated():
                pass
            case _:
                assert_never(message)

    def offer(self, revision: Revision) -> None:
        """This is what the process is answered: it may be taken."""
        self._offered = revision

    def _match(self, message: TraceMatched) -> None:
        job, part = self._job, PartId(NodeName(message.node), message.label)
        self._expect(not self._asking and message.number == self._asked + 1, "question to ask now")
        self._expect(self.states.get(part) == "waiting" and part in job.conditional and part not in self.loads, "part")
        key = trace_key(job.parts.parts[part], job.operations[part], self.values, job.parts.parts)
        self._expect(key is not None and key == message.key and key in job.traces, "trace")
        self._asked, self._asking, self._offered = message.number, True, None

    def _revise(self) -> None:
        revision = self._offered
        self._expect(revision is not None and revision.number == self._asked, "answer that was given")
        assert revision is not None
        for part in revision.drop | revision.load.keys():
            self._expect(self.states[part] == "waiting", f"part to be revised: {part}")
        self.states.update(dict.fromkeys(revision.drop, "dropped"))
        self._open -= len(revision.drop)
        self.loads |= revision.load.keys()
        for part, value in revision.values.items():
            self._know(part, value)

    def _computed(self, part: PartId) -> bool:
        return part not in self.loads and part not in self._job.same_as

    def _value(self, part: PartId, value: str | None) -> None:
        if value is not None:
            self._expect(self._computed(part) and _VALUE.fullmatch(value) is not None, "value")
            self._know(part, Digest(value))

    def _know(self, part: PartId, value: Digest) -> None:
        for each in (part, *self._twins.get(part, ())):
            self.values.setdefault(each, value)

    def _move(self, message: PartStarted | PartFinished | PartFailed | PartSkipped, old: str, new: str) -> None:
        part = PartId(NodeName(message.node), message.label)
        self._expect(self.states.get(part) == old, f"part to be {new}: {part}")
        self.states[part] = new
        self._open -= new != "running"

    def _is_model(self, message: PartFinished) -> bool:
        part = self._job.parts.parts[PartId(NodeName(message.node), message.label)]
        return OPERATORS[part.node.operator].kind is Kind.MODEL

    def _finished_once(self, message: ValueMade | PartStaged | PartHashed) -> PartId:
        part = PartId(NodeName(message.node), message.label)
        self._expect(self.states.get(part) == "finished" and (message.type, part) not in self._once, f"part: {part}")
        self._once.add((message.type, part))
        return part

    def _add(self, counts: dict[str, int], node: str, more: int, most: int) -> None:
        counts[node] = counts.get(node, 0) + more
        self._expect(counts[node] <= most, f"so much from `{node}`")

    def _expect(self, so: bool, what: str) -> None:
        if not so:
            raise Breach(f"this is no {what[:200]}")
