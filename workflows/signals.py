"""What the workflows' tables tell the parts of the house above them, once it is committed."""

from __future__ import annotations

from django.dispatch import Signal

workflow_changed = (
    Signal()
)  # workflow: the id of a workflow whose draft, name, head or plan changed, or which was deleted
files_unread = Signal()  # workflow, paths: files whose content hash its plan needs, and that were never read
