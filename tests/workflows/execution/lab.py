"""Where execution is tried: a store of one's own, a warm server, and texts to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from workflows.events import Event, NodeFailed
from workflows.execution.runner import Isolation, Limits, NodeResult, Prepared, RunResult, prepare, run
from workflows.execution.spark.server import SparkServer
from workflows.execution.warmserver import WarmServer
from workflows.ports import Cancellation
from workflows.store.eviction import Budget
from workflows.store.filesystem import FileStore

CENSUS = (Path(__file__).resolve().parents[3] / "examples" / "census.py").read_text()

E = TypeVar("E", bound=Event)

UNPROTECTED = Isolation("off")


@dataclass
class Recorder:
    """An event sink that keeps what it is given, and tells whoever listens."""

    events: list[Event] = field(default_factory=list)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)

    def emit(self, events: Sequence[Event]) -> None:
        for event in events:
            self.events.append(event)
            for listener in self.listeners:
                listener(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class Switch:
    """A cancellation that is asked for when it is turned."""

    on: bool = False

    def requested(self) -> bool:
        return self.on


@dataclass(frozen=True)
class Outcome:
    prepared: Prepared
    result: RunResult
    sink: Recorder

    def node(self, name: str) -> NodeResult:
        return next(node for node in self.result.nodes if node.name == name)

    @property
    def failures(self) -> dict[str, NodeFailed]:
        return {node.name: node.error for node in self.result.nodes if node.error is not None}

    def with_action(self, action: str) -> set[str]:
        return {node.name for node in self.result.nodes if node.action == action}

    @property
    def stale(self) -> set[str]:
        return {node.name for node in self.result.nodes if node.stale}


class Lab:
    """Runs texts over one store, as the versions of one workflow.

    In no sandbox unless a test asks for it: functions of tests speak with their test through files.
    """

    def __init__(
        self,
        root: Path,
        data: Path,
        warm: WarmServer,
        isolation: Isolation = UNPROTECTED,
        budget: Budget | None = None,
    ) -> None:
        self.root = root
        self.data = data
        self.warm = warm
        self.isolation = isolation
        self.spark: SparkServer | None = None
        self.store = FileStore(root, budget=budget)

    def prepare(self, text: str, **options: Any) -> Prepared:
        options = {"hash_files": True, "workflow": "lab", **options}
        return prepare(text, store=self.store, data_root=self.data, **options)

    def run(
        self,
        text: str,
        *,
        cancellation: Cancellation | None = None,
        limits: Limits | None = None,
        sink: Recorder | None = None,
        **options: Any,
    ) -> Outcome:
        recorder = sink or Recorder()
        prepared = self.prepare(text, **options)
        errors = [diagnostic.message for diagnostic in prepared.diagnostics if diagnostic.severity == "error"]
        assert not errors, errors
        result = run(
            prepared,
            store=self.store,
            data_root=self.data,
            sink=recorder,
            cancellation=cancellation,
            limits=limits,
            isolation=self.isolation,
            warm=self.warm,
            spark=self.spark,
        )
        return Outcome(prepared, result, recorder)

    def succeed(self, text: str, **options: Any) -> Outcome:
        outcome = self.run(text, **options)
        assert outcome.result.status == "succeeded", outcome.result.error
        return outcome
