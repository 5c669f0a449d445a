"""Whatever is computed block by block is what is computed of all rows at once, bit for bit, however rows are cut."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.workflows.execution.lab import CENSUS, Lab
from workflows.execution.jobs import job_of
from workflows.execution.limits import Limits
from workflows.execution.local import LocalEngine
from workflows.execution.protocol import Job
from workflows.execution.spark.blocks import Blocks
from workflows.execution.spark.engine import SparkEngine
from workflows.execution.spark.placement import SPREAD
from workflows.execution.spark.tasks import Outcome, Task
from workflows.execution.usercode import UserCode
from workflows.graph.dag import PartId
from workflows.store.codecs import encode

HEADER = 'rows = CSVScanner(FileSource(all="mixed.csv"))\n'
WORKFLOWS = {
    "Field": 'out = Field(rows, "word")',
    "Field of numbers": 'out = Field(rows, "number")',
    "Field of whole numbers": 'out = Field(rows, "whole")',
    "Bucketizer": 'out = Bucketizer(Field(rows, "number"), bins=4)',
    "Bucketizer of whole numbers": 'out = Bucketizer(Field(rows, "whole"), bins=3, by="width")',
    "Interaction": 'out = Interaction(Field(rows, "word"), Field(rows, "other"), Field(rows, "whole"))',
    "Impute of text": 'out = Impute(Field(rows, "word"), strategy="most_frequent")',
    "Impute by another text": 'out = Impute(Field(rows, "word"), strategy="constant", value="new")',
    "Impute of numbers": 'out = Impute(Field(rows, "number"))',
    "Impute of whole numbers": 'out = Impute(Field(rows, "whole"), strategy="median")',
    "Scale": 'out = Scale(Field(rows, "number"))',
    "Scale robustly": 'out = Scale(Field(rows, "number"), method="robust")',
    "Extractor of text": 'def f(batch):\n    return batch["word"].str.upper() + batch["other"]\n'
    "out = Extractor(rows, f)",
    "Extractor of whole numbers": 'def f(batch):\n    return batch["whole"].astype(str)\nout = Extractor(rows, f)',
    "Extractor of a vector": 'import numpy as np\ndef f(batch):\n    return np.outer(batch["full"], [1.0, 2.0])\n'
    "out = Extractor(rows, f)",
    "Extractor of several": 'def f(batch):\n    return batch[["full", "word"]].assign(twice=batch["full"] * 2)\n'
    "out = Extractor(rows, f)",
    "Map": 'def f(batch):\n    return batch[["word", "full"]].assign(n=batch["number"] / 3)\nout = Map(rows, f)',
    "Filter": 'out = Filter(rows, "full > 10")',
    "Filter of a few": 'out = Field(Filter(rows, "full > 37"), "word")',
    "Filter of all": 'out = Field(Filter(rows, "full > 3700"), "word")',
    "Filter by a function": 'def f(batch):\n    return batch["full"] % 3 == 0\n'
    'few = Filter(rows, f)\nout = Interaction(Field(few, "other"), Field(few, "word"))',
    "Tokenize": 'out = Tokenize(Field(rows, "text"))',
    "TfIdf": 'out = TfIdf(Tokenize(Field(rows, "text")))',
    "Hash": 'out = Hash(Tokenize(Field(rows, "text")), size=16)',
    "Hash of text": 'out = Hash(Field(rows, "word"), size=8)',
    "Examples": 'out = Examples(rows, features=[Field(rows, "word"), Impute(Field(rows, "number")),'
    ' TfIdf(Tokenize(Field(rows, "text")))], label=Field(rows, "other"))',
    "Examples of numbers": 'out = Examples(rows, features=[Field(rows, "full"), Impute(Field(rows, "whole"))],'
    ' label=Field(rows, "full"), weight=Field(rows, "full"))',
}


@dataclass
class Here:
    """Executors that are this process: tasks and outcomes cross over as they do to Spark."""

    cores: int

    def run(self, task: Task, places: int) -> Sequence[Outcome]:
        sent = pickle.dumps(task)
        return [pickle.loads(pickle.dumps(pickle.loads(sent).run(place))) for place in range(places)]


def job_for(lab: Lab, text: str) -> Job:
    prepared = lab.prepare(text, policy="none", reuse=False)
    assert prepared.plan is not None, prepared.diagnostics
    return job_of(prepared, {}, lab.store, lab.store.staging(), lab.data, Limits())


def local_engine(job: Job) -> LocalEngine:
    return LocalEngine(job, UserCode(job.program, {"log": lambda *_: None}))


def computed(job: Job, blocks: int | None) -> tuple[dict[PartId, str], Mapping[PartId, Any]]:
    """The digest of each part, and what was handed from part to part; None computes locally."""
    local = local_engine(job)
    spark = SparkEngine(job, local, Here(blocks or 1), job.staging / f"blocks-{blocks}", lambda *_: None)
    data: dict[PartId, Any] = {}
    for name, part in job.parts.parts.items():
        engine = local if blocks is None else spark
        data[name] = engine.compute(part, {needed: data[needed] for needed in part.requires})
    return {name: encode(spark.fetched(item), io.BytesIO()).value for name, item in data.items()}, data


@pytest.fixture
def mixed(lab: Lab, tmp_path: Path) -> Lab:
    """Forty rows of every kind of column, with nulls, not all of them in every block."""
    random = np.random.default_rng(7)
    words = np.array(["oak", "elm", "an oak", "ülme", "ash × elm"])
    frame = pd.DataFrame(
        {
            "word": random.choice(words, 40),
            "other": random.choice(["b", "a", "c"], 40),
            "text": [" ".join(random.choice(words, 4)) for _ in range(40)],
            "number": random.normal(size=40) * 10.0 ** random.integers(-6, 6, 40),
            "whole": pd.array(random.integers(0, 9, 40), dtype="Int64"),
            "full": np.arange(40),
        }
    )
    frame.loc[::7, "word"] = None
    frame.loc[3:5, "number"] = None
    frame.loc[30:33, "whole"] = None
    folder = tmp_path / "data"
    folder.mkdir()
    frame.to_csv(folder / "mixed.csv", index=False)
    lab.data = folder
    return lab


@pytest.mark.parametrize("blocks", [1, 2, 7])
def test_census_in_blocks_is_census_bit_for_bit(lab: Lab, blocks: int) -> None:
    job = job_for(lab, CENSUS)
    expected, _ = computed(job, None)
    found, data = computed(job, blocks)
    assert found == expected
    spread = {job.parts.parts[name].node.operator for name, item in data.items() if isinstance(item, Blocks)}
    assert spread == {"Field", "Scale", "Bucketizer", "Interaction", "Extractor", "Examples"}


@pytest.mark.parametrize("blocks", [1, 2, 7, 40])
@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_spread_operator_gives_the_same_however_rows_are_cut(mixed: Lab, name: str, blocks: int) -> None:
    job = job_for(mixed, HEADER + WORKFLOWS[name] + "\nOutput(out)\n")
    assert computed(job, blocks)[0] == computed(job, None)[0]


def test_every_spread_operator_is_tried() -> None:
    assert {name.split()[0] for name in WORKFLOWS} == SPREAD
