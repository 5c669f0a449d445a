"""One warm server for all tests of execution, a store for each, and Adult in two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data import data_folder
from tests.workflows.execution.lab import Lab
from workflows.execution.warmserver import WarmServer


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmServer]:
    with WarmServer() as server:
        yield server


@pytest.fixture(scope="session")
def small_adult(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the first rows of Adult: 3,000 to learn from, 1,000 to test on."""
    folder = tmp_path_factory.mktemp("small") / "adult"
    folder.mkdir()
    for name, count in (("adult.data", 3000), ("adult.test", 1001)):
        lines = (data_folder() / "adult" / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(lines[:count]) + "\n")
    return folder.parent


@pytest.fixture
def lab(tmp_path: Path, small_adult: Path, warm: WarmServer) -> Iterator[Lab]:
    made = Lab(tmp_path / "store", small_adult, warm)
    yield made
    made.store.close()
