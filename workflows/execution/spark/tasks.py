"""What an executor does: applies the kernel of a part to one block of each of its inputs, and says how that went.

The same local engine does it as computes parts in a run process. Loaded on executors; imports nothing of Spark.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from workflows.events import NodeFailed
from workflows.execution.failures import failure
from workflows.execution.library import LibraryFinder
from workflows.execution.local import Learned, LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import Job, Message
from workflows.execution.spark import blocks
from workflows.execution.spark.blocks import Block, Blocks
from workflows.execution.usercode import UserCode
from workflows.graph.dag import STATE, PartId
from workflows.operators.kernels.base import Data

_LOOK = 0.25  # seconds between two looks whether the run still goes on


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a block: the ``block`` that was made (None: no rows), what was ``learned`` (pickled with it), or
    how the part ``failed``; and what its code ``said``."""

    block: Block | None = None
    learned: Learned = None
    failed: NodeFailed | None = None
    said: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A part to be computed block by block: ``inputs`` are the blocks of each row-wise input, by place, ``whole`` what
    is given to every block as it is (a state), ``folder`` where blocks that are made go."""

    job: Job
    part: PartId
    inputs: Mapping[PartId, Blocks]
    whole: Mapping[PartId, Data]
    folder: Path

    def map(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """What ``mapInArrow`` calls: places of blocks come (column ``id``), and with them pickled outcomes go."""
        threading.Thread(target=_end_with, args=(self.folder,), name="watch", daemon=True).start()
        for batch in batches:
            made = [pickle.dumps(self.run(place), protocol=5) for place in batch.column("id").to_numpy().tolist()]
            yield pa.RecordBatch.from_arrays([batch.column("id"), pa.array(made, pa.binary())], ["id", "outcome"])

    def run(self, place: int) -> Outcome:
        """Compute one block. Whatever its code raises is an outcome: no executor is asked to try it again."""
        said: list[Message] = []
        output = Output(said.append, self.job.limits.log)
        part = self.job.parts.parts[self.part]
        try:
            with output.installed(), _library(self.job.lib), output.of(part.node.name):
                outcome = self._outcome(place, output)
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, ``SystemExit`` too
            outcome = Outcome(failed=failure(error, part.id.node, self.job.lines[part.id.node], self.job.limits))
        return Outcome(outcome.block, outcome.learned, outcome.failed, tuple(said))

    def _outcome(self, place: int, output: Output) -> Outcome:
        part = self.job.parts.parts[self.part]
        engine = LocalEngine(self.job, UserCode(self.job.program, output.names, self.job.lib))
        data = {name: blocks.read(given.blocks[place]) for name, given in self.inputs.items()}
        if part.id.label == STATE:
            return Outcome(learned=engine.learn(part, data))
        made = engine.compute(part, {**data, **self.whole})
        return Outcome(blocks.write(made, self.folder / str(place)) if blocks.rows_of(made) else None)


def outcomes(table: pa.Table) -> list[Outcome]:
    """The outcomes in what ``Task.map`` gave, by the places of their blocks."""
    ordered = table.sort_by("id")
    return [pickle.loads(outcome.as_py()) for outcome in ordered["outcome"]]


def _end_with(folder: Path) -> None:
    """The folder of a run's blocks goes when the run has ended: so does this process then, whatever it computes."""
    while folder.exists():
        time.sleep(_LOOK)
    os._exit(1)


@contextlib.contextmanager
def _library(lib: Path | None) -> Iterator[None]:
    """The modules of the workspace's ``lib/`` can be imported in here, and are not kept."""
    if lib is None:
        yield
        return
    finder, before = LibraryFinder(lib), set(sys.modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in sys.modules.keys() - before:
            origin = getattr(sys.modules[name], "__file__", None) or ""
            if origin.startswith(f"{lib}{os.sep}"):
                del sys.modules[name]
