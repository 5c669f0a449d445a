"""Dashboards: charts are brushed without waiting, each interaction is a tile, and each tile gets its own answer."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from tests.browser.exploring import Board, Explored, box_of, explored
from tests.browser.ide import Ide
from tests.browser.test_accessibility import pages, serious
from tests.browser.test_connection import Cable
from tests.stack import Stack, until

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
INSTANTLY = 200  # milliseconds, on a busy machine


@dataclass(frozen=True)
class Flights(Explored):
    hour: np.ndarray
    delay_of: np.ndarray
    carrier: np.ndarray


@pytest.fixture(scope="module")
def flights(stack: Stack) -> Flights:
    random = np.random.default_rng(2020)
    hour = random.integers(0, 24, ROWS)
    delay = np.round(random.gamma(2.0, 20.0, ROWS) + 3.0 * hour, 1)
    carrier = random.choice(CARRIERS, ROWS, p=np.arange(6, 0, -1) / 21)
    distance = random.integers(100, 3_000, ROWS)
    lines = [f"{h},{d},{c},{x}" for h, d, c, x in zip(hour, delay, carrier, distance, strict=True)]
    (stack.data / "flights.csv").write_text("\n".join(["hour,delay,carrier,distance", *lines]) + "\n")
    made = explored(stack.client(), "flights", TEXT, "known")
    return Flights(made.client, made.workflow, made.version, made.node, hour, delay, carrier)


@pytest.fixture
def board(ide: Ide) -> Board:
    return Board(ide.page)


def rows_of(flights: Flights, asked: dict[str, Any]) -> np.ndarray:
    """Which rows a range over hours keeps."""
    assert asked["column"] == "hour"
    return np.asarray((flights.hour >= asked["low"]) & (flights.hour <= asked["high"]))


def test_a_new_dashboard_shows_charts_by_itself(board: Board, flights: Flights) -> None:
    page = board.page
    page.goto(f"/workflows/{flights.workflow}/explore")
    expect(page.get_by_text("Look at the data of any node")).to_be_visible()
    page.get_by_role("radio", name=re.compile("known")).check()
    page.get_by_test_id("create-dashboard").click()
    expect(page.get_by_test_id("charts")).to_be_visible()
    board.expect_ready(2)
    kinds = page.locator("[data-testid^=card-]").evaluate_all("cards => cards.map(card => card.dataset.kind)")
    assert {"number", "histogram", "bar", "density", "table"} <= set(kinds)
    board.expect_rows(ROWS)
    name = page.get_by_test_id("dashboards")
    name.click()
    page.get_by_role("menuitem", name="Rename this one…").click()
    page.get_by_label("Title").fill("Late flights")
    page.get_by_role("button", name="Rename").click()
    expect(name).to_have_text("Late flights")
    address = page.url
    name.click()
    page.get_by_role("menuitem", name="Delete this one").click()
    expect(page.get_by_text("Look at the data of any node")).to_be_visible()
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(re.escape(address.partition("?")[0])))
    expect(name).to_have_text("Late flights")


def test_a_brush_is_a_tile_whose_charts_are_right(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    board.brush("c2", 0.5, 0.8)
    board.expect_ready(3)
    kept = rows_of(flights, flights.range_of(dashboard, 3))
    assert 0 < kept.sum() < ROWS
    board.expect_rows(kept.sum())
    expect(page.get_by_role("list", name="Filters")).to_contain_text("hour")
    carriers = {name: flights.carrier == name for name in CARRIERS}
    assert board.numbers("c3") == {name: (is_.sum(), (is_ & kept).sum()) for name, is_ in carriers.items()}
    own = board.numbers("c2")  # its own brush leaves it whole
    assert sum(kept for _, kept in own.values()) == ROWS

    page.get_by_test_id("brush-c4").wait_for()
    page.keyboard.press("ArrowLeft")
    board.expect_rows(ROWS)
    expect(page).to_have_url(re.compile(r"snapshot=2"))
    page.reload()
    board.expect_rows(ROWS)
    page.get_by_role("button", name="Follow newest").click()
    board.expect_rows(kept.sum())
    page.get_by_role("button", name="Clear all").click()
    board.expect_ready(4)
    board.expect_rows(ROWS)


def test_keys_alone_brush_choose_and_go_back(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    board.chart("hour, histogram").focus()
    page.keyboard.press("ArrowRight")
    board.expect_ready(3)
    first = flights.range_of(dashboard, 3)
    page.keyboard.press("]")
    board.expect_ready(4)
    wider = flights.range_of(dashboard, 4)
    assert wider["low"] == first["low"]
    assert wider["high"] > first["high"]
    board.expect_rows(rows_of(flights, wider).sum())
    page.keyboard.press("Escape")
    board.expect_ready(5)
    board.chart("rows by carrier").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    board.expect_ready(6)
    board.expect_rows((flights.carrier == CARRIERS[1]).sum())
    board.tile(6).get_by_role("button", name=re.compile("^#6 ")).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    board.expect_shown(2)
    board.expect_rows(ROWS)


def test_going_back_is_instant_and_asks_nobody(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    for start in (0.1, 0.3, 0.5):
        board.brush("c2", start, start + 0.3)
    board.expect_ready(3, 4, 5)
    kept = {2: ROWS} | {n: int(rows_of(flights, flights.range_of(dashboard, n)).sum()) for n in (3, 4, 5)}
    page.route("**/api/**", lambda route: route.abort())
    for number, key in ((4, "ArrowLeft"), (3, "ArrowLeft"), (2, "ArrowLeft"), (3, "ArrowRight"), (5, "End")):
        taken = page.evaluate(
            """key => new Promise(done => {
                const began = performance.now()
                const seen = new MutationObserver(() => done(performance.now() - began))
                seen.observe(document.querySelector('[data-testid=charts]'), { attributeFilter: ['data-tile'] })
                document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
            })""",
            key,
        )
        assert taken < INSTANTLY, (number, taken)
        board.expect_shown(number)
        board.expect_rows(kept[number])
    board.tile(4).click()
    board.expect_rows(kept[4])


def test_a_hundred_interactions_each_get_their_own_answer(board: Board, flights: Flights, stack: Stack) -> None:
    """Answers come late, some fail; the socket is cut twice, and the process that answers is killed in the middle."""
    page = board.page
    dashboard = flights.dashboard(*CHARTS[:3])
    flights.delay(dashboard, 5.0, variation=2.0, failing=0.1)
    cable = Cable(page)
    board.open(flights.address(dashboard))
    expect(page.get_by_test_id("latency")).to_contain_text("5 s late")
    bars = box_of(board.chart("rows by carrier"))
    band = min(34.0, (bars["height"] - 8) / len(CARRIERS))
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
        page.mouse.click(bars["x"] + 160, bars["y"] + 4 + (which + 0.5) * band)
        if also:
            page.keyboard.up("Shift")
        page.wait_for_timeout(60)
        if turn in (40, 70):
            cable.cut()
        if turn == 55:
            os.kill(stack.children()["explorer"], signal.SIGKILL)
    strip = until(lambda: flights.strip(dashboard), lambda found: len(found) == 102)
    assert [one["number"] for one in strip] == list(range(1, 103))
    asked = [frozenset(v for each in one["state"]["filters"] for v in each["values"]) for one in strip[2:]]
    assert asked == expected
    flights.settled(dashboard)
    expect(page.get_by_test_id("pending")).to_have_count(0)

    failed = [one["number"] for one in flights.strip(dashboard) if "failed" in {a["status"] for a in one["answers"]}]
    assert failed
    page.keyboard.press("Home")
    for before, number in zip([1, *failed], failed, strict=False):
        for _ in range(before, number):
            page.keyboard.press("ArrowRight")
        board.expect_shown(number)
        board.do(f"Ask #{number} again", number)
    flights.settled(dashboard)
    expect(page.get_by_test_id("pending")).to_have_count(0)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for number, names in enumerate(expected, 3):
        page.keyboard.press("ArrowRight")
        board.expect_shown(number)
        board.expect_ready(number)
        board.expect_rows(np.isin(flights.carrier, sorted(names)).sum() if names else ROWS)


def test_what_the_server_cannot_be_reached_for_is_sent_after_a_reload_once(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/snapshots", lose_the_answer, times=1)
    board.brush("c2", 0.1, 0.4)
    board.expect_ready(3)  # the socket told of it
    page.route("**/snapshots", lambda route: route.abort())
    board.brush("c2", 0.5, 0.8)
    expect(board.tile(4)).to_have_attribute("data-status", "not sent")
    expect(page.get_by_role("alert").get_by_role("button", name="Retry")).to_be_visible()
    page.unroute("**/snapshots")
    page.reload()
    board.expect_ready(3, 4)
    strip = flights.settled(dashboard)
    assert [one["number"] for one in strip] == [1, 2, 3, 4]
    board.expect_shown(4)
    board.expect_rows(rows_of(flights, flights.range_of(dashboard, 4)).sum())


def test_what_is_pending_can_be_cancelled_and_asked_again(board: Board, other_ide: Ide, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    other = Board(other_ide.page)
    other.open(flights.address(dashboard))
    board.open(flights.address(dashboard))
    page.get_by_role("button", name="More of this dashboard").click()
    page.get_by_role("menuitem", name="Latency…").click()
    page.get_by_role("slider", name="Answers come late by").fill("10")
    page.get_by_role("dialog").get_by_role("button", name="Set").click()
    badge = page.get_by_test_id("latency")
    expect(badge).to_contain_text("10 s late")
    expect(other.page.get_by_test_id("latency")).to_contain_text("10 s late")
    for start in (0.1, 0.4, 0.6):
        board.brush("c2", start, start + 0.2)
    expect(page.get_by_test_id("pending")).to_have_text("3 pending")
    board.do("Cancel #4", 4)
    expect(board.tile(4)).to_have_attribute("data-status", "cancelled")
    expect(page.get_by_test_id("pending")).to_have_text("2 pending")
    page.get_by_role("button", name="Cancel all").click()
    expect(page.get_by_test_id("pending")).to_have_count(0)
    expect(board.card("c1").get_by_role("button", name="Ask again")).to_be_visible()
    badge.click()
    page.get_by_role("dialog").get_by_role("button", name="Off").click()
    expect(badge).to_have_count(0)
    expect(other.page.get_by_test_id("latency")).to_have_count(0)
    for number in (3, 4, 5):
        board.do(f"Ask #{number} again", number)
    board.expect_ready(3, 4, 5)
    board.expect_rows(rows_of(flights, flights.range_of(dashboard, 5)).sum())


def test_a_tile_is_pinned_labelled_compared_and_deleted(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    board.brush("c2", 0.2, 0.5)
    board.expect_ready(3)
    board.do("Pin #3", 3)
    board.do("Label #3", 3)
    page.get_by_label("Label of the snapshot").fill("mornings")
    page.keyboard.press("Enter")
    expect(board.tile(3)).to_contain_text("mornings")
    board.do("Compare #3", 3)
    board.do("Compare #2", 2)
    compared = page.get_by_test_id("compared-chart")
    expect(compared).to_have_count(2 * len(CHARTS))
    page.get_by_role("button", name="Overlay").click()
    expect(compared).to_have_count(2 + 3)
    page.get_by_role("button", name="End the comparison").click()
    board.do("Delete #3", 3)
    expect(board.tile(3)).to_have_count(0)
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(board.tile(3)).to_contain_text("mornings")
    page.reload()
    expect(board.tile(3)).to_contain_text("mornings")
    expect(board.tile(3).get_by_role("img", name="pinned")).to_be_visible()


def test_a_tile_is_shared_by_its_address_and_dragged_into_a_note(
    board: Board, other_ide: Ide, flights: Flights
) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    board.brush("c2", 0.2, 0.5)
    board.brush("c4", 0.2, 0.5)
    board.expect_ready(3, 4)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    board.do("Copy the address of #3", 3)
    expect(page.get_by_test_id("toast")).to_contain_text("Copied the address of #3")
    address = page.evaluate("navigator.clipboard.readText()")
    other = Board(other_ide.page)
    other.open(address)
    other.expect_shown(3)
    other.expect_rows(rows_of(flights, flights.range_of(dashboard, 3)).sum())
    expect(other.page.get_by_role("button", name="Follow newest")).to_be_visible()

    page.evaluate("document.querySelector('[data-testid=dashboard]').prepend(document.createElement('textarea'))")
    note = page.locator("textarea")
    board.tile(3).get_by_role("button", name=re.compile("^#3 ")).drag_to(note)
    expect(note).to_have_value(re.compile(f"^hour .*{re.escape(address)}"))


def test_charts_are_added_edited_moved_and_removed(board: Board, flights: Flights) -> None:
    page = board.page
    dashboard = flights.dashboard(*CHARTS)
    board.open(flights.address(dashboard))
    page.get_by_role("button", name="Add chart").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("bar")
    form.get_by_label("Column", exact=True).select_option("carrier")
    form.get_by_label("Shows").select_option("mean")
    expect(form.get_by_role("button", name="Add")).to_be_disabled()
    form.get_by_label("Of", exact=True).select_option("delay")
    form.get_by_role("button", name="Add").click()
    board.expect_ready(3)
    expect(board.card("c5")).to_contain_text("mean of delay by carrier")
    means = {row[0]: float(row[3]) for row in board.table("c5")}
    assert means == pytest.approx({name: flights.delay_of[flights.carrier == name].mean() for name in CARRIERS})

    def order() -> list[str]:
        return page.locator("[data-testid^=card-]").evaluate_all("cards => cards.map(card => card.dataset.testid)")

    board.card("c4").get_by_role("heading").drag_to(board.card("c2"))
    board.expect_ready(4)
    assert order() == ["card-c1", "card-c4", "card-c2", "card-c3", "card-c5"]
    board.chart("hour, histogram").focus()
    page.keyboard.press("Alt+ArrowRight")
    board.expect_ready(5)
    assert order() == ["card-c1", "card-c4", "card-c3", "card-c2", "card-c5"]
    board.menu("c5", "Edit…")
    form.get_by_label("Kind").select_option("box")
    form.get_by_role("button", name="Change").click()
    board.expect_ready(6)
    expect(board.card("c5")).to_have_attribute("data-kind", "box")
    board.menu("c5", "Remove")
    expect(board.card("c5")).to_have_count(0)
    board.expect_ready(7)


def test_a_box_of_a_range_filters_by_that_range(board: Board, flights: Flights) -> None:
    page = board.page
    box = {"id": "c2", "kind": "box", "x": "delay", "y": "hour", "top": 8}
    dashboard = flights.dashboard({"id": "c1", "kind": "number"}, box, CHARTS[3])
    board.open(flights.address(dashboard))
    boxes = board.chart("hour by delay")
    place = box_of(boxes)
    somewhere = (place["x"] + place["width"] / 2, place["y"] + 0.75 * place["height"])
    page.mouse.click(*somewhere)
    board.expect_ready(3)
    asked = flights.range_of(dashboard, 3)
    assert (asked["column"], asked["source"]) == ("delay", "c2")
    kept = (flights.delay_of >= asked["low"]) & (flights.delay_of <= asked["high"])
    assert 0 < kept.sum() < ROWS
    board.expect_rows(kept.sum())
    page.mouse.click(*somewhere)  # a second click takes it back
    board.expect_rows(ROWS)
    medians = {row[0]: float(row[4]) for row in board.table("c2") if int(row[1])}
    assert len(medians) > 4
    for name, median in medians.items():
        low, high = map(float, name.split("–"))
        assert median == np.median(flights.hour[(flights.delay_of >= low) & (flights.delay_of < high)])


@pages
def test_it_is_accessible(board: Board, flights: Flights, scheme: Literal["light", "dark"]) -> None:
    page = board.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    dashboard = flights.dashboard(
        *CHARTS, {"id": "c5", "kind": "table"}, {"id": "c6", "kind": "density", "x": "hour", "y": "delay"}
    )
    board.open(flights.address(dashboard))
    board.brush("c2", 0.2, 0.5)
    board.expect_ready(3)
    assert serious(page) == []
    flights.delay(dashboard, 10.0, failing=1.0)
    board.brush("c2", 0.3, 0.6)
    expect(board.tile(4)).to_have_attribute("data-status", "pending")
    assert serious(page) == []
    flights.delay(dashboard, 0.0, failing=1.0)
    board.brush("c2", 0.3, 0.7)
    expect(board.tile(5)).to_have_attribute("data-status", "failed")
    board.tile(5).hover()
    assert serious(page) == []
    board.do("Compare #3", 3)
    board.do("Compare #2", 2)
    expect(page.get_by_test_id("compared")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="End the comparison").click()
    page.get_by_role("button", name="Add chart").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious(page) == []
