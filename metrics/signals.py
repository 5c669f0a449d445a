"""What the tables of runs tell the parts of the house above them, once it is committed."""

from __future__ import annotations

from django.dispatch import Signal

run_changed = Signal()  # run: the id of a run that has new events
backfill_changed = Signal()  # backfill: the id of one that has got further
