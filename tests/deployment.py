"""A deployment whose processes run apart: Redis, web and workers as commands of their own, on a PostgreSQL database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from helixweb import leash
from helixweb.supervisor import redis_server
from tests import postgres
from tests.processes import wait_until
from tests.stack import PATIENCE, ROOT, Client, until


class Deployment:
    """``home`` and ``data`` are the folders that all processes share, ``database`` a server's address.

    ``environment`` is what each of them finds; ``logs`` are files, one a process. Started and ended as a context.
    """

    def __init__(self, folder: Path, database: str, **environment: str) -> None:
        self.folder = folder
        self.home = folder / "var"
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.port = postgres.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._redis_port = postgres.free_port()
        self.environment = os.environ | {
            "HELIX_HOME": str(self.home),
            "HELIX_DATA": str(self.data),
            "HELIX_READ": str(folder),  # functions of tests wait for files of their test
            "HELIX_DATABASE": postgres.database(database, folder.name.replace("-", "_")),
            "HELIX_REDIS": f"redis://127.0.0.1:{self._redis_port}",
            "HELIX_URL": self.url,
            "HELIX_LEASE_SECONDS": "5",
            **environment,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self._running: list[subprocess.Popen[bytes]] = []
        self._clients: list[Client] = []

    def __enter__(self) -> Deployment:
        options = ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.start("redis", [redis_server(), *options])
        wait_until(self._redis_answers, "Redis answers")
        return self

    def _redis_answers(self) -> bool:
        with suppress(RedisError), Redis.from_url(self.environment["HELIX_REDIS"]) as client:
            return bool(client.ping())
        return False

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        for process in reversed(self._running):
            self.end(process)

    def start(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with this one at the latest; its output goes to a log of its name."""
        leashed = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command]
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                leashed, cwd=ROOT, env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._running.append(process)
        return process

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ``helixweb`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "helixweb.cli", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def web(self) -> subprocess.Popen[bytes]:
        """The web process, once it answers."""
        process = self.start("web", [sys.executable, "-m", "helixweb.cli", "web", "--port", str(self.port)])
        self.healthy("web", "--port", str(self.port))
        return process

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        """A worker, once it takes messages."""
        beat = {"HELIX_BEAT": str(self.folder / f"{name}.beat")}
        process = self.start(name, [sys.executable, "-m", "helixweb.cli", "worker"], **beat)
        self.healthy("worker", **beat)
        return process

    def healthy(self, *arguments: str, **environment: str) -> None:
        """Wait until `helixweb health` says so."""
        until(lambda: self.command("health", *arguments, **environment), lambda done: done.returncode == 0)

    def client(self) -> Client:
        """A new HTTP client that is signed in."""
        printed = self.command("token")
        assert printed.returncode == 0, printed.stderr
        client = Client(self.url, printed.stdout.strip().partition("#token=")[2])
        self._clients.append(client)
        return client

    @staticmethod
    def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end. Returns the exit status."""
        if process.poll() is None:
            process.send_signal(number)
        return process.wait(PATIENCE)
