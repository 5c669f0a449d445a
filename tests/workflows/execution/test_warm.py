"""The warm server: a clean environment, a fresh process for each run, and an end with its supervisor."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.processes import alive, wait_until
from workflows.execution.protocol import Ready, Terms, decode
from workflows.execution.sandbox import View
from workflows.execution.warmserver import Exit, RunProcess, WarmServer, clean_environment


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    view = View((), tmp_path)
    view.prepare()
    return Terms(tmp_path, 256)


def known(process: RunProcess) -> bool:
    process.look()
    return process.pid is not None


def ready(process: RunProcess) -> int:
    """Wait until the process is there; its id."""
    line = process.channel.recv(4096)
    assert decode(line.rstrip(b"\n")) == Ready()
    wait_until(lambda: known(process), "its id is known")
    assert process.pid is not None
    return process.pid


def test_the_environment_is_built_by_names_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("TZ", "UTC")
    environment = clean_environment()
    assert "SECRET_KEY" not in environment
    assert environment["TZ"] == "UTC"
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "1"


def test_each_run_has_a_process_of_its_own_in_a_group_of_its_own(warm: WarmServer, terms: Terms) -> None:
    with warm.fork_run(terms) as one, warm.fork_run(terms) as other:
        pids = {ready(one), ready(other)}
        assert len(pids) == 2
        assert {os.getpgid(pid) for pid in pids} == pids


def test_a_killed_process_is_told_of_with_its_signal(warm: WarmServer, terms: Terms) -> None:
    with warm.fork_run(terms) as process:
        pid = ready(process)
        process.kill()
        assert process.ended(20) == Exit(None, signal.SIGKILL)
        assert not alive(pid)


def test_letting_go_of_a_process_ends_it(warm: WarmServer, terms: Terms) -> None:
    with warm.fork_run(terms) as process:
        pid = ready(process)
    wait_until(lambda: not alive(pid), "the process is gone")


def test_a_stopped_process_is_killed_too(warm: WarmServer, terms: Terms) -> None:
    with warm.fork_run(terms) as process:
        pid = ready(process)
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: not alive(pid), "the process is gone")


def test_closing_ends_the_server_and_its_processes(terms: Terms) -> None:
    with WarmServer() as server, server.fork_run(terms) as process:
        pids = [ready(process), server.pid]
        server.close()
        wait_until(lambda: not any(alive(pid) for pid in pids if pid), "both are gone")


def test_a_server_that_died_is_started_again_and_its_processes_died_with_it(terms: Terms) -> None:
    with WarmServer() as server:
        with server.fork_run(terms) as process:
            pid, first = ready(process), server.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            ending = process.ended(20)
            assert ending is not None
            assert ending.with_server
            wait_until(lambda: not alive(pid), "the process is gone")
        with server.fork_run(terms) as process:
            assert ready(process) != pid
            assert server.pid != first


def test_the_server_has_one_thread_of_python(warm: WarmServer, terms: Terms) -> None:
    with warm.fork_run(terms) as process:
        ready(process)
        tasks = Path(f"/proc/{warm.pid}/task")
        names = sorted((task / "comm").read_text().strip() for task in tasks.iterdir())
        assert [name for name in names if name.startswith("python")] == ["python"], names
