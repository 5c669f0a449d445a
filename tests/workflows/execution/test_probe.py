"""The edits of ``benchmarks.probe``: no result of another workflow, and nothing computed that was known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.probe import CASES, DATA, OUTPUT, Case, State
from tests.workflows.execution.lab import Lab, Outcome
from workflows.execution.warmserver import WarmServer


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def probe(tmp_path: Path, workspace: Path, warm: WarmServer) -> Iterator[Lab]:
    made = Lab(tmp_path / "store", workspace, warm)
    yield made
    made.store.close()


def run(probe: Lab, state: State, *, reuse: bool = True) -> Outcome:
    state.write(probe.data)
    return probe.succeed(state.text, lib=probe.data / "lib", policy="all", reuse=reuse)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_edit_leaves_stale_and_runs_the_very_nodes_that_rest_on_it(probe: Lab, case: Case) -> None:
    run(probe, State(data=DATA))
    if case.between is not None:
        run(probe, case.between)
    found = run(probe, case.state)
    assert frozenset(found.stale) - {"data"} == case.stale
    computed = frozenset(found.with_action("compute")) - {"data"}
    assert computed == case.executed
    truth = run(probe, case.state, reuse=False)
    assert found.result.outputs == truth.result.outputs
    assert set(found.result.outputs) == {OUTPUT}
