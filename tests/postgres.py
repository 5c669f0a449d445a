"""A PostgreSQL server of the tests' own, in a temporary folder, on a free port of 127.0.0.1, gone with who started it.

``python -m tests.postgres COMMAND ARGUMENTS…`` runs a command with HELIX_DATABASE at such a server.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from helixweb import addresses

PATIENCE = 60.0
USER = "helix"
# Nothing is kept beyond the session, so nothing waits for a disk.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "lock_timeout": "20s",  # who waits for longer has met a deadlock, and is told
    "shared_buffers": "64MB",
}


def server() -> str:
    """Where a server's address is: HELIX_DATABASE."""
    return os.environ[addresses.DATABASE]


@contextmanager
def running() -> Iterator[str]:
    """The address of a database ``helix`` on a new server."""
    folder = Path(tempfile.mkdtemp(prefix="helix-postgres-"))
    process = None
    try:
        password = secrets.token_urlsafe(16)
        account = _account(folder)
        _initialise(folder, password, account)
        process, port = _start(folder, password, account)
        address = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
        yield database(address, "helix")
    finally:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # a fast end: who is still connected is cut off
            process.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def database(address: str, name: str) -> str:
    """The address of a database of that name on the server of another one; made where there is none."""
    with psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{address.rpartition('/')[0]}/{name}"


def database_of(home: Path) -> dict[str, str]:
    """What a HelixWeb with this var folder finds in its environment: a database of its own, where a server is named."""
    if addresses.DATABASE not in os.environ:
        return {}
    return {addresses.DATABASE: database(server(), f"helix_{sha256(os.fsencode(home)).hexdigest()[:12]}")}


def _binary(name: str) -> str:
    """A program of the server, on the PATH or where Debian's package puts it, the newest first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, packaged), os.environ["PATH"]]))
    assert found, f"no {name}: run `make test`, which installs PostgreSQL, or put its programs on the PATH"
    return found


def _account(folder: Path) -> dict[str, Any]:
    """As whom the server runs, as options of a process: it refuses to be root."""
    if os.getuid() != 0:
        return {}
    known = {each.pw_name: each for each in pwd.getpwall()}
    account = known.get("postgres") or known["nobody"]
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(folder: Path, password: str, account: dict[str, Any]) -> None:
    file = folder / "password"
    file.write_text(password)
    if account:
        os.chown(file, account["user"], account["group"])
    command = [_binary("initdb"), "--pgdata", str(folder / "data"), "--username", USER, "--no-sync"]
    command += ["--auth", "scram-sha-256", "--pwfile", str(file), "--locale", "C", "--encoding", "UTF8"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE, **account)
    assert done.returncode == 0, done.stderr


def _start(folder: Path, password: str, account: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """A server that answers, and its port."""
    for _ in range(5):
        port = free_port()
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        command = [_binary("postgres"), "-D", str(folder / "data"), "-p", str(port), *options]
        # util-linux's leash, not ours: an account without rights may be unable to read our Python or the checkout.
        leashed = ["setpriv", "--pdeathsig", "KILL", "--", *command]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(leashed, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **account)
        if _answers(process, port, password):
            return process, port
    raise AssertionError((folder / "log").read_text())


def _answers(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    """Whether a server gets ready; False where it has ended, since its port was taken meanwhile."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            psycopg.connect(f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, "PostgreSQL does not get ready"
            time.sleep(0.05)
        else:
            return True
    return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    with (
        running() as address,
        subprocess.Popen(sys.argv[1:], env=os.environ | {addresses.DATABASE: address}) as command,
    ):
        signal.signal(signal.SIGTERM, lambda *_: command.terminate())
        return command.wait()


if __name__ == "__main__":
    sys.exit(main())
