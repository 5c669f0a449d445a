"""Keeps a way to a Spark Connect server open, ``python -m workflows.execution.spark.serve``: a Unix socket.

Its terms come as a line of JSON on its standard input, whose end is its own end, and that of all that it started. With
a ``host`` it relays the socket to that server. Without, it starts one on this machine, in a sandbox where there is one:
then the server and the functions that run on its executors have no network but their own, and see no files but those
of blocks. It says ``ready`` on its standard output once the server listens.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workflows.execution.keeper import SandboxFailed, end_with_parent, keep
from workflows.execution.orphans import adopt_orphans, end_orphans

SOCKET = "spark.sock"
_PROCESSES = 4096
_TICK = 0.05
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Terms:
    """``folder`` is the server's own (the socket appears in it), ``log`` the file for what it says.

    ``host`` and ``port`` are the server's to be relayed to; without a host one is started on this ``port`` of
    127.0.0.1, with ``java`` as its JAVA_HOME, ``memory`` bytes of heap, and ``cores``. Whoever has the ``token`` may
    use it. ``sandbox`` are arguments of ``bwrap``.
    """

    folder: str
    log: str
    host: str | None
    port: int
    token: str = ""
    java: str = ""
    memory: int = 0
    cores: int = 1
    sandbox: Sequence[str] | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal goes to the group; the owner decides
    terms = Terms(**json.loads(_line(sys.stdin.fileno())))
    log = os.open(terms.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)  # out of the sandbox's sight
    adopt_orphans()
    pid = os.fork()
    if pid == 0:
        os.dup2(log, sys.stderr.fileno())
        status = 70  # EX_SOFTWARE
        try:
            end_with_parent()
            os.setpgid(0, 0)
            keep(terms.sandbox, _PROCESSES, lambda _: _serve(terms))
        except SandboxFailed as error:
            print(error.message, flush=True)
        finally:
            os._exit(status)
    threading.Thread(target=_end_with_input, args=(sys.stdin.fileno(), pid), daemon=True).start()
    os.waitpid(pid, 0)
    end_orphans(own=())
    shutil.rmtree(terms.folder, ignore_errors=True)
    return 0


def _line(given: int) -> bytes:
    """What is written up to the end of a line; read without a buffer, which a thread could hold at the end."""
    read = bytearray()
    while not read.endswith(b"\n") and (byte := os.read(given, 1)):
        read += byte
    return bytes(read)


def _end_with_input(given: int, pid: int) -> None:
    while os.read(given, 1):
        pass
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _serve(terms: Terms) -> int:
    server = None
    if terms.host is None:
        server = _started(terms)
        while not _listens(terms.port):
            if server.poll() is not None:
                return 1
            time.sleep(_TICK)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.umask(0o077)
    os.chdir(terms.folder)
    listening.bind(SOCKET)  # a path of a socket is 108 bytes at most
    listening.listen(64)
    print("ready", flush=True)
    threading.Thread(target=_accept, args=(listening, (terms.host or "127.0.0.1", terms.port)), daemon=True).start()
    if server is not None:
        return server.wait()
    signal.pause()
    return 0


def _started(terms: Terms) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    folder = Path(terms.folder)
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": terms.port,
        "spark.connect.session.manager.defaultSessionTimeout": "10m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f'"-Djava.io.tmpdir={folder / "tmp"}"',  # else it leaves folders in /tmp
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "WARN",
        "spark.local.dir": folder / "tmp",
        "spark.python.daemon.module": "workflows.execution.spark.daemon",
        "spark.python.worker.reuse": "false",
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": folder / "tmp" / "warehouse",
        "spark.task.maxFailures": 1,
        "spark.ui.enabled": "false",
    }
    environment = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH") if name in os.environ
    }
    environment |= {
        "HOME": str(folder / "tmp"),
        "JAVA_HOME": terms.java,
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": terms.token,  # not as an argument, which every user of the machine may read
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    command = [
        *(str(home / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--master", f"local[{terms.cores}]", "--driver-memory", f"{terms.memory >> 20}m"),
        *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")),
        "spark-internal",
    ]
    silent, log = subprocess.DEVNULL, sys.stderr.fileno()
    return subprocess.Popen(
        command,
        cwd=folder / "tmp",
        env=environment,
        stdin=silent,
        stdout=log,
        stderr=log,
        preexec_fn=end_with_parent,  # no other thread runs here yet
    )


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def _accept(listening: socket.socket, address: tuple[str, int]) -> None:
    """Join each connection to the socket with one of its own to the server."""
    while True:
        near, _ = listening.accept()
        try:
            far = socket.create_connection(address, 10.0)
        except OSError:
            near.close()
            continue
        far.settimeout(None)
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    sys.exit(main())
