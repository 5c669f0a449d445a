"""Works through a schedule with the engine as it is: a warm server, a store on disk, a plan for each version."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.schedules import Version
from workflows.events import Event
from workflows.execution.runner import Isolation, Limits, prepare, run, stand_by
from workflows.execution.warmserver import WarmServer
from workflows.optimizer.materialize import Policy
from workflows.store.filesystem import FileStore

PAUSE = 0.2  # seconds that somebody takes at least from a result to the next edit: what is made ready meanwhile, is


@dataclass(frozen=True)
class Iteration:
    """One version run. ``seconds``: engine time, from handing the plan over to the last result; ``shown``: from the
    text to the last result; ``durable``: to when all that is kept is; ``stored``: bytes in the store afterwards."""

    seconds: float
    shown: float
    durable: float
    outputs: dict[str, Any]
    stored: int = 0
    computed: Sequence[str] = field(default=())

    def told(self) -> dict[str, Any]:
        """For the report: of the outputs the numbers alone, since tables and texts hold what is in the data."""
        return {
            **asdict(self),
            "outputs": {name: it for name, it in self.outputs.items() if isinstance(it, int | float)},
        }


class Unheard:
    """An event sink that nobody listens to."""

    def emit(self, events: Sequence[Event]) -> None:
        pass


def iterations(
    workflow: str,
    texts: Sequence[Version],
    data: Path,
    folder: Path,
    warm: WarmServer,
    policy: Policy | None = None,
    store_in: Callable[[Path], FileStore] = FileStore,
) -> Iterator[Iteration]:
    """Run each version in turn, over a store of their own in ``folder``, by the usual policy unless one is given.
    Raises RuntimeError where one fails."""
    store = store_in(folder)
    # As a worker does when it starts.
    stand_by(warm, store=store, data_root=data, limits=Limits(), isolation=Isolation())
    try:
        for version in texts:
            gc.collect()
            time.sleep(PAUSE)
            began = time.perf_counter()
            prepared = prepare(
                version.text, store=store, data_root=data, workflow=workflow, hash_files=True, policy=policy
            )
            planned = time.perf_counter()
            result = run(prepared, store=store, data_root=data, sink=Unheard(), warm=warm)
            ended = time.perf_counter()
            if result.status != "succeeded":
                raise RuntimeError(f"{workflow}, {version.what}: {result.error}")
            computed = [node.name for node in result.nodes if node.action == "compute"]
            shown = planned - began + result.seconds
            yield Iteration(result.seconds, shown, ended - began, result.outputs, _bytes_in(folder), computed)
    finally:
        store.close()


def _bytes_in(store: Path) -> int:
    kept = [path for name in ("blobs", "packs") for path in (store / name).rglob("*")]
    return sum(path.stat().st_size for path in kept if path.is_file())
