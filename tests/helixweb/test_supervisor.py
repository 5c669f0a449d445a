from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from helixweb import places
from tests.helixweb.workflow_texts import DOUBLED, gated, write_table
from tests.processes import alive, sockets_of
from tests.stack import PATIENCE, ROOT, Stack, until

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stack]:
    """An application that this test alone may break."""
    running = Stack(tmp_path / "var", tmp_path / "data", environment={"HELIX_LEASE_SECONDS": "5"})
    yield running
    running.stop(signal.SIGKILL)


def gone(pids: set[int]) -> None:
    until(lambda: {pid for pid in pids if alive(pid)}, lambda left: not left)


def serve(home: Path, port: object = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "helixweb.cli", "serve", "--port", str(port)]
    whole = os.environ | {"HELIX_HOME": str(home)} | environment
    del whole["DJANGO_SETTINGS_MODULE"]  # the tests' own
    return subprocess.run(command, cwd=ROOT, env=whole, capture_output=True, text=True, timeout=PATIENCE, check=False)


def healthy(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url}/api/health").status_code == 200
    except httpx.TransportError:
        return False


def kill(stack: Stack, name: str, number: signal.Signals) -> None:
    """Send a signal to a child, and wait until another one has taken its place."""
    before = until(stack.children, lambda children: name in children)[name]
    os.kill(before, number)
    until(stack.children, lambda children: children.get(name, before) != before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_behind_however_the_supervisor_ends(own: Stack, number: signal.Signals, tmp_path: Path) -> None:
    write_table(own.data)
    client = own.client()
    run = client.started(client.created()["id"], gated(tmp_path / "never"))["id"]
    until(lambda: client.run(run)["status"], lambda status: status == "running")
    family = own.family()
    assert len(family) >= 4
    status = own.stop(number)
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0), "\n".join(own.lines[-40:])
    gone(family)


def test_a_child_that_is_killed_is_started_again_and_the_application_goes_on(own: Stack) -> None:
    client = own.client()
    workflow = client.created(name="kept")
    for name in ("web", "redis", "worker", "explorer"):
        kill(own, name, signal.SIGKILL)
        until(lambda: healthy(own), bool)
    assert client.get(f"/workflows/{workflow['id']}").json()["name"] == "kept"


def test_a_child_that_dies_again_and_again_is_told_of_and_the_others_go_on(own: Stack) -> None:
    for _ in range(5):
        kill(own, "worker", signal.SIGKILL)
    until(lambda: [line for line in own.lines if "worker ended 5 times in a row" in line], bool)
    assert healthy(own)
    client = own.client()
    write_table(own.data)
    assert client.finished(client.started(client.created()["id"], DOUBLED)["id"])["status"] == "succeeded"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_whose_worker_ends_is_taken_up_by_the_next_one(
    own: Stack, number: signal.Signals, tmp_path: Path
) -> None:
    write_table(own.data)
    client = own.client()
    gate = tmp_path / "gate"
    run = client.started(client.created()["id"], gated(gate))["id"]
    until(lambda: client.run(run)["nodes"], bool)
    kill(own, "worker", number)
    gate.touch()
    assert client.finished(run)["status"] == "succeeded"
    events = client.get(f"/runs/{run}/events").json()["events"]
    assert [each["number"] for each in events] == list(range(1, len(events) + 1))
    attempts = [each["event"]["attempt"] for each in events if each["event"]["type"] == "run_started"]
    assert attempts == ([1, 1] if number == signal.SIGTERM else [1, 2])  # being told to end is no failed attempt


def test_a_run_loses_nothing_when_redis_is_lost(own: Stack, tmp_path: Path) -> None:
    write_table(own.data)
    client = own.client()
    gate = tmp_path / "gate"
    run = client.started(client.created()["id"], gated(gate))["id"]
    until(lambda: client.run(run)["nodes"], bool)
    kill(own, "redis", signal.SIGKILL)
    gate.touch()
    assert client.finished(run)["status"] == "succeeded"
    other = client.started(client.created()["id"], DOUBLED)["id"]
    with own.socket(client) as socket:
        assert list(socket.follow(other))[-1]["event"]["status"] == "succeeded"


def test_it_starts_again_on_what_a_killed_one_left(tmp_path: Path) -> None:
    first = Stack(tmp_path / "var", tmp_path / "data")
    client = first.client()
    cookies = client.cookies
    workflow = client.created(name="kept")
    family = first.family()
    first.stop(signal.SIGKILL)
    gone(family)
    second = Stack(tmp_path / "var", tmp_path / "data")
    try:
        answer = httpx.get(f"{second.url}/api/workflows", cookies=cookies)
        assert answer.status_code == 200
        assert workflow["id"] in {each["id"] for each in answer.json()}
    finally:
        assert second.stop() == 0


def test_the_token_that_was_printed_signs_in_once(own: Stack) -> None:
    statuses = [
        httpx.post(f"{own.url}/api/session", json={"token": token}).status_code
        for token in (own.token, own.token, own.new_token())
    ]
    assert statuses == [204, 401, 204]
    assert sum(own.token in line for line in own.lines) == 1


def test_a_second_supervisor_of_the_same_folder_says_where_the_first_one_serves(stack: Stack) -> None:
    done = serve(stack.home)
    assert done.returncode == 1
    assert f"http://127.0.0.1:{stack.port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert healthy(stack)


def test_a_port_that_is_taken_is_told_kindly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(tmp_path / "var", port)
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert f"HELIX_PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_used_is_told_kindly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = serve(tmp_path / "file" / "var")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be used: not a directory. HELIX_HOME names another place." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("HELIX_LEASE_SECONDS", "long"), ("HELIX_HUNG_SECONDS", "never"), ("HELIX_LOG_LEVEL", "loud")]
)
def test_a_setting_that_makes_no_sense_is_told_kindly(tmp_path: Path, name: str, value: str) -> None:
    done = serve(tmp_path / "var", **{name: value})
    assert done.returncode == 1
    assert f"{name} is " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_a_port_that_is_none_is_wrong_usage(tmp_path: Path, port: str) -> None:
    done = serve(tmp_path / "var", port)
    assert done.returncode == 2
    assert "a port is a number up to 65535" in done.stderr


def test_it_goes_on_when_nobody_reads_its_log_any_more(own: Stack) -> None:
    own.deafen()
    for name in ("worker", "explorer", "web"):
        kill(own, name, signal.SIGKILL)
        until(lambda: healthy(own), bool)
    family = own.family()
    assert own.stop() == 0
    gone(family)


def test_a_home_of_any_length_and_with_spaces_serves_and_runs(tmp_path: Path) -> None:
    home = tmp_path / ("a folder with a long name " * 8) / ("é" * 60)
    running = Stack(home, tmp_path / "data")
    try:
        write_table(running.data)
        client = running.client()
        run = client.started(client.created()["id"], DOUBLED)["id"]
        assert client.finished(run)["status"] == "succeeded"
    finally:
        assert running.stop() == 0


def test_what_lies_in_the_var_folder_is_its_owners_alone(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stack.home.stat().st_mode & 0o077 == 0
    assert (stack.home / "secret-key").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("HELIX_HOME", str(stack.home))
    assert places.redis_socket().is_socket()
    assert places.redis_socket().parent.stat().st_mode & 0o077 == 0


def test_only_the_loopback_address_is_listened_on(stack: Stack) -> None:
    inodes = set().union(*(sockets_of(pid) for pid in stack.family() | {stack.process.pid}))
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in inodes
    ]
    assert listening == [f"0100007F:{stack.port:04X}"]
