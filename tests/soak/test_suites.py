"""The first cases of every randomised suite; ``make soak`` tries the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.harness import hold
from tests.soak.suite import SEED, Suite
from tests.soak.suites import SUITES


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_the_first_cases_hold(suite: Suite, tmp_path: Path) -> None:
    state = hold(suite, tmp_path, SEED)
    assert state.next == suite.slice
    assert state.counted >= suite.slice
