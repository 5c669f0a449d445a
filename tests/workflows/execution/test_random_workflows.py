"""Random workflows under random edits, policies, forced nodes and lost results: reuse changes no bit of any part."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab, Outcome
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import PartId
from workflows.hashing import Signature
from workflows.optimizer.materialize import POLICIES

STEPS = 36
ROWS = 90

HEAD = """\
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
import numpy as np

FACTOR = {factor}
DRAWS = np.random.default_rng(1)

def helper(values):
    return values * FACTOR + {shift}

def scaled(frame):
    return helper(frame.iloc[:, 0].fillna(0.0).astype(float))

def noisy(frame):
    return frame.iloc[:, 0].fillna(0.0) + DRAWS.random(len(frame)) + np.random.rand()

def letters(frame):
    return [len(str(value)) for value in frame.iloc[:, 0]]

data = FileSource("{file}")
raw = CSVScanner(data, na=["", "NA"]{strip})
kept = Filter(raw, "{condition}")
more = Map(kept, lambda frame: frame.assign(twice=frame["age"] * {times}))
rows = Split(more, test={test}, seed={seed})
age = Impute(Field(rows, "age"), strategy="{strategy}")
town = Field(rows, "town")
"""
CHOICES: dict[str, list[str]] = {
    "factor": ["1", "2", "2.5"],
    "shift": ["0", "1"],
    "file": ["people.csv", "others.csv"],
    "strip": ["", ", strip=True"],
    "condition": ["age > 21 or age is None", "age > 25 or age is None"],
    "times": ["2", "3"],
    "test": ["0.3", "0.4"],
    "seed": ["0", "1"],
    "strategy": ["mean", "median"],
}
FEATURES = (
    "age",
    "town",
    "Scale(age)",
    'Scale(age, method="minmax")',
    "Bucketizer(age, bins=3)",
    'Bucketizer(age, bins=4, by="width")',
    "Interaction(town, Bucketizer(age, bins=2))",
    "Extractor(age, scaled)",
    'Extractor(age, noisy, each="split")',
    "Extractor(town, lambda name: len(name or ''), each=\"value\")",
    "Transform(age, StandardScaler())",
    'Transform([age, Impute(Field(rows, "twice"))], PCA(n_components=1))',
)
SLICED = 2  # matrices of a run that may be without features
MODELS = (
    "LogisticRegression(C=0.5)",
    'LogisticRegression(C=0.1, l1_ratio=1.0, solver="liblinear")',
    "DecisionTreeClassifier(max_depth=3)",
    "DecisionTreeClassifier(max_depth=2)",
)
RESULTS = (
    "Accuracy(predictions)",
    'Accuracy(predictions, split="train")',
    "Accuracy(predictions, by=town)",
    "F1(predictions)",
    "RocAuc(predictions)",
    "Reducer(feature0, letters)",
    'Reducer(rows["train"], lambda frame: len(frame))',
)


class Author:
    """Writes a workflow, and edits it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.choices = {name: options[0] for name, options in CHOICES.items()}
        self.features = list(FEATURES[:3])
        self.model = MODELS[0]
        self.results = list(RESULTS[:2])

    def edit(self) -> None:
        match self.chance.choice(["choice", "feature", "order", "model", "results", "results"]):
            case "choice":
                name = self.chance.choice(list(CHOICES))
                self.choices[name] = self.chance.choice(CHOICES[name])
            case "feature":
                self.features[self.chance.randrange(len(self.features))] = self.chance.choice(FEATURES)
            case "order":
                self.chance.shuffle(self.features)
            case "model":
                self.model = self.chance.choice(MODELS)
            case "results":
                self.results = self.chance.sample(RESULTS, self.chance.randint(1, 4))

    def text(self) -> str:
        features = [f"feature{number} = {feature}" for number, feature in enumerate(self.features)]
        results = [f"result{number} = {result}" for number, result in enumerate(self.results)]
        names = ", ".join(f"feature{number}" for number in range(len(features)))
        lines = [
            *features,
            f'examples = Examples(rows, features=[{names}], label=Field(rows, "rich"))',
            f"model = Learner(examples, {self.model})",
            "predictions = Predict(model, examples)",
            *results,
            f"Output({', '.join(f'result{number}' for number in range(len(results)))})",
        ]
        return HEAD.format(**self.choices) + "\n".join(lines) + "\n"


def write_people(data: Path) -> None:
    """The files that the workflows read."""
    chance = random.Random(7)
    for name in ("people.csv", "others.csv"):
        lines = ["age,town,rich"]
        for number in range(ROWS):
            age = "NA" if number % 11 == 0 else str(20 + chance.randrange(40))
            lines.append(f"{age},{chance.choice(['Bonn', 'Ulm ', 'Kiel', ''])},{chance.choice(['yes', 'no'])}")
        (data / name).write_text("\n".join(lines) + "\n")


@pytest.fixture
def lab(tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    data = tmp_path / "data"
    data.mkdir()
    write_people(data)
    made = Lab(tmp_path / "store", data, warm)
    yield made
    made.store.close()


def digests(lab: Lab, outcome: Outcome) -> dict[Signature, str]:
    """What the store holds of the run's parts; of models the digest says nothing (the predictions do)."""
    wanted = {signature for signature in outcome.prepared.signatures.values() if signature is not None}
    records = lab.store.catalog.records(wanted).values()
    return {
        record.signature: lab.store.open(record.signature).digest
        for record in records
        if record.stored and record.codec != "model"
    }


def lose_some(lab: Lab, outcome: Outcome, chance: random.Random) -> None:
    """Results that are gone from the catalog, and others whose file was deleted behind its back."""
    stored = sorted(digests(lab, outcome))
    for signature in chance.sample(stored, len(stored) // 4):
        artifact = lab.store.open(signature)
        if artifact.path is not None and chance.random() < 0.5:
            artifact.path.unlink()
        else:
            lab.store.catalog.forget(signature)


def explore(lab: Lab, fresh: Lab, chance: random.Random, steps: int) -> tuple[int, int]:
    """Edits, runs and compares. Returns how many results were compared, and how many were loaded.

    A matrix without some features (``graph.slicing``) is compared through what is predicted of it.
    """
    author = Author(chance)
    compared = loaded = 0
    for _ in range(steps):
        for _ in range(chance.randint(1, 2)):
            author.edit()
        text = author.text()
        force = [chance.choice(["model", "age", "examples", "rows"])] if chance.random() < 0.25 else []
        with_reuse = lab.succeed(text, policy=chance.choice(POLICIES), force=force)
        without = fresh.succeed(text, policy="all", reuse=False)
        assert with_reuse.result.outputs == without.result.outputs, text
        found, expected = digests(lab, with_reuse), digests(fresh, without)
        common = found.keys() & expected.keys()
        assert {signature: expected[signature] for signature in common} == {each: found[each] for each in common}, text
        assert len(found) - len(common) <= SLICED
        compared += len(common)
        loaded += len([part for part in actions(with_reuse).values() if part == "load"])
        lose_some(lab, with_reuse, chance)
    return compared, loaded


def test_reuse_changes_no_bit_of_random_workflows(lab: Lab, tmp_path: Path) -> None:
    fresh = Lab(tmp_path / "fresh", lab.data, lab.warm)
    compared, loaded = explore(lab, fresh, random.Random(3), STEPS)
    fresh.store.close()
    assert compared > 5 * STEPS
    assert loaded > STEPS


def actions(outcome: Outcome) -> dict[PartId, str]:
    plan = outcome.prepared.plan
    assert plan is not None
    return {part: decision.action for part, decision in plan.parts.items()}
