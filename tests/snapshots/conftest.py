"""A dashboard over the versions of a workflow, which needs no run."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapshots import services
from snapshots.models import Dashboard
from versions import services as versions
from workflows import services as workflows
from workflows.models import Workflow


@pytest.fixture
def workflow(db: None, tmp_path: Path, settings: pytest.FixtureRequest) -> Workflow:  # noqa: ARG001  (by its name)
    """Three versions, without data."""
    settings.GIT_ROOT = tmp_path / "git"  # type: ignore[attr-defined]
    made = workflows.create("census", "blank")
    for number in (1, 2, 3):
        text = f'rows = Dataset("iris")\nn = Reducer(rows, lambda rows: len(rows) + {number})\nOutput(n)\n'
        versions.commit(made, workflows.identify(text, ()))
        made.refresh_from_db()
    return made


@pytest.fixture
def dashboard(workflow: Workflow) -> Dashboard:
    return services.create(workflow.id, "", None, "")
