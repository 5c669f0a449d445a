"""A run goes on while the page has no server, or is loaded anew, and the page misses nothing of it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.conftest import opened_ide
from tests.browser.ide import Ide
from tests.browser.texts import STEADY, STEPS
from tests.stack import Client, Stack

pytestmark = pytest.mark.browser

# Half of the steps, a file that is waited for, and the other half.
WAIT = f"        while step == {STEPS // 2} and not Path(GATE).exists():\n            time.sleep(0.02)\n"
HELD = STEADY.replace("        time.sleep(0.1)\n", f"        time.sleep(0.1)\n{WAIT}").replace(
    "import time\n", "import time\nfrom pathlib import Path\n"
)


@pytest.fixture
def lonely(tmp_path: Path, stack_data: Path) -> Iterator[Stack]:
    """A HelixWeb of the test's own, whose processes it may kill."""
    running = Stack(tmp_path / "var", stack_data, environment={"HELIX_LEASE_SECONDS": "5"})
    yield running
    running.stop()


@pytest.fixture
def gate(stack_data: Path) -> Iterator[Path]:
    """A file that a run waits for; runs may read what lies with the data."""
    path = stack_data / f"gate {uuid4().hex}"
    yield path
    path.unlink(missing_ok=True)


def steps(ide: Ide) -> list[str]:
    """The lines of the log, as they stand there: what was printed at one time comes in one piece."""
    found = ide.page.get_by_role("tabpanel").get_by_text("step ").all_inner_texts()
    return [line.strip() for piece in found for line in piece.splitlines()]


def events_of(ide: Ide) -> list[dict[str, Any]]:
    """The events of the run that is shown, as the API tells them."""
    run = ide.status.get_attribute("data-run")
    response = ide.page.request.get(f"/api/runs/{run}/events")
    assert response.ok, response.text()
    return list(response.json()["events"])


def expect_all_of_it(ide: Ide) -> None:
    """The page shows the whole run, once."""
    ide.expect_status("succeeded")
    events = events_of(ide)
    assert [each["number"] for each in events] == list(range(1, len(events) + 1))
    expect(ide.status).to_have_attribute("data-last-event", str(len(events)))
    assert steps(ide) == [f"step {step}" for step in range(STEPS)]
    ide.expect_nodes("state", "done", "data", "target", "size")


class Cable:
    """What the page's socket goes through: it keeps the numbers of the events that came by it, and can be cut."""

    def __init__(self, page: Page) -> None:
        self.numbers: list[int] = []
        self.opened = 0
        self._ends: list[WebSocketRoute] = []
        page.route_web_socket("**/ws", self._connect)

    def _connect(self, at_page: WebSocketRoute) -> None:
        self.opened += 1
        at_server = at_page.connect_to_server()
        self._ends = [at_page, at_server]

        def hear(text: str | bytes) -> None:
            message = json.loads(text)
            if message["type"] == "events":
                self.numbers += [each["number"] for each in message["events"]]
            at_page.send(text)

        at_server.on_message(hear)

    def cut(self) -> None:
        for end in self._ends:
            end.close(code=3000, reason="cut")


def start(ide: Ide, gate: Path) -> None:
    """Start a run, and see the first half of it."""
    ide.new_workflow("reconnect", HELD.replace("GATE", repr(str(gate))))
    ide.open_tab("Log")
    ide.page.get_by_test_id("run").click()
    expect(ide.page.get_by_text(f"step {STEPS // 2}", exact=True)).to_be_visible()


def test_a_run_is_followed_through_the_death_of_the_web_server(lonely: Stack, browser: Browser, gate: Path) -> None:
    with opened_ide(browser, lonely, lonely.client()) as ide:
        start(ide, gate)
        os.kill(lonely.children()["web"], signal.SIGKILL)
        gate.touch()
        ide.wait_for_end()
        expect_all_of_it(ide)
        expect(ide.page.get_by_test_id("offline")).to_have_count(0)


def test_a_page_that_is_loaded_anew_shows_the_run_that_goes_on(ide: Ide, gate: Path) -> None:
    start(ide, gate)
    ide.page.reload()
    ide.expect_status("running")
    ide.open_tab("Log")
    expect(ide.page.get_by_text(f"step {STEPS // 2}", exact=True)).to_be_visible()
    ide.expect_nodes("state", "running", "target")
    gate.touch()
    ide.wait_for_end()
    expect_all_of_it(ide)


def test_a_socket_that_is_cut_twice_brings_every_event_once(ide: Ide, gate: Path) -> None:
    cable = Cable(ide.page)
    start(ide, gate)
    for times in (2, 3):
        cable.cut()
        if times == 3:
            gate.touch()
        while cable.opened < times:
            ide.page.wait_for_timeout(50)
    ide.wait_for_end()
    expect_all_of_it(ide)
    # Without a socket the page asks for what is new, so that its next one need not bring that.
    assert cable.numbers == sorted(set(cable.numbers))


def test_a_run_whose_worker_dies_is_shown_to_start_anew(lonely: Stack, browser: Browser, gate: Path) -> None:
    client: Client = lonely.client()
    with opened_ide(browser, lonely, client) as ide:
        start(ide, gate)
        os.kill(lonely.children()["worker"], signal.SIGKILL)
        expect(ide.status).to_contain_text("attempt 2", timeout=60_000)
        gate.touch()
        ide.wait_for_end(timeout=60_000)
        expect_all_of_it(ide)
        kinds = [each["event"]["type"] for each in events_of(ide)]
        assert [kinds.count(kind) for kind in ("run_started", "run_requeued", "run_finished")] == [2, 1, 1]
