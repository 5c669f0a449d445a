"""The browser's union of events is the one of workflows/events.py."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "typescript.py"


def test_the_browsers_events_are_those_of_the_engine() -> None:
    module = runpy.run_path(str(SCRIPT))
    assert module["TARGET"].read_text(encoding="utf-8") == module["typescript"](), "run `make codegen`"
