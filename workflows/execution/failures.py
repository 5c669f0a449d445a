"""Puts into words why a node failed: what, where in the workflow text, and on which input."""

from __future__ import annotations

from workflows.errors import HelixError
from workflows.events import NodeFailed
from workflows.execution.limits import Limits, in_words, raising
from workflows.graph.dag import NodeName
from workflows.operators.kernels.functions import UserCodeFailed, said, workflow_frames

_LONGEST = 2000


class FailedElsewhere(Exception):
    """A node failed in another process, which has put into words why."""

    def __init__(self, event: NodeFailed) -> None:
        super().__init__(event.message)
        self.event = event


def failure(error: BaseException, node: NodeName, line: int, limits: Limits) -> NodeFailed:
    """The event for an exception that a node raised. Its line is that of the user code that raised, else the node's."""
    if isinstance(error, FailedElsewhere):
        return error.event
    cause = error.__cause__ if isinstance(error, UserCodeFailed) else error
    if not isinstance(error, HelixError) and workflow_frames(error):
        error = UserCodeFailed(error)
    if isinstance(cause, MemoryError):
        return _out_of_memory(error, node, line, limits)
    if isinstance(error, UserCodeFailed):
        data = error.data
        return NodeFailed(
            node,
            error.code,
            error.message[:_LONGEST],
            data["line"] or line,
            data["detail"],
            data["example"],
        )
    if isinstance(error, HelixError):
        example = str(error.data.get("example", ""))
        return NodeFailed(node, error.code, error.message[:_LONGEST], line, "", example)
    message = said(error)
    return NodeFailed(node, "node-failed", message[:_LONGEST], line)


def _out_of_memory(error: BaseException, node: NodeName, line: int, limits: Limits) -> NodeFailed:
    most = "" if limits.memory is None else f" The limit of the run is {in_words(limits.memory)}."
    line = (error.data["line"] if isinstance(error, UserCodeFailed) else None) or line
    message = f"There was not enough memory.{most} Take fewer rows or columns; or raise it: {raising('memory')}"
    return NodeFailed(node, "out-of-memory", message, line)
