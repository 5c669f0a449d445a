"""What a person does on a dashboard, in the person's words: the one place that knows its roles and test ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.stack import Client, until


@dataclass(frozen=True)
class Explored:
    """A node's data at a version, of which dashboards are made."""

    client: Client
    workflow: str
    version: str
    node: str

    def dashboard(self, *charts: dict[str, Any]) -> str:
        """A new dashboard; with charts, these are its second snapshot."""
        body = {"node": self.node, "version": self.version}
        made = self.client.post(f"/workflows/{self.workflow}/dashboards", json=body).raise_for_status().json()["id"]
        if charts:
            asked = {"client": "test", "state": {"charts": charts}}
            self.client.post(f"/dashboards/{made}/snapshots", json=asked).raise_for_status()
            self.settled(made)
        return str(made)

    def address(self, dashboard: str) -> str:
        return f"/workflows/{self.workflow}/explore/{dashboard}"

    def strip(self, dashboard: str) -> list[dict[str, Any]]:
        return list(self.client.get(f"/dashboards/{dashboard}").raise_for_status().json()["strip"])

    def settled(self, dashboard: str) -> list[dict[str, Any]]:
        """The strip once no answer is pending."""
        return until(
            lambda: self.strip(dashboard),
            lambda found: all(each["status"] not in ("pending", "waiting") for one in found for each in one["answers"]),
        )

    def delay(self, dashboard: str, seconds: float, variation: float = 0.0, failing: float = 0.0) -> None:
        body = {"seconds": seconds, "variation": variation, "failing": failing}
        self.client.put(f"/dashboards/{dashboard}/delay", json=body).raise_for_status()

    def range_of(self, dashboard: str, number: int) -> dict[str, Any]:
        """The range that the snapshot of a number asks for."""
        (found,) = [one for one in self.strip(dashboard) if one["number"] == number]
        (made,) = found["state"]["filters"]
        assert made["type"] == "range"
        return dict(made)


def explored(client: Client, name: str, text: str, node: str) -> Explored:
    """A workflow that has been run."""
    workflow = client.created(name=name)["id"]
    run = client.finished(client.started(workflow, text, policy="all")["id"])
    assert run["status"] == "succeeded", run
    return Explored(client, workflow, run["version"], node)


@dataclass(frozen=True)
class Board:
    """The page of a dashboard."""

    page: Page

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.page.get_by_test_id("strip")).to_be_visible()
        expect(self.card("c1")).to_have_attribute("data-status", "ready")

    def card(self, chart: str) -> Locator:
        return self.page.get_by_test_id(f"card-{chart}")

    def chart(self, name: str) -> Locator:
        """The drawing of a chart whose name begins so."""
        return self.page.get_by_role("group", name=re.compile(f"^{re.escape(name)}"))

    def tile(self, number: int) -> Locator:
        return self.page.get_by_test_id(f"tile-{number}")

    def expect_ready(self, *numbers: int) -> None:
        for number in numbers:
            expect(self.tile(number)).to_have_attribute("data-status", "ready")

    def expect_shown(self, number: int) -> None:
        expect(self.tile(number)).to_have_attribute("data-shown", "true")

    def expect_rows(self, count: int) -> None:
        """How many rows the shown snapshot keeps: its chart ``c1`` is that number."""
        expect(self.card("c1").locator("[data-value]")).to_have_attribute("data-value", str(count))

    def do(self, what: str, number: int) -> None:
        """Use one of the tools of a tile, which show while it is pointed at."""
        self.tile(number).hover()
        self.tile(number).get_by_role("button", name=what).click()
        self.page.mouse.move(0, 0)

    def menu(self, chart: str, item: str) -> None:
        self.card(chart).get_by_role("button", name=re.compile("^Actions for")).click()
        self.page.get_by_role("menuitem", name=item).click()

    def brush(self, chart: str, start: float, end: float) -> None:
        """Drag over a share of a chart's axis, quickly enough that the drag never rests."""
        box = box_of(self.page.get_by_test_id(f"brush-{chart}"))
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + end * box["width"], y)
        self.page.mouse.up()

    def numbers(self, chart: str) -> dict[str, tuple[int, int]]:
        """What a chart shows, as a table: by place, all rows and those that are kept."""
        return {row[0]: (int(row[1]), int(row[2])) for row in self.table(chart)}

    def table(self, chart: str) -> list[list[str]]:
        """The numbers of a chart, as text."""
        self.menu(chart, "Show as table")
        rows = self.card(chart).get_by_role("region").locator("tbody tr")
        expect(rows.first).to_be_visible()
        told: list[list[str]] = rows.evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value ?? cell.textContent))"
        )
        return told


def box_of(locator: Locator) -> dict[str, float]:
    locator.scroll_into_view_if_needed()
    found = locator.bounding_box()
    assert found is not None
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}
