"""axe-core finds nothing serious on any page, in either colour scheme."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.ide import Ide
from tests.browser.texts import SMALL
from tests.stack import Stack

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]

pages = pytest.mark.parametrize("scheme", SCHEMES)


def serious(page: Page) -> list[str]:
    """The serious and critical violations on the page as it is shown, with the elements that have them."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pages
def test_signing_in(page: Page, stack: Stack, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{stack.url}/sign-in")
    page.get_by_label("Token", exact=True).fill("no such token")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert serious(page) == []


@pages
def test_the_list_of_workflows(ide: Ide, scheme: Literal["light", "dark"]) -> None:
    ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    ide.new_workflow("accessible", SMALL)
    ide.page.goto("/")
    expect(ide.page.get_by_test_id("workflow-accessible").first).to_be_visible()
    assert serious(ide.page) == []
    ide.page.get_by_test_id("new-workflow").click()
    expect(ide.page.get_by_role("dialog").get_by_test_id("create")).to_be_enabled()
    assert serious(ide.page) == []


@pages
def test_a_workflow(ide: Ide, scheme: Literal["light", "dark"]) -> None:
    ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    ide.new_workflow("accessible", SMALL)
    ide.run()
    ide.expect_status("succeeded")
    for tab in ("Metrics", "Versions", "Log"):
        ide.open_tab(tab)
        assert serious(ide.page) == []
    ide.type_text(SMALL.replace("bins=3", "bns=3"))
    ide.open_tab("Problems")
    expect(ide.page.get_by_test_id("problem")).to_be_visible()
    assert serious(ide.page) == []
    ide.type_text(SMALL.replace("bins=3", "bins=4"))
    ide.expect_nodes("marked", "true", "wide", "size")
    assert serious(ide.page) == []
    ide.page.keyboard.press("ControlOrMeta+k")
    expect(ide.page.get_by_role("option").first).to_be_visible()
    assert serious(ide.page) == []
