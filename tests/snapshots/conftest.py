"""A dashboard over the versions of a workflow, which needs neither a text nor a run."""

from __future__ import annotations

import pytest
from django.utils import timezone

from snapshots import services
from snapshots.models import Dashboard
from versions.models import Version
from workflows.models import Workflow


@pytest.fixture
def workflow(db: None) -> Workflow:  # noqa: ARG001  (a fixture asks for another by naming it)
    now = timezone.now()
    made = Workflow.objects.create(name="census", updated_at=now)
    for number in (1, 2, 3):
        Version.objects.create(
            id=f"{number}" * 40,
            workflow=made,
            number=number,
            tree=f"{number}" * 40,
            message=f"Number {number}",
            author="ada",
            created_at=now,
        )
    return made


@pytest.fixture
def dashboard(workflow: Workflow) -> Dashboard:
    return services.create(workflow.id, "", None, "")
