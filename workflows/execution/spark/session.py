"""A session of Spark Connect in a run process, over the Unix socket that its supervisor shows it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from workflows.execution.protocol import SparkAddress
from workflows.execution.spark.engine import GONE, SparkFailed
from workflows.execution.spark.tasks import Outcome, Task, outcomes

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

logger = logging.getLogger(__name__)

_SAID = 500  # characters of a message of Spark's
_STACK = re.compile(r"JVM stacktrace|\n\tat ")
_RETRIES = 2  # a socket on this machine is there, or it is not


class Session:
    """Executors of a Spark Connect server, connected to when first needed. Safe for several threads."""

    def __init__(self, address: SparkAddress) -> None:
        self._address = address
        self._lock = Lock()
        self._session: SparkSession | None = None

    @property
    def cores(self) -> int:
        return self._address.cores

    def run(self, task: Task, places: int) -> Sequence[Outcome]:
        with self._lock:  # two threads that import PySpark at once find half of it
            from grpc import RpcError
            from pyspark.errors import PySparkException
            from pyspark.sql.types import BinaryType, LongType, StructField, StructType

        schema = StructType([StructField("id", LongType()), StructField("outcome", BinaryType())])
        try:
            numbers = self._connected().range(0, places, 1, places)
            return outcomes(numbers.mapInArrow(task.map, schema).toArrow())
        except (PySparkException, RpcError, FileNotFoundError) as error:
            logger.error("Spark failed: %s", error)
            raise SparkFailed(_explained(str(error))) from error

    def _connected(self) -> SparkSession:
        with self._lock:
            if self._session is None:
                self._session = _connect(self._address)
            return self._session


def _explained(said: str) -> str:
    if "Connection refused" in said or "UNAVAILABLE" in said or "No such file" in said:
        return GONE
    if "exited unexpectedly" in said or "crashed" in said:
        return (
            "A process on an executor of Spark ended by itself, as by `os._exit`, or was killed by the system, as for "
            "want of memory."
        )
    if "OutOfMemory" in said:
        return "The Spark server ran out of memory. Take fewer rows or columns."
    return f"Spark failed: {_STACK.split(said)[0].strip()[:_SAID]}"


def _connect(address: SparkAddress) -> SparkSession:
    import grpc
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    folder = os.open(address.socket.parent, os.O_PATH)  # a path of a socket is 108 bytes at most
    target = f"unix:/proc/self/fd/{folder}/{address.socket.name}"

    class OverSocket(DefaultChannelBuilder):
        """The channel that the connection string asks for, over the socket."""

        def toChannel(self) -> grpc.Channel:  # noqa: N802 - PySpark's name
            if not self.secure or (not self.use_ssl and self.host == "localhost"):
                return self._insecure_channel(target)
            self.setChannelOption("grpc.ssl_target_name_override", self._host)
            return self._secure_channel(target, grpc.ssl_channel_credentials())

        def metadata(self) -> list[tuple[str, str]]:
            given = [] if self.token is None else [("authorization", f"Bearer {self.token}")]
            return [*super().metadata(), *given]

    session = SparkSession.builder.channelBuilder(OverSocket(address.url)).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
    return session
