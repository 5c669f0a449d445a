"""Migrating forward keeps what an earlier release wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from metrics.models import NodeRun, Run, RunEvent, VersionResult

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = {"type": "log_written", "node": "rows", "text": "é \N{SNOWMAN}", "deep": [{"x": 0.1}, None, True, 3]}
ERROR = {"code": "user-error", "message": "no", "line": 7, "detail": "", "example": ""}


def migrated(name: str) -> Any:
    """The tables as a migration of ``metrics`` leaves them."""
    executor = MigrationExecutor(connection)
    return executor.migrate([("metrics", name)]).apps


@pytest.fixture
def first_release() -> Iterator[Any]:
    yield migrated("0001_initial")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_events_and_errors_of_the_first_release_are_read_as_they_were(first_release: Any) -> None:
    now = timezone.now()
    workflow = first_release.get_model("workflows", "Workflow").objects.create(id="w", name="w", updated_at=now)
    version = first_release.get_model("versions", "Version").objects.create(
        id="v", workflow=workflow, number=1, tree="t", message="", author="", created_at=now
    )
    run = first_release.get_model("metrics", "Run").objects.create(
        id="r", workflow=workflow, version=version, queued_at=now, force=["rows"]
    )
    first_release.get_model("metrics", "RunEvent").objects.create(run=run, number=1, at=now, event=EVENT)
    first_release.get_model("metrics", "NodeRun").objects.create(
        run=run,
        name="rows",
        place=0,
        operator="CSVScanner",
        action="compute",
        stale=True,
        estimate=0.1,
        error=ERROR,
        signature="f" * 64,
    )
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert Run.objects.get().force == ["rows"]
    assert RunEvent.objects.get().event == EVENT
    assert NodeRun.objects.get().error == ERROR
    assert list(VersionResult.objects.values_list("signature", "version")) == [("f" * 64, "v")]
