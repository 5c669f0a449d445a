"""Tables of versions, branches and tags: an index over what the workflows' git repositories hold."""

from __future__ import annotations

from django.db import models

from workflows.models import Workflow


class Version(models.Model):
    """An immutable commit of a workflow. ``id`` is the git commit's, ``number`` counts a workflow's versions from 1.

    Every column but ``number`` repeats what the commit says, though people may write another ``message``; the text is
    read from the commit, where it stands at ``path``. ``others`` are the ids of the parents beside ``parent``, of a
    merge that was imported, with spaces between them.
    """

    id = models.CharField(max_length=40, primary_key=True)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    tree = models.CharField(max_length=40)
    message = models.TextField()
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    others = models.TextField(blank=True)
    path = models.CharField(max_length=400, default="workflow.py")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="version_number")]
        indexes = [models.Index(fields=["workflow", "tree"], name="version_tree")]

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids of all its parents, the first one first."""
        return (*([self.parent_id] if self.parent_id else []), *self.others.split())


class Branch(models.Model):
    """A line of versions by its newest one: ``refs/heads/<name>`` of the repository."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="branches")
    name = models.CharField(max_length=120)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="branches")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "name"], name="branch_name")]


class Tag(models.Model):
    """A name for one version, for good: ``refs/tags/<name>`` of the repository."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=120)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="tags")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "name"], name="tag_name")]
