"""What the tables of snapshots tell the parts of the house above them, once it is committed."""

from __future__ import annotations

from django.dispatch import Signal

dashboard_changed = Signal()  # dashboard: the id of one that has changes after the last revision
answers_wanted = Signal()  # answers: ids of answers that workers have to be told of
