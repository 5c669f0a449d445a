"""Tables of runs and what they measured: runs, node runs, events, metric points, and what was computed later."""

from __future__ import annotations

from typing import Final, NewType

from django.db import models

from metrics.columns import JsonText
from versions.models import Version
from workflows.models import Workflow, new_id

RunId = NewType("RunId", str)

ACTIVE: Final = ("queued", "running")


class Run(models.Model):
    """An execution of a version.

    A worker that executes it holds a lease (``lease_owner`` until ``lease_until``) and renews it; all it writes about
    the run is conditional on that lease. ``announced_at`` is when the workers were last told of a queued run, null
    where they have to be told. ``last_event`` is the number of the newest event; ``seconds`` and ``estimate`` are
    engine time, and so is ``scratch``: what computing everything would have taken by the costs that were known when it
    ended, just its ``seconds`` where it loaded nothing, null where it did not succeed as a whole. ``only`` are the
    nodes that it was to compute instead of the outputs, if any were named; ``policy`` is empty for the usual one;
    ``engine`` is the one that was asked for.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, default="queued")
    reuse = models.BooleanField(default=True)
    force = JsonText(default=list)
    only = JsonText(default=list)
    policy = models.CharField(max_length=20, blank=True)
    engine = models.CharField(max_length=10, default="auto")
    queued_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    estimate = models.FloatField(null=True)
    scratch = models.FloatField(null=True)
    message = models.TextField(blank=True)
    last_event = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow"], condition=models.Q(status__in=ACTIVE), name="one_active_run_a_workflow"
            )
        ]
        indexes = [models.Index(fields=["workflow", "-queued_at"], name="runs_of_a_workflow")]

    @property
    def partial(self) -> bool:
        """Whether it was to compute some nodes alone: what it has no result of, the version may well have."""
        return bool(self.only)


class NodeRun(models.Model):
    """What a run did with one node; ``place`` orders nodes as the plan lists them. ``error`` is a NodeFailed's data."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="nodes")
    name = models.TextField()
    place = models.PositiveIntegerField()
    operator = models.CharField(max_length=80)
    status = models.CharField(max_length=10, default="waiting")
    action = models.CharField(max_length=10)
    stale = models.BooleanField()
    reason = models.TextField(blank=True)
    signature = models.CharField(max_length=64, blank=True)
    estimate = models.FloatField()
    seconds = models.FloatField(null=True)
    bytes = models.BigIntegerField(null=True)
    stored = models.BooleanField(default=False)
    error = JsonText(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_node_run_a_node")]


class VersionResult(models.Model):
    """A run of the version had a part of this signature in its graph: its results are of this version."""

    signature = models.CharField(max_length=64)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="results")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signature", "version"], name="one_result_a_version")]


class RunEvent(models.Model):
    """A numbered fact about a run (``workflows.events`` as JSON). Numbers count from 1 without a gap."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    event = JsonText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="event_number")]


class Backfill(models.Model):
    """Metrics of today, to be computed for versions of the past.

    ``text`` is the one that has them; ``nodes`` are their names, each with its operator. A worker holds it under a
    lease as it does a run, with the same columns; ``seconds`` is the time that its newest attempt took.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="backfills")
    text = models.TextField()
    nodes = JsonText(default=dict)
    status = models.CharField(max_length=10, default="queued")
    requested_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    estimate = models.FloatField(null=True)
    message = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workflow"], condition=models.Q(status__in=ACTIVE), name="one_active_backfill_a_workflow"
            )
        ]
        indexes = [models.Index(fields=["workflow", "-requested_at"], name="backfills_of_a_workflow")]


class BackfilledVersion(models.Model):
    """What became of one version in a backfill: waiting, done, failed, refused or cancelled, and why."""

    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, related_name="versions")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="backfilled")
    status = models.CharField(max_length=10, default="waiting")
    message = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["backfill", "version"], name="one_row_a_backfilled_version")]


class MetricPoint(models.Model):
    """A value that a run measured; ``value`` is null where it was not a finite number, ``step`` where it is alone.

    ``backfill``: it was computed for the run's version later, by that; null for what the run itself measured.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="metrics")
    node = models.TextField()
    name = models.TextField()
    value = models.FloatField(null=True)
    step = models.BigIntegerField(null=True)
    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, null=True, related_name="points")

    class Meta:
        # A run may log millions of values by step: what stands alone, and the names of curves, are found without them.
        indexes = [
            models.Index(fields=["run"], condition=models.Q(step__isnull=True), name="points_alone"),
            models.Index(
                fields=["run", "node", "name"], condition=models.Q(step__isnull=False), name="points_of_curves"
            ),
        ]
