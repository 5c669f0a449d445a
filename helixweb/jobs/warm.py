"""What this worker process keeps warm for runs: a warm server from the start, a Spark server from its first use."""

from __future__ import annotations

import os
from typing import Final

import structlog
from django.conf import settings

from helixweb import spark
from workflows.execution.orphans import end_orphans
from workflows.execution.warmserver import WarmServer

# It starts its process when that is first wanted. Where it is killed, the worker adopts what its runs had started.
warm_server: Final = WarmServer(ended=lambda: end_orphans(own=[os.getpgrp()]))

# Started when it is first wanted. Where this process is killed, it ends at the end of its standard input.
spark_server: Final = spark.server(settings.ISOLATION, structlog.get_logger().info)
