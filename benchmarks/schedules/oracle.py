"""The oracle: what no engine that only skips work can beat, ``python -m benchmarks.schedules.oracle WORKFLOW DATA``.

The same kernels in one process, as many parts at once as there are cores, user code one at a time as in a run; every
result of earlier versions is kept in memory under its signature, and costs nothing to load. Prints for each version one
line of JSON: seconds from the signed text to the last result, and what it wants.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from benchmarks.schedules import Version, versions
from benchmarks.schedules.engine import Iteration
from workflows.execution import warm
from workflows.execution.jobs import job_of
from workflows.execution.limits import Limits
from workflows.execution.local import LocalEngine
from workflows.execution.owncode import runs_user_code
from workflows.execution.planning import Prepared, prepare
from workflows.execution.protocol import Job
from workflows.execution.usercode import UserCode
from workflows.graph.dag import VALUE, PartId
from workflows.hashing import Signature
from workflows.operators.kernels.base import Data
from workflows.store.filesystem import FileStore

Known = dict[Signature, Data]


def iterations(workflow: str, texts: Sequence[Version], data: Path) -> Iterator[Iteration]:
    """What each version takes after those before it."""
    known: Known = {}
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        store = FileStore(Path(folder))  # nothing is put into it
        for version in texts:
            prepared = prepare(version.text, store=store, data_root=data, workflow=workflow, hash_files=True)
            job = job_of(prepared, {}, store, Path(folder), data, Limits())
            gc.collect()
            gc.freeze()
            began = time.perf_counter()
            outputs = _Round(job, known).run()
            seconds = time.perf_counter() - began
            wanted = {name: outputs[name] for name in _dag(prepared).outputs if name in outputs}
            yield Iteration(seconds, seconds, seconds, wanted)
        store.close()


def _dag(prepared: Prepared) -> Any:
    assert prepared.compiled.dag is not None
    return prepared.compiled.dag


class _Round:
    """One version: computes what it needs and is not known."""

    def __init__(self, job: Job, known: Known) -> None:
        self._known = known
        self._job = job
        self._engine = LocalEngine(job, UserCode(job.program, {"log": lambda *_, **__: None}, None))
        self._signatures = {name: signature for name, signature in job.signatures.items() if signature is not None}
        needed = self._needed()
        self._waiting = [name for name in job.parts.parts if name in needed]  # inputs first
        self._running: dict[Future[Data], PartId] = {}

    def run(self) -> dict[str, Any]:
        """The values of the version."""
        with ThreadPoolExecutor(self._job.cores) as executors:
            while self._waiting or self._running:
                self._start(executors)
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in done:
                    self._known[self._signatures[self._running.pop(future)]] = future.result()
        wanted = [name for name in self._job.parts.wanted if name.label == VALUE]
        return {name.node: self._known[self._signatures[name]] for name in wanted}

    def _needed(self) -> set[PartId]:
        """What must be computed, each equal part once."""
        needed: dict[Signature, PartId] = {}
        above = list(self._job.parts.wanted)
        while above:
            name = above.pop()
            signature = self._signatures[name]
            if signature not in self._known and signature not in needed:
                needed[signature] = name
                above.extend(self._job.parts.parts[name].requires)
        return set(needed.values())

    def _start(self, executors: ThreadPoolExecutor) -> None:
        """Start what is ready, the longest way to the end first."""
        parts = self._job.parts.parts
        for name in sorted(self._waiting, key=lambda name: -self._job.ranks.get(name, 0.0)):
            if len(self._running) == self._job.cores:
                return
            data = self._inputs(parts[name].requires)
            busy = any(runs_user_code(parts[other], parts) for other in self._running.values())
            if data is None or (busy and runs_user_code(parts[name], parts)):
                continue
            self._waiting.remove(name)
            self._running[executors.submit(self._engine.compute, parts[name], data)] = name

    def _inputs(self, requires: Sequence[PartId]) -> Mapping[PartId, Data] | None:
        if any(self._signatures[name] not in self._known for name in requires):
            return None
        return {name: self._known[self._signatures[name]] for name in requires}


def main(workflow: str, data: str) -> None:
    warm.load()
    for iteration in iterations(workflow, versions(workflow), Path(data)):
        print(json.dumps({"seconds": iteration.seconds, "outputs": iteration.outputs}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
