"""Run processes on standby: the next run takes the one that is as if made for it, and sees no more and no less."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.processes import alive, wait_until
from tests.workflows.execution.lab import Lab, Recorder
from workflows.execution import sandbox
from workflows.execution.limits import Limits
from workflows.execution.runner import run, stand_by
from workflows.execution.sandbox import Isolation
from workflows.execution.standby import Setting, Standby
from workflows.execution.view import view_of
from workflows.execution.warmserver import Exit, WarmServer

COUNT = """\
import os
rows = CSVScanner(FileSource("table.csv"))
n = Reducer(rows, lambda frame: {what})
"""
WIDE = """\
import os
rows = CSVScanner(FileSource("table.csv"))
wide = Map(rows, lambda batch: batch.assign(more=batch.x.map(lambda x: f"{{x:04}}" * 500)))

def look(frame):
    held = {{}}
    for name in os.listdir("/proc/self/fd"):
        try:
            held[name] = os.readlink(f"/proc/self/fd/{{name}}")
        except FileNotFoundError:
            pass
    return {what}

n = Reducer(wide, look)
"""


@pytest.fixture
def own(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """A lab with a warm server for it alone, and a data folder of one table."""
    with WarmServer() as lab.warm:
        lab.isolation = Isolation("auto")
        lab.data = tmp_path / "data"
        _write(lab.data, rows=3)
        yield lab


def _write(folder: Path, rows: int) -> None:
    folder.mkdir()
    (folder / "table.csv").write_text(_table(rows))


def _table(rows: int) -> str:
    return "\n".join(["x", *map(str, range(rows))]) + "\n"


def counted(lab: Lab, what: str = "len(frame)") -> int:
    number = lab.succeed(COUNT.format(what=what), reuse=False).result.outputs["n"]
    assert isinstance(number, int)
    return number


def refused(lab: Lab, text: str) -> bool:
    """Whether this machine can make no sandbox; then a run that requires one was found to be refused."""
    lab.isolation = Isolation("require")
    if sandbox.probe() is None:
        return False
    assert "there is no sandbox" in (lab.run(text).result.error or "")
    return True


def waiting(lab: Lab) -> Standby:
    """What is on standby, once its process is there."""
    standby = lab.warm.reserve._standby
    assert standby is not None
    wait_until(lambda: standby.process.alive and standby.process.pid is not None, "it is there")
    return standby


def test_the_next_run_takes_the_process_on_standby_and_leaves_another(own: Lab) -> None:
    assert counted(own) == 3
    first = waiting(own)
    assert counted(own) == 3
    assert waiting(own) is not first
    assert first.process.ended(20) == Exit(0, None)  # else it would have been killed
    assert not first.staging.exists()


def test_the_first_run_takes_one_that_was_asked_for_before(own: Lab) -> None:
    stand_by(own.warm, store=own.store, data_root=own.data, limits=Limits(), isolation=own.isolation)
    first = waiting(own)
    assert counted(own) == 3
    assert first.process.ended(20) == Exit(0, None)  # else it would have been killed


def test_what_a_run_writes_is_not_there_for_the_next(own: Lab) -> None:
    what = "len(os.listdir('.')) + open('mine', 'w').write('x') - 1"
    assert [counted(own, what) for _ in range(3)] == [0, 0, 0]


def test_a_data_folder_that_was_replaced_is_seen_as_it_is(own: Lab, tmp_path: Path) -> None:
    assert counted(own) == 3
    waiting(own)
    own.data.rename(tmp_path / "former")
    _write(own.data, rows=5)
    assert counted(own) == 5


def test_a_file_that_was_added_and_a_link_that_was_laid_are_seen(own: Lab, tmp_path: Path) -> None:
    assert counted(own) == 3
    _write(tmp_path / "elsewhere", rows=7)
    (own.data / "linked").symlink_to(tmp_path / "elsewhere")
    (own.data / "new").write_text("x")
    what = f"len(open({str(own.data / 'linked' / 'table.csv')!r}).readlines()) + os.path.getsize('{own.data}/new')"
    assert counted(own, what) == 8 + 1


def test_a_process_that_died_on_standby_is_not_taken(own: Lab) -> None:
    counted(own)
    standby = waiting(own)
    assert standby.process.pid is not None
    os.kill(standby.process.pid, signal.SIGKILL)
    wait_until(lambda: not standby.process.alive, "it is gone")
    assert counted(own) == 3


def test_a_server_that_died_takes_the_process_on_standby_along(own: Lab) -> None:
    counted(own)
    standby = waiting(own)
    assert own.warm.pid is not None
    os.kill(own.warm.pid, signal.SIGKILL)
    wait_until(lambda: not standby.process.alive, "it is gone")
    assert counted(own) == 3


def test_closing_ends_what_is_on_standby(own: Lab) -> None:
    counted(own)
    standby = waiting(own)
    own.warm.close()
    wait_until(lambda: not alive(standby.process.pid or 0), "it is gone")
    assert not standby.staging.exists()


@pytest.mark.parametrize("limits", [Limits(), Limits(processes=100)])
def test_another_setting_gets_a_process_of_its_own(own: Lab, limits: Limits) -> None:
    counted(own)
    standby = waiting(own)
    view = view_of(own.store, own.data, None, None)
    assert standby.serves(Setting(own.store, view, own.isolation, limits.processes)) is (limits == Limits())


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("len(frame)", 150),
        ("[name for name, path in held.items() if os.path.isdir(path) or 'blobs' in path]", []),
        ("os.path.isdir({blobs!r}) and os.listdir({blobs!r})", [[], False]),
    ],
)
def test_a_run_reads_what_it_loads_and_sees_nothing_else_of_the_results(own: Lab, what: str, found: object) -> None:
    """The first run keeps a table; the others load it, in whatever process they are."""
    if refused(own, WIDE.format(what=1)):
        return
    (own.data / "table.csv").write_text(_table(150))
    own.succeed(WIDE.format(what="frame['more'].str.len().sum()"), policy="all")
    for again in range(2):
        outcome = own.succeed(WIDE.format(what=f"{again} * 0 or " + what.format(blobs=str(own.store.blobs))))
        assert outcome.node("wide").action == "load"
        value = outcome.result.outputs["n"]
        assert value == found or (isinstance(found, list) and value in found)


def test_what_a_run_loads_it_cannot_change(own: Lab) -> None:
    """One executor loads the one result and runs the function before it reads the other, which is open by then."""
    text = """\
import os, time
rows = CSVScanner(FileSource("table.csv"))
first = Map(rows, lambda batch: batch.assign(more=batch.x.map(lambda x: f"{x:04}" * 500)))
later = Map(rows, lambda batch: batch.assign(more=batch.x.map(lambda x: f"{x:05}" * 400)))

def look(frame):
    tried = []
    for name in os.listdir("/proc/self/fd"):
        path = f"/proc/self/fd/{name}"
        if os.path.isfile(path) and os.path.getsize(path) > 100_000:
            for change in (lambda: open(path, "r+b").write(b"x"), lambda: os.chmod(path, 0o777)):
                try:
                    change()
                except OSError as error:
                    tried.append(os.strerror(error.errno))
                else:
                    tried.append("changed")
    return [tried, WHAT]

def slow(frame):
    time.sleep(0.3)
    return look(frame)

a = Reducer(first, slow)
b = Reducer(later, look)
"""
    if refused(own, text):
        return
    (own.data / "table.csv").write_text(_table(150))
    own.succeed(text.replace("WHAT", "1"), policy="all")
    prepared = replace(own.prepare(text.replace("WHAT", "2")), cores=1)
    kept = {"store": own.store, "data_root": own.data, "warm": own.warm, "isolation": own.isolation}
    result = run(prepared, sink=Recorder(), **kept)  # type: ignore[arg-type]
    assert {node.action for node in result.nodes if node.name in ("first", "later")} == {"load"}
    found = [tried for name in ("a", "b") for tried in result.outputs[name][0]]
    assert "Read-only file system" in found
    assert set(found) <= {"Read-only file system", "Permission denied"}
