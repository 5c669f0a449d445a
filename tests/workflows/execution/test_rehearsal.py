"""A rehearsal runs what runs need, says nothing, leaves nothing, and ends when there is something better to do."""

from __future__ import annotations

import linecache
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from workflows.errors import WORKFLOW
from workflows.execution.protocol import Done, PartFailed, PartFinished, PartSkipped, PartStaged, ValueMade
from workflows.execution.rehearsal import rehearse, rehearse_whole
from workflows.execution.usercode import MODULE

FIRST_RUN = 30  # parts that are computed
LOADED = 2  # parts, by the second one


def test_two_runs_are_rehearsed_of_which_the_second_loads(capfd: pytest.CaptureFixture[str]) -> None:
    said = rehearse()
    kinds = Counter(map(type, said))
    assert (kinds[Done], kinds[PartFailed], kinds[PartSkipped]) == (2, 0, 0)
    first_end = next(place for place, message in enumerate(said) if isinstance(message, Done))
    first, second = said[:first_end], said[first_end:]
    made = [{message.node for message in run if isinstance(message, PartFinished)} for run in (first, second)]
    assert sum(isinstance(message, PartFinished) for message in first) == FIRST_RUN
    assert made[1] == {"examples", "model", "predictions", "accuracy", "auc", "f1", "confusion"} < made[0]
    assert {"examples", "model"} <= {message.node for message in said if isinstance(message, PartStaged)}
    values = [{each.node: each.value for each in run if isinstance(each, ValueMade)} for run in (first, second)]
    assert values[0] == values[1] != {}
    assert capfd.readouterr() == ("", "")


def test_nothing_is_left_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    threads = threading.active_count()
    rehearse()
    assert list(tmp_path.iterdir()) == []
    assert MODULE not in sys.modules
    assert WORKFLOW not in linecache.cache
    assert threading.active_count() == threads


@pytest.mark.parametrize("most", range(0, 35, 3))
def test_it_ends_soon_after_a_job_has_come(most: int) -> None:
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked <= most

    said = rehearse(wanted)
    finished = sum(isinstance(message, PartFinished) for message in said)
    assert finished - most in (0, LOADED)
    assert {message.code for message in said if isinstance(message, PartFailed)} == {"not-wanted"}


def test_where_no_file_can_be_written_a_run_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert rehearse() == []
    rehearse_whole(lambda: True)


def test_where_there_is_a_job_already_nothing_is_rehearsed() -> None:
    asked: list[bool] = []

    def wanted() -> bool:
        asked.append(False)
        return False

    rehearse_whole(wanted)
    assert asked == [False, False]
