"""What a user does in the IDE, in the user's words: the one place that knows the page's roles and test ids."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass(frozen=True)
class Ide:
    page: Page

    def new_workflow(self, name: str, text: str) -> None:
        """Make a workflow through the API, open it, and wait until its plan is there."""
        response = self.page.request.post(
            "/api/workflows", data={"name": name, "template": "blank"}, headers=self._origin
        )
        assert response.ok, response.text()
        workflow = response.json()
        saved = self.page.request.put(
            f"/api/workflows/{workflow['id']}/draft",
            data={"text": text, "revision": workflow["revision"]},
            headers=self._origin,
        )
        assert saved.ok, saved.text()
        self.page.goto(f"/workflows/{workflow['id']}")
        expect(self.page.get_by_test_id("run")).to_be_enabled()

    def open(self, address: str) -> None:
        """Open a workflow by its address, and wait until its plan is there."""
        self.page.goto(address)
        expect(self.page.get_by_test_id("run")).to_be_enabled()
        expect(self.page.get_by_test_id("plan-summary")).to_be_visible()

    def go_to(self, name: str) -> None:
        """Take what the palette calls so."""
        self.page.keyboard.press("ControlOrMeta+k")
        self.page.get_by_role("combobox").fill(name)
        expect(self.page.get_by_role("option", selected=True)).to_contain_text(name)
        self.page.keyboard.press("Enter")

    @property
    def editor(self) -> Locator:
        return self.page.get_by_test_id("editor").locator(".cm-content")

    @property
    def caret_line(self) -> Locator:
        """The number of the line that the caret stands in."""
        return self.page.locator(".cm-lineNumbers .cm-activeLineGutter")

    @property
    def saved(self) -> Locator:
        return self.page.get_by_test_id("saved")

    @property
    def _origin(self) -> dict[str, str]:
        return {"Origin": re.sub(r"(https?://[^/]+).*", r"\1", self.page.url)}

    def type_text(self, text: str) -> None:
        """Replace the whole text of the editor, as by select all and paste."""
        self.editor.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def node(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"node-{name}")

    def expect_nodes(self, attribute: str, value: str, *names: str) -> None:
        for name in names:
            expect(self.node(name)).to_have_attribute(f"data-{attribute}", value)

    def run(self, timeout: float = 20_000) -> None:
        """Press Run and wait for the run that this started to end."""
        before = self.status.get_attribute("data-run") if self.status.count() else None
        self.page.get_by_test_id("run").click()
        self.wait_for_end(not_run=before, timeout=timeout)

    def wait_for_end(self, not_run: str | None = None, timeout: float = 20_000) -> None:
        self.page.wait_for_function(
            """before => {
                const status = document.querySelector('[data-testid="run-status"]');
                return status && status.dataset.run !== before
                    && ["succeeded", "failed", "cancelled"].includes(status.dataset.status);
            }""",
            arg=not_run,
            timeout=timeout,
        )

    @property
    def status(self) -> Locator:
        return self.page.get_by_test_id("run-status")

    def expect_status(self, status: str) -> None:
        expect(self.status).to_have_attribute("data-status", status)

    def open_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def metric(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"metric-{name}")
