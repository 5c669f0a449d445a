"""Whatever a text, its functions or its files do wrong ends as a clear error at its place; the rest goes on.

After each, what was complete is there, and the same process of the supervisor runs the next workflow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import descendants, wait_until
from tests.workflows.execution.lab import Lab, Outcome, Recorder, Switch
from workflows.events import Event, LogWritten, MetricRecorded, NodeFailed, NodeStarted
from workflows.execution.runner import Isolation, Limits
from workflows.execution.sandbox import probe
from workflows.execution.warmserver import WarmServer

# `bad` is what a test puts there; `fine` and what is above them must be kept whatever `bad` does.
TEXT = """\
import ctypes, itertools, os, signal, subprocess, sys, threading, time, warnings
import numpy as np
from sklearn.linear_model import LogisticRegression
data = FileSource("table.csv")
rows = CSVScanner(data)
x = Field(rows, "x")

def double(batch):
    return batch["x"] * 2

y = Extractor(rows, double)

def total(frame):
    return int(frame.sum().iloc[0])

fine = Reducer(y, total)
{code}
Output(fine, bad)
"""
ROWS = 3000
REPAIRED = "bad = Reducer(y, lambda frame: len(frame))"
QUICK = Limits(memory=600 << 20, wall_seconds=20.0, processes=40, disk=50 << 20)


@pytest.fixture
def lab(tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    """As users have it: in a sandbox where there is one."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "table.csv").write_text("x,label\n" + "".join(f"{row},{row % 2}\n" for row in range(ROWS)))
    made = Lab(tmp_path / "store", data, warm, Isolation("auto"))
    yield made
    made.store.close()


def text_of(code: str) -> str:
    return TEXT.format(code=code)


def reducing(*statements: str) -> str:
    """Code of a reducer over `y` that is called `bad`."""
    body = "".join(f"    {statement}\n" for statement in statements)
    return f"def break_it(frame):\n{body}\nbad = Reducer(y, break_it)"


def line_of(code: str, part: str) -> int:
    text = text_of(code)
    return text[: text.index(part)].count("\n") + 1


def broken(lab: Lab, code: str, **options: Any) -> Outcome:
    """A run that fails at `bad`: what is above was kept, and the text, once repaired, computes `bad` alone."""
    options = {"limits": QUICK, **options}
    outcome = lab.run(text_of(code), policy="all", **options)
    assert outcome.result.status == "failed"
    assert "bad" in outcome.failures
    assert outcome.failures["bad"] in outcome.sink.of(NodeFailed)
    survived = {node.name for node in outcome.result.nodes if node.status == "done"}
    repaired = lab.succeed(text_of(REPAIRED), policy="all")
    assert repaired.result.outputs == {"fine": ROWS * (ROWS - 1), "bad": ROWS}
    assert repaired.with_action("compute") & survived == set()
    assert "y" in survived
    return outcome


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("sys.exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return object()", "a value of type object"),
        ("return itertools.count()", "`break_it` gave"),
        ("return 'x' * 70_000_000", "takes about 70 MB"),
        ("return break_it(frame)", "RecursionError"),
        ("return frame['z']", "KeyError"),
        ("return bytes(4 << 30)", "--memory"),
        ("raise type('Mean', (Exception,), {'__str__': lambda self: 1 / 0})", "Mean: (and its message cannot be made"),
        ("raise type('Huge', (Exception,), {'__str__': lambda self: 'x' * 10**7})", "Huge: xxx"),
        ("raise ExceptionGroup('many', [ValueError('a'), TypeError('b')])", "ExceptionGroup: many"),
        ("frame.values[:] = 0", "read-only"),
        ("subprocess.run(['no-such-program'])", "FileNotFoundError"),
        ("log('loss', 'high')", "ValueError"),
        ("log('loss', 1.0, step=1 << 70)", "larger than a step can be"),
    ],
)
def test_what_a_function_raises_is_told_at_its_node(lab: Lab, statement: str, problem: str) -> None:
    code = reducing(statement)
    failed = broken(lab, code).failures["bad"]
    assert problem in failed.message
    assert failed.line in (line_of(code, statement), line_of(code, "bad ="))
    assert len(failed.message) <= 20_000


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("os._exit(0)", "status 0"),
        ("os._exit(9)", "status 9"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault"),
        ("ctypes.string_at(0)", "segmentation fault"),
        ("os.abort()", "gave up"),
        ("os.kill(os.getppid(), signal.SIGKILL)", "process"),
    ],
)
def test_a_function_that_ends_its_process_is_told_at_its_node(lab: Lab, statement: str, problem: str) -> None:
    failed = broken(lab, reducing(f"time.sleep(0.5) or {statement}", "time.sleep(60)")).failures["bad"]
    assert failed.code == "process-ended"
    assert problem in failed.message


@pytest.mark.parametrize(
    "statements",
    [
        ("while True: pass",),
        ("threading.Event().wait()",),
        ("lock = threading.Lock()", "lock.acquire()", "lock.acquire()"),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))", "time.sleep(1000)"),
        ("return list(1 for _ in iter(int, 1))",),
    ],
)
def test_a_function_that_never_returns_is_ended_at_its_time(lab: Lab, statements: tuple[str, ...]) -> None:
    failed = broken(lab, reducing(*statements), limits=Limits(wall_seconds=1.5)).failures["bad"]
    assert failed.code == "time-limit"
    assert "1.5 s" in failed.message
    assert "--time" in failed.message


def test_a_function_that_never_returns_can_be_cancelled(lab: Lab) -> None:
    switch, sink = Switch(), Recorder()

    def cancel(event: Event) -> None:
        switch.on = switch.on or (isinstance(event, NodeStarted) and event.node == "bad")

    sink.listeners.append(cancel)
    assert lab.run(text_of(reducing("while True: pass")), cancellation=switch, sink=sink).result.status == "cancelled"
    assert lab.succeed(text_of(REPAIRED)).result.outputs["bad"] == ROWS


def test_processor_time_of_all_that_a_run_started_counts(lab: Lab) -> None:
    spin = "[sys.executable, '-c', 'while True: pass']"
    code = reducing(f"[subprocess.Popen({spin}) for _ in range(2)]", "time.sleep(100)")
    failed = broken(lab, code, limits=Limits(cpu_seconds=2)).failures["bad"]
    assert failed.code == "cpu-limit"
    assert "--cpu" in failed.message


@pytest.mark.parametrize(
    "statement",
    [
        "kept = [bytearray(1 << 20) for _ in range(1 << 20)]",
        "kept = list(itertools.count())",
        "kept = np.ones((1 << 20, 1 << 10)).sum()",
        "kept = [subprocess.Popen([sys.executable, '-c', HOG]) for _ in range(4)] and time.sleep(100)",
    ],
)
def test_a_run_that_eats_memory_is_told_of_its_limit(lab: Lab, statement: str) -> None:
    hog = "HOG = 'x = bytearray(200 << 20)\\nimport time; time.sleep(100)'\n"
    failed = broken(lab, hog + reducing(statement, "time.sleep(100)")).failures["bad"]
    assert failed.code == "out-of-memory"
    assert "629 MB" in failed.message
    assert "HELIX_LIMIT_MEMORY" in failed.message


@pytest.mark.parametrize("statement", ["os.fork()", "subprocess.Popen(['sleep', '100'], start_new_session=True)"])
def test_a_run_that_forks_without_end_is_ended_with_all_it_started(lab: Lab, statement: str) -> None:
    failed = broken(lab, reducing(f"while True: {statement}")).failures["bad"]
    assert failed.code == "too-many-processes"
    assert "--processes" in failed.message
    lab.warm.reserve.close()
    wait_until(lambda: len(descendants(lab.warm.pid or 0)) == 0, "all are gone")


def test_a_run_that_fills_the_disk_is_ended(lab: Lab) -> None:
    code = reducing("for i in itertools.count(): open(f'{i}', 'wb').write(bytes(10 << 20))")
    failed = broken(lab, code, limits=Limits(disk=30 << 20)).failures["bad"]
    assert failed.code == "disk-limit"
    assert "--disk" in failed.message
    lab.warm.reserve.close()
    assert not any(folder.name for folder in (lab.root / "staging").iterdir() if any(folder.iterdir()))


def test_one_file_beyond_the_limit_is_refused_where_it_is_written(lab: Lab) -> None:
    code = reducing("open('large', 'wb').write(bytes(60 << 20))")
    assert "File too large" in broken(lab, code).failures["bad"].message


def test_results_beyond_the_limit_are_used_and_not_kept(lab: Lab) -> None:
    code = "wide = Map(rows, lambda batch: batch.assign(more=1.5))\nbad = Reducer(wide, lambda frame: len(frame))"
    outcome = lab.succeed(text_of(code), policy="all", limits=Limits(disk=60_000))
    assert outcome.result.outputs["bad"] == ROWS
    told = [event.text for event in outcome.sink.of(LogWritten) if "Not kept" in event.text]
    assert told
    assert "--disk" in told[0]


def test_a_run_that_floods_the_log_goes_on_and_is_cut(lab: Lab) -> None:
    code = reducing("for _ in range(5000): print('x' * 999)", "os.write(2, b'x' * 99)", "return 1")
    outcome = lab.succeed(text_of(code), limits=Limits(log=20_000))
    printed = "".join(event.text for event in outcome.sink.of(LogWritten))
    assert 20_000 <= len(printed) < 21_000
    assert printed.endswith("… what follows was dropped\n")


def test_a_warning_is_a_line_of_the_log_of_each_node_that_is_warned(lab: Lab) -> None:
    code = (
        "label = Field(rows, 'label')\nexamples = Examples(rows, features=[x], label=label)\n"
        "one = Learner(examples, LogisticRegression(max_iter=1))\n"
        "two = Learner(examples, LogisticRegression(max_iter=1, C=2.0))\n"
        "Output(one, two)\n" + reducing("[warnings.warn('mind the gap') for _ in range(9)]", "return 1")
    )
    logs = lab.succeed(text_of(code)).sink.of(LogWritten)
    warned = {node: [each.text for each in logs if each.node == node] for node in ("one", "two", "bad")}
    assert warned["bad"] == [f"line {line_of(code, '[warnings.warn')}: UserWarning: mind the gap\n"]
    assert all("ConvergenceWarning" in warned[node][0] and len(warned[node]) == 1 for node in ("one", "two"))


def test_threads_that_outlive_their_node_do_not_outlive_the_run(lab: Lab) -> None:
    forever = "threading.Thread(target=lambda: [time.sleep(0.01) or print('here') for _ in itertools.count()]).start()"
    outcome = lab.succeed(text_of(reducing(forever, "return 1")))
    assert outcome.result.outputs["bad"] == 1
    lab.warm.reserve.close()
    wait_until(lambda: len(descendants(lab.warm.pid or 0)) == 0, "all are gone")


def test_numbers_that_are_not_finite_are_values_and_no_metrics(lab: Lab) -> None:
    code = reducing("log('loss', float('nan'))", "return {'nan': float('nan'), 'inf': np.inf, 'one': 1}")
    outcome = lab.succeed(text_of(code))
    assert {event.name for event in outcome.sink.of(MetricRecorded)} == {"fine", "bad.one"}
    assert outcome.result.outputs["bad"]["one"] == 1


def test_a_function_that_changes_its_input_changes_it_for_nobody_else(lab: Lab) -> None:
    code = (
        "def spoil(batch):\n    batch['x'] = 0\n    batch.drop(columns=['label'], inplace=True)\n"
        "    return batch['x']\n\n"
        "spoilt = Extractor(rows, spoil)\nOutput(spoilt)\n"
        "def both(one, other):\n    one.iloc[:, 0] = 7\n    return [int(one.iloc[0, 0]), int(other.iloc[5, 0])]\n\n"
        "bad = Reducer(y, x, both)\n"
    )
    outcome = lab.succeed(text_of(code), policy="all")
    assert outcome.result.outputs == {"fine": ROWS * (ROWS - 1), "bad": [7, 5]}


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("bad = Extractor(rows, lambda batch: batch['x'].head(3))", "gave 3 values for"),
        ("bad = Extractor(rows, lambda batch: batch['x'] - batch['x'].mean())", "row"),
        ("bad = Field(rows, 'lable')", "did you mean `label`?"),
        ("bad = Map(rows, lambda batch: 5)", "a DataFrame is needed"),
        (
            "one = Extractor(rows, lambda batch: batch['x'] * 0)\n"
            "bad = Learner(Examples(rows, features=[x], label=one), LogisticRegression())",
            "class",
        ),
        ("import sklearn.svm\nbad = Transform(x, sklearn.svm.NoSuchThing())", "has no `NoSuchThing`"),
        ("bad = Transform(x, LogisticRegression(c=1))", "did you mean `C`?"),
        ("bad = Learner(Examples(rows, features=[x], label=Field(rows, 'label')), LogisticRegression(C=-1.0))", "'C'"),
    ],
)
def test_what_is_wrong_with_a_node_is_told_and_the_rest_is_kept(lab: Lab, code: str, problem: str) -> None:
    outcome = broken(lab, code)
    assert problem in outcome.failures["bad"].message


def reading(lab: Lab, name: str, **options: Any) -> NodeFailed:
    """What is told of a file that cannot be read; then the supervisor reads another one."""
    text = f'data = FileSource("{name}")\nrows = CSVScanner(data)\n\nn = Reducer(rows, lambda frame: len(frame))\n'
    outcome = lab.run(text, **options)
    assert outcome.result.status == "failed"
    failed = next(iter(outcome.failures.values()))
    assert failed.line in (1, 2)
    assert lab.succeed(text.replace(name, "table.csv")).result.outputs == {"n": ROWS}
    return failed


def test_a_file_that_is_not_there_is_told_with_its_neighbour(lab: Lab) -> None:
    assert "Did you mean `table.csv`?" in reading(lab, "tabel.csv").message


def test_a_folder_a_pipe_and_a_device_are_told_and_not_waited_for(lab: Lab) -> None:
    (lab.data / "folder").mkdir()
    os.mkfifo(lab.data / "pipe")
    (lab.data / "zero").symlink_to("/dev/zero")
    (lab.data / "loop").symlink_to("loop")
    assert "is a folder" in reading(lab, "folder").message
    assert "a pipe or a device" in reading(lab, "pipe").message
    assert "a pipe or a device" in reading(lab, "zero").message
    assert "loop is not in" in reading(lab, "loop").message


def test_a_file_that_may_not_be_read_is_told(lab: Lab) -> None:
    (lab.data / "closed.csv").write_text("x\n1\n")
    (lab.data / "closed.csv").chmod(0)
    if os.getuid() == 0 and probe() is not None:  # root may read whatever there is, but not in a sandbox
        assert lab.succeed('n = Reducer(CSVScanner(FileSource("closed.csv")), lambda frame: len(frame))\n')
    else:
        assert "permission denied" in reading(lab, "closed.csv").message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"x,y\n1,2\n3\n", "line 3: 2 values are expected"),
        (b"x\n\xff\xfe\n", "utf-8"),
        (b"", "empty"),
        (b"x,x\n1,2\n", "`x`"),
        (b'x\n"open\n' + b"1\n" * 100, "bad.csv"),
    ],
)
def test_a_table_that_is_none_is_told_at_its_scanner(lab: Lab, content: bytes, problem: str) -> None:
    (lab.data / "bad.csv").write_bytes(content)
    failed = reading(lab, "bad.csv")
    assert problem.lower() in failed.message.lower()
    assert failed.node == "rows"


def test_a_table_larger_than_the_limit_is_told_as_such(lab: Lab) -> None:
    with (lab.data / "large.csv").open("wb") as file:
        file.write(b"x,y\n")
        for _ in range(300):
            file.write(b"123456789,abcdefghijkl\n" * (1_000_000 // 23))
    failed = reading(lab, "large.csv", limits=Limits(memory=200_000_000))
    assert failed.code == "out-of-memory"
    assert "200 MB" in failed.message


WIDE = "wide = Map(rows, lambda batch: batch.assign(**{f'c{i}': batch['x'] * 1.5 for i in range(40)}))\n"  # 1 MB


WITH_SMALL_FILES = ["sh", "-c", 'ulimit -f 512; exec "$@"', "sh"]


def on_a_small_disk(store: Path) -> list[str]:
    """What makes a command find a file system of 1.5 MB at ``store``; where that is not possible, smaller files."""
    if probe() is None:
        return ["bwrap", "--dev-bind", "/", "/", "--size", "1500000", "--tmpfs", str(store)]
    return WITH_SMALL_FILES


def test_a_full_disk_costs_what_is_kept_and_not_the_run(lab: Lab, tmp_path: Path) -> None:
    text, store = tmp_path / "w.py", tmp_path / "small"
    text.write_text(text_of(WIDE + "bad = Reducer(wide, lambda frame: len(frame))"))
    store.mkdir()
    run = [
        sys.executable,
        "-m",
        "helixweb.cli",
        "run",
        text,
        "--data",
        lab.data,
        "--store",
        store,
        "--policy",
        "all",
        "--no-reuse",
        "--budget",
        "1GB",  # else what such a disk has no room for is not even tried
    ]
    environment = {**os.environ, "HELIX_HOME": str(tmp_path / "var")}
    for before, kept in ((on_a_small_disk(store), False), (WITH_SMALL_FILES, False), ([], True)):
        command = [*before, *map(str, run), "--json"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        result = json.loads(ended.stdout)
        assert result["outputs"] == {"fine": ROWS * (ROWS - 1), "bad": ROWS}
        stored = {node["name"]: node["stored"] for node in result["nodes"]}
        assert stored["wide"] == kept
        assert stored["y"]
        assert kept or "not kept" in ended.stderr.lower() or "not adopted" in ended.stderr
