"""A version to run, without a text behind it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from versions.models import Version
from workflows.models import Workflow


@pytest.fixture
def version(db: None) -> Version:  # noqa: ARG001  (a fixture asks for another by naming it)
    now = timezone.now()
    workflow = Workflow.objects.create(name="census", updated_at=now)
    return Version.objects.create(
        id="a" * 40, workflow=workflow, number=1, tree="b" * 40, message="First version", author="ada", created_at=now
    )
