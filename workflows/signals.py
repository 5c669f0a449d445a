"""What the workflows' tables tell the parts of the house above them, once it is committed."""

from __future__ import annotations

from django.dispatch import Signal

workflow_changed = Signal()  # workflow: the id of a workflow whose draft, name or head changed, or which was deleted
plan_changed = Signal()  # workflow: one whose plan may be another, since what is kept changed, or its data were read
files_unread = Signal()  # workflow, paths: files whose content hash its plan needs, and that were never read
