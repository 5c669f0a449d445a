"""A workflow whose texts are committed without a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from versions import services
from versions.models import Version
from workflows import services as workflows
from workflows.compiler import compile_workflow
from workflows.execution.planning import Identified
from workflows.models import Workflow

TEXT = """data = Dataset("digits")
rows = Split(data, test=0.2)
label = Field(rows, "target")
examples = Examples(rows, features=[Field(rows, "pixel_0_0")], label=label)
"""

Commit = Callable[[int], Version]


@pytest.fixture(autouse=True)
def _repositories(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.GIT_ROOT = tmp_path / "git"  # type: ignore[attr-defined]


@pytest.fixture
def workflow(db: None) -> Workflow:  # noqa: ARG001  (a fixture asks for another by naming it)
    return workflows.create("census", "blank")


@pytest.fixture
def commit(workflow: Workflow, django_capture_on_commit_callbacks: Callable[..., object]) -> Commit:
    """Commit the text that ends with so many fields."""

    def committed(fields: int) -> Version:
        text = TEXT + "".join(f'f{number} = Field(rows, "pixel_0_{number}")\n' for number in range(fields))
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            now = workflows.get(workflow.id)
            return services.commit(now, Identified(compile_workflow(text), {}, ()))

    return committed
