"""What all tests share: the running application, started once for those that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """HelixWeb as ``make run`` serves it, on a free port of 127.0.0.1, on the data of HELIX_DATA."""
    data = os.environ.get("HELIX_DATA")
    home = tmp_path_factory.mktemp("stack") / "var"
    running = Stack(home, Path(data) if data else home.parent / "data")
    yield running
    assert running.stop() == 0
