"""A run that ends by no fault of its own says so, so that it may be tried again; what hangs is not waited for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import alive, descendants, wait_until
from tests.workflows.execution.lab import Lab, Outcome, Recorder, Switch
from workflows.events import Event, NodeFailed, NodeStarted, RunFinished
from workflows.execution import supervision, warmserver
from workflows.execution.warmserver import WarmServer

TEXT = """
import os, subprocess, time
from pathlib import Path

rows = Dataset("iris")


def wait(frame):
    Path(HERE).write_text(str(os.getpid()) + "\\n")
    while not Path(GATE).exists():
        time.sleep(0.01)
    return len(frame)


slow = Reducer(rows, wait)
"""


@pytest.fixture
def own(lab: Lab) -> Iterator[WarmServer]:
    """A warm server of the test's own, which it may stop and kill."""
    with WarmServer() as server:
        lab.warm = server
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmserver, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(supervision, "_END_SECONDS", 0.5)


class Waiting:
    """A run whose node waits at a gate, and what is done as soon as it does."""

    def __init__(self, lab: Lab, folder: Path, then: Callable[[], None]) -> None:
        self.here, self.gate = folder / "here", folder / "gate"
        self.text = TEXT.replace("HERE", repr(str(self.here))).replace("GATE", repr(str(self.gate)))
        self.sink = Recorder()
        self.sink.listeners.append(self._listen)
        self._lab, self._then = lab, then

    def _listen(self, event: Event) -> None:
        if isinstance(event, NodeStarted) and event.node == "slow":
            wait_until(lambda: self.here.exists() and self.here.read_text().endswith("\n"), "the node waits")
            self._then()

    def run(self, switch: Switch | None = None) -> Outcome:
        return self._lab.run(self.text, sink=self.sink, cancellation=switch)


def send(server: WarmServer, number: signal.Signals) -> None:
    assert server.pid is not None
    os.kill(server.pid, number)


def below(server: WarmServer) -> set[int]:
    assert server.pid is not None
    return descendants(server.pid)


def warmed(lab: Lab) -> None:
    """Have the server loaded, so that it is known to answer at once."""
    assert lab.succeed('rows = Dataset("iris")\nn = Reducer(rows, lambda frame: len(frame))\n').result.outputs == {
        "n": 150
    }


def test_a_run_whose_warm_server_is_killed_is_interrupted_and_blames_no_node(
    lab: Lab, own: WarmServer, tmp_path: Path
) -> None:
    waiting = Waiting(lab, tmp_path, lambda: send(own, signal.SIGKILL))
    outcome = waiting.run()
    assert (outcome.result.status, outcome.result.interrupted) == ("failed", True)
    assert "ended, or hung" in (outcome.result.error or "")
    assert outcome.sink.of(NodeFailed) == []
    assert {node.status for node in outcome.result.nodes} <= {"done", "skipped"}
    assert isinstance(outcome.sink.events[-1], RunFinished)
    waiting.gate.touch()
    again = lab.succeed(waiting.text)
    assert (again.result.outputs, again.result.interrupted) == ({"slow": 150}, False)


def test_a_run_process_that_is_killed_is_no_interruption(lab: Lab, own: WarmServer, tmp_path: Path) -> None:
    def kill() -> None:
        for pid in below(own):
            os.kill(pid, signal.SIGKILL)

    outcome = Waiting(lab, tmp_path, kill).run()
    assert (outcome.result.status, outcome.result.interrupted) == ("failed", False)
    assert outcome.failures["slow"].code == "process-ended"


@pytest.mark.usefixtures("impatient")
def test_a_warm_server_that_hangs_before_a_run_is_replaced(lab: Lab, own: WarmServer) -> None:
    warmed(lab)
    hung = own.pid
    assert hung is not None
    send(own, signal.SIGSTOP)
    assert lab.succeed('rows = Dataset("iris")\nn = Reducer(rows, lambda frame: len(frame) + 1)\n').result.outputs == {
        "n": 151
    }
    assert own.pid != hung
    assert not alive(hung)


@pytest.mark.usefixtures("impatient")
def test_a_run_is_cancelled_though_its_warm_server_hangs(lab: Lab, own: WarmServer, tmp_path: Path) -> None:
    switch, processes = Switch(), set[int]()

    def hang() -> None:
        processes.update(below(own))
        send(own, signal.SIGSTOP)
        switch.on = True

    outcome = Waiting(lab, tmp_path, hang).run(switch)
    assert outcome.result.status == "cancelled"
    assert processes
    wait_until(lambda: not any(map(alive, processes)), "the run process is gone")
    warmed(lab)


@pytest.mark.usefixtures("impatient")
def test_a_run_that_comes_to_its_end_needs_no_warm_server_for_it(lab: Lab, own: WarmServer, tmp_path: Path) -> None:
    def hang() -> None:
        send(own, signal.SIGSTOP)
        waiting.gate.touch()

    waiting = Waiting(lab, tmp_path, hang)
    outcome = waiting.run()
    assert (outcome.result.status, outcome.result.outputs) == ("succeeded", {"slow": 150})
    warmed(lab)


@pytest.mark.usefixtures("impatient")
def test_a_run_whose_process_dies_under_a_warm_server_that_hangs_is_interrupted(
    lab: Lab, own: WarmServer, tmp_path: Path
) -> None:
    def hang() -> None:
        processes = below(own)
        send(own, signal.SIGSTOP)
        for pid in processes:
            os.kill(pid, signal.SIGKILL)

    outcome = Waiting(lab, tmp_path, hang).run()
    assert (outcome.result.status, outcome.result.interrupted) == ("failed", True)
    warmed(lab)


def test_what_a_run_left_behind_ends_with_its_warm_server_though_that_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    text = TEXT.replace("HERE", repr(str(tmp_path / "here"))).replace("GATE", repr(str(tmp_path / "gate")))
    started = "[subprocess.Popen(['sleep', '1000'], start_new_session=new).pid for new in (True, False)]"
    text = text.replace(
        "    while", f"    Path({str(pids)!r}).write_text(' '.join(map(str, {started})) + '\\n')\n    while"
    )
    script = textwrap.dedent(
        f"""
        import os, signal, sys, threading, time
        from pathlib import Path
        from workflows.execution.orphans import adopt_orphans, end_orphans
        from workflows.execution.runner import Isolation, prepare, run
        from workflows.execution.warmserver import WarmServer
        from workflows.store.filesystem import FileStore
        from tests.workflows.execution.lab import Recorder

        adopt_orphans()
        store, data, pids = FileStore(Path({str(tmp_path / "store")!r})), Path({str(tmp_path)!r}), Path({str(pids)!r})
        prepared = prepare({text!r}, store=store, data_root=data, workflow="w", hash_files=True)
        warm = WarmServer(ended=lambda: end_orphans(own=[os.getpgrp()]))

        def kill():
            while not (pids.exists() and pids.read_text().endswith("\\n")):
                time.sleep(0.01)
            os.kill(warm.pid, signal.SIGKILL)

        threading.Thread(target=kill).start()
        open = Isolation("off")  # in a sandbox nothing is left behind anyway
        assert run(prepared, store=store, data_root=data, sink=Recorder(), warm=warm, isolation=open).interrupted
        left = [pid for pid in pids.read_text().split() if Path("/proc", pid).exists()]
        assert left == [], left
        """
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root, timeout=120)
