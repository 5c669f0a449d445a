"""Every example compiles without a word and runs; the ones that need data say so where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data import data_folder
from tests.workflows.execution.lab import Lab
from workflows.compiler import compile_workflow
from workflows.execution.warmserver import WarmServer

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_compiles_without_a_word(path: Path) -> None:
    compiled = compile_workflow(path.read_text())
    assert compiled.diagnostics == ()
    assert compiled.description
    assert len(path.read_text().splitlines()) < 60


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_is_reused(path: Path, tmp_path: Path) -> None:
    with WarmServer() as warm:
        lab = Lab(tmp_path, data_folder(), warm)
        first = lab.succeed(path.read_text())
        again = lab.succeed(path.read_text())
        lab.store.close()
    assert first.result.outputs["accuracy"] > 0.7
    assert again.result.outputs == first.result.outputs
    assert again.with_action("compute") == set()
