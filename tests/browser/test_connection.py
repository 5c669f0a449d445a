"""A run goes on while the page has no server, and the page misses nothing of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import opened_ide
from tests.browser.ide import Ide
from tests.browser.texts import STEADY, STEPS
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.fixture
def lonely(tmp_path: Path, stack_data: Path) -> Iterator[Stack]:
    """A HelixWeb of the test's own, whose processes it may kill."""
    running = Stack(tmp_path / "var", stack_data)
    yield running
    running.stop()


def steps(ide: Ide) -> list[str]:
    """The lines of the log, as they stand there."""
    found = ide.page.get_by_role("tabpanel").get_by_text("step ").all_inner_texts()
    return [line.strip() for line in found]


def test_a_run_is_followed_through_the_death_of_the_web_server(lonely: Stack, browser: Browser) -> None:
    with opened_ide(browser, lonely, lonely.client()) as ide:
        ide.new_workflow("reconnect", STEADY)
        ide.open_tab("Log")
        ide.page.get_by_test_id("run").click()
        expect(ide.page.get_by_text("step 3", exact=True)).to_be_visible()
        os.kill(lonely.children()["web"], signal.SIGKILL)
        ide.wait_for_end()
        ide.expect_status("succeeded")
        ide.expect_nodes("state", "done", "data", "target", "size")
        assert steps(ide) == [f"step {step}" for step in range(STEPS)]
        expect(ide.page.get_by_test_id("offline")).to_have_count(0)
