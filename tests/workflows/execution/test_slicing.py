"""A test file arrives and the model is reused: features without weight are not computed, and nothing else differs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.execution.lab import CENSUS, Lab, Outcome
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import NodeName, PartId
from workflows.store.codecs import decode

L1 = CENSUS.replace("C=1.0, max_iter=200", 'C=0.0005, l1_ratio=1.0, solver="liblinear", random_state=0')
FIRST = L1.replace("adult/adult.test", "adult/first.test")
PREDICTED = PartId(NodeName("predictions"), "test")


@pytest.fixture
def census(tmp_path: Path, small_adult: Path, warm: WarmServer) -> Iterator[Lab]:
    """Adult with another test file beside its own."""
    folder = tmp_path / "data" / "adult"
    folder.mkdir(parents=True)
    for name in ("adult.data", "adult.test"):
        (folder / name).write_text((small_adult / "adult" / name).read_text())
    lines = (folder / "adult.test").read_text().splitlines(keepends=True)
    (folder / "first.test").write_text("".join(lines[:300]))
    made = Lab(tmp_path / "store", folder.parent, warm)
    yield made
    made.store.close()


def part(name: str, label: str = "test") -> PartId:
    return PartId(NodeName(name), label)


def action(outcome: Outcome, name: str, label: str = "test") -> str:
    assert outcome.prepared.plan is not None
    return outcome.prepared.plan.parts[part(name, label)].action


def stored(lab: Lab, outcome: Outcome, name: str, label: str = "test") -> Any:
    signature = outcome.prepared.signatures[part(name, label)]
    assert signature is not None
    artifact = lab.store.open(signature)
    return decode(artifact.codec, artifact.path or artifact.inline or b"")


def without_reuse(lab: Lab, text: str) -> Outcome:
    fresh = Lab(lab.root.with_name("fresh"), lab.data, lab.warm)
    outcome = fresh.succeed(text, policy="all", reuse=False)
    fresh.store.close()
    return outcome


def digest(lab: Lab, outcome: Outcome, of: PartId = PREDICTED) -> str:
    signature = outcome.prepared.signatures[of]
    assert signature is not None
    return str(lab.store.open(signature).digest)


def test_what_has_no_weight_is_not_computed_for_a_new_test_file(census: Lab) -> None:
    census.succeed(FIRST, policy="all")
    outcome = census.succeed(L1, policy="all")
    left_out = {name for name in ("age_bucket", "edu_x_occ") if action(outcome, name) == "prune"}
    assert left_out == {"age_bucket", "edu_x_occ"}
    assert outcome.node("edu_x_occ").reason == "pruned: its weights in `model` are all 0.0"
    assert outcome.node("occupation").reason == "pruned: only features whose weights in `model` are all 0.0 need it"
    assert outcome.node("model").action == "load"
    assert outcome.node("income").action == "compute"
    assert outcome.node("income").reason.startswith("stale: input `rows` changed")
    matrix = stored(census, outcome, "income")
    kept = matrix.x[:, [place for place, name in enumerate(matrix.columns) if name[0] in "12"]]
    assert kept.shape[1] > 100
    assert kept.nnz == 0
    expected = without_reuse(census, L1)
    assert outcome.result.outputs == expected.result.outputs
    assert digest(census, outcome) == digest(Lab(census.root.with_name("fresh"), census.data, census.warm), expected)
    assert outcome.prepared.signatures[PREDICTED] == expected.prepared.signatures[PREDICTED]


def test_what_was_sliced_is_reused(census: Lab) -> None:
    census.succeed(FIRST, policy="all")
    first = census.succeed(L1, policy="all")
    again = census.succeed(L1, policy="all")
    assert again.with_action("compute") == set()
    assert again.stale == set()
    assert again.result.outputs == first.result.outputs
    edited = census.succeed(
        f"{L1}\n".replace("Output(accuracy, auc)", "Output(accuracy, F1(predictions))"), policy="all"
    )
    assert "predictions" in edited.with_action("load")
    more = census.succeed(L1.replace("Predict(model, income)", "Predict(model, income, cache=False)"), policy="all")
    assert action(more, "income") == "load"


def test_a_matrix_that_is_wanted_is_computed_whole(census: Lab) -> None:
    census.succeed(FIRST, policy="all")
    outcome = census.succeed(L1.replace("Output(", "Output(income, "), policy="all")
    assert action(outcome, "edu_x_occ") == "compute"
    assert stored(census, outcome, "income").x[:, 2:].nnz > 0


@pytest.mark.parametrize("options", [{"reuse": False}, {"force": ["income"]}, {"force": ["model"]}])
def test_what_is_computed_for_its_own_sake_is_computed_whole(census: Lab, options: dict[str, Any]) -> None:
    census.succeed(FIRST, policy="all")
    assert action(census.succeed(L1, **options), "edu_x_occ") == "compute"


def test_a_model_with_weights_for_all_slices_nothing(census: Lab) -> None:
    text = CENSUS.replace("adult.test", "first.test")
    census.succeed(text, policy="all")
    assert action(census.succeed(CENSUS), "edu_x_occ") == "compute"


def test_a_rebuilt_catalog_still_knows_what_has_no_weight(census: Lab) -> None:
    census.succeed(FIRST, policy="all")
    census.store.close()
    for path in census.root.glob("catalog.sqlite*"):
        path.unlink()
    again = Lab(census.root, census.data, census.warm)
    assert again.prepare(L1).slicing is not None
    again.store.close()


HASHED = """\
from sklearn.linear_model import SGDClassifier
data = FileSource(train="train.csv", test="{test}")
rows = CSVScanner(data, types={{"note": "str", "town": "str"}})
words = Tokenize(Field(rows, "note"))
pairs = Hash([words, NGrams(words)], size=64)
cross = Interaction(Field(rows, "town"), Bucketizer(Field(rows, "size"), bins=3))
size = Field(rows, "size")
examples = Examples(rows, features=[size, cross, pairs], label=Field(rows, "kind"))
model = Learner(examples, SGDClassifier(loss="log_loss", penalty="l1", alpha={alpha}, max_iter=20, tol=None))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
Output(accuracy, predictions["test"])
"""


@pytest.mark.parametrize("seed", range(6))
def test_random_data_are_predicted_bit_for_bit(tmp_path: Path, warm: WarmServer, seed: int) -> None:
    chance = random.Random(seed)
    data = tmp_path / "data"
    data.mkdir()
    kinds = ["a", "b", "c"][: chance.randint(2, 3)]
    for name in ("train.csv", "one.csv", "two.csv"):
        lines = ["note,town,size,kind"]
        for _ in range(chance.randint(40, 120)):
            kind = chance.choice(kinds)
            note = " ".join(chance.choices(["red", "green", "blue", "the", "of"], k=chance.randint(0, 5)))
            size = kinds.index(kind) * 3 + chance.random()
            lines.append(f"{note},{chance.choice(['Bonn', 'Ulm', ''])},{size:.3f},{kind}")
        (data / name).write_text("\n".join(lines) + "\n")
    lab = Lab(tmp_path / "store", data, warm)
    alpha = chance.choice([0.3, 0.5])
    lab.succeed(HASHED.format(test="one.csv", alpha=alpha), policy="all")
    text = HASHED.format(test="two.csv", alpha=alpha)
    outcome = lab.succeed(text, policy="all")
    expected = without_reuse(lab, text)
    fresh = Lab(tmp_path / "fresh", data, warm)
    assert outcome.prepared.slicing is not None
    assert outcome.prepared.slicing.features
    assert digest(lab, outcome) == digest(fresh, expected)
    assert json.dumps(outcome.result.outputs) == json.dumps(expected.result.outputs)
    lab.store.close()
    fresh.store.close()
