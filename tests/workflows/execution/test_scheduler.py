"""The scheduler drops a result at its last use, starts the longest way first, and keeps user code apart."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.workflows.execution.lab import Lab
from workflows.execution.jobs import job_of
from workflows.execution.local import LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import Done, Job, Limits, Message, PartFailed, PartSkipped, PartStarted
from workflows.execution.scheduler import Scheduler
from workflows.execution.usercode import UserCode
from workflows.graph.dag import Part, PartId

CHAIN = """\
rows = Dataset("iris")

def more(batch):
    return batch.assign(n=1)

first = Map(rows, more)
second = Map(first, lambda batch: more(batch) + 1)
third = Map(second, lambda batch: more(batch) + 2)
fourth = Map(third, lambda batch: more(batch) + 3)

def count(frame):
    return len(frame)

n = Reducer(fourth, count)
"""


class Watching(LocalEngine):
    """Notes how many results of earlier parts are still alive when a part begins."""

    def __init__(self, job: Job, code: UserCode) -> None:
        super().__init__(job, code)
        self.made: list[weakref.ref[Any]] = []
        self.alive: list[int] = []
        self.owner = threading.current_thread()
        self.by_owner: list[str] = []

    def compute(self, part: Part, data: Mapping[PartId, Any]) -> Any:
        if threading.current_thread() is self.owner:
            self.by_owner.append(part.id.node)
        gc.collect()
        self.alive.append(sum(result() is not None for result in self.made))
        result = super().compute(part, data)
        if hasattr(result, "num_rows"):
            self.made.append(weakref.ref(result))
        return result


def scheduled(lab: Lab, text: str, *, cores: int = 1) -> tuple[Watching, list[Message]]:
    prepared = lab.prepare(text, policy="none")
    job = job_of(prepared, {}, lab.store, lab.store.staging(), Path(lab.data), Limits())
    job = replace(job, cores=cores)
    sent: list[Message] = []
    output = Output(sent.append, job.limits.log)
    engine = Watching(job, UserCode(job.program, {"log": output.log}))
    Scheduler(job, engine, output, sent.append).run()
    return engine, sent


def test_a_result_is_dropped_at_its_last_use(lab: Lab) -> None:
    engine, sent = scheduled(lab, CHAIN)
    assert len(engine.alive) == 6
    assert engine.alive == [0, 1, 1, 1, 1, 1]
    assert isinstance(sent[-1], Done)


def test_the_longest_way_to_the_end_starts_first(lab: Lab) -> None:
    side = "short = Reducer(rows, lambda frame: 1)\n"
    _, sent = scheduled(lab, CHAIN.replace("first = Map", f"{side}first = Map"))
    started = [message.node for message in sent if isinstance(message, PartStarted)]
    assert started[0] == "rows"
    assert started.index("first") < started.index("short")


def test_what_follows_from_a_failure_is_skipped_once_and_the_rest_is_done(lab: Lab) -> None:
    text = (
        CHAIN.replace("more(batch) + 1", "batch['oops']")
        + "m = Reducer(first, third, lambda a, b: 1)\nk = Reducer(first, count)\n"
    )
    engine, sent = scheduled(lab, text, cores=2)
    assert [message.node for message in sent if isinstance(message, PartFailed)] == ["second"]
    skipped = [message.node for message in sent if isinstance(message, PartSkipped)]
    assert sorted(skipped) == ["fourth", "m", "n", "third"]
    assert {message.because for message in sent if isinstance(message, PartSkipped)} == {"second"}
    gc.collect()
    assert not [result for result in engine.made if result() is not None]


def test_what_is_alone_is_computed_by_the_owner_unless_it_is_user_code(lab: Lab) -> None:
    text = 'rows = Dataset("iris")\nfirst = Map(rows, lambda batch: batch)\nless = Filter(first, "target < 2")\n'
    engine, _ = scheduled(lab, text + "n = Reducer(less, lambda frame: len(frame))\n", cores=2)
    assert engine.by_owner == ["rows", "less"]
