"""The main job: Census as plain scikit-learn has it, and after each edit nothing computed but what is stale."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.data import data_folder
from tests.workflows.execution.lab import CENSUS, Lab
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import STATE, PartId
from workflows.hashing import Signature
from workflows.ports import StoredArtifact
from workflows.store.codecs import decode
from workflows.store.codecs.state import state_of

COLUMNS = (
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "target"),
)
HELPER = """
def is_rich(texts):
    return texts.str.contains(">50K")

def over_50k(batch):
    return is_rich(batch["target"]).astype("int8")
"""
FOLLOWING_TARGET = {"target", "income", "model", "predictions", "accuracy", "auc"}


def with_helper(text: str) -> str:
    begin, end = text.index("def over_50k"), text.index("target = Extractor")
    return text[:begin] + HELPER.lstrip() + "\n" + text[end:]


def plain_scikit_learn(folder: Path) -> tuple[float, float]:
    """Accuracy and area under the curve of the same pipeline, written by hand."""
    train, test = (
        pd.read_csv(folder / name, names=list(COLUMNS), skipinitialspace=True, na_values=["?"], comment="|")
        for name in ("adult.data", "adult.test")
    )
    edges = np.unique(np.quantile(train["age"], np.linspace(0, 1, 11)[1:-1]))
    scaler = StandardScaler().fit(train[["capital_loss"]].to_numpy(float))

    def categories(frame: pd.DataFrame) -> pd.DataFrame:
        crossed = frame["education"] + " × " + frame["occupation"]
        bucket = np.digitize(frame["age"], edges)
        return pd.DataFrame({"education": frame["education"], "age": bucket, "crossed": crossed})

    encoder = OneHotEncoder(handle_unknown="ignore").fit(categories(train))
    x, x_test = (
        sp.csr_matrix(
            sp.hstack([encoder.transform(categories(frame)), scaler.transform(frame[["capital_loss"]].to_numpy(float))])
        )
        for frame in (train, test)
    )
    y, y_test = (frame["target"].str.contains(">50K").astype("int8") for frame in (train, test))
    model = LogisticRegression(C=1.0, max_iter=200).fit(x, y)
    return float(accuracy_score(y_test, model.predict(x_test))), float(
        roc_auc_score(y_test, model.predict_proba(x_test)[:, 1])
    )


def test_census_on_the_full_data_is_as_accurate_as_plain_scikit_learn(tmp_path: Path, warm: WarmServer) -> None:
    outcome = Lab(tmp_path, data_folder(), warm).succeed(CENSUS)
    accuracy, area = plain_scikit_learn(data_folder() / "adult")
    assert outcome.result.outputs["accuracy"] == pytest.approx(accuracy, abs=0.002)
    assert outcome.result.outputs["auc"] == pytest.approx(area, abs=0.002)


@pytest.fixture
def ran(lab: Lab) -> Lab:
    """A lab where Census ran once."""
    first = lab.succeed(CENSUS)
    assert first.stale == {node.name for node in first.result.nodes}
    return lab


def test_unchanged_every_output_is_loaded_and_nothing_computed(ran: Lab) -> None:
    again = ran.succeed(CENSUS)
    assert again.stale == set()
    assert again.with_action("load") == {"accuracy", "auc"}
    assert again.with_action("compute") == set()
    assert again.result.outputs.keys() == {"accuracy", "auc"}


def test_after_another_c_the_model_and_what_follows_are_stale(ran: Lab) -> None:
    outcome = ran.succeed(CENSUS.replace("C=1.0", "C=0.1"))
    assert outcome.stale == {"model", "predictions", "accuracy", "auc"}
    assert "`C` 1.0 → 0.1" in outcome.node("model").reason


def test_after_adding_a_metric_that_metric_is_stale(ran: Lab) -> None:
    text = CENSUS.replace("Output(accuracy, auc)", "f1 = F1(predictions)\n\nOutput(accuracy, auc, f1)")
    assert ran.succeed(text).stale == {"f1"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("model       =", "# regularised\nmodel ="),
        lambda text: text.replace('Field(rows, "age")', "Field(\n    rows,\n    'age',\n)"),
        lambda text: text.replace("edu_x_occ", "crossed"),
        lambda text: (
            text.replace("batch", "frame") if False else text.replace("C=1.0, max_iter=200", "max_iter=200, C=1.0")
        ),
    ],
    ids=["comment", "reformat", "rename", "keyword order"],
)
def test_after_a_comment_a_reformat_or_a_rename_nothing_is_stale(ran: Lab, edit: Callable[[str], str]) -> None:
    text = edit(CENSUS)
    assert text != CENSUS
    outcome = ran.succeed(text)
    assert outcome.stale == set()
    assert outcome.with_action("compute") == set()


def test_after_a_change_in_a_helper_the_target_and_what_follows_are_stale(lab: Lab) -> None:
    text = with_helper(CENSUS)
    lab.succeed(text)
    outcome = lab.succeed(text.replace('texts.str.contains(">50K")', 'texts.str.endswith((">50K", ">50K."))'))
    assert outcome.stale == FOLLOWING_TARGET
    assert "is_rich" in outcome.node("target").reason


def test_after_going_back_nothing_is_stale_or_computed(ran: Lab) -> None:
    first = ran.succeed(CENSUS).result.outputs
    ran.succeed(CENSUS.replace("bins=10", "bins=20"))
    back = ran.succeed(CENSUS)
    assert back.stale == set()
    assert back.with_action("compute") == set()
    assert back.result.outputs == first


def test_after_a_new_test_file_no_learned_state_is_computed(ran: Lab, tmp_path: Path) -> None:
    ran.data = shutil.copytree(ran.data, tmp_path / "data")
    path = ran.data / "adult" / "adult.test"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-100]))
    outcome = ran.succeed(CENSUS)
    plan = outcome.prepared.plan
    assert plan is not None
    assert {"predictions", "accuracy", "auc"} <= outcome.stale
    assert "model" not in outcome.stale
    computed = [part for part, decision in plan.parts.items() if decision.action == "compute"]
    assert computed
    assert not [part for part in computed if part.label in (STATE, "train")]
    assert not [part for part, decision in plan.parts.items() if part.label == STATE and decision.stale]


EDITS: list[tuple[str, list[str]]] = [
    (
        "LogisticRegression(C=1.0, max_iter=200)",
        [
            "LogisticRegression(C=0.1, max_iter=200)",
            "LogisticRegression(C=10.0, max_iter=200)",
            "RandomForestClassifier(n_estimators=10, max_depth=6)",
            'SGDClassifier(loss="log_loss")',
        ],
    ),
    ("bins=10", ["bins=5", "bins=20", 'bins=7, by="width"']),
    (
        'Scale(Field(rows, "capital_loss"))',
        [
            'Scale(Field(rows, "capital_loss"), method="minmax")',
            'Impute(Field(rows, "capital_loss"), strategy="median")',
            'Transform(Field(rows, "capital_loss"), KBinsDiscretizer(4, encode="ordinal", strategy="uniform"))',
        ],
    ),
    (
        "features=[education, age_bucket, edu_x_occ, loss]",
        [
            "features=[education, age_bucket, loss]",
            "features=[edu_x_occ, age_bucket, education, loss]",
            'features=[education, age_bucket, edu_x_occ, loss, Field(rows, "sex")]',
        ],
    ),
    ('.astype("int8")', ['.astype("int64")', '.map({True: 1, False: 0}).astype("int8")']),
    ("edu_x_occ", ["crossed"]),
    (
        "Output(accuracy, auc)",
        ["f1 = F1(predictions)\nOutput(accuracy, auc, f1)", "Output(predictions, accuracy, auc, model)"],
    ),
    ("data = FileSource", ["# the files\ndata = FileSource"]),
]
IMPORTS = (
    "from sklearn.linear_model import LogisticRegression, SGDClassifier\n"
    "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.preprocessing import KBinsDiscretizer\n"
)


def edited(choices: dict[str, str]) -> str:
    text = CENSUS.replace("from sklearn.linear_model import LogisticRegression\n", IMPORTS)
    for old, _ in EDITS:
        if old in choices:
            assert old in text
            text = text.replace(old, choices[old])
    return text


def meaning(artifact: StoredArtifact) -> str:
    """What a stored result is: the digest of its bytes; of a model, whose pickle says nothing, that of its state."""
    if artifact.codec != "model":
        return artifact.digest
    source: Any = artifact.inline if artifact.path is None else artifact.path
    state = state_of(decode("model", source).estimator)
    assert state is not None
    return state.digest


def meanings(lab: Lab, signatures: dict[PartId, Signature | None]) -> dict[Signature, str]:
    wanted = {signature for signature in signatures.values() if signature is not None}
    stored = [record.signature for record in lab.store.catalog.records(wanted).values() if record.stored]
    return {signature: meaning(lab.store.open(signature)) for signature in stored}


def test_results_with_reuse_are_those_without_bit_for_bit_over_twenty_random_edits(lab: Lab, tmp_path: Path) -> None:
    chance = random.Random(20)
    choices: dict[str, str] = {}
    compared = reused = 0
    for step in range(20):
        old, variants = chance.choice(EDITS)
        if old in choices and chance.random() < 0.5:
            del choices[old]
        else:
            choices[old] = chance.choice(variants)
        text = edited(choices)
        with_reuse = lab.succeed(text, policy=chance.choice(["all", "helix", "none"]))
        fresh = Lab(tmp_path / f"fresh{step}", lab.data, lab.warm)
        without = fresh.succeed(text, policy="all", reuse=False)
        fresh.store.close()
        assert with_reuse.result.outputs == without.result.outputs
        assert with_reuse.prepared.signatures == without.prepared.signatures
        expected = meanings(fresh, dict(without.prepared.signatures))
        found = meanings(lab, dict(with_reuse.prepared.signatures))
        assert {signature: expected[signature] for signature in found} == found
        compared += len(found)
        reused += len(with_reuse.with_action("load"))
    assert compared > 100
    assert reused > 20
