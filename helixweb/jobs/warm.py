"""The one warm server of this worker process: started with the worker, so that the first run is as quick as any."""

from __future__ import annotations

from functools import cache

from workflows.execution.warm import WarmServer


@cache
def warm_server() -> WarmServer:
    """The warm server; the first call starts it."""
    return WarmServer()
