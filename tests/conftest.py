"""What all tests share: the running application, started once for those that need it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.stack import Stack

# The same examples each time, and no limit on how long one takes: a busy machine is slow, and that is no defect.
settings.register_profile("helixweb", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("helixweb")

# A shell that starts the tests in the background has them ignore SIGINT, and what they start would ignore it too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def stack_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that tests may write to, with the public data sets in it."""
    from tests.data import data_folder  # which loads NumPy: for those who need it

    folder = tmp_path_factory.mktemp("data")
    for dataset in data_folder().iterdir():
        if dataset.is_dir():
            (folder / dataset.name).symlink_to(dataset)
    return folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, stack_data: Path) -> Iterator[Stack]:
    """HelixWeb as ``make run`` serves it, on a free port of 127.0.0.1."""
    running = Stack(tmp_path_factory.mktemp("stack") / "var", stack_data)
    yield running
    assert running.stop() == 0
    assert [line for line in running.lines if "Warning" in line or "Traceback" in line] == []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: the one that is named, else one for this session."""
    if "HELIX_DATABASE" in os.environ:
        yield postgres.server()
    else:
        with postgres.running() as address:
            yield address
