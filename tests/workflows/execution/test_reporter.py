from __future__ import annotations

import math

import pytest

from workflows.execution.protocol import Message, Progressed
from workflows.execution.reporter import PAUSE, REPORTS, Reporter


class Told:
    def __init__(self) -> None:
        self.now = 0.0
        self.messages: list[Message] = []
        self.reporter = Reporter(self.messages.append, lambda: self.now)


@pytest.fixture
def told() -> Told:
    return Told()


def test_the_first_report_is_told_at_once_and_of_those_that_come_too_soon_the_latest(told: Told) -> None:
    assert not told.reporter.tell("a", 0.1, "")
    assert told.reporter.tell("a", 0.2, "")
    assert told.reporter.tell("a", 0.3, "third")
    assert told.reporter.send_due()
    told.now = PAUSE
    assert not told.reporter.send_due()
    assert told.messages == [Progressed("a", 0.1, ""), Progressed("a", 0.3, "third")]


def test_nodes_do_not_wait_for_each_other(told: Told) -> None:
    told.reporter.tell("a", None, "")
    told.reporter.tell("b", None, "")
    assert [message.node for message in told.messages if isinstance(message, Progressed)] == ["a", "b"]


def test_nothing_is_told_of_a_node_that_has_ended(told: Told) -> None:
    told.reporter.tell("a", 0.1, "")
    told.reporter.tell("a", 0.2, "")
    told.reporter.end("a")
    told.now = 10 * PAUSE
    assert not told.reporter.send_due()
    assert told.messages == [Progressed("a", 0.1, "")]


def test_a_fraction_is_brought_between_0_and_1_and_what_is_no_number_is_refused(told: Told) -> None:
    for at, fraction in enumerate((-1.0, 7.0, math.inf)):
        told.now = at
        told.reporter.tell("a", fraction, "x" * 1000)
    assert [message.fraction for message in told.messages if isinstance(message, Progressed)] == [0.0, 1.0, 1.0]
    assert all(len(message.message) == 200 for message in told.messages if isinstance(message, Progressed))
    with pytest.raises(ValueError, match="between 0 and 1"):
        told.reporter.tell("a", math.nan, "")


def test_a_node_that_takes_a_year_and_never_rests_tells_no_more_than_it_may(told: Told) -> None:
    parts = 0
    while told.now < 365 * 86400:
        told.reporter.tell("a", 0.5, "")
        if parts < 50:  # each part goes on where the one before was
            told.reporter.end("a")
            parts += 1
        told.now += max(0.01, told.now / 1000)
    assert 500 < len(told.messages) < REPORTS
