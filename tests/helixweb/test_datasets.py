from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from helixweb.jobs import datasets
from helixweb.models import DatasetFetch
from tests.mirror import served
from workflows.execution.datasets import DATASETS, MIRROR, Dataset, DatasetFile, UnknownDataset

pytestmark = pytest.mark.django_db

CONTENT = b"1, 2\n" * 1000
TINY = Dataset(
    "tiny", "A tiny set", (DatasetFile("tiny/tiny.data", "", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),)
)


@pytest.fixture(autouse=True)
def mirror(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that a server of this test serves, in place of where the data sets are published."""
    folder = tmp_path / "mirror"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny" / "tiny.data").write_bytes(CONTENT)
    settings.DATA_ROOT = tmp_path / "data"
    monkeypatch.setitem(DATASETS, "tiny", TINY)
    with served(folder) as address:
        monkeypatch.setenv(MIRROR, address)
        yield folder


def tiny() -> datasets.DatasetOut:
    return next(each for each in datasets.datasets() if each.name == "tiny")


def test_a_data_set_goes_from_absent_to_present(settings: Settings) -> None:
    assert (tiny().status, tiny().present, tiny().progress) == ("absent", False, None)
    asked = datasets.request_fetch("tiny")
    assert (asked.status, asked.progress) == ("fetching", 0.0)
    datasets.fetch_dataset("tiny")
    assert (tiny().status, tiny().present, tiny().message) == ("present", True, "")
    assert (settings.DATA_ROOT / "tiny" / "tiny.data").read_bytes() == CONTENT


def test_what_is_not_the_file_that_was_expected_is_not_kept(mirror: Path, settings: Settings) -> None:
    (mirror / "tiny" / "tiny.data").write_bytes(CONTENT.replace(b"1", b"3"))
    datasets.request_fetch("tiny")
    datasets.fetch_dataset("tiny")
    assert (tiny().status, tiny().present) == ("failed", False)
    assert "SHA-256" in tiny().message
    assert list((settings.DATA_ROOT / "tiny").iterdir()) == []


def test_a_fetch_that_failed_may_be_asked_for_again(mirror: Path) -> None:
    (mirror / "tiny" / "tiny.data").unlink()
    datasets.request_fetch("tiny")
    datasets.fetch_dataset("tiny")
    assert tiny().status == "failed"
    (mirror / "tiny" / "tiny.data").write_bytes(CONTENT)
    assert datasets.request_fetch("tiny").status == "fetching"
    datasets.fetch_dataset("tiny")
    assert tiny().status == "present"


def test_a_message_that_comes_twice_fetches_once(mirror: Path) -> None:
    datasets.request_fetch("tiny")
    datasets.fetch_dataset("tiny")
    (mirror / "tiny" / "tiny.data").unlink()
    datasets.fetch_dataset("tiny")
    assert DatasetFetch.objects.get(name="tiny").status == "done"


def test_asking_twice_is_asking_once() -> None:
    datasets.request_fetch("tiny")
    DatasetFetch.objects.update(status="fetching", done=7)
    assert datasets.request_fetch("tiny").progress == 7 / len(CONTENT)


def test_a_fetch_whose_worker_died_counts_as_failed() -> None:
    datasets.request_fetch("tiny")
    DatasetFetch.objects.update(status="fetching", updated_at=timezone.now() - datasets.SILENCE - timedelta(seconds=1))
    assert (tiny().status, tiny().message) == ("failed", datasets.INTERRUPTED)
    assert datasets.request_fetch("tiny").status == "fetching"


def test_what_was_removed_after_it_was_fetched_is_absent(settings: Settings) -> None:
    datasets.request_fetch("tiny")
    datasets.fetch_dataset("tiny")
    (settings.DATA_ROOT / "tiny" / "tiny.data").unlink()
    assert tiny().status == "absent"


def test_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(UnknownDataset):
        datasets.request_fetch("tyni")
