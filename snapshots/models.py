"""Tables of interaction snapshots: dashboards, what was asked in them, and what was answered."""

from __future__ import annotations

from typing import Final

from django.db import models

from metrics.columns import JsonText
from versions.models import Version
from workflows.models import Workflow, new_id

PENDING: Final = ("pending", "waiting")  # of answers: wanted; wanted, and a run makes its data first
FINAL: Final = ("ready", "failed", "cancelled")


class Dashboard(models.Model):
    """Linked charts over the data of one node, or (``node`` is empty) over the workflow's versions themselves.

    ``revision`` numbers all that happens to its snapshots: a browser asks for what came after the last one it knows.
    ``watched_until``: a page shows it until then at least; later, what is pending is cancelled. ``looked_at`` is the
    snapshot that the page shows large. ``delay`` and ``variation`` are seconds by which answers are delivered late,
    ``failing`` the share of them that fail at first: for demonstrations and tests, all 0 otherwise.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="dashboards")
    node = models.TextField(blank=True)
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField(default=0)
    snapshots_made = models.PositiveIntegerField(default=0)
    watched_until = models.DateTimeField()
    looked_at = models.CharField(max_length=16, blank=True)
    delay = models.FloatField(default=0.0)
    variation = models.FloatField(default=0.0)
    failing = models.FloatField(default=0.0)


class Snapshot(models.Model):
    """One interaction: the state that was asked for, on the data of one version. ``number`` counts from 1 in the order
    in which a dashboard's were asked; ``words`` restate what was asked; ``client`` is who asked, ``key`` what that
    calls the interaction: whoever asks again under the same key gets the same snapshot."""

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="snapshots")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, null=True)
    number = models.PositiveIntegerField()
    state = JsonText()
    state_hash = models.CharField(max_length=64)
    words = models.TextField()
    label = models.CharField(max_length=200, blank=True)
    pinned = models.BooleanField(default=False)
    client = models.CharField(max_length=64)
    key = models.CharField(max_length=64, null=True)
    asked_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dashboard", "number"], name="one_snapshot_a_number"),
            models.UniqueConstraint(fields=["dashboard", "key"], name="one_snapshot_a_key"),
        ]


class Answer(models.Model):
    """What one chart of a snapshot asked, and what came of it.

    A worker that answers holds a lease. ``question`` is the hash under which its figure is stored. A final status is
    shown once it was delivered, which gives it its ``revision``: not before ``due_at``. ``run`` is the run that makes
    the data anew, where they had been evicted; ``note`` says so.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="answers")
    chart = models.CharField(max_length=16)
    place = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=64)
    status = models.CharField(max_length=10, default="pending")
    estimate = JsonText(null=True)
    code = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    note = models.TextField(blank=True)
    run = models.CharField(max_length=16, blank=True)
    seconds = models.FloatField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    announced_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    delivered = models.BooleanField(default=False)
    revision = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "chart"], name="one_answer_a_chart")]
        indexes = [
            models.Index(fields=["status"], condition=models.Q(status__in=PENDING), name="pending_answers"),
            models.Index(fields=["due_at"], condition=models.Q(delivered=False), name="undelivered_answers"),
            models.Index(fields=["question"], name="answers_to_a_question"),
        ]


class StoredFigure(models.Model):
    """A figure, or a profile of data, by the hash of its question: the same question is answered from here, at once."""

    question = models.CharField(max_length=64, primary_key=True)
    figure = JsonText()
    seconds = models.FloatField()
    used_at = models.DateTimeField()
