"""The one warm server of this worker process: started with the worker, so that the first run is as quick as any."""

from __future__ import annotations

from typing import Final

from workflows.execution.warmserver import WarmServer

warm_server: Final = WarmServer()  # it starts its process when that is first wanted
