"""Turns what the tables' signals say into words on the channel layer."""

from __future__ import annotations

from typing import Any

from helixweb.realtime.publish import EVERYBODY, dashboard_group, publish, run_group
from metrics.signals import backfill_changed, run_changed
from snapshots.signals import dashboard_changed
from workflows.signals import plan_changed, workflow_changed


def connect() -> None:
    """Connect the signals; called once, when the applications are ready."""
    run_changed.connect(_run_changed, dispatch_uid="realtime")
    backfill_changed.connect(_backfill_changed, dispatch_uid="realtime")
    workflow_changed.connect(_workflow_changed, dispatch_uid="realtime")
    dashboard_changed.connect(_dashboard_changed, dispatch_uid="realtime")
    plan_changed.connect(_plan_changed, dispatch_uid="realtime")


def _run_changed(run: str, **_: Any) -> None:
    publish(run_group(run), {"type": "run.changed", "run": run})


def _dashboard_changed(dashboard: str, **_: Any) -> None:
    publish(dashboard_group(dashboard), {"type": "dashboard.changed", "dashboard": dashboard})


def _backfill_changed(backfill: str, **_: Any) -> None:
    publish(EVERYBODY, {"type": "backfill.changed", "backfill": backfill})


def _workflow_changed(workflow: str, **_: Any) -> None:
    publish(EVERYBODY, {"type": "workflow.changed", "workflow": workflow})


def _plan_changed(workflow: str, **_: Any) -> None:
    publish(EVERYBODY, {"type": "plan.changed", "workflow": workflow})
