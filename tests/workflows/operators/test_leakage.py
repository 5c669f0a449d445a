"""Whatever learns, learns from `train` alone: other test rows change neither its state nor what `train` becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.workflows.execution.lab import Lab
from workflows.compiler import compile_workflow
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import STATE, NodeName, PartId
from workflows.operators.base import Shape
from workflows.operators.kernels.base import Matrix, Model
from workflows.operators.registry import OPERATORS
from workflows.store.codecs import decode
from workflows.store.codecs.state import state_of

LEARNING = sorted(name for name, operator in OPERATORS.items() if operator.learns)
COUNTS = {"train": 60, "test": 30}
Parts: TypeAlias = "dict[str, dict[str, Any]]"  # operator → label → what the part is

TEXT = """
import csv, io
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

def read(file):
    return list(csv.DictReader(io.TextIOWrapper(file)))

lines = FileSource(train="train.csv", test="test.csv")
objects = FileSource(train="train.json", test="test.json")
columns = FileSource(train="train.parquet", test="test.parquet")
images = FileSource(train="train.idx", test="test.idx")
rows = CSVScanner(lines)
age = Field(rows, "age")
pay = Field(rows, "pay")
job = Field(rows, "job")
text = Field(rows, "text")
rich = Field(rows, "rich")
examples = Examples(rows, features=[age, job], label=rich)
"""

# For each operator that learns, one application of it.
CASES: Mapping[str, str] = {
    "CSVScanner": 'CSVScanner(lines, na="?")',
    "JSONScanner": "JSONScanner(objects)",
    "ParquetScanner": "ParquetScanner(columns)",
    "ImageScanner": "ImageScanner(images)",
    "Scanner": "Scanner(lines, read)",
    "Bucketizer": "Bucketizer(pay, bins=4)",
    "Impute": 'Impute(pay, strategy="median")',
    "Scale": 'Scale(pay, method="minmax")',
    "TfIdf": "TfIdf(text, min_df=2)",
    "Transform": "Transform(text, CountVectorizer())",
    "Examples": "Examples(rows, features=[job, pay], label=rich)",
    "Learner": "Learner(examples, LogisticRegression())",
}
APPLIED = "".join(f"learned_{operator} = {case}\n" for operator, case in CASES.items())
WANTED = f"Output({', '.join(f'learned_{operator}' for operator in CASES)})\n"


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
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Parts]]:
    """The parts of every application, computed from nothing, out of the given version of each split; ``whole``: of the
    rows of ``train`` that are not split."""

    @cache
    def computed(train: str, test: str, *, whole: bool = False) -> Parts:
        root = tmp_path_factory.mktemp("leakage")
        write(root, "train", train)
        write(root, "test", test)
        text = TEXT + APPLIED + WANTED
        if whole:
            text = re.sub(r'train=("[^"]*"), test="[^"]*"', r"\1", text)
        lab = Lab(root / "store", root, warm)
        prepared = lab.succeed(text, policy="all").prepared
        found: Parts = {}
        for part, signature in prepared.signatures.items():
            if part.node.startswith("learned_") and signature is not None:
                artifact = lab.store.open(signature)
                source: Any = artifact.inline if artifact.path is None else artifact.path
                parts = found.setdefault(part.node.removeprefix("learned_"), {})
                parts[part.label] = told(decode(artifact.codec, source))
        lab.store.close()
        return found

    with WarmServer() as warm:
        yield computed


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
    operator: str, learned: Callable[..., Parts]
) -> None:
    assert operator in CASES, f"{operator} learns: add an application of it to CASES."
    first, other_test, other_train = (
        learned(*versions)[operator] for versions in (("first", "first"), ("first", "other"), ("other", "first"))
    )
    of_train = {label: part for label, part in first.items() if label != "test"}
    assert set(of_train) == ({STATE} if OPERATORS[operator].shape is Shape.STATE else {STATE, "train"})
    assert {label: other_test[label] for label in of_train} == of_train
    assert {label: other_train[label] for label in of_train} != of_train
    assert OPERATORS[operator].shape is Shape.STATE or other_test["test"] != first["test"]


@pytest.mark.parametrize("operator", LEARNING)
def test_where_there_is_no_train_all_rows_are_learned_from(operator: str, learned: Callable[..., Parts]) -> None:
    split, whole = learned("first", "first")[operator], learned("first", "first", whole=True)[operator]
    assert whole[STATE] == split[STATE]
    assert whole.get("all") == split.get("train")


@pytest.mark.parametrize("operator", CASES)
def test_no_part_of_test_is_above_what_is_learned(operator: str) -> None:
    parts = compile_workflow(TEXT + APPLIED + WANTED).parts
    assert parts is not None
    waiting, seen = [PartId(NodeName(f"learned_{operator}"), STATE)], set()
    while waiting:
        part = waiting.pop()
        seen.add(part)
        waiting.extend(above for above in parts.parts[part].requires if above not in seen)
    assert {part.label for part in seen} <= {STATE, "train"}
