"""The whole application as a user starts it: the supervisor on a free port, with a var folder of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import httpx
from websockets.sync.client import ClientConnection, connect

from tests import postgres
from tests.processes import children_of, command_of, descendants

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"HelixWeb is ready: (http://\S+)/sign-in#token=(\S+)")
PATIENCE = 60.0

T = TypeVar("T")


class Stack:
    """A running HelixWeb: ``url`` has no final slash, ``token`` was printed at its start, ``home`` is var folder."""

    def __init__(self, home: Path, data: Path, *, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self.home = home
        self.data = data
        self.url = ""
        self._environment = os.environ | {"HELIX_HOME": str(home), "HELIX_DATA": str(data), "PYTHONWARNINGS": "default"}
        self._environment.pop("DJANGO_SETTINGS_MODULE", None)
        self._environment["HELIX_READ"] = str(home.parent.parent)  # functions of tests wait for files of their test
        self._environment.update(postgres.database_of(home))
        self._environment.update(environment)
        self._clients: list[Client] = []
        self.lines: list[str] = []
        self._ready = threading.Event()
        self.token = ""
        self._deaf = False
        command = [sys.executable, "-m", "helixweb.cli", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(PATIENCE) or not self.token:
            self.stop()
            raise AssertionError("HelixWeb did not get ready:\n" + "\n".join(self.lines))

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def new_token(self) -> str:
        """A new single-use token, as `helixweb token` prints it."""
        done = self.command("token")
        done.check_returncode()
        return done.stdout.strip().partition("#token=")[2]

    def command(
        self, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        """What a command of ``helixweb`` did, given by somebody who works beside the application."""
        command = [sys.executable, "-m", "helixweb.cli", *arguments]
        known = self._environment | environment
        return subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)

    def sign_in_url(self) -> str:
        """A new address that signs a browser in, once."""
        return f"{self.url}/sign-in#token={self.new_token()}"

    def client(self) -> Client:
        """A new HTTP client that is signed in; it is closed when the application is stopped."""
        client = Client(self.url, self.new_token())
        self._clients.append(client)
        return client

    @contextmanager
    def socket(self, client: Client) -> Iterator[Socket]:
        """A new WebSocket of a signed-in client."""
        with connect(f"ws://127.0.0.1:{self.port}/ws", **handshake(self.url, client)) as connection:
            yield Socket(connection)

    def children(self) -> dict[str, int]:
        """The pids of the processes that the supervisor owns, by what they run."""
        found = {}
        for pid in children_of(self.process.pid):
            command = command_of(pid)
            for name in ("redis", "worker", "explorer", "web"):
                if ("redis-server" if name == "redis" else f"helixweb.{name}") in command:
                    found[name] = pid
        return found

    def family(self) -> set[int]:
        """Every process below the supervisor, however far down."""
        return descendants(self.process.pid)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the supervisor and wait for its end. Returns its exit status."""
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def deafen(self) -> None:
        """Close the pipe that the application logs to, once one more line has come through it."""
        self._deaf = True

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))
                found = READY.search(line)
                if found:
                    self.url, self.token = found[1], found[2]
                    self._ready.set()
                if self._deaf:
                    break
        self._ready.set()


class Client(httpx.Client):
    """An HTTP client that is signed in. Its helpers raise where the answer is an error."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(base_url=f"{url}/api", timeout=30.0)
        self.post("/session", json={"token": token}).raise_for_status()

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def created(self, template: str = "blank", name: str = "A workflow") -> dict[str, Any]:
        """A new workflow."""
        answer = self.post("/workflows", json={"name": name, "template": template})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def started(self, workflow: str, text: str, **options: Any) -> dict[str, Any]:
        """A run that was started."""
        answer = self.post(f"/workflows/{workflow}/runs", json={"text": text, **options})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def run(self, run: str) -> dict[str, Any]:
        return dict(self.get(f"/runs/{run}").raise_for_status().json())

    def finished(self, run: str) -> dict[str, Any]:
        """The run once it has ended."""
        return until(lambda: self.run(run), lambda found: found["status"] not in ("queued", "running"))


def handshake(origin: str, client: Client | None = None) -> dict[str, Any]:
    """What a page's WebSocket says of itself."""
    return {"origin": origin, "additional_headers": {"Cookie": client.cookie()} if client else {}}


class Socket:
    """The WebSocket of one browser tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def say(self, **message: Any) -> None:
        self._connection.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        """The next message. Raises ConnectionClosed where the server has closed the socket."""
        return dict(json.loads(self._connection.recv(PATIENCE)))

    def hear_of(self, kind: str) -> dict[str, Any]:
        """The next message of a type."""
        while True:
            message = self.hear()
            if message["type"] == kind:
                return message

    def follow(self, run: str, after: int = 0) -> Iterator[dict[str, Any]]:
        """A run's events above a number, as they come, to the run's end."""
        self.say(type="subscribe", run=run, after=after)
        while True:
            for numbered in self.hear_of("events")["events"]:
                yield numbered
                if numbered["event"]["type"] == "run_finished":
                    return


def until(look: Callable[[], T], good: Callable[[T], bool], patience: float = PATIENCE) -> T:
    """What ``look`` finds once it is good. Fails with the last thing found."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if good(found):
            return found
        assert time.monotonic() < end, f"still not so after {patience} s: {json.dumps(found, default=str)}"
        time.sleep(0.02)
