"""Audits after a run, while nobody waits for this worker: a share of what the run loaded is computed anew."""

from __future__ import annotations

import random
import time
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from helixweb.jobs.lease import stopping
from helixweb.jobs.warm import warm_server
from metrics import services as runs
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.execution.audit import Auditor, drawn
from workflows.execution.planning import Prepared
from workflows.store.inventory import audits, audits_in_words

log = structlog.get_logger()

SECONDS: Final = 5.0  # of estimated work after a run
REST: Final = 1.0  # after a run, in which the next one mostly comes where somebody tries one thing after the other
LOOK_EVERY: Final = 0.2

_arrived = 0.0  # when this worker was given a run last


def make_way() -> None:
    """This worker was given a run, which an audit is not to slow down."""
    global _arrived
    _arrived = time.monotonic()


class Busy:
    """A cancellation that is asked for as soon as a run is queued or under way, or this worker is to end."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._looked = -LOOK_EVERY
        self._busy = False

    def requested(self) -> bool:
        if not self._busy and time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            self._busy = runs.any_active()
        return self._busy or _arrived >= self._began or stopping.is_set()

    def rested(self) -> bool:
        """Whether nobody came for a while."""
        while not self.requested():
            if time.monotonic() - self._began > REST:
                return True
            stopping.wait(LOOK_EVERY)
        return False


def audit(prepared: Prepared, run_id: str) -> None:
    """Check some of what a run loaded, each load with the probability HELIX_AUDIT. It costs no run anything: it is
    given up when one arrives, and whatever goes wrong is only logged."""
    try:
        parts = drawn(prepared, settings.AUDIT, random.Random(run_id))
        busy = Busy()
        if not parts or not busy.rested():
            return
        places = (workflows.store(), settings.DATA_ROOT, warm_server, settings.ISOLATION, settings.LIMITS)
        found = Auditor(*places, busy).audit(prepared, parts, SECONDS)
        if found.checked:
            log.info("audited", checked=found.checked, so_far=audits_in_words(audits(workflows.store().catalog)))
        for hit in found.false_hits:
            log.error("false hit", node=hit.node, message=hit.message)
    except (HelixError, DatabaseError) as error:
        log.warning("the audit was given up", error=str(error))
    finally:
        connection.close()
