"""Public data sets come whole, checked, or not at all; from a mirror on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mirror import served
from workflows.execution import datasets
from workflows.execution.datasets import (
    DATASETS,
    MIRROR,
    Dataset,
    DatasetFile,
    FetchFailed,
    UnknownDataset,
    fetch,
    of_path,
)

CONTENT = b"a,b\n" + b"1,2\n" * 50_000


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is served, and a data set in it."""
    folder = tmp_path / "mirror"
    (folder / "toy").mkdir(parents=True)
    (folder / "toy" / "a.csv").write_bytes(CONTENT)
    file = DatasetFile("toy/a.csv", "http://nowhere.invalid/a.csv", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setitem(datasets.DATASETS, "toy", Dataset("toy", "A toy", (file,)))
    with served(folder) as address:
        monkeypatch.setenv(MIRROR, f"{address}/")
        yield folder


@pytest.mark.usefixtures("mirror")
def test_a_data_set_is_fetched_with_its_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    dataset = fetch("toy", tmp_path / "data", lambda done, total: seen.append((done, total)))
    assert (tmp_path / "data" / "toy" / "a.csv").read_bytes() == CONTENT
    assert dataset.present(tmp_path / "data")
    assert seen == sorted(seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_what_is_there_is_not_fetched_again(mirror: Path, tmp_path: Path) -> None:
    fetch("toy", tmp_path / "data")
    (mirror / "toy" / "a.csv").unlink()
    fetch("toy", tmp_path / "data")


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT[:-9], CONTENT + b"more", b""])
def test_a_file_that_is_not_the_expected_one_is_not_kept(mirror: Path, tmp_path: Path, content: bytes) -> None:
    (mirror / "toy" / "a.csv").write_bytes(content)
    with pytest.raises(FetchFailed, match="does not give the file that is expected"):
        fetch("toy", tmp_path / "data")
    assert list((tmp_path / "data" / "toy").iterdir()) == []


def test_an_address_that_does_not_answer_says_what_to_do(mirror: Path, tmp_path: Path) -> None:
    (mirror / "toy" / "a.csv").unlink()
    with pytest.raises(FetchFailed, match="Put the file at"):
        fetch("toy", tmp_path / "data")


def test_an_unknown_data_set_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownDataset, match="did you mean `adult`"):
        fetch("adlut", tmp_path)


def test_adult_is_known_by_its_paths() -> None:
    assert of_path("adult/adult.data") is DATASETS["adult"]
    assert of_path("adult/other") is None
    assert DATASETS["adult"].bytes == 5_977_458
