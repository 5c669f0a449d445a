"""The owner's side of a Spark Connect server: starts one when it is first wanted, keeps it warm, and ends it."""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit
from uuid import uuid4

from workflows.errors import HelixError
from workflows.execution.protocol import SparkAddress
from workflows.execution.sandbox import Isolation, View, arguments
from workflows.execution.spark.java import carried_java, java_home
from workflows.execution.spark.serve import SOCKET, Terms
from workflows.execution.warmserver import clean_environment, readable

logger = logging.getLogger(__name__)

PORT = 15002  # Spark Connect's own
_START_SECONDS = 120.0
_END_SECONDS = 10.0
_MEMORY = 3 << 30  # bytes of heap of a server of one's own: at the default, larger tables run out of it
_LONGEST = 500  # characters of its log that a failure tells


class NoSpark(HelixError):
    """Spark was asked for, and there is none; the message says what to do."""

    code = "no-spark"


class SparkServer:
    """A way to a Spark Connect server: to one of one's own, or (``remote``, ``sc://host:port/;…``) to another.

    ``folder`` is for its log, and for blocks, which the executors of another server must see under the same path.
    ``install`` is called where packages are missing; ``say`` is told what takes a while. Safe for several threads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        remote: str | None = None,
        cores: int | None = None,
        isolation: Isolation | None = None,
        install: Callable[[], None] = lambda: None,
        say: Callable[[str], None] = logger.info,
    ) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self._remote = remote or None
        self._cores = cores or len(os.sched_getaffinity(0))
        self._isolation = isolation or Isolation()
        self._install = install
        self._say = say
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._address: SparkAddress | None = None

    def __enter__(self) -> SparkServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def address(self) -> SparkAddress:
        """Where the server is, once it listens: started where none of this owner's runs. Raises NoSpark or NoJava."""
        with self._lock:
            if self._address is not None and not _answers(self._address.socket):
                logger.warning("the Spark server has ended; another is started, and %s says why", self._log)
                self._end()
            if self._address is None:
                if not installed():
                    self._install()
                if not installed():
                    raise NoSpark("Spark is not installed: its packages are those of requirements/spark.txt.")
                if self._remote is None:
                    self._say("Starting a Spark server")
                self._address = self._start()
            return self._address

    @contextmanager
    def session(self) -> Iterator[SparkAddress]:
        """Where a run finds the server, with a folder for its blocks alone, at whose end tasks of the run end too."""
        address = self.address()
        blocks = address.blocks / uuid4().hex
        blocks.mkdir(mode=0o700)
        try:
            yield replace(address, blocks=blocks)
        finally:
            shutil.rmtree(blocks, ignore_errors=True)

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process, self._address = self._process, None, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _start(self) -> SparkAddress:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="server-", dir=self._folder)).resolve()
        for name in ("tmp", "scratch", "blocks"):
            (folder / name).mkdir()
        try:
            terms, url = self._terms(folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "workflows.execution.spark.serve"],
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(terms.line())
        self._process.stdin.flush()
        said = b"" if not readable(self._process.stdout, _START_SECONDS) else self._process.stdout.readline()
        if said.strip() != b"ready":
            self._end()
            reason = said.decode().strip() or _last_words(self._log)
            raise NoSpark(f"The Spark server could not be started; {self._log} says more. {reason}".strip())
        return SparkAddress(folder / SOCKET, url, folder / "blocks", self._cores)

    def _terms(self, folder: Path) -> tuple[Terms, str]:
        if self._remote is not None:
            there = urlsplit(self._remote)
            if there.scheme != "sc" or not there.hostname:
                raise NoSpark(f"HELIX_SPARK_REMOTE is an address as sc://host:{PORT}, not {self._remote!r}.")
            return Terms(str(folder), str(self._log), there.hostname, there.port or PORT), self._remote
        token = secrets.token_urlsafe(32)
        java = java_home(folder)
        sandbox = self._sandbox(folder, java) if self._isolation.active else None
        port = PORT if sandbox is not None else _free_port()
        terms = Terms(str(folder), str(self._log), None, port, token, str(java), _MEMORY, self._cores, sandbox)
        return terms, f"sc://localhost:{port}/;token={token}"

    def _sandbox(self, folder: Path, java: Path) -> list[str]:
        """A sandbox that sees Java and the packages, and may write to the server's folder alone."""
        (folder / "passwd").write_text(f"helix:x:{os.getuid()}:{os.getgid()}::{folder}:/bin/sh\n")
        (folder / "hosts").write_text("127.0.0.1 localhost\n")
        carried = carried_java()
        view = View((java, *Path("/etc").glob("java*"), *((carried.parents[1],) if carried else ())), folder)
        own = [word for name in ("passwd", "hosts") for word in ("--ro-bind", str(folder / name), f"/etc/{name}")]
        return [*own, *arguments(view)]


def installed() -> bool:
    """Whether the packages of Spark are there."""
    importlib.invalidate_caches()
    return find_spec("pyspark") is not None and find_spec("grpc") is not None


def _answers(path: Path) -> bool:
    """Whether somebody listens at a socket."""
    try:
        folder = os.open(path.parent, os.O_PATH)
    except FileNotFoundError:  # the folder of a server goes when it has ended
        return False
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(f"/proc/self/fd/{folder}/{path.name}")  # a path of a socket is 108 bytes at most
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def _last_words(log: Path) -> str:
    """The line of a log that most likely says why a server ended."""
    lines = log.read_text(errors="replace").splitlines()
    return next((line for line in lines if "Exception" in line or "Error" in line), "")[:_LONGEST]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
