"""Workflows made at random, and functions that change their module: edited, run with reuse, and run without."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.soak.suite import Case, Suite, Tried, Wrong, chance_of
from tests.soak.truth import ended, lose_some
from tests.workflows.execution.lab import Lab
from tests.workflows.execution.test_random_workflows import explore, write_people
from tests.workflows.execution.test_reuse_is_sound import ROWS, STATEFUL, write_files
from workflows.execution.warmserver import WarmServer
from workflows.optimizer.materialize import POLICIES

STEPS = 12  # of a random workflow
RUNS = 4  # of a chain of functions


@contextmanager
def _random_workflows(folder: Path, seed: int) -> Iterator[Case]:
    with WarmServer() as warm:

        def case(number: int) -> Tried:
            (folder / "data").mkdir()
            write_people(folder / "data")
            labs = [Lab(folder / name, folder / "data", warm) for name in ("store", "fresh")]
            try:
                compared, _ = explore(labs[0], labs[1], chance_of(seed, number), STEPS)
                return Tried(compared)
            finally:
                _remove(folder, labs)

        yield case


@contextmanager
def _functions(folder: Path, seed: int) -> Iterator[Case]:
    with WarmServer() as warm:

        def case(number: int) -> Tried:
            write_files(folder)
            labs = [Lab(folder / name, folder / "data", warm) for name in ("store", "fresh")]
            try:
                _edit_chain(labs[0], labs[1], chance_of(seed, number), number)
                return Tried(RUNS)
            finally:
                _remove(folder, labs)

        yield case


def _edit_chain(lab: Lab, fresh: Lab, chance: random.Random, number: int) -> None:
    """A chain of two functions that both change and read the module, of which the later ones come to have another
    constant. Raises Wrong."""
    code = list(STATEFUL.values())[number % len(STATEFUL)]
    lib = lab.root.with_name("lib")
    calls = chance.choices(("one", "two"), k=chance.randint(2, 4))
    for _ in range(RUNS):
        key = chance.randint(1, 3)
        text = f"{ROWS}KEY = {key}{code}" + "".join(
            f'f{place} = Extractor({f"f{place - 1}" if place and call == "two" else "age"}, {call}, each="split")\n'
            f"r{place} = Reducer(f{place}, total)\n"
            for place, call in enumerate(calls)
        )
        outcome = lab.run(text, policy=chance.choice(POLICIES), lib=lib)
        expected = fresh.run(text, policy="none", reuse=False, lib=lib)
        if ended(outcome) != ended(expected):
            raise Wrong(f"with reuse:\n{ended(outcome)}\nwithout:\n{ended(expected)}", text)
        if chance.random() < 0.5:
            lose_some(lab, outcome, chance)
        calls[chance.randrange(len(calls))] = chance.choice(("one", "two"))


def _remove(folder: Path, labs: list[Lab]) -> None:
    for lab in labs:
        lab.store.close()
    for inside in folder.iterdir():
        shutil.rmtree(inside, ignore_errors=True)  # a run process on standby may still rehearse in it


SUITES = (
    Suite(
        "workflows",
        "Random workflows under random edits, policies, forced nodes and losses: reuse changes no bit of any part.",
        "results",
        1,
        60,
        _random_workflows,
    ),
    Suite(
        "functions",
        "Functions that change their module, another module, a default, a class or generators of random numbers give "
        "with reuse what they give without.",
        "runs",
        3,
        20 * len(STATEFUL),
        _functions,
    ),
)
