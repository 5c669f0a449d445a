"""The one warm server of this worker process: started with the worker, so that the first run is as quick as any."""

from __future__ import annotations

import os
from typing import Final

from workflows.execution.orphans import end_orphans
from workflows.execution.warmserver import WarmServer

# It starts its process when that is first wanted. Where it is killed, the worker adopts what its runs had started.
warm_server: Final = WarmServer(ended=lambda: end_orphans(own=[os.getpgrp()]))
