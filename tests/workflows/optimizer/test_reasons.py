from __future__ import annotations

import pytest

from workflows.optimizer.reasons import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 µs"),
        (0.00005, "50 µs"),
        (0.008, "8 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (41.26, "41.3 s"),
        (180.0, "3 min"),
        (7200.0, "2 h"),
        (30 * 86400.0, "30 days"),
    ],
)
def test_a_time_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
