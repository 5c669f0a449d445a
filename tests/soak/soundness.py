"""Sessions of edits: after each, a run that reuses all it may gives bit for bit what a run without any reuse gives.

A session is one case: a workflow, a store that lives through it, and edits of the text, the data, the modules of lib/,
the policy and what the store holds. What is compared: how the run and each node ended, the outputs, and what every
result is that both catalogs know (of a model: its state).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.drafts import Draft
from tests.soak.samples import SAMPLES, Sample
from tests.soak.suite import Case, Suite, Tried, Wrong, chance_of
from tests.soak.truth import lose_some, without_reuse
from tests.workflows.execution.lab import Lab
from workflows.compiler import compile_workflow
from workflows.execution.warmserver import WarmServer
from workflows.optimizer.materialize import POLICIES

EDITS = 25  # of a session
_SHRINKS = 12  # how many shorter sessions are tried for one that fails


@dataclass
class Session:
    """A workflow in the middle of a session."""

    sample: Sample
    folder: Path
    warm: WarmServer
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draft = Draft(self.sample, self.folder)
        self.lab = Lab(self.folder / "store", self.draft.data, self.warm)

    def compare(self, chance: random.Random) -> None:
        """Runs with reuse and without. Raises AssertionError where they differ."""
        draft = self.draft
        policy = chance.choice(("all", *POLICIES))
        names = sorted(compile_workflow(draft.text, lib=draft.lib).dag.nodes)  # type: ignore[union-attr]
        force = [chance.choice(names)] if chance.random() < 0.1 else []
        self.log[-1] += f" (policy {policy}{f', forced {force[0]}' if force else ''})"
        outcome = self.lab.run(draft.text, policy=policy, force=force, lib=draft.lib)
        without_reuse(draft, self.folder / "fresh", self.warm).hold(self.lab, outcome)
        draft.ran(outcome.result.status)
        if chance.random() < 0.5:
            lose_some(self.lab, outcome, chance)

    def close(self) -> None:
        self.lab.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)  # a run process on standby may still rehearse in it


def play(sample: Sample, folder: Path, warm: WarmServer, seed: int, number: int, steps: list[int]) -> Session:
    """A session of some of its steps. Raises Wrong, with what was done, where reuse changes anything."""
    session = Session(sample, folder, warm)
    try:
        for step in steps:
            chance = chance_of(seed, number, step)
            before = session.draft.text
            session.log.append("the example" if step == 0 else session.draft.edit(chance))
            try:
                session.compare(chance)
            except Exception as error:
                told = "\n".join(f"{done}. {what}" for done, what in zip(steps, session.log, strict=False))
                raise Wrong(
                    f"{type(error).__name__}: {error}", f"{told}\n--- before\n{before}\n--- after\n{session.draft.text}"
                ) from error
    finally:
        session.close()
    return session


def shrunk(
    sample: Sample, folder: Path, warm: WarmServer, seed: int, number: int, wrong: Wrong, steps: list[int]
) -> Wrong:
    """The same with fewer steps, where fewer show it as well."""
    tries, size = 0, len(steps) // 2
    while size and tries < _SHRINKS:
        place = 1
        while place < len(steps) - 1 and tries < _SHRINKS:
            tries += 1
            fewer = steps[:place] + steps[place + size :]
            try:
                play(sample, folder, warm, seed, number, fewer)
                place += size
            except Wrong as again:
                steps, wrong = fewer, again
        size //= 2
    return wrong


def _suite(sample: Sample) -> Suite:
    @contextmanager
    def opened(folder: Path, seed: int) -> Iterator[Case]:
        with WarmServer(standby=False) as warm:  # each run has another store than the one before

            def case(number: int) -> Tried:
                steps = list(range(EDITS + 1))
                try:
                    play(sample, folder / "session", warm, seed, number, steps)
                except Wrong as wrong:
                    raise shrunk(sample, folder / "session", warm, seed, number, wrong, steps) from None
                return Tried(EDITS)

            yield case

    return Suite(
        f"edits-{sample.name}",
        f"After any edit of {sample.name}, its data, lib/ or store, a run with reuse is one without, bit for bit.",
        "edits",
        2,
        20,
        opened,
    )


SUITES = tuple(_suite(sample) for sample in SAMPLES)
