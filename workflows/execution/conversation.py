"""What a run process may say, and when: each message is held against the job before anything is believed of it."""

from __future__ import annotations

import math
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
    PartSkipped,
    PartStaged,
    PartStarted,
    Progressed,
    Ready,
    ValueMade,
)
from workflows.execution.reporter import REPORTS
from workflows.graph.dag import VALUE, NodeName, PartId
from workflows.operators.base import Kind
from workflows.operators.registry import OPERATORS

_SLACK = 64 * 1024  # characters that the process itself may add to what a node prints
_COUNTS = range(1 << 63)  # what a table's integer holds
_ALL = "the whole run"  # beside the names of nodes
_STEPS = range(-(1 << 63), 1 << 63)
_MAY_FOLLOW_DONE = PartStaged | Logged | MetricLogged | Crashed


def _places(text: str) -> bool:
    """Whether a text is numbers in rising order with spaces between them, and no longer than a row may be."""
    numbers = [int(word) for word in text.split(" ") if word.isascii() and word.isdecimal() and len(word) < 10]
    return len(text) <= _SLACK and text == " ".join(map(str, sorted(set(numbers))))


class Breach(ValueError):
    """A message that no run process of ours sends."""


class Conversation:
    """Follows one job: every part starts once and ends once, and only what was computed is staged, once.

    So what user code forges at most misreports its own run; it never reaches a part or a node that is not in the job,
    nor a result that the store already holds.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._nodes = {part.node for part in job.parts.parts}
        self._states = dict.fromkeys(job.parts.parts, "waiting")
        self._open = len(self._states)
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
                self._move(message, "waiting", "running")
            case PartFinished(seconds=seconds, input_bytes=read, bytes=size, weightless=places):
                self._expect(
                    math.isfinite(seconds) and seconds >= 0 and read in _COUNTS and size in _COUNTS, "measures"
                )
                self._move(message, "running", "finished")
                self._expect(not places or (self._is_model(message) and _places(places)), "list of features")
            case PartFailed(line=line):
                self._expect(line is None or line in _COUNTS, "line")
                self._move(message, "running", "failed")
            case PartSkipped(because=because):
                self._expect(because in self._nodes, "node")
                self._move(message, "waiting", "skipped")
            case ValueMade():
                part = self._finished_once(message)
                self._expect(part.label == VALUE, "part with a value")
            case PartStaged(signature=signature, bytes=size, benefit=benefit):
                part = self._finished_once(message)
                job = self._job
                known = part in job.loads or part in job.same_as
                self._expect(not known and signature == job.signatures[part], "signature")
                self._expect(size in _COUNTS, "size")
                self._expect(math.isfinite(benefit) and benefit >= 0, "benefit")
                self._staged += size
                self._expect(self._staged <= job.limits.disk, "result, for so many bytes were staged already")
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
                self._expect(not self._open, "end, since not every part has ended")
                self._done = True
            case Crashed() | NotIsolated():
                pass
            case _:
                assert_never(message)

    def _move(self, message: PartStarted | PartFinished | PartFailed | PartSkipped, old: str, new: str) -> None:
        part = PartId(NodeName(message.node), message.label)
        self._expect(self._states.get(part) == old, f"part to be {new}: {part}")
        self._states[part] = new
        self._open -= new != "running"

    def _is_model(self, message: PartFinished) -> bool:
        part = self._job.parts.parts[PartId(NodeName(message.node), message.label)]
        return OPERATORS[part.node.operator].kind is Kind.MODEL

    def _finished_once(self, message: ValueMade | PartStaged) -> PartId:
        part = PartId(NodeName(message.node), message.label)
        self._expect(self._states.get(part) == "finished" and (message.type, part) not in self._once, f"part: {part}")
        self._once.add((message.type, part))
        return part

    def _add(self, counts: dict[str, int], node: str, more: int, most: int) -> None:
        counts[node] = counts.get(node, 0) + more
        self._expect(counts[node] <= most, f"so much from `{node}`")

    def _expect(self, so: bool, what: str) -> None:
        if not so:
            raise Breach(f"this is no {what[:200]}")
