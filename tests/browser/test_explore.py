"""Dashboards: charts are brushed without waiting, each interaction is a tile, and each tile gets its own answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import pages, serious
from tests.browser.test_connection import Cable
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.browser

TEXT = '''"""Flights that left late."""
rows = CSVScanner(FileSource("flights.csv"))
known = Filter(rows, "distance >= 0")
n = Reducer(known, lambda rows: len(rows))
Output(n)
'''
ROWS = 4_000
CARRIERS = ("AA", "BB", "CC", "DD", "EE", "FF")
CHARTS: list[dict[str, Any]] = [
    {"id": "c1", "kind": "number"},
    {"id": "c2", "kind": "histogram", "x": "hour", "bins": 24},
    {"id": "c3", "kind": "bar", "x": "carrier"},
    {"id": "c4", "kind": "histogram", "x": "delay", "bins": 30},
]


@dataclass(frozen=True)
class Flights:
    """A workflow whose rows are flights, and these themselves."""

    client: Client
    workflow: str
    version: str
    hour: np.ndarray
    delay: np.ndarray
    carrier: np.ndarray

    def dashboard(self, *charts: dict[str, Any]) -> str:
        """A new dashboard; with charts, these are its second snapshot."""
        body = {"node": "known", "version": self.version}
        made = self.client.post(f"/workflows/{self.workflow}/dashboards", json=body).raise_for_status().json()["id"]
        if charts:
            asked = {"client": "test", "state": {"charts": charts}}
            self.client.post(f"/dashboards/{made}/snapshots", json=asked).raise_for_status()
            self.settled(made)
        return str(made)

    def strip(self, dashboard: str) -> list[dict[str, Any]]:
        return list(self.client.get(f"/dashboards/{dashboard}").raise_for_status().json()["strip"])

    def settled(self, dashboard: str) -> list[dict[str, Any]]:
        return until(
            lambda: self.strip(dashboard),
            lambda found: all(each["status"] not in ("pending", "waiting") for one in found for each in one["answers"]),
        )


@pytest.fixture(scope="module")
def flights(stack: Stack) -> Flights:
    random = np.random.default_rng(2020)
    hour = random.integers(0, 24, ROWS)
    delay = np.round(random.gamma(2.0, 20.0, ROWS) + 3.0 * hour, 1)
    carrier = random.choice(CARRIERS, ROWS, p=np.arange(6, 0, -1) / 21)
    distance = random.integers(100, 3_000, ROWS)
    lines = [f"{h},{d},{c},{x}" for h, d, c, x in zip(hour, delay, carrier, distance, strict=True)]
    (stack.data / "flights.csv").write_text("\n".join(["hour,delay,carrier,distance", *lines]) + "\n")
    client = stack.client()
    workflow = client.created(name="flights")["id"]
    run = client.finished(client.started(workflow, TEXT, policy="all")["id"])
    assert run["status"] == "succeeded", run
    return Flights(client, workflow, run["version"], hour, delay, carrier)


def opened(ide: Ide, flights: Flights, dashboard: str, query: str = "") -> None:
    ide.page.goto(f"/workflows/{flights.workflow}/explore/{dashboard}{query}")
    expect(ide.page.get_by_test_id("strip")).to_be_visible()
    expect(ide.page.get_by_test_id("card-c1")).to_have_attribute("data-status", "ready")


def tile(ide: Ide, number: int) -> Locator:
    return ide.page.get_by_test_id(f"tile-{number}")


def expect_ready(ide: Ide, number: int) -> None:
    expect(tile(ide, number)).to_have_attribute("data-status", "ready")


def shown_rows(ide: Ide) -> Locator:
    """The number of rows that the shown snapshot keeps."""
    return ide.page.get_by_test_id("card-c1").locator("[data-value]")


def box_of(locator: Locator) -> dict[str, float]:
    locator.scroll_into_view_if_needed()
    found = locator.bounding_box()
    assert found is not None
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}


def brush(ide: Ide, chart: str, start: float, end: float) -> None:
    """Drag over a share of a chart's axis, quickly enough that the drag never rests."""
    box = box_of(ide.page.get_by_test_id(f"brush-{chart}"))
    y = box["y"] + box["height"] / 2
    ide.page.mouse.move(box["x"] + start * box["width"], y)
    ide.page.mouse.down()
    ide.page.mouse.move(box["x"] + end * box["width"], y)
    ide.page.mouse.up()


def range_of(flights: Flights, dashboard: str, number: int) -> dict[str, Any]:
    """The range that the snapshot of a number asks for."""
    (found,) = [one for one in flights.strip(dashboard) if one["number"] == number]
    (made,) = found["state"]["filters"]
    assert made["type"] == "range"
    return dict(made)


def numbers(ide: Ide, chart: str) -> dict[str, tuple[int, int]]:
    """What a chart shows, as a table: by place, all rows and those that are kept."""
    card = ide.page.get_by_test_id(f"card-{chart}")
    card.get_by_role("button", name=re.compile("^Actions for")).click()
    ide.page.get_by_role("menuitem", name="Show as table").click()
    rows = card.get_by_role("region").locator("tbody tr")
    expect(rows.first).to_be_visible()
    told = rows.evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value ?? cell.textContent))"
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in told}


def test_a_new_dashboard_shows_charts_by_itself(ide: Ide, flights: Flights) -> None:
    page = ide.page
    page.goto(f"/workflows/{flights.workflow}/explore")
    expect(page.get_by_text("Look at the data of any node")).to_be_visible()
    page.get_by_role("radio", name=re.compile("known")).check()
    page.get_by_test_id("create-dashboard").click()
    expect(page.get_by_test_id("charts")).to_be_visible()
    expect_ready(ide, 2)
    kinds = page.locator("[data-testid^=card-]").evaluate_all("cards => cards.map(card => card.dataset.kind)")
    assert {"number", "histogram", "bar", "density", "table"} <= set(kinds)
    expect(shown_rows(ide)).to_have_attribute("data-value", str(ROWS))
    page.get_by_test_id("dashboards").click()
    page.get_by_role("menuitem", name="Rename this one…").click()
    page.get_by_label("Title").fill("Late flights")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_test_id("dashboards")).to_have_text("Late flights")


def test_a_brush_is_a_tile_whose_charts_are_right(ide: Ide, flights: Flights) -> None:
    dashboard = flights.dashboard(*CHARTS)
    opened(ide, flights, dashboard)
    brush(ide, "c2", 0.5, 0.8)
    expect_ready(ide, 3)
    asked = range_of(flights, dashboard, 3)
    assert asked["column"] == "hour"
    kept = (flights.hour >= asked["low"]) & (flights.hour <= asked["high"])
    assert 0 < kept.sum() < ROWS
    expect(shown_rows(ide)).to_have_attribute("data-value", str(kept.sum()))
    expect(ide.page.get_by_role("list", name="Filters")).to_contain_text("hour")
    carriers = {name: flights.carrier == name for name in CARRIERS}
    assert numbers(ide, "c3") == {name: (is_.sum(), (is_ & kept).sum()) for name, is_ in carriers.items()}
    own = numbers(ide, "c2")  # its own brush leaves it whole
    assert sum(kept for _, kept in own.values()) == ROWS

    ide.page.get_by_test_id("brush-c4").wait_for()
    ide.page.keyboard.press("ArrowLeft")
    expect(shown_rows(ide)).to_have_attribute("data-value", str(ROWS))
    expect(ide.page).to_have_url(re.compile(r"snapshot=2"))
    ide.page.reload()
    expect(shown_rows(ide)).to_have_attribute("data-value", str(ROWS))
    ide.page.get_by_role("button", name="Follow newest").click()
    expect(shown_rows(ide)).to_have_attribute("data-value", str(kept.sum()))
    ide.page.get_by_role("button", name="Clear all").click()
    expect_ready(ide, 4)
    expect(shown_rows(ide)).to_have_attribute("data-value", str(ROWS))


def test_keys_alone_brush_choose_and_go_back(ide: Ide, flights: Flights) -> None:
    page = ide.page
    dashboard = flights.dashboard(*CHARTS)
    opened(ide, flights, dashboard)
    page.get_by_role("group", name=re.compile("^hour, histogram")).focus()
    page.keyboard.press("ArrowRight")
    expect_ready(ide, 3)
    first = range_of(flights, dashboard, 3)
    page.keyboard.press("]")
    expect_ready(ide, 4)
    wider = range_of(flights, dashboard, 4)
    assert wider["low"] == first["low"]
    assert wider["high"] > first["high"]
    page.keyboard.press("Escape")
    expect_ready(ide, 5)
    page.get_by_role("group", name=re.compile("^rows by carrier")).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect_ready(ide, 6)
    expect(shown_rows(ide)).to_have_attribute("data-value", str((flights.carrier == CARRIERS[1]).sum()))
    tile(ide, 6).get_by_role("button", name=re.compile("^#6 ")).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(tile(ide, 2)).to_have_attribute("data-shown", "true")
    expect(shown_rows(ide)).to_have_attribute("data-value", str(ROWS))


def test_a_hundred_interactions_each_get_their_own_answer(ide: Ide, flights: Flights) -> None:
    page = ide.page
    dashboard = flights.dashboard(*CHARTS[:3])
    flights.client.put(
        f"/dashboards/{dashboard}/delay", json={"seconds": 5, "variation": 2, "failing": 0.1}
    ).raise_for_status()
    cable = Cable(page)
    opened(ide, flights, dashboard)
    expect(page.get_by_test_id("latency")).to_contain_text("5 s late")
    bars = box_of(page.get_by_role("group", name=re.compile("^rows by carrier")))
    band = (bars["height"] - 8) / len(CARRIERS)
    random = np.random.default_rng(7)
    chosen: set[str] = set()
    expected: list[frozenset[str]] = []
    for turn in range(100):
        which = int(random.integers(len(CARRIERS)))
        also = bool(random.random() < 0.6)
        name = CARRIERS[which]
        if also:
            chosen ^= {name}
        else:
            chosen = set() if chosen == {name} else {name}
        expected.append(frozenset(chosen))
        if also:
            page.keyboard.down("Shift")
        page.mouse.click(bars["x"] + 160, bars["y"] + 8 + (which + 0.5) * band)
        if also:
            page.keyboard.up("Shift")
        page.wait_for_timeout(60)
        if turn in (40, 70):
            cable.cut()
    strip = until(lambda: flights.strip(dashboard), lambda found: len(found) == 102)
    assert [one["number"] for one in strip] == list(range(1, 103))
    asked = [frozenset(v for each in one["state"]["filters"] for v in each["values"]) for one in strip[2:]]
    assert asked == expected
    flights.settled(dashboard)
    expect(page.get_by_test_id("pending")).to_have_count(0)

    page.keyboard.press("Home")
    failed = 0
    for number in range(2, 103):
        page.keyboard.press("ArrowRight")
        expect(tile(ide, number)).to_have_attribute("data-shown", "true")
        expect(tile(ide, number)).to_have_attribute("data-status", re.compile("ready|failed"))
        if tile(ide, number).get_attribute("data-status") == "failed":
            failed += 1
            tile(ide, number).hover()
            page.get_by_role("button", name=f"Ask #{number} again").click()
            page.mouse.move(0, 0)
    assert failed > 0
    flights.settled(dashboard)
    expect(page.get_by_test_id("pending")).to_have_count(0)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for number, names in enumerate(expected, 3):
        page.keyboard.press("ArrowRight")
        expect(tile(ide, number)).to_have_attribute("data-shown", "true")
        expect_ready(ide, number)
        kept = np.isin(flights.carrier, sorted(names)).sum() if names else ROWS
        expect(shown_rows(ide)).to_have_attribute("data-value", str(kept))


def test_a_tile_is_pinned_labelled_compared_and_deleted(ide: Ide, flights: Flights) -> None:
    page = ide.page
    dashboard = flights.dashboard(*CHARTS)
    opened(ide, flights, dashboard)
    brush(ide, "c2", 0.2, 0.5)
    expect_ready(ide, 3)
    tile(ide, 3).hover()
    page.get_by_role("button", name="Pin #3").click()
    page.get_by_role("button", name="Label #3").click()
    page.get_by_label("Label of the snapshot").fill("mornings")
    page.keyboard.press("Enter")
    expect(tile(ide, 3)).to_contain_text("mornings")
    page.get_by_role("button", name="Compare #3").click()
    tile(ide, 2).hover()
    page.get_by_role("button", name="Compare #2").click()
    compared = page.get_by_test_id("compared-chart")
    expect(compared).to_have_count(2 * len(CHARTS))
    page.get_by_role("button", name="Overlay").click()
    expect(compared).to_have_count(2 + 3)
    page.get_by_role("button", name="End the comparison").click()
    tile(ide, 3).hover()
    page.get_by_role("button", name="Delete #3").click()
    expect(tile(ide, 3)).to_have_count(0)
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(tile(ide, 3)).to_contain_text("mornings")
    page.reload()
    expect(tile(ide, 3)).to_contain_text("mornings")
    expect(tile(ide, 3).get_by_role("img", name="pinned")).to_be_visible()


def test_a_chart_is_added_edited_and_removed(ide: Ide, flights: Flights) -> None:
    page = ide.page
    dashboard = flights.dashboard(*CHARTS)
    opened(ide, flights, dashboard)
    page.get_by_role("button", name="Add chart").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("bar")
    form.get_by_label("Column", exact=True).select_option("carrier")
    form.get_by_label("Shows").select_option("mean")
    expect(form.get_by_role("button", name="Add")).to_be_disabled()
    form.get_by_label("Of", exact=True).select_option("delay")
    form.get_by_role("button", name="Add").click()
    expect_ready(ide, 3)
    expect(page.get_by_test_id("card-c5")).to_contain_text("mean of delay by carrier")
    page.get_by_role("button", name="Actions for mean of delay by carrier").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.get_by_test_id("card-c5")).to_have_count(0)
    expect_ready(ide, 4)


@pages
def test_it_is_accessible(ide: Ide, flights: Flights, scheme: Literal["light", "dark"]) -> None:
    page = ide.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    dashboard = flights.dashboard(
        *CHARTS, {"id": "c5", "kind": "table"}, {"id": "c6", "kind": "density", "x": "hour", "y": "delay"}
    )
    opened(ide, flights, dashboard)
    brush(ide, "c2", 0.2, 0.5)
    expect_ready(ide, 3)
    assert serious(page) == []
    tile(ide, 3).hover()
    page.get_by_role("button", name="Compare #3").click()
    tile(ide, 2).hover()
    page.get_by_role("button", name="Compare #2").click()
    expect(page.get_by_test_id("compared")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="End the comparison").click()
    page.get_by_role("button", name="Add chart").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious(page) == []
