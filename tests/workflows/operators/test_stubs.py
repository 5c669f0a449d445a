"""The typed declarations: current, and enough for a strict type checker to accept a workflow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.texts import CENSUS, EXAMPLES
from workflows.errors import HelixError
from workflows.operators.registry import DECLARATIONS
from workflows.operators.stubs import stubs

ROOT = EXAMPLES.parent
IMPORT = f"from helixweb.dsl import {', '.join(DECLARATIONS)}\n"


def test_the_stubs_are_what_the_registry_says() -> None:
    assert (ROOT / "helixweb" / "dsl.pyi").read_text() == stubs(), "run `make codegen`"


def checked(text: str, folder: Path) -> str:
    file = folder / "workflow.py"
    file.write_text(text)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--ignore-missing-imports",
        "--cache-dir",
        str(folder / "cache"),
    ]
    done = subprocess.run(
        [*command, "--config-file", "", str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_a_strict_type_checker_accepts_census_and_sees_a_wrong_operand(tmp_path: Path) -> None:
    typed = CENSUS.replace("def over_50k(batch):", "def over_50k(batch: Any) -> Any:")
    typed = typed.replace("from sklearn", f"from typing import Any\n{IMPORT}from sklearn", 1)
    good = checked(typed, tmp_path)
    assert "Success" in good, good
    bad = checked(typed.replace("Bucketizer(age, bins=10)", 'Bucketizer(rows, by="wdth")'), tmp_path)
    assert '"Bucketizer" has incompatible type "_Rows"' in bad
    assert '"Bucketizer" has incompatible type "Literal[\'wdth\']"' in bad


def test_python_refuses_to_run_a_workflow_and_says_what_does() -> None:
    from helixweb import dsl

    with pytest.raises(HelixError, match="helixweb run FILE"):
        dsl.FileSource("a.csv")
    with pytest.raises(AttributeError):
        _ = dsl.Feild  # type: ignore[attr-defined]
