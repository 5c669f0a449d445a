"""The local engine: applies the kernel of a part to the data of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import scipy.sparse as sp

from workflows.errors import HelixError
from workflows.execution import files
from workflows.execution.owncode import is_of_text, runs_user_code
from workflows.execution.protocol import Job
from workflows.execution.sizes import size_of
from workflows.execution.usercode import UserCode, seed_generators, seeded
from workflows.graph.dag import STATE, VALUE, Part, PartId
from workflows.operators.base import Type
from workflows.operators.kernels.base import Call, Data, Inputs, Matrix, silent
from workflows.operators.kernels.registry import KERNELS
from workflows.operators.registry import OPERATORS
from workflows.ports import StoredArtifact
from workflows.store.codecs import canonical, decode
from workflows.store.files import FileMissing

_LARGEST_VALUE = 64_000_000  # bytes

Learned: TypeAlias = Any
"""What ``Kernel.update`` gives: pickled where it crosses a process."""


Report: TypeAlias = Callable[[str, float | None, str], None]
"""Takes a node, the fraction of it that is done (None: not known), and what to say of it."""


class ValueTooLarge(HelixError):
    """A reducer gave more than a value may be."""

    code = "value-too-large"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The value takes about {size / 1e6:.0f} MB: a reducer gives numbers and small tables. Sum up more."
        )


class LocalEngine:
    """Computes parts in this process. Safe for several threads, but for parts of user code: one at a time."""

    def __init__(self, job: Job, code: UserCode, report: Report | None = None) -> None:
        self._job = job
        self._code = code
        self._report = report

    def compute(self, part: Part, data: Mapping[PartId, Data]) -> Data:
        """The part's data, in canonical form, out of that of the parts it requires."""
        missing = self._job.missing.get((part.id.node, part.id.label))
        if missing is not None:
            raise FileMissing(missing)
        data = self._prepared(part, data)
        kernel, call, inputs = KERNELS[part.node.operator], self._call(part), _inputs(part, data)
        if part.id.label == STATE:
            return canonical(kernel.finish(call, kernel.update(call, kernel.init(call), inputs)))
        result = canonical(kernel.apply(call, inputs, None if part.state is None else data[part.state]))
        if part.id.label == VALUE and size_of(result) > _LARGEST_VALUE:
            raise ValueTooLarge(size_of(result))
        return result

    def learn(self, part: Part, data: Mapping[PartId, Data]) -> Learned:
        """What the kernel of a state has learned from these rows alone: to be merged with that of others."""
        data = self._prepared(part, data)
        kernel, call = KERNELS[part.node.operator], self._call(part)
        return kernel.update(call, kernel.init(call), _inputs(part, data))

    def finish(self, part: Part, learned: Sequence[Learned]) -> Data:
        """The state, in canonical form, out of what was learned from all rows, batch by batch."""
        kernel, call = KERNELS[part.node.operator], self._call(part)
        return canonical(kernel.finish(call, kernel.merge(call, learned)))

    def _prepared(self, part: Part, data: Mapping[PartId, Data]) -> Mapping[PartId, Data]:
        """The data as the part may have them, once the user's code, where it runs any, is as if fresh."""
        if not runs_user_code(part, self._job.parts.parts):
            return data
        self._code.renew()
        self._execute_for(part)  # first: its statements draw numbers as well
        # By the operation, not the signature: inputs of equal values are to give equal results, wherever they are from.
        seed_generators(int(self._job.operations.get(part.id, "0"), 16))
        return {name: _own(item) for name, item in data.items()}

    def load(self, part: Part, artifact: StoredArtifact) -> Data:
        """A stored result. A model of a class of the text needs the module that the class is in."""
        if artifact.codec == "model":
            self._execute_for(part)
        source: Any = artifact.inline if artifact.path is None else artifact.path
        return decode(artifact.codec, source)

    def fetched(self, data: Data) -> Data:
        """What this engine hands out are the data themselves."""
        return data

    def _execute_for(self, part: Part) -> None:
        if any(map(is_of_text, part.node.params.values())):
            self._code.execute()

    def _call(self, part: Part) -> Call:
        node = part.node
        seed = node.seed or 0
        params = {name: self._code.build(value) for name, value in node.params.items()}
        for parameter in OPERATORS[node.operator].parameters:
            if parameter.type in (Type.ESTIMATOR, Type.TRANSFORMER):
                params[parameter.name] = seeded(params[parameter.name], seed)
        return Call(
            params=params,
            seed=seed,
            read=self._read,
            names={
                operand.slot if operand.place is None else f"{operand.slot}.{operand.place}": operand.part.node
                for operand in part.inputs
            },
            split=part.id.label if part.id.label in node.splits else None,
            identity=self._job.data.get((part.id.node, part.id.label)),
            cores=self._job.cores,
            report=silent if self._report is None else partial(self._report, node.name),
            left_out=part.left_out,
        )

    def _read(self, source: Mapping[str, Any]) -> list[tuple[str, bytes]]:
        return files.read(self._job.downloads, self._job.data_root, source["path"], source["hash"])


def _own(data: Data) -> Data:
    """A form of the data that may be changed without others seeing it: columns and arrays are read-only anyway."""
    if isinstance(data, Matrix) and sp.issparse(data.x):
        return replace(data, x=sp.csr_matrix((data.x.data, data.x.indices, data.x.indptr), data.x.shape, copy=False))
    return canonical(data)


def _inputs(part: Part, data: Mapping[PartId, Data]) -> Inputs:
    inputs: dict[str, Any] = {}
    for operand in part.inputs:
        if operand.place is None:
            inputs[operand.slot] = data[operand.part]
        else:
            inputs.setdefault(operand.slot, []).append((operand.place, data[operand.part]))
    for feature in part.left_out:
        inputs.setdefault("features", []).append((feature.index, None))
    return {
        slot: [item for _, item in sorted(value, key=lambda pair: pair[0])] if isinstance(value, list) else value
        for slot, value in inputs.items()
    }
