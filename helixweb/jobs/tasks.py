"""The Celery tasks: each takes an id, finds in the tables what is to be done, and does it at most once."""

from __future__ import annotations

import secrets
from contextlib import suppress

import structlog
from django.conf import settings
from django.db import DatabaseError

from helixweb.celery import app
from helixweb.jobs import audits, backfilling, datasets
from helixweb.jobs.lease import Lease, stopping, written
from helixweb.jobs.services import announce
from helixweb.jobs.sink import RowSink
from helixweb.jobs.warm import spark_server, warm_server
from helixweb.spark import available
from metrics import services as runs
from metrics.models import Run
from metrics.recorder import Recorder
from versions import services as versions
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.execution import planning, runner
from workflows.execution.engines import ASKED
from workflows.execution.runner import Prepared, RunResult
from workflows.models import WorkflowId
from workflows.optimizer.materialize import POLICIES

log = structlog.get_logger()


@app.task(name="helixweb.run_workflow")
def run_workflow(run_id: str) -> None:
    """Execute a queued run. A message that comes twice finds the run claimed, and does nothing."""
    audits.make_way()
    if stopping.is_set():  # what this worker has just put back may come to it once more before it is gone
        runs.unannounced(run_id)
        return
    run = runs.claim(run_id, owner=secrets.token_hex(16))
    if run is None:
        log.info("nothing to do: the run is not queued", run=run_id)
        return
    with structlog.contextvars.bound_contextvars(run=run_id):
        try:
            _execute(run)
        except runs.LeaseLost:
            log.warning("stopped: the run was taken from this worker")
        except DatabaseError:
            log.exception("how the run ended could not be written; it is taken up again when its lease has run out")
        except Exception:  # the edge of a process: the user is told, the log says why
            log.exception("run failed in HelixWeb itself")
            message = "HelixWeb itself failed at this run. The worker's log says why; what was complete is kept."
            with suppress(runs.LeaseLost):
                _finish(run, RunResult.failed(message))


@app.task(name="helixweb.run_backfill")
def run_backfill(backfill_id: str) -> None:
    """Compute metrics for past versions, as a queued backfill says."""
    backfilling.run_backfill(backfill_id)


@app.task(name="helixweb.fetch_dataset")
def fetch_dataset(name: str) -> None:
    """Fetch a public data set that was asked for."""
    datasets.fetch_dataset(name)


@app.task(name="helixweb.read_files")
def read_files(workflow_id: str, *paths: str) -> None:
    """Read data files whose content hash a workflow's plan needs."""
    workflows.read_files(workflow_id, paths)


def _execute(run: Run) -> None:
    succeeded: list[Prepared] = []
    with Lease(run.id, run.lease_owner) as lease:
        result = _result(run, lease, succeeded)
    # The lease is held for a while yet, but nobody watches it: a run that has just ended looks like one that was lost.
    unasked = result.status == "cancelled" and not lease.cancelled.is_set()
    if unasked and stopping.is_set():
        written(lambda: runs.release(run.id, run.lease_owner))
        announce(run.id)
        log.info("put back into the queue, since this worker ends")
    elif unasked or result.interrupted:
        reason = "Its worker could not reach the database." if unasked else result.error or ""
        became = written(lambda: runs.interrupted(run.id, run.lease_owner, reason))
        log.warning("the run was interrupted", reason=reason, became=became)
        if became == "queued":
            announce(run.id)
    else:
        _finish(run, result, *succeeded)
        for prepared in succeeded:
            audits.audit(prepared, run.id)


def _result(run: Run, lease: Lease, succeeded: list[Prepared]) -> RunResult:
    """How the run ended; what was run is put into ``succeeded`` where it did, so that it can be audited."""
    try:
        with RowSink(Recorder(run), lease.lost) as sink:
            prepared = _prepared(run, lease)
            result = _run(prepared, run, lease, sink)
            if result.status == "succeeded":
                succeeded.append(prepared)
            return result
    except runs.LeaseLost:
        raise
    except HelixError as error:
        return RunResult.failed(error.message)
    except DatabaseError as error:
        log.exception("the database failed while the run went on")
        return RunResult.failed(f"The database could not be used: {error}.", interrupted=True)


def _prepared(run: Run, lease: Lease) -> Prepared:
    text = versions.text_of(run.version)
    return workflows.prepare(
        WorkflowId(run.workflow_id),
        text,
        reuse=run.reuse,
        force=run.force,
        only=run.only,
        policy=next((policy for policy in POLICIES if policy == run.policy), None),
        engine=next((engine for engine in ASKED if engine == run.engine), "auto"),
        spark=available(),
        cancellation=lease,
    )


def _run(prepared: Prepared, run: Run, lease: Lease, sink: RowSink) -> RunResult:
    return runner.run(
        prepared,
        store=workflows.store(),
        data_root=settings.DATA_ROOT,
        sink=sink,
        cancellation=lease,
        limits=settings.LIMITS,
        isolation=settings.ISOLATION,
        warm=warm_server,
        spark=spark_server,
        attempt=run.attempt,
    )


def _finish(run: Run, result: RunResult, prepared: Prepared | None = None) -> None:
    """End the run; of one that succeeded (``prepared``) and is whole, note as well what it took, or would have taken,
    from scratch. That is estimated when the run is over, so that its end waits for nothing."""
    message, seconds = result.error or "", result.seconds
    whole = prepared is not None and not run.only
    reused = prepared is not None and whole and _reused(prepared, result)
    scratch = seconds if whole and not reused else None
    written(
        lambda: runs.finish(run.id, run.lease_owner, result.status, seconds=seconds, message=message, scratch=scratch)
    )
    if prepared is not None and reused:
        runs.estimate_scratch(run, planning.from_scratch(prepared, workflows.store()))


def _reused(prepared: Prepared, result: RunResult) -> bool:
    """Whether anything was loaded: a part by the plan, or a node as the run went on."""
    assert prepared.plan is not None
    parts = prepared.plan.parts.values()
    return any(part.action == "load" for part in parts) or any(node.action == "load" for node in result.nodes)
