"""Puts into words why a node failed: what, where in the workflow text, and on which input."""

from __future__ import annotations

from workflows.errors import HelixError
from workflows.events import NodeFailed
from workflows.graph.dag import Node
from workflows.operators.kernels.functions import UserCodeFailed, workflow_frames

_LONGEST = 2000


def failure(error: BaseException, node: Node) -> NodeFailed:
    """The event for an exception that a node raised. Its line is that of the user code that raised, else the node's."""
    if not isinstance(error, HelixError):
        if isinstance(error, MemoryError):
            message = "The run's memory limit was reached. Take fewer rows or columns, or raise the limit."
            return NodeFailed(node.name, "out-of-memory", message, node.span.line)
        if workflow_frames(error):
            error = UserCodeFailed(error)
    if isinstance(error, UserCodeFailed):
        data = error.data
        return NodeFailed(
            node.name,
            error.code,
            error.message[:_LONGEST],
            data["line"] or node.span.line,
            data["detail"],
            data["example"],
        )
    if isinstance(error, HelixError):
        example = str(error.data.get("example", ""))
        return NodeFailed(node.name, error.code, error.message[:_LONGEST], node.span.line, "", example)
    message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return NodeFailed(node.name, "node-failed", message[:_LONGEST], node.span.line)
