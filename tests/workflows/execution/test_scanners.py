"""Scanners in a run: what is learned is of ``train`` alone, a pattern finds files, and errors name their place."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from tests.workflows.execution.lab import Lab
from workflows.graph.dag import NodeName, PartId

READ = """
def read(file):
    return [{"a": int(line), "b": "x"} for line in file]

"""


def _parquet(values: list[int]) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table({"a": values}), sink)
    return sink.getvalue()


SCANNERS: dict[str, tuple[str, Callable[[list[int]], bytes]]] = {
    "csv": ("CSVScanner(data)", lambda values: "\n".join(["a", *map(str, values)]).encode()),
    "json": ("JSONScanner(data)", lambda values: json.dumps([{"a": value} for value in values]).encode()),
    "parquet": ("ParquetScanner(data)", _parquet),
    "own": ("Scanner(data, read)", lambda values: "\n".join(map(str, values)).encode()),
    "idx": ("ImageScanner(data)", lambda values: struct.pack(f">4I{len(values)}B", 2051, len(values), 1, 1, *values)),
}


@pytest.fixture
def data(lab: Lab, tmp_path: Path) -> Path:
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    return lab.data


@pytest.mark.parametrize("name", SCANNERS)
def test_other_test_data_change_nothing_that_is_learned_and_no_row_of_train(lab: Lab, data: Path, name: str) -> None:
    call, written = SCANNERS[name]
    column = "pixels" if name == "idx" else "a"
    text = (
        f'{READ}data = FileSource(train="train", test="test")\nrows = {call}\n'
        f"def kept(frame):\n    return [str(frame['{column}'].dtype), str(frame['{column}'].tolist())]\n\n"
        'of_train = Reducer(rows["train"], kept)\nof_test = Reducer(rows["test"], kept)\n'
    )
    (data / "train").write_bytes(written([1, 2]))
    (data / "test").write_bytes(written([3]))
    first = lab.succeed(text)
    (data / "test").write_bytes(gzip.compress(written([4, 5, 250])))
    second = lab.succeed(text)
    assert second.result.outputs["of_train"] == first.result.outputs["of_train"]
    assert second.result.outputs["of_test"] != first.result.outputs["of_test"]
    assert second.node("of_train").stale is False
    for label, same in (("state", True), ("train", True), ("test", False)):
        part = PartId(NodeName("rows"), label)
        assert (first.prepared.signatures[part] == second.prepared.signatures[part]) is same


def test_images_are_found_by_a_pattern_and_labelled_by_their_folders(lab: Lab, data: Path) -> None:
    for label in (0, 1):
        folder = data / "digits" / str(label)
        folder.mkdir(parents=True)
        Image.fromarray(np.full((2, 2), 100 * label, np.uint8)).save(folder / "a.png")
    text = (
        'images = ImageScanner(FileSource("digits/*/*.png"))\n'
        "n = Reducer(images, lambda rows: [[row.label, row.path, int(row.pixels.sum())] for row in rows.itertuples()])"
    )
    outcome = lab.succeed(text)
    assert outcome.result.outputs["n"] == [["0", "digits/0/a.png", 0], ["1", "digits/1/a.png", 400]]


def test_an_error_of_a_scanner_names_the_file_and_the_line_of_the_text(lab: Lab, data: Path) -> None:
    (data / "a.log").write_text("1\ntwo\n")
    outcome = lab.run(f'{READ}data = FileSource("*.log")\nrows = Scanner(data, read)\nOutput(rows)\n')
    failure = outcome.failures["rows"]
    assert failure.message.startswith("a.log: ValueError: invalid literal")
    assert failure.line == 3
    (data / "a.log").write_bytes(b"caf\xe9\n")
    outcome = lab.run('data = FileSource("*.log")\nrows = TextScanner(data)\nOutput(rows)\n')
    assert "a.log, line 1: this is not utf-8 (byte 3 of the file is 0xe9)" in outcome.failures["rows"].message
    assert outcome.failures["rows"].line == 2
