"""Forks the Python workers of executors, ``python -m workflows.execution.spark.daemon``: PySpark's own daemon, but that
what kernels need is loaded beforehand, so that each task is a fresh process, and yet there at once.
"""

from __future__ import annotations

import gc

from pyspark import daemon, worker  # noqa: F401 - the worker is loaded for those that are forked

from workflows.execution.spark import tasks  # noqa: F401 - so are the kernels

if __name__ == "__main__":
    gc.collect()
    gc.freeze()  # what is loaded is never garbage: without a collection touching it, its pages stay shared
    daemon.manager()
