"""A real Chromium on the real stack: one browser for all tests, a fresh profile and a fresh sign-in for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.ide import Ide
from tests.browser.late import lag
from tests.stack import Client, Stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=20_000)  # a busy machine is slow, and no test here is about speed but where it says so


def chromium() -> str:
    """The path of the Chromium to drive: HELIX_CHROMIUM, else the first one on the PATH."""
    named = os.environ.get("HELIX_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: run `make test`, which installs it, or set HELIX_CHROMIUM"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new profile. An error that its scripts throw fails the test; a failed test leaves a picture."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
    lag(context)
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    failures = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failures or problems:
        folder = Path("test-results")
        folder.mkdir(exist_ok=True)
        opened.screenshot(path=folder / f"{request.node.name}.png")
    context.close()
    assert problems == []


@pytest.fixture(scope="session")
def signed_in(stack: Stack) -> list[dict[str, str]]:
    """The cookie of a session, in Playwright's form: the tests of signing in sign in by the page itself."""
    return [{"name": name, "value": value, "url": stack.url} for name, value in stack.client().cookies.items()]


@contextmanager
def opened_ide(browser: Browser, stack: Stack, client: Client) -> Iterator[Ide]:
    """A further window with a profile of its own, signed in with a client's session, at the list of workflows."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": stack.url} for name, value in client.cookies.items()])
    context.set_default_timeout(20_000)
    lag(context)
    page = context.new_page()
    page.goto("/")
    yield Ide(page)
    context.close()


@pytest.fixture
def other_ide(browser: Browser, stack: Stack) -> Iterator[Ide]:
    """A second window on the same HelixWeb."""
    with opened_ide(browser, stack, stack.client()) as other:
        yield other


@pytest.fixture
def ide(page: Page, stack: Stack, signed_in: list[dict[str, str]]) -> Ide:
    """A signed-in page, and what a user does in it."""
    page.context.add_cookies(signed_in)  # type: ignore[arg-type]
    page.goto(f"{stack.url}/")
    return Ide(page)
