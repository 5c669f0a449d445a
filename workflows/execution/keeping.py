"""Decides in the run process which results are kept, as each is complete, by the policy of the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from workflows.execution.protocol import Job
from workflows.graph.dag import PartId
from workflows.operators.registry import OPERATORS
from workflows.optimizer.costs import VALUE_LOAD_SECONDS
from workflows.optimizer.materialize import Result, expected_uses, keep
from workflows.optimizer.outlook import regain
from workflows.store.eviction import SMALL_BYTES, is_small

_SURPRISE = 2.0  # how far a size or a time must be from its estimate to change what is expected of other parts
_SHARE = 0.03  # of the time of the run: what looking ahead once more may take


class Keeping:
    """Follows the parts of a job; the thread that owns what is known of the run asks it.

    What is expected of parts that are not complete rests on estimates; where a large result turns out to be another
    than estimated, what is made of it is estimated anew from that.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._outlook = job.outlook
        self._places = {part: place for place, part in enumerate(job.outlook.parts)}
        self._seconds = list(job.outlook.seconds)
        self._bytes = list(job.outlook.bytes)
        self._loads = [self._load(size) for size in self._bytes]
        self._above = [items if place in self._outlook.open else () for place, items in enumerate(job.outlook.requires)]
        self._took: dict[int, float] = {}  # seconds that parts took in this run, to compute or to load
        self._most: dict[int, float] = {}  # and all above them, where what is reached twice counts twice
        self._decided: dict[int, bool] = {}
        self._kept = set(job.outlook.stored)
        self._uses: list[float] | None = None
        self._room = job.room
        self._began = time.perf_counter()
        self._spent = 0.0  # seconds, for looking ahead

    def benefit(self, part: PartId, seconds: float, size: int, *, loaded: bool) -> float | None:
        """To be told of each part as it is complete. The seconds that keeping its result is expected to save, or None
        where it is not to be kept."""
        job, place = self._job, self._places[part]
        if job.policy == "none" or part in job.same_as:
            return None
        above = () if loaded else self._outlook.requires[place]
        self._took[place] = seconds
        self._most[place] = sum([self._took.get(item, 0.0) + self._most.get(item, 0.0) for item in above])
        if loaded:
            return None
        self._note(place, seconds, size)
        if job.signatures[part] is None or not OPERATORS[job.parts.parts[part].node.operator].stored:
            return None
        result = self._result(place, seconds, size)
        kept = keep(job.policy, result, self._room)
        if kept and job.policy == "helix":
            kept = any(
                keep("helix", replace(result, ancestors=so_far), self._room) for so_far in self._ancestors(place)
            )
        self._decided[place] = kept
        if not kept:
            return None
        self._kept.add(place)
        self._room = self._room.less(size)
        return result.benefit

    def _load(self, size: float) -> float:
        return VALUE_LOAD_SECONDS if size <= SMALL_BYTES else self._job.speed.load_seconds(size)

    def _note(self, place: int, seconds: float, size: int) -> None:
        """Take note of what was measured; what was expected of others is void where that is far from the estimate."""
        estimates = ((size, self._bytes[place]), (seconds, self._seconds[place]))
        self._bytes[place], self._seconds[place] = size, seconds
        self._loads[place] = self._load(size)
        if is_small(size, light=True) or self._spent > _SHARE * (time.perf_counter() - self._began):
            return
        if any(not 1.0 / _SURPRISE < (now + 1e-9) / (then + 1e-9) < _SURPRISE for now, then in estimates):
            self._uses = None

    def _result(self, place: int, seconds: float, size: int) -> Result:
        light, speed = place in self._outlook.light, self._job.speed
        weighed = self._job.policy == "adaptive" and not is_small(size, light)
        return Result(
            bytes=size,
            load=self._loads[place],
            price=speed.price(size),
            compute=seconds,
            ancestors=self._most[place],
            regain=regain(self._outlook.requires, place, self._kept, self._seconds, self._loads),
            uses=self._expected()[place] if weighed else 1.0,
            output=place in self._outlook.wanted,
            light=light,
        )

    def _expected(self) -> list[float]:
        if self._uses is None:
            began = time.thread_time()  # others may hold the interpreter meanwhile
            self._scale()
            self._uses = expected_uses(self._outlook, self._seconds, self._bytes, self._job.speed, self._decided)
            self._spent += time.thread_time() - began
        return self._uses

    def _scale(self) -> None:
        """Estimate the sizes of what is not complete anew, by how far off the estimates of its inputs were."""
        estimated = self._outlook.bytes
        for place, items in enumerate(self._outlook.requires):
            if place in self._outlook.open and place not in self._took and items:
                before, now = sum([estimated[item] for item in items]), sum([self._bytes[item] for item in items])
                self._bytes[place] = estimated[place] * now / before if before else now
                self._loads[place] = self._load(self._bytes[place])

    def _ancestors(self, place: int) -> Iterator[float]:
        """What everything above a part took in this run, each once, summed up step by step: the more, the rather is it
        kept, so the answer is often known before all are summed."""
        above = list(self._outlook.requires[place])
        seen = set(above)
        total = 0.0
        yield total
        while above:
            item = above.pop()
            total += self._took.get(item, 0.0)
            yield total
            fresh = set(self._above[item]) - seen
            seen |= fresh
            above.extend(fresh)
