"""What a process that is to run a workflow does before it has one: it runs one of its own.

Modules that are loaded at first use are loaded then, and memory that a fork shares until it is written to is its own
before that takes time from a run. Nothing of it shows in what a run computes.
"""

from __future__ import annotations

import linecache
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from workflows.compiler import compile_workflow
from workflows.errors import WORKFLOW, HelixError
from workflows.execution.limits import Limits
from workflows.execution.local import LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import Job, Message, PartStaged, decode, encode
from workflows.execution.scheduler import Scheduler
from workflows.execution.usercode import MODULE, UserCode
from workflows.graph.dag import STATE, NodeName, Part, PartGraph, PartId
from workflows.graph.signature import operations, sign
from workflows.operators.kernels import delimited
from workflows.operators.kernels.base import Data
from workflows.operators.kernels.records import Format
from workflows.optimizer.costs import CostModel
from workflows.optimizer.outlook import outlook_of
from workflows.optimizer.plan import plan_run
from workflows.ports import UNMEASURED, Room, Staged, StoredArtifact

_TEXT = '''\
"""A little of what nearly every workflow does."""
from sklearn.linear_model import LogisticRegression

flowers = Split(Dataset("iris"), test=0.4)

width  = Field(flowers, "sepal width (cm)")
length = Bucketizer(Field(flowers, "petal length (cm)"), bins=3)
both   = Interaction(width, length)
scaled = Scale(Field(flowers, "petal width (cm)"), method="maxabs")


def is_first(kind):
    return int(kind == 0)


first = Extractor(Field(flowers, "target"), is_first, each="value")

examples    = Examples(flowers, features=[width, length, both, scaled], label=first)
model       = Learner(examples, LogisticRegression())
predictions = Predict(model, examples)

accuracy  = Accuracy(predictions)
auc       = RocAuc(predictions)
f1        = F1(predictions)
confusion = ConfusionMatrix(predictions)

Output(accuracy, auc, f1, confusion)
'''
_LOADED = {("examples", "test"), ("model", STATE)}  # by the second run, which goes on from there
_CORES = 2
_LINES = 50_000  # of text, so that Arrow reads them in blocks, on threads of its own


class NotWanted(HelixError):
    """There is something better to do."""

    code = "not-wanted"


def rehearse(wanted: Callable[[], bool] = lambda: True) -> list[Message]:
    """Run a small workflow, and once more as after an edit of its metrics: loading what the first run has staged.

    What is not ``wanted`` any more fails. Returns what was said; nothing where there is no room for files. It leaves no
    thread behind, so whoever is to fork may do it.
    """
    said: list[Message] = []
    with suppress(OSError), TemporaryDirectory() as folder:  # a disk may be full, on which a run can do without
        first = replace(_job(), staging=Path(folder))
        _run(first, wanted, said)
        staged = [message for message in said if isinstance(message, PartStaged)]
        if {(message.node, message.label) for message in staged} >= _LOADED:  # all was wanted, and the disk had room
            _run(_edited(first, staged), wanted, said)
    sys.modules.pop(MODULE, None)
    linecache.cache.pop(WORKFLOW, None)
    return said


def rehearse_whole(wanted: Callable[[], bool]) -> None:
    """The same, and read delimited text, for which Arrow starts threads; as long as that is wanted."""
    if wanted():
        rehearse(wanted)
    if wanted():
        text = "".join([f"{row},{row / 7:.3f},word{row % 7},{row % 2}\n" for row in range(_LINES)])
        scan = delimited.scan(text.encode(), "", Format(columns=("a", "b", "c", "d"), header=False))
        if wanted():
            scan.table(scan.types())


class _Engine(LocalEngine):
    """Computes as long as that is wanted."""

    def __init__(self, job: Job, code: UserCode, wanted: Callable[[], bool]) -> None:
        super().__init__(job, code)
        self._wanted = wanted

    def compute(self, part: Part, data: Mapping[PartId, Data]) -> Data:
        if not self._wanted():
            raise NotWanted("A job has come.")
        return super().compute(part, data)


def _run(job: Job, wanted: Callable[[], bool], said: list[Message]) -> None:
    job = pickle.loads(pickle.dumps(job, protocol=5))
    output = Output(lambda _: None, job.limits.log)
    engine = _Engine(job, UserCode(job.program, output.names), wanted)
    Scheduler(job, engine, output, lambda message: said.append(decode(encode(message)))).run()


@cache
def _job() -> Job:
    compiled = compile_workflow(_TEXT, overrides={}, lib=None)
    assert compiled.program is not None
    assert compiled.parts is not None
    parts = compiled.parts
    signatures = sign(parts, {})
    plan = plan_run(parts, signatures, {}, costs=CostModel({}, UNMEASURED, "local"), cores=_CORES)
    return Job(
        program=compiled.program,
        parts=parts,
        lines={part.node: 1 for part in parts.parts},
        signatures=signatures,
        loads={},
        same_as={},
        ranks={part: decision.estimate for part, decision in plan.parts.items()},
        data={},
        missing={},
        data_root=Path(),
        downloads=Path(),
        lib=None,
        staging=Path(),
        policy="all",
        outlook=outlook_of(parts, plan, {}),
        speed=UNMEASURED,
        room=Room(),
        cores=_CORES,
        limits=Limits(),
        operations=operations(parts, {}, set(parts.parts)),
    )


def _edited(job: Job, staged: Sequence[PartStaged]) -> Job:
    """The job of a run that loads the examples to predict and the model, and computes what is made of them."""
    loads = {
        PartId(NodeName(each.node), each.label): _artifact(each.staged, job.staging)
        for each in staged
        if (each.node, each.label) in _LOADED
    }
    parts: dict[PartId, Part] = {}
    for name, part in job.parts.parts.items():
        if name in loads or any(item in parts for item in part.requires):
            parts[name] = part
    return replace(job, parts=PartGraph(parts, job.parts.wanted), loads=loads)


def _artifact(staged: Staged, folder: Path) -> StoredArtifact:
    path = None if staged.file is None else folder / staged.file
    return StoredArtifact(staged.signature, staged.codec, staged.digest, staged.bytes, path, staged.inline)
