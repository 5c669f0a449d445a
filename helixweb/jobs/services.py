"""Starts background work: a row says what is to be done, and once that is committed a message says that it is there."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from helixweb.celery import app
from metrics import services as runs
from metrics.models import Run
from versions import services as versions
from workflows import services as workflows
from workflows.errors import Diagnostic, HelixError
from workflows.execution.engines import Asked
from workflows.models import WorkflowId
from workflows.optimizer.materialize import Policy
from workflows.schemas import DiagnosticOut

log = structlog.get_logger()


class WorkflowHasErrors(HelixError):
    """The text does not compile: ``diagnostics`` says why, as in the answer of ``check``."""

    code = "workflow-has-errors"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        errors = [each for each in diagnostics if each.severity == "error"]
        first = errors[0]
        super().__init__(
            f"This workflow has {len(errors)} error{'s' if len(errors) > 1 else ''}, the first in line "
            f"{first.span.line}: {first.message}",
            diagnostics=[DiagnosticOut.of(each).dict() for each in diagnostics],
        )


def start_run(
    workflow_id: WorkflowId,
    text: str,
    *,
    reuse: bool,
    force: Sequence[str],
    only: Sequence[str] = (),
    policy: Policy | None = None,
    engine: Asked = "auto",
) -> Run:
    """Commit the text as a version and queue a run of it, or with ``only`` of those of its nodes alone; a worker is
    told once both are committed.

    Raises UnknownNode, WorkflowNotFound, WorkflowHasErrors, or RunActive where a run of the workflow is under way.
    """
    workflow = workflows.get(workflow_id)
    if runs.active(workflow_id):
        raise runs.RunActive
    identified = workflows.identify(text, [*force, *only])
    if identified.compiled.dag is None:
        raise WorkflowHasErrors(identified.compiled.diagnostics)
    with transaction.atomic():
        transaction.on_commit(lambda: announce(run.id), robust=True)  # before all else: a worker begins meanwhile
        version = versions.commit(workflow, identified)
        run = runs.queue(version, reuse=reuse, force=force, only=only, policy=policy, engine=engine)
    return run


class DataChanged(HelixError):
    """A version cannot run again: its data are not what they were."""

    code = "data-changed"

    def __init__(self, number: int, paths: Sequence[str]) -> None:
        named = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        super().__init__(
            f"{named} {'is' if len(paths) == 1 else 'are'} not what v{number} was run on, so this would be another "
            f"version. Check v{number} out, then run: that makes it."
        )


def run_again(version_id: str, *, reuse: bool, only: Sequence[str] = (), policy: Policy | None = None) -> Run:
    """Queue a new run of a version, as it is, or with ``only`` of those of its nodes alone: the draft stays where it
    stands.

    Raises VersionNotFound, WorkflowHasErrors (of what was imported, or an older HelixWeb took), DataChanged, or
    RunActive where a run of the workflow is under way.
    """
    version = versions.get(version_id)
    if runs.active(version.workflow_id):
        raise runs.RunActive
    identified = workflows.identify(versions.text_of(version), ())
    if identified.compiled.dag is None:
        raise WorkflowHasErrors(identified.compiled.diagnostics)
    changed = versions.changed_data(version, identified)
    if changed:
        raise DataChanged(version.number, changed)
    with transaction.atomic():
        transaction.on_commit(lambda: announce(run.id), robust=True)
        run = runs.queue(version, reuse=reuse, force=(), only=only, policy=policy)
    return run


def announce(run_id: str) -> None:
    """Tell the workers of a queued run, now or as soon as that is possible."""
    if not enqueue("run_workflow", run_id):
        runs.unannounced(run_id)


def enqueue(task: str, *arguments: str) -> bool:
    """Tell the workers of something to do. False where Redis is away, which is logged."""
    try:
        app.send_task(f"helixweb.{task}", args=arguments)
    except OperationalError as error:
        log.warning("could not enqueue", task=task, arguments=arguments, error=str(error))
        return False
    return True
