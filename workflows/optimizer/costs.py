"""What computing and loading each part will cost, from what was measured: its own, its kin's, or its operator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from workflows.graph.dag import Part
from workflows.hashing import Signature
from workflows.optimizer.history import Previous
from workflows.ports import Record, StoreSpeed

# An operator that never ran anywhere: short enough that a plan of small parts looks short, long enough to count.
UNKNOWN_SECONDS = 0.05
LOCAL = "local"
# The engine's own share of computing a part (engine.md section 4); loads carry theirs in what is measured.
OVERHEAD_SECONDS = 0.0003
# A small value lies in a pack and is read in microseconds, whatever a single noisy measurement said. It is below the
# overhead of computing anything, so a stored value is always loaded.
VALUE_LOAD_SECONDS = 0.00005
VALUE_BYTES = 64 * 1024


def measured_as(operator: str, engine: str) -> str:
    """The name under which the catalog has what an operator costs on an engine."""
    return operator if engine == LOCAL else f"{engine}:{operator}"


def _engine_of(measured: str) -> str:
    return measured.partition(":")[0] if ":" in measured else LOCAL


class Cost(NamedTuple):
    """``compute`` and ``load`` in seconds (load None: not stored); ``bytes``: the size of the result, estimated
    unless it was computed before."""

    compute: float
    load: float | None
    bytes: float


@dataclass(frozen=True, slots=True)
class CostModel:
    """``operators``: per operator (fixed seconds, seconds per input byte), as ``Catalog.operator_costs`` has them;
    ``speed``: the store's; ``engine``: that which computes, since what a part costs on one says nothing of another."""

    operators: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    speed: StoreSpeed = field(default_factory=lambda: StoreSpeed(0.0005, 500e6))
    engine: str = LOCAL

    def estimate(
        self,
        parts: Sequence[Part],
        requires: Sequence[Sequence[int]],
        signatures: Sequence[Signature | None],
        records: Mapping[Signature, Record],
        previous: Previous | None,
    ) -> list[Cost]:
        """The cost of each part, whatever the plan will be; ``requires`` are places in ``parts``, inputs first."""
        costs: list[Cost] = []
        for part, items, signature in zip(parts, requires, signatures, strict=True):
            record = None if signature is None else records.get(signature)
            if record is not None and self._is_measured(record):
                costs.append(Cost(record.seconds + OVERHEAD_SECONDS, self.load_seconds(record), record.bytes))
            else:
                size = sum([costs[item].bytes for item in items]) if items else 0.0
                cost = self._unmeasured(part, size, records, previous)
                if record is not None:
                    cost = Cost(cost.compute, self.load_seconds(record), record.bytes)
                costs.append(cost)
        return costs

    def load_seconds(self, record: Record) -> float | None:
        """What loading a result takes; None where it is not stored."""
        if not record.stored:
            return None
        if record.codec == "json" and record.bytes <= VALUE_BYTES:
            return VALUE_LOAD_SECONDS
        if record.load_seconds is not None:
            return record.load_seconds
        return self.speed.load_seconds(record.bytes)

    def _is_measured(self, record: Record) -> bool:
        """Whether its time is one of this engine's."""
        return _engine_of(record.operator) == self.engine

    def _unmeasured(
        self, part: Part, input_bytes: float, records: Mapping[Signature, Record], previous: Previous | None
    ) -> Cost:
        """A part that never ran: its kin's cost by the size of the inputs; else its operator's, its result as large as
        its inputs."""
        before = None if previous is None else previous.signatures.get(part.id)
        record = None if before is None else records.get(before)
        if previous is None or record is None or not previous.is_kin(part) or not self._is_measured(record):
            fixed, per_byte = self.operators.get(measured_as(part.node.operator, self.engine), (UNKNOWN_SECONDS, 0.0))
            return Cost(fixed + per_byte * input_bytes + OVERHEAD_SECONDS, None, input_bytes)
        # Sizes are compared as records have them: ``input_bytes`` was measured in memory, where the same is larger.
        inputs = [records.get(item) if item is not None else None for item in previous.inputs(part)]
        size = sum([item.bytes for item in inputs if item is not None]) if all(inputs) else record.input_bytes
        scale = input_bytes / size if input_bytes and size else 1.0
        return Cost(record.seconds * scale + OVERHEAD_SECONDS, None, record.bytes * scale)
