"""The sandbox: what a function must not do is refused, what it may do works, and without one nothing is pretended.

Where this machine can make no sandbox, a run that requires one is refused: then that is what each test finds.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.processes import alive
from tests.workflows.execution.lab import CENSUS, Lab, Outcome
from workflows.execution import sandbox
from workflows.execution.runner import Isolation
from workflows.execution.warmserver import WarmServer

TEXT = """\
import ctypes, os, signal, socket, subprocess
rows = Dataset("iris")
PLACE = {place}

def look(frame):
    try:
        return {attempt}
    except OSError as error:
        return type(error).__name__

n = Reducer(rows, look)
"""
REFUSALS = {"FileNotFoundError", "PermissionError", "ProcessLookupError", "ConnectionRefusedError", "OSError"}


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        yield server


@pytest.fixture
def place(lab: Lab, tmp_path: Path, listening: socket.socket) -> dict[str, Any]:
    """What there is to be got at, outside the sandbox."""
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    (lab.data / "table.csv").write_text("x\n1\n")
    (tmp_path / "secret").write_text("hunter2")
    return {
        "store": str(lab.root),
        "data": str(lab.data),
        "outside": str(tmp_path),
        "port": listening.getsockname()[1],
        "supervisor": os.getpid(),
        "way": (*Path(sys.base_prefix).parts, "")[2],  # Python may lie in /root: it is shown, and the way there
    }


def attempted(lab: Lab, attempt: str, place: dict[str, Any], mode: sandbox.Mode = "require") -> Any:
    """What a function found. Where there is no sandbox: a refusal, after the run was found to be refused."""
    lab.isolation = Isolation(mode)
    outcome = lab.run(TEXT.format(attempt=attempt, place=place), reuse=False)
    if mode == "require" and sandbox.probe() is not None:
        refused(outcome)
        return None
    assert outcome.result.status == "succeeded", outcome.result.error
    return outcome.result.outputs["n"]


def digests(outcome: Outcome) -> dict[str, str | None]:
    """Of all results but models, whose archives carry the time at which they were made."""
    return {node.name: node.digest for node in outcome.result.nodes if node.operator != "Learner"}


def refused(outcome: Outcome) -> None:
    assert outcome.result.status == "failed"
    assert "there is no sandbox" in (outcome.result.error or "")
    assert {node.status for node in outcome.result.nodes} == {"skipped"}


REACHES = (
    "socket.create_connection(('127.0.0.1', PLACE['port']), 2).fileno() > 0",
    "open(PLACE['store'] + '/key', 'rb').read(1) != b''",
    "open(PLACE['store'] + '/catalog.sqlite', 'rb').read(1) != b''",
    "os.listdir(PLACE['store'] + '/packs') is not None",
    "open(PLACE['outside'] + '/secret').read() == 'hunter2'",
    "open(PLACE['data'] + '/new', 'w').write('x') == 1",
    "open(PLACE['data'] + '/table.csv', 'a').write('x') == 1",
    "open(f'/proc/{PLACE[\"supervisor\"]}/environ', 'rb').read(1) != b''",
    "os.kill(PLACE['supervisor'], 0) is None",
)


@pytest.mark.parametrize("attempt", REACHES)
def test_what_a_function_reaches_without_a_sandbox_it_does_not_reach_in_one(
    lab: Lab, place: dict[str, Any], attempt: str
) -> None:
    assert attempted(lab, attempt, place) in (None, *REFUSALS)
    assert attempted(lab, attempt, place, "off") is True


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), 2).fileno()",
        "socket.getaddrinfo('example.org', 80)",
        "open('/etc/passwd').read()",
        "open('/etc/shadow').read()",
        "os.listdir('/home')",
        "set(os.listdir('/root')) - {PLACE['way']} or open('/no/file')",
        "os.listdir('/sys')",
        "os.listdir('/var')",
        "open('/x', 'w')",
        "open('/usr/x', 'w')",
        "open('/dev/x', 'w')",
        "open('/proc/sys/kernel/hostname', 'w').write('x')",
        "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/true')",
        "open('/proc/sysrq-trigger', 'w').write('h')",
        "open('/proc/self/oom_score_adj', 'w').write('-1')",
        "open('/proc/kcore', 'rb').read(1)",
        "os.mknod('null', 0o20666, os.makedev(1, 3)) or open('null', 'w').write('x')",
        "os.chroot('.')",
        "os.chown('.', 12345, 12345)",
        "os.open('/proc/1/root/etc/passwd', os.O_RDONLY)",
        "socket.sethostname('x')",
    ],
)
def test_nothing_of_the_machine_is_reached(lab: Lab, place: dict[str, Any], attempt: str) -> None:
    assert attempted(lab, attempt, place) in (None, "gaierror", *REFUSALS)


@pytest.mark.parametrize(
    "call",
    [
        "umount2(b'/proc', 2)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "unshare(0x20000)",
        "setns(os.open('/proc/1/ns/mnt', os.O_RDONLY), 0)",
        "reboot(0x1234567)",
        "syscall(272, 0x20000000)",
    ],
)
def test_the_kernel_refuses_what_would_open_the_sandbox(lab: Lab, place: dict[str, Any], call: str) -> None:
    assert attempted(lab, f"ctypes.CDLL(None).{call}", place) in (None, -1, *REFUSALS)


def test_no_process_is_seen_but_those_of_the_run(lab: Lab, place: dict[str, Any]) -> None:
    listed = "[open(f'/proc/{pid}/comm').read().strip() for pid in os.listdir('/proc') if pid.isdigit()]"
    found = attempted(lab, listed, place)
    assert found is None or sorted(set(found) - {"python", "python3"}) == ["bwrap", "cat"]


def test_no_process_of_a_run_has_any_right_over_the_sandbox(lab: Lab, place: dict[str, Any]) -> None:
    status = "open(f'/proc/{pid}/status').read()"
    rights = f"[{status}.split('CapPrm:')[1].split()[0] for pid in os.listdir('/proc') if pid.isdigit()]"
    found = attempted(lab, rights, place)
    assert found is None or set(found) == {"0" * 16}


def test_a_function_that_kills_all_it_can_reach_ends_its_own_run_alone(lab: Lab, place: dict[str, Any]) -> None:
    lab.isolation = Isolation("require")
    killing = TEXT.format(attempt="[os.kill(-1, 9), os.killpg(0, 9)]", place=place)
    outcome = lab.run(killing)
    if sandbox.probe() is not None:
        return refused(outcome)
    assert outcome.failures["n"].code == "process-ended"
    assert lab.warm.pid is not None
    assert alive(lab.warm.pid)
    assert attempted(lab, "len(frame)", place) == 150
    return None


def test_a_run_sees_no_other_runs_files(lab: Lab, place: dict[str, Any]) -> None:
    def one(number: int) -> Any:
        other = Lab(lab.root, lab.data, lab.warm)
        write = "[open('/tmp/mine', 'w').close(), open('mine', 'w').close(), open('/dev/shm/mine', 'w').close()]"
        seen = "(sum(len(os.listdir(d)) for d in ('.', '/dev/shm')), 'mine' in os.listdir('/tmp'), "
        staged = "os.listdir(PLACE['store'] + '/staging'))"
        try:
            return attempted(other, f"len({write}) and {seen}{staged}", {**place, "number": number})
        finally:
            other.store.close()

    with ThreadPoolExecutor(2) as threads:
        found = [each for each in threads.map(one, range(4)) if each is not None]
    assert all((files, temporary, len(staging)) == (2, True, 1) for files, temporary, staging in found)
    assert len({staging[0] for *_, staging in found}) == len(found)
    assert not Path("/tmp/mine").exists()
    assert not Path("/dev/shm/mine").exists()


def test_what_is_discarded_with_the_run_leaves_nothing(lab: Lab, place: dict[str, Any]) -> None:
    attempted(lab, "subprocess.run(['sh', '-c', 'echo x > a; echo x > /tmp/b; sleep 1000 &']).returncode", place)
    lab.warm.reserve.close()
    own = [folder for folder in (lab.root / "staging").iterdir() if any(folder.iterdir())]
    assert own == []


def test_a_workflow_gives_the_same_in_a_sandbox_and_is_reused(lab: Lab, tmp_path: Path) -> None:
    free = lab.succeed(CENSUS, policy="all")
    other = Lab(tmp_path / "other", lab.data, lab.warm, Isolation("require"))
    try:
        first = other.run(CENSUS, policy="all")
        if sandbox.probe() is not None:
            return refused(first)
        assert first.result.outputs == free.result.outputs
        assert digests(first) == digests(free)
        count = "\ndef count(frame):\n    return len(frame)\n\n"
        edited = f"{CENSUS}{count}more = Reducer(predictions, count)\nOutput(more)\n"
        again = other.succeed(edited, policy="all")  # reads what was stored, memory-mapped
        assert again.with_action("compute") == {"more"}
    finally:
        other.store.close()
    return None


def test_links_in_the_data_folder_are_followed_and_files_outside_are_told(lab: Lab, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.csv").write_text("x\n1\n2\n")
    data = tmp_path / "data"
    data.mkdir()
    (data / "linked").symlink_to(elsewhere)
    lab.data, lab.isolation = data, Isolation("require")
    count = "def count(frame):\n    return len(frame)\n\n"

    def reading(path: str) -> Outcome:
        return lab.run(f'rows = CSVScanner(FileSource("{path}"))\n{count}n = Reducer(rows, count)\n')

    first = reading("linked/a.csv")
    if sandbox.probe() is not None:
        return refused(first)
    assert first.result.outputs == {"n": 2}
    (elsewhere / "a.csv").write_text("x\n1\n2\n3\n")
    failed = next(iter(reading(str(elsewhere / "a.csv")).failures.values()))
    assert f"{elsewhere}/a.csv is outside the data folder {data}" in failed.message
    assert "HELIX_READ" in failed.message
    lab.isolation = Isolation("require", read=(elsewhere,))
    assert reading("../elsewhere/a.csv").result.outputs == {"n": 3}
    return None


def test_the_store_is_hidden_even_where_it_lies_in_the_data_folder(lab: Lab, place: dict[str, Any]) -> None:
    lab.data = lab.root.parent
    assert attempted(lab, "open(PLACE['store'] + '/key', 'rb').read(1)", place) in (None, "FileNotFoundError")
    assert attempted(lab, "open(PLACE['outside'] + '/secret').read()", place) in (None, "hunter2")


def test_modules_of_lib_are_seen(lab: Lab, tmp_path: Path) -> None:
    library = tmp_path / "workspace" / "lib"
    library.mkdir(parents=True)
    (library / "ours.py").write_text("def two():\n    return 2\n")
    lab.isolation = Isolation("require")
    text = 'from ours import two\nrows = Dataset("iris")\n\ndef f(frame):\n    return two()\n\nn = Reducer(rows, f)\n'
    outcome = lab.run(text, lib=library)
    if sandbox.probe() is not None:
        return refused(outcome)
    assert outcome.result.outputs == {"n": 2}
    return None


def test_a_run_that_requires_a_sandbox_is_refused_where_bubblewrap_is_missing(
    lab: Lab, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.probe.cache_clear()
    try:
        lab.isolation = Isolation("require")
        outcome = lab.run(TEXT.format(attempt="1", place=place))
        refused(outcome)
        assert "apt-get install bubblewrap" in (outcome.result.error or "")
        assert Isolation("auto").missing == sandbox.probe()
        assert attempted(lab, "os.getpid() > 3", place, "auto") is True
    finally:
        sandbox.probe.cache_clear()


def test_a_sandbox_that_cannot_be_made_after_all_fails_the_run_and_nothing_runs(
    lab: Lab, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox.probe()  # tried while there is one
    trace = tmp_path / "trace"
    monkeypatch.setenv("PATH", str(tmp_path))
    with WarmServer() as own:
        lab.warm, lab.isolation = own, Isolation("require")
        outcome = lab.run(TEXT.format(attempt=f"open({str(trace)!r}, 'w').close()", place=place))
    assert outcome.result.status == "failed"
    assert "no bubblewrap" in (outcome.result.error or "") or sandbox.probe() is not None
    assert not trace.exists()


def test_the_arguments_hide_after_they_show_what_is_above_and_show_what_is_below(tmp_path: Path) -> None:
    (tmp_path / "var" / "staging").mkdir(parents=True)
    (tmp_path / "var" / "blob").touch()
    view = sandbox.View((tmp_path, tmp_path / "var" / "blob"), tmp_path / "var" / "staging", (tmp_path / "var",))
    words = sandbox.arguments(view)
    places = [words.index(str(path)) for path in (tmp_path, tmp_path / "var", tmp_path / "var" / "blob")]
    assert places == sorted(places)
    assert json.dumps(words)
