"""How well a plan's estimates foretold what its nodes took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FACTOR = 2.0  # an estimate is near where it is off by no more than this, up or down
_NOISE = 0.002  # seconds: where both are below, nobody waited, and what was measured is mostly chance


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of ``nodes`` that took any time worth telling, ``near`` took what was estimated up to FACTOR. ``farthest`` is,
    of those that did not (of all, where all did), the one whose estimate was off by most seconds."""

    nodes: int
    near: int
    farthest: str
    estimate: float
    seconds: float


def accuracy(nodes: Iterable[tuple[str, float, float]]) -> Accuracy | None:
    """Of names, estimated and measured seconds; None where nothing took any time worth telling."""
    told = [(name, estimate, seconds) for name, estimate, seconds in nodes if max(estimate, seconds) >= _NOISE]
    if not told:
        return None
    far = [one for one in told if max(one[1:]) > FACTOR * min(one[1:])]
    return Accuracy(len(told), len(told) - len(far), *max(far or told, key=lambda one: abs(one[1] - one[2])))
