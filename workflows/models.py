"""Tables of the workflow documents, and of what the optimizer knows (the ``Catalog`` port on the server)."""

from __future__ import annotations

import secrets
from typing import NewType

from django.db import models

WorkflowId = NewType("WorkflowId", str)


def new_id() -> str:
    """A fresh identifier of 16 hex digits, fit for an address."""
    return secrets.token_hex(8)


class Workflow(models.Model):
    """A document that a user edits. ``text`` is the draft; ``revision`` counts its changes.

    ``head`` is the version that the draft was last committed as or checked out from, empty before the first run;
    ``branch`` the branch that the next version goes to, empty where an old version was checked out.
    A deleted workflow keeps its row, so that deleting can be undone.
    """

    id = models.CharField(max_length=16, primary_key=True, default=new_id)
    name = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    head = models.CharField(max_length=40, blank=True)
    branch = models.CharField(max_length=120, blank=True, default="main")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)


class CatalogRecord(models.Model):
    """What is known of a signature that completed: ``ports.Record``, and the seal of its bytes if they are stored."""

    signature = models.CharField(max_length=64, primary_key=True)
    operator = models.CharField(max_length=80)
    seconds = models.FloatField()
    input_bytes = models.BigIntegerField()
    bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, null=True)
    codec = models.CharField(max_length=20, null=True)
    load_seconds = models.FloatField(null=True)
    completed_at = models.FloatField()
    seal = models.TextField(null=True)
    value = models.CharField(max_length=64, null=True)
    weightless = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["value"], condition=models.Q(digest__isnull=False), name="holder"),
            models.Index(fields=["digest"], condition=models.Q(digest__isnull=False), name="stored"),
        ]


class CatalogTrace(models.Model):
    """What an operation on inputs of certain values gave: ``ports.Trace``, and when it was entered last."""

    key = models.CharField(max_length=64, primary_key=True)
    operation = models.CharField(max_length=64)
    value = models.CharField(max_length=64)
    seconds = models.FloatField()
    input_bytes = models.BigIntegerField()
    bytes = models.BigIntegerField()
    at = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["operation", "at"], name="newest_trace")]


class CatalogCost(models.Model):
    """What an operator's runs cost: ``store.regression.Sums``; one row an operator, and one for loading."""

    operator = models.CharField(max_length=80, primary_key=True)
    n = models.FloatField()
    x = models.FloatField()
    y = models.FloatField()
    xx = models.FloatField()
    xy = models.FloatField()


class CatalogFile(models.Model):
    """The content hash of a file under the stamp it was read at; one row a path."""

    path = models.TextField(primary_key=True)
    size = models.BigIntegerField()
    mtime_ns = models.BigIntegerField()
    ctime_ns = models.BigIntegerField()
    inode = models.BigIntegerField()
    content_hash = models.CharField(max_length=64)


class CatalogMadeFrom(models.Model):
    """What a workflow's last run was made from, as ``execution.memory`` writes it."""

    workflow = models.CharField(max_length=400, primary_key=True)
    run = models.TextField()


class CatalogHolding(models.Model):
    """What is kept of a stored result, or was: see ``ports.Holding``."""

    signature = models.CharField(max_length=64, primary_key=True)
    benefit = models.FloatField()
    base = models.FloatField()
    used_at = models.FloatField()
    hits = models.PositiveBigIntegerField(default=0)
    saved = models.FloatField(default=0.0)
    evicted = models.BooleanField(default=False)


class CatalogUsage(models.Model):
    """A run of ``workflow`` that began ``at`` (Unix seconds) had the result as that of a ``part`` of ``node``."""

    signature = models.CharField(max_length=64)
    workflow = models.CharField(max_length=400)
    node = models.CharField(max_length=200)
    at = models.FloatField()
    part = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signature", "workflow", "node"], name="one_usage_a_node")]
        indexes = [models.Index(fields=["workflow", "at"], name="usage_of_a_workflow")]


class CatalogPin(models.Model):
    """``holder`` keeps the result from being evicted, ``until`` then (Unix seconds) or for good."""

    holder = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)
    until = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "signature"], name="one_pin_a_holder")]


class CatalogDoomed(models.Model):
    """Bytes that are to be removed unless a result has them: of evicted results, and of what is being written."""

    digest = models.CharField(max_length=64, primary_key=True)


class CatalogTally(models.Model):
    """A count, by name, in a group: edits by kind of node, what audits found, how fast the store is."""

    group = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="one_tally_a_name")]
