"""All randomised suites by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.soak import compiling, kills, made, planning, sequences, soundness, stores
from tests.soak.suite import Suite

_ALL = (compiling.SUITE, planning.SUITE, *soundness.SUITES, *sequences.SUITES, *made.SUITES, stores.SUITE, kills.SUITE)
SUITES: Mapping[str, Suite] = {suite.name: suite for suite in _ALL}
