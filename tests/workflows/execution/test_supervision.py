"""A run process is ended when it is to be ended, with all it started; how it ended is told at the node that ran."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.processes import alive, descendants, wait_until
from tests.workflows.execution.lab import Lab, Outcome, Recorder, Switch
from workflows.events import Event, MetricRecorded, NodeStarted, NodeStatus, RunFinished
from workflows.execution.protocol import PartStaged, encode
from workflows.execution.runner import Limits
from workflows.execution.warmserver import WarmServer

ROWS = 'import os, signal, subprocess, time\nrows = Dataset("iris")\nwidth = Field(rows, "petal width (cm)")\n'
COUNT = "def count(frame):\n    return len(frame)\n\n"
NODES = "slow = Reducer(rows, wait)\nafter = Reducer(slow, count)\nquick = Reducer(width, count)\n"


def waiting(*statements: str) -> str:
    body = "".join(f"    {statement}\n" for statement in statements)
    return f"{ROWS}def wait(frame):\n{body}\n{COUNT}{NODES}"


def statuses(outcome: Outcome) -> dict[str, NodeStatus]:
    return {node.name: node.status for node in outcome.result.nodes}


def test_a_cancelled_run_ends_with_all_it_started_and_keeps_what_was_complete(lab: Lab, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    text = waiting(
        "child = subprocess.Popen(['sleep', '1000'])",
        "stranger = subprocess.Popen(['sleep', '1000'], start_new_session=True)",
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} {{stranger.pid}}\\n')",
        "time.sleep(1000)",
    )
    switch = Switch()
    sink = Recorder()

    def cancel_when_it_waits(event: Event) -> None:
        if isinstance(event, NodeStarted) and event.node == "slow":
            wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"), "the node waits")
            switch.on = True

    sink.listeners.append(cancel_when_it_waits)
    outcome = lab.run(text, cancellation=switch, sink=sink)
    assert outcome.result.status == "cancelled"
    assert statuses(outcome)["slow"] == statuses(outcome)["after"] == "skipped"
    assert isinstance(sink.events[-1], RunFinished)
    for pid in map(int, pids.read_text().split()):
        wait_until(lambda pid=pid: not alive(pid), f"process {pid} is gone")  # type: ignore[misc]


def test_a_run_cancelled_before_it_began_computes_nothing(lab: Lab) -> None:
    outcome = lab.run(waiting("time.sleep(1000)"), cancellation=Switch(on=True))
    assert outcome.result.status == "cancelled"


def test_native_code_that_holds_the_interpreter_is_cancelled_too(lab: Lab) -> None:
    text = waiting("import ctypes", "ctypes.PyDLL(None).sleep(1000)")
    switch = Switch()
    sink = Recorder()

    def cancel(event: Event) -> None:
        switch.on = switch.on or (isinstance(event, NodeStarted) and event.node == "slow")

    sink.listeners.append(cancel)
    assert lab.run(text, cancellation=switch, sink=sink).result.status == "cancelled"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("os._exit(3)", "ended by itself with status 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed: by its own code"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "signal 15"),
    ],
)
def test_a_run_process_that_dies_fails_the_node_that_ran(lab: Lab, statement: str, problem: str) -> None:
    text = waiting(statement)
    outcome = lab.run(text)
    failed = outcome.failures["slow"]
    assert outcome.result.status == "failed"
    assert failed.code == "process-ended"
    assert problem in failed.message
    assert failed.line == text[: text.index("slow =")].count("\n") + 1
    assert statuses(outcome)["after"] == "skipped"
    assert lab.succeed(f"{ROWS}{COUNT}n = Reducer(rows, count)\n").result.outputs == {"n": 150}


def test_an_allocation_beyond_the_limit_fails_its_node_alone(lab: Lab) -> None:
    outcome = lab.run(waiting("return bytes(3 << 30).count(1)"), limits=Limits(memory=2 << 30))
    failed = outcome.failures["slow"]
    assert (failed.code, failed.line) == ("out-of-memory", 5)
    assert "2.15 GB" in failed.message
    assert "--memory" in failed.message
    assert outcome.result.outputs == {"quick": 150}


def test_resident_memory_beyond_the_limit_ends_the_run(lab: Lab) -> None:
    fill = "[memory.write(bytes(1 << 20)) for _ in range(2048)]"  # shared memory, which RLIMIT_DATA does not count
    text = waiting("import mmap", "memory = mmap.mmap(-1, 2 << 30)", fill, "time.sleep(1000)")
    outcome = lab.run(text, limits=Limits(memory=1 << 30))
    assert outcome.failures["slow"].code == "out-of-memory"
    assert "1.07 GB" in outcome.failures["slow"].message


def test_a_run_beyond_its_time_is_ended(lab: Lab) -> None:
    outcome = lab.run(waiting("time.sleep(1000)"), limits=Limits(wall_seconds=0.5))
    assert outcome.failures["slow"].code == "time-limit"
    assert "0.5 s" in outcome.failures["slow"].message


def test_a_run_beyond_its_processor_time_is_ended(lab: Lab) -> None:
    outcome = lab.run(waiting("while True: pass"), limits=Limits(cpu_seconds=1))
    assert "processor time" in outcome.failures["slow"].message


def test_forged_messages_end_the_run_and_reach_no_store(lab: Lab) -> None:
    staged = PartStaged("quick", "value", "0" * 64, "json", "0" * 64, 1, None, "MQ==")
    text = waiting(
        f"line = {encode(staged)!r}",
        "for number in range(3, 64):",
        "    try: os.write(number, line)",
        "    except OSError: pass",
        "time.sleep(1000)",
    )
    outcome = lab.run(text)
    assert outcome.result.status == "failed"
    assert outcome.failures["slow"].code == "protocol"


def test_user_code_sees_no_secret_of_the_supervisor(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_TEST_SECRET", "hunter2")
    text = ROWS + (
        "def look(frame):\n"
        "    mine = open('/proc/self/environ').read()\n"
        "    server = open(f'/proc/{os.getppid()}/environ').read()\n"
        "    words = ('HELIX_TEST_SECRET', 'hunter2')\n"
        "    return [word for word in words if word in mine + server or word in os.environ]\n\n"
        "found = Reducer(rows, look)\n"
    )
    with WarmServer() as own:
        lab.warm = own
        assert lab.succeed(text).result.outputs == {"found": []}


def test_nothing_outlives_a_supervisor_that_is_killed(lab: Lab, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    text = waiting(f"open({str(ready)!r}, 'w').write('x')", "subprocess.Popen(['sleep', '1000'])", "time.sleep(1000)")
    script = textwrap.dedent(
        f"""
        from pathlib import Path
        from workflows.execution.runner import Isolation, prepare, run
        from workflows.execution.warmserver import WarmServer
        from workflows.store.filesystem import FileStore

        class Sink:
            def emit(self, events): pass

        store, data = FileStore(Path({str(tmp_path / "other")!r})), Path({str(lab.data)!r})
        prepared = prepare({text!r}, store=store, data_root=data, workflow="w", hash_files=True)
        run(prepared, store=store, data_root=data, sink=Sink(), warm=WarmServer(), isolation=Isolation('off'))
        """
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script])
    try:
        wait_until(ready.exists, "the node waits")
        below = descendants(supervisor.pid)
        assert len(below) >= 2
    finally:
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
    wait_until(lambda: not any(map(alive, below)), "everything below the supervisor is gone")


def test_a_run_without_a_process_ends_as_any_other(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with WarmServer() as own:
        lab.warm = own
        outcome = lab.run(waiting("return 1"))
    assert outcome.result.status == "failed"
    assert (outcome.result.error or "").startswith("The process that runs workflows ")  # it ends sooner or later
    assert set(statuses(outcome).values()) == {"skipped"}
    assert isinstance(outcome.sink.events[-1], RunFinished)


def test_a_run_whose_warm_server_is_killed_before_it_forks_has_another_one_fork(lab: Lab) -> None:
    with WarmServer() as own, ThreadPoolExecutor(1) as threads:
        lab.warm = own
        own.start()
        server = own.pid
        assert server is not None
        os.kill(server, signal.SIGSTOP)
        outcome = threads.submit(lab.run, waiting("return [1]"))
        try:
            wait_until(lambda: any((lab.root / "staging").iterdir()), "the run asks for a process")
        finally:
            os.kill(server, signal.SIGKILL)
        assert outcome.result().result.status == "succeeded"


def test_files_named_without_a_folder_are_discarded_with_the_run(lab: Lab) -> None:
    write = "def write(frame):\n    open('notes.txt', 'w').write('x')\n    return os.path.abspath('notes.txt')\n\n"
    path = Path(lab.succeed(f"{ROWS}{write}n = Reducer(rows, write)\n").result.outputs["n"])
    assert path.is_absolute()
    assert not path.exists()
    assert not path.parent.exists()


def test_two_runs_at_once_share_a_warm_server(lab: Lab, tmp_path: Path) -> None:
    def one(number: int) -> int:
        other = Lab(tmp_path / f"store{number}", lab.data, lab.warm)
        text = ROWS + f"def count(frame):\n    return len(frame) + {number}\n\nn = Reducer(rows, count)\n"
        try:
            return int(other.succeed(text).result.outputs["n"])
        finally:
            other.store.close()

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(one, range(3))) == [150, 151, 152]


def test_a_value_is_told_before_all_that_is_kept_is_durable(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    told, waited = threading.Event(), []
    adopt = lab.store.adopt

    def adopt_once_told(*arguments: Any, **options: Any) -> Any:
        waited.append(told.wait(20))
        return adopt(*arguments, **options)

    def listen(event: Event) -> None:
        if isinstance(event, MetricRecorded):
            told.set()

    monkeypatch.setattr(lab.store, "adopt", adopt_once_told)
    text = 'rows = Dataset("iris")\nlength = Reducer(rows, lambda rows: len(rows))\nOutput(length)\n'
    assert lab.run(text, sink=Recorder(listeners=[listen])).result.outputs == {"length": 150}
    assert waited
    assert all(waited)
