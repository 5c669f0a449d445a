"""Whatever learns, learns from `train` alone: other test rows change neither its state nor what `train` becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.workflows.execution.lab import Lab
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import STATE, NodeName, PartId
from workflows.operators.base import Shape
from workflows.operators.kernels.base import Matrix, Model
from workflows.operators.registry import OPERATORS
from workflows.store.codecs import decode
from workflows.store.codecs.state import state_of

LEARNING = sorted(name for name, operator in OPERATORS.items() if operator.learns)
COUNTS = {"train": 60, "test": 30}
FIRST = {"train": "first", "test": "first"}

FEATURES = """
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

data = FileSource(train="train.csv", test="test.csv")
rows = CSVScanner(data)
age = Field(rows, "age")
pay = Field(rows, "pay")
job = Field(rows, "job")
text = Field(rows, "text")
rich = Field(rows, "rich")
examples = Examples(rows, features=[age, job], label=rich)
"""
FILES = 'data = FileSource(train="train.{0}", test="test.{0}")\n'
READ = """
import csv, io

def read(file):
    return list(csv.DictReader(io.TextIOWrapper(file)))

"""

# For each operator that learns, a text in which `learned` is one.
CASES: Mapping[str, str] = {
    "CSVScanner": FILES.format("csv") + "learned = CSVScanner(data)",
    "JSONScanner": FILES.format("json") + "learned = JSONScanner(data)",
    "ParquetScanner": FILES.format("parquet") + "learned = ParquetScanner(data)",
    "ImageScanner": FILES.format("idx") + "learned = ImageScanner(data)",
    "Scanner": READ + FILES.format("csv") + "learned = Scanner(data, read)",
    "Bucketizer": FEATURES + "learned = Bucketizer(pay, bins=4)",
    "Impute": FEATURES + 'learned = Impute(pay, strategy="median")',
    "Scale": FEATURES + 'learned = Scale(pay, method="minmax")',
    "TfIdf": FEATURES + "learned = TfIdf(text, min_df=2)",
    "Transform": FEATURES + "learned = Transform(text, CountVectorizer())",
    "Examples": FEATURES + "learned = Examples(rows, features=[job, pay], label=rich)",
    "Learner": FEATURES + "learned = Learner(examples, LogisticRegression())",
}


def table(split: str, version: str) -> dict[str, list[Any]]:
    """Rows of a split; each version has its own numbers, jobs and words, those of ``other`` beyond all of ``first``."""
    count = COUNTS[split]
    random = np.random.default_rng([len(split), version == "other"])
    words = ["alpha", "beta", "gamma"] if version == "first" else ["delta", "epsilon", "gamma"]
    return {
        "age": random.integers(17, 90, count).tolist(),
        "pay": (random.normal(100, 20, count) * (1 if version == "first" else 1000)).round(3).tolist(),
        "job": [f"{version} job {place % 5}" for place in range(count)],
        "text": [" ".join(random.choice(words, 4)) for _ in range(count)],
        "rich": random.choice(["no", "yes"], count).tolist(),
    }


def write(folder: Path, split: str, version: str) -> None:
    columns = table(split, version)
    records = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    lines = [",".join(map(str, record.values())) for record in records]
    (folder / f"{split}.csv").write_text("\n".join([",".join(columns), *lines]) + "\n")
    (folder / f"{split}.json").write_text("\n".join(map(json.dumps, records)) + "\n")
    pq.write_table(pa.table(columns), folder / f"{split}.parquet")
    pixels = np.random.default_rng(version == "other").integers(0, 256, (COUNTS[split], 3, 3), np.uint8)
    head = b"\0\0\x08\x03" + b"".join(size.to_bytes(4, "big") for size in pixels.shape)
    (folder / f"{split}.idx").write_bytes(head + pixels.tobytes())


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmServer]:
    with WarmServer() as server:
        yield server


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, warm: WarmServer) -> Callable[[str], dict[str, Any]]:
    """What an operator learns of the first rows of each split, computed once."""

    @cache
    def computed(operator: str) -> dict[str, Any]:
        return learned(tmp_path_factory.mktemp(operator), warm, CASES[operator], FIRST)

    return computed


def learned(root: Path, warm: WarmServer, text: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """What the parts of ``learned`` are, computed from nothing, by their labels."""
    data = root / "data"
    data.mkdir(parents=True)
    for split, version in versions.items():
        write(data, split, version)
    lab = Lab(root / "store", data, warm)
    try:
        outcome = lab.succeed(f"{text}\nOutput(learned)\n", policy="all")
        found = {}
        for part, signature in outcome.prepared.signatures.items():
            if part.node == "learned" and signature is not None:
                artifact = lab.store.open(signature)
                source: Any = artifact.inline if artifact.path is None else artifact.path
                found[part.label] = told(decode(artifact.codec, source))
    finally:
        lab.store.close()
    return found


def told(data: Any) -> Any:
    """The data in a form that can be compared."""
    match data:
        case Model():
            return state_of(data.estimator), data.columns
        case Matrix():
            x = data.x if isinstance(data.x, np.ndarray) else data.x.toarray()
            return x.tolist(), data.columns, np.asarray(data.label).tolist(), data.row_id.tolist()
        case pa.Table():
            return data.schema.names, data.schema.types, data.to_pylist()
    return data


@pytest.mark.parametrize("operator", LEARNING)
def test_other_test_rows_change_neither_what_is_learned_nor_what_train_becomes(
    operator: str, first: Callable[[str], dict[str, Any]], tmp_path: Path, warm: WarmServer
) -> None:
    assert operator in CASES, f"{operator} learns: add a text to CASES in which `learned` is one."
    other_test = learned(tmp_path / "test", warm, CASES[operator], FIRST | {"test": "other"})
    other_train = learned(tmp_path / "train", warm, CASES[operator], FIRST | {"train": "other"})
    of_train = {label: part for label, part in first(operator).items() if label != "test"}
    assert set(of_train) == ({STATE} if OPERATORS[operator].shape is Shape.STATE else {STATE, "train"})
    assert {label: other_test[label] for label in of_train} == of_train
    assert {label: other_train[label] for label in of_train} != of_train
    assert OPERATORS[operator].shape is Shape.STATE or other_test["test"] != first(operator)["test"]


@pytest.mark.parametrize("operator", LEARNING)
def test_where_there_is_no_train_all_rows_are_learned_from(
    operator: str, first: Callable[[str], dict[str, Any]], tmp_path: Path, warm: WarmServer
) -> None:
    text = CASES[operator]
    ending = text.split('train="train.')[1].split('"')[0]
    one = text.replace(f'train="train.{ending}", test="test.{ending}"', f'"train.{ending}"')
    whole = learned(tmp_path, warm, one, FIRST)
    assert whole[STATE] == first(operator)[STATE]
    assert whole.get("all") == first(operator).get("train")


def test_no_part_of_test_is_above_what_is_learned(tmp_path: Path, warm: WarmServer) -> None:
    lab = Lab(tmp_path / "store", tmp_path, warm)
    for text in CASES.values():
        parts = lab.prepare(f"{text}\nOutput(learned)\n", hash_files=False).compiled.parts
        assert parts is not None
        waiting, seen = [PartId(NodeName("learned"), STATE)], set()
        while waiting:
            part = waiting.pop()
            seen.add(part)
            waiting.extend(above for above in parts.parts[part].requires if above not in seen)
        assert "test" not in {part.label for part in seen}
    lab.store.close()
