"""The table of versions: an index over the commits that the workflows' git repositories hold."""

from __future__ import annotations

from django.db import models

from workflows.models import Workflow


class Version(models.Model):
    """An immutable commit of a workflow. ``id`` is the git commit's, ``number`` counts a workflow's versions from 1.

    Every column but ``number`` repeats what the commit says; the text is read from the commit.
    """

    id = models.CharField(max_length=40, primary_key=True)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    tree = models.CharField(max_length=40)
    message = models.TextField()
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number"),
            models.UniqueConstraint(fields=["workflow", "tree"], name="version_tree"),
        ]
