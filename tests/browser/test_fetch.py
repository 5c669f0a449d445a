"""A public data set that is not there: offered, fetched, checked, used; and refused where its bytes are wrong."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.ide import Ide
from tests.data import data_folder
from tests.mirror import served
from tests.stack import Stack
from workflows.execution.datasets import DATASETS, MIRROR

pytestmark = pytest.mark.browser
ADULT = DATASETS["adult"]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is served in place of the public source; empty at first."""
    return tmp_path_factory.mktemp("mirror")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, mirror: Path) -> Iterator[Stack]:
    """HelixWeb on a machine without any data."""
    home = tmp_path_factory.mktemp("bare")
    (home / "data").mkdir()
    with served(mirror) as address:
        running = Stack(home / "var", home / "data", environment={MIRROR: address})
        yield running
        assert running.stop() == 0


def test_a_wrong_download_is_refused_and_the_right_one_is_run(browser: Browser, bare: Stack, mirror: Path) -> None:
    context = browser.new_context(base_url=bare.url)
    page = context.new_page()
    page.goto(bare.sign_in_url())
    page.get_by_role("link", name="Census").click()
    fetch = page.get_by_test_id("fetch")
    expect(fetch).to_have_text("Fetch (6.0 MB)")

    for file in ADULT.files:
        (mirror / file.path).parent.mkdir(exist_ok=True)
        (mirror / file.path).write_bytes(bytes(file.bytes))
    fetch.click()
    expect(page.get_by_test_id("missing")).to_contain_text("does not give the file that is expected")
    assert not any((bare.data / file.path).exists() for file in ADULT.files)

    shutil.copytree(data_folder() / "adult", mirror / "adult", dirs_exist_ok=True)
    original = all(_sha256(mirror / file.path) == file.sha256 for file in ADULT.files)
    page.get_by_test_id("fetch").click()
    if original:
        expect(page.get_by_test_id("missing")).to_have_count(0)
        Ide(page).run()
        Ide(page).expect_status("succeeded")
    else:  # made here, where the real files are not: HelixWeb must see that they are not the published ones
        expect(page.get_by_test_id("missing")).to_contain_text("does not give the file that is expected")
    context.close()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
