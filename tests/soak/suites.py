"""All randomised suites by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.soak import compiling, soundness
from tests.soak.suite import Suite

SUITES: Mapping[str, Suite] = {suite.name: suite for suite in (compiling.SUITE, *soundness.SUITES)}
