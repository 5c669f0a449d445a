"""Sequences of five edits under each policy and tight budgets: each run gives bit for bit what one without reuse gives.

A case is one sequence of edits under one policy, in a store of its own; consecutive cases are the same sequence under
each policy, so what runs without reuse give is computed once. The budget is a share of what all results of the example
take, so small that the store evicts in nearly every run; nodes fail at random, and so do results get lost and damaged.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.drafts import Draft
from tests.soak.samples import SAMPLES, Sample
from tests.soak.suite import Case, Suite, Tried, Wrong, chance_of
from tests.soak.truth import Truth, lose_some, without_reuse
from tests.workflows.execution.lab import Lab, Outcome
from workflows.compiler import compile_workflow
from workflows.execution.warmserver import WarmServer
from workflows.optimizer.materialize import POLICIES, Policy
from workflows.store.eviction import Budget

EDITS = 5  # of a sequence
SEQUENCES = 200
SHARES = (0.02, 0.1, 0.3, 0.6)  # of what all results take that may be stored
COUNTS = (4, 10, 25, 1000)  # of results that may be stored


@dataclass
class Sequences:
    """Sequences of one workflow, in a folder; what runs without reuse gave is remembered by what they followed from.

    ``seen`` counts what the runs with reuse met: whether they try what they are for.
    """

    sample: Sample
    folder: Path
    warm: WarmServer
    fresh: WarmServer  # of the runs without reuse, each of which has a store of its own
    seed: int
    seen: Counter[str] = field(default_factory=Counter)
    _truths: dict[tuple[str, ...], Truth] = field(default_factory=dict)

    def case(self, number: int) -> Tried:
        sequence, place = divmod(number, len(POLICIES))
        if place == 0:
            self._truths.clear()  # no other sequence has the same data
        self.play(sequence, POLICIES[place])
        return Tried(EDITS)

    def play(self, sequence: int, policy: Policy) -> None:
        """Raises Wrong, with the edits and the last two texts, where a run with reuse differs."""
        draft = self._draft(sequence)
        budget = self._budget(draft, chance_of(self.seed, sequence, "budget"))
        lab = Lab(self.folder / "store", draft.data, self.warm, budget=budget)
        log, before = ["the example"], ""
        try:
            for step in range(EDITS + 1):
                if step:
                    before = draft.text
                    log.append(draft.edit(chance_of(self.seed, sequence, step)))
                try:
                    self._compare(draft, lab, policy, chance_of(self.seed, sequence, step, policy))
                except Exception as error:
                    raise Wrong(
                        f"{type(error).__name__}: {error}",
                        f"sequence {sequence}, policy {policy}, {budget}\n"
                        + "\n".join(f"{number}. {edit}" for number, edit in enumerate(log))
                        + f"\n--- before\n{before}\n--- after\n{draft.text}",
                    ) from error
        finally:
            lab.store.close()
            shutil.rmtree(self.folder / "draft")
            shutil.rmtree(lab.root, ignore_errors=True)  # a run process on standby may still rehearse in it

    def _draft(self, sequence: int) -> Draft:
        """The sample, in every other sequence with another estimator."""
        draft = Draft(self.sample, self.folder / "draft")
        if sequence % 2:
            draft.edit_text("estimator", chance_of(self.seed, sequence, "estimator"))
        return draft

    def _budget(self, draft: Draft, chance: random.Random) -> Budget:
        return Budget(round(self._truth(draft).bytes * chance.choice(SHARES)), chance.choice(COUNTS))

    def _truth(self, draft: Draft) -> Truth:
        files = [draft.lib / "tools.py", *(draft.data / name for name in self.sample.files)]
        key = (draft.text, *(path.read_bytes().hex() for path in files))
        if key not in self._truths:
            self._truths[key] = without_reuse(draft, self.folder / "fresh", self.fresh)
        return self._truths[key]

    def _compare(self, draft: Draft, lab: Lab, policy: Policy, chance: random.Random) -> None:
        names = sorted(compile_workflow(draft.text, lib=draft.lib).dag.nodes)  # type: ignore[union-attr]
        force = [chance.choice(names)] if chance.random() < 0.05 else []
        outcome = lab.run(draft.text, policy=policy, force=force, lib=draft.lib)
        self._truth(draft).hold(lab, outcome)
        stock = lab.store.catalog.ledger.stock()
        assert lab.store.budget.fits(stock.bytes, stock.count), f"{stock} is over {lab.store.budget}"
        self._see(lab, outcome)
        draft.ran(outcome.result.status)
        if chance.random() < 0.4:
            lose_some(lab, outcome, chance)

    def _see(self, lab: Lab, outcome: Outcome) -> None:
        plan, slicing = outcome.prepared.plan, outcome.prepared.slicing
        assert plan is not None
        signatures = [signature for signature in outcome.prepared.signatures.values() if signature is not None]
        self.seen["loaded"] += sum(part.action == "load" for part in plan.parts.values())
        self.seen["evicted"] += len(lab.store.catalog.ledger.evicted(signatures))
        self.seen["turned out equal"] += sum("turned out equal" in node.reason for node in outcome.result.nodes)
        self.seen["failed"] += len(outcome.failures)
        sliced = () if slicing is None else slicing.sliced
        self.seen["sliced"] += sum(plan.parts[name].action == "compute" for name in sliced)


def _suite(sample: Sample) -> Suite:
    @contextmanager
    def opened(folder: Path, seed: int) -> Iterator[Case]:
        with WarmServer() as warm, WarmServer(standby=False) as fresh:
            yield Sequences(sample, folder, warm, fresh, seed).case

    return Suite(
        f"sequences-{sample.name}",
        f"After any of {EDITS} edits of {sample.name}, under each policy ({', '.join(POLICIES)}) and budgets that keep "
        "the store evicting, a run with reuse is one without, bit for bit.",
        "edits",
        len(POLICIES),
        SEQUENCES * len(POLICIES),
        opened,
    )


SUITES = tuple(_suite(sample) for sample in SAMPLES)
