from __future__ import annotations

from workflows.execution.accuracy import Accuracy, accuracy


def test_what_took_up_to_twice_or_half_of_its_estimate_is_near() -> None:
    nodes = [("a", 1.0, 2.0), ("b", 1.0, 0.5), ("c", 1.0, 2.1), ("d", 1.0, 0.4), ("e", 0.0, 0.01)]
    assert accuracy(nodes) == Accuracy(5, 2, "c", 1.0, 2.1)


def test_the_farthest_is_one_of_those_that_were_not_near() -> None:
    assert accuracy([("slow", 10.0, 13.0), ("quick", 0.01, 0.05)]) == Accuracy(2, 1, "quick", 0.01, 0.05)
    assert accuracy([("slow", 10.0, 13.0), ("quick", 0.01, 0.01)]) == Accuracy(2, 2, "slow", 10.0, 13.0)


def test_what_nobody_waited_for_does_not_count() -> None:
    assert accuracy([("a", 0.0001, 0.0019)]) is None
    assert accuracy([]) is None
    assert accuracy([("a", 0.0, 0.0), ("b", 3.0, 3.0)]) == Accuracy(1, 1, "b", 3.0, 3.0)
