"""The Spark engine: computes row-wise parts block by block on executors, and all others in the run process.

A part is a Spark job of its own, of one task a block: so it has its own time, its own failure, and its own place in the
store. States are learned block by block and merged in the run process, in a tree and in the order of the blocks. What
comes out is the local engine's result bit for bit; a part of which that could not be said is computed in one piece.
"""

from __future__ import annotations

import itertools
import shutil
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeAlias

import pyarrow as pa

from workflows.errors import HelixError
from workflows.execution.failures import FailedElsewhere
from workflows.execution.local import LocalEngine
from workflows.execution.owncode import is_user_code
from workflows.execution.protocol import Job, Logged, Message, MetricLogged
from workflows.execution.spark import blocks
from workflows.execution.spark.blocks import Blocks
from workflows.execution.spark.placement import SPREAD
from workflows.execution.spark.tasks import Outcome, Task
from workflows.graph.dag import STATE, Part, PartGraph, PartId
from workflows.operators.kernels.base import Data
from workflows.ports import StoredArtifact

Log: TypeAlias = Callable[[str, float, int | None], None]
"""``log(name, value, step)`` of user code."""


_OTHER = shutil.ignore_patterns("__pycache__", ".*")


GONE = "The Spark server does not answer (any more): run this again. If it ended, its log says why."


class SparkFailed(HelixError):
    """Spark itself failed: not what it was to compute."""

    code = "spark-failed"


class Executors(Protocol):
    """Where blocks are computed: a session of a Spark Connect server, or (in tests of blocks) this very process."""

    @property
    def cores(self) -> int:
        """How many blocks are computed at once."""

    def run(self, task: Task, places: int) -> Sequence[Outcome]:
        """The outcomes of the blocks at places 0, 1, … in their order. Raises SparkFailed."""


class SparkEngine:
    """Computes parts on executors; ``folder`` is the run's own for blocks. Safe for several threads, as the local one.

    What it hands out of rows may be ``Blocks``: ``fetched`` makes data of them.
    """

    def __init__(self, job: Job, local: LocalEngine, executors: Executors, folder: Path, log: Log) -> None:
        self._job = job
        self._local = local
        self._executors = executors
        self._folder = folder
        if job.lib is not None:  # where the executors see it
            self._job = replace(job, lib=shutil.copytree(job.lib, folder / "lib", ignore=_OTHER, dirs_exist_ok=True))
        self._log = log
        self._numbers = itertools.count()
        self._fetched: weakref.WeakKeyDictionary[Blocks, Data] = weakref.WeakKeyDictionary()
        self._lock = Lock()

    def compute(self, part: Part, data: Mapping[PartId, Data]) -> Data:
        """The part's data, or Blocks of them, out of those of the parts it requires."""
        try:
            task = self._task(part, data) if _is_spread(part) else None
            made = None if task is None else self._spread(part, task)
        except FileNotFoundError:
            if self._folder.exists():
                raise
            raise SparkFailed(GONE) from None  # a server that ends takes its folder along
        if made is not None:
            return made
        return self._local.compute(part, {name: self.fetched(item) for name, item in data.items()})

    def load(self, part: Part, artifact: StoredArtifact) -> Data:
        return self._local.load(part, artifact)

    def fetched(self, data: Data) -> Data:
        """The data themselves, in canonical form."""
        if not isinstance(data, Blocks):
            return data
        with self._lock:
            if data not in self._fetched:
                self._fetched[data] = blocks.joined(data)
            return self._fetched[data]

    def _task(self, part: Part, data: Mapping[PartId, Data]) -> Task | None:
        """What executors are to do; None where the part is to be computed in one piece."""
        operands = {operand.part: data[operand.part] for operand in part.inputs}
        if not all(isinstance(item, Blocks | pa.Table) for item in operands.values()):
            return None
        rows = {blocks.rows_of(item) or 0 for item in operands.values()}
        if rows == {0} or len(rows) != 1:  # nothing to cut, or what the kernel itself is to complain of
            return None
        lengths = next((item.lengths for item in operands.values() if isinstance(item, Blocks)), None)
        if lengths is None:
            lengths = blocks.equal_lengths(rows.pop(), self._executors.cores)
        inputs = {name: self._along(item, lengths) for name, item in operands.items()}
        if _runs_function(part) and any(item.loose for item in inputs.values()):
            print("Computed in one piece: a column of whole numbers, or of true and false, has nulls.")
            return None
        whole = {} if part.id.label == STATE or part.state is None else {part.state: self.fetched(data[part.state])}
        return Task(_only(self._job, part), part.id, inputs, whole, self._new())

    def _along(self, data: Data, lengths: Sequence[int]) -> Blocks:
        """The data in blocks of these lengths."""
        if isinstance(data, Blocks) and data.lengths == lengths:
            return data
        folder = self._new()
        tables = blocks.cut(self.fetched(data), lengths)
        return blocks.kept([blocks.write(table, folder / str(place)) for place, table in enumerate(tables)], folder)

    def _spread(self, part: Part, task: Task) -> Data | None:
        """What the part is; None where blocks of it do not go together, or are of no rows."""
        outcomes = self._executors.run(task, len(next(iter(task.inputs.values())).blocks))
        for message in itertools.chain.from_iterable(outcome.said for outcome in outcomes):
            self._tell(message)
        failed = next((outcome.failed for outcome in outcomes if outcome.failed is not None), None)
        if failed is not None:
            raise FailedElsewhere(failed)
        if part.id.label == STATE:
            return self._local.finish(part, [outcome.learned for outcome in outcomes])
        made = blocks.kept([outcome.block for outcome in outcomes if outcome.block is not None], task.folder)
        if len({block.form for block in made.blocks}) > 1:
            print("Computed again in one piece: some of its rows give other types than others.")
        return made if len({block.form for block in made.blocks}) == 1 else None

    def _tell(self, message: Message) -> None:
        """Say here what user code said on an executor: it becomes the node's whose thread this is."""
        match message:
            case Logged(text=text):
                print(text, end="")
            case MetricLogged(name=name, value=value, step=step):
                self._log(name, value, step)

    def _new(self) -> Path:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir(parents=True)
        return folder


def _is_spread(part: Part) -> bool:
    """Whether a part is computed block by block. A function is only where it is held to be row-wise: one of
    ``each="batch"``, of which a sample is replayed in other batches; what others do may depend on all rows."""
    if part.node.operator not in SPREAD:
        return False
    return part.node.params.get("each", "batch") == "batch" or not _runs_function(part)


def _runs_function(part: Part) -> bool:
    """Whether a part calls a function of the user's, which may see the types of its rows."""
    return any(map(is_user_code, part.node.params.values()))


def _only(job: Job, part: Part) -> Job:
    """Of a job what computing one part takes."""
    parts = {name: job.parts.parts[name] for name in (*part.requires, part.id) if name in job.parts.parts}
    return replace(
        job,
        parts=PartGraph(parts, ()),
        lines={part.id.node: job.lines[part.id.node]},
        signatures={name: job.signatures[name] for name in parts},
        loads={},
        same_as={},
        ranks={},
        data={},
        missing={},
        operations={name: operation for name, operation in job.operations.items() if name == part.id},
        values={},
        conditional=frozenset(),
        traces=frozenset(),
        hashed=frozenset(),
    )
