"""A task of twenty interactions, one a second: find the maximum, see where a threshold is crossed, see a trend.

Each interaction brushes a range of distances and is answered by how many flights there are. On our page all are asked
for, and then read in the strip; on the others each has to be read before the next one takes its place.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from playwright.sync_api import Page

from tests.stack import Client

PLAIN: Final = (Path(__file__).parent / "plain.html").read_text()
EVERY: Final = 1.0  # seconds between two interactions at least
PEAKS: Final = [(0.04 * n, 0.04 * n + 0.08) for n in range(7)]  # which range has most flights?
FROM: Final = [(0.06 * n, 0.9) for n in range(7)]  # from which distance on are there fewer than a threshold?
WIDER: Final = [(0.1, 0.2 + 0.06 * n) for n in range(6)]  # are there ever more?
BRUSHES: Final = [*PEAKS, *FROM, *WIDER]
THRESHOLD: Final = 50_000


class OurPage:
    """A dashboard of HelixWeb: nobody waits for an answer before asking on."""

    named: ClassVar = "with snapshots"

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.goto(address)
        page.get_by_test_id("card-c3").and_(page.locator("[data-status=ready]")).wait_for()
        self._brush = page.get_by_test_id("brush-c2")
        self._shown = page.get_by_test_id("charts").get_attribute("data-tile")
        self._first = int((page.locator("[data-testid^=tile-]").last.get_attribute("data-testid") or "").split("-")[1])

    def drag(self, start: float, end: float, before: tuple[float, float] | None = None) -> None:
        """Brush a range; ``before`` is the one that stands there: its ends can be taken, and what is in it moves it."""
        box = dict(self._brush.bounding_box() or {})
        if before is not None and before[1] == end:
            drag(self._page, box, before[0], start)
        elif before is not None and before[0] == start:
            drag(self._page, box, before[1], end)
        elif before is not None and before[0] < start < before[1]:
            drag(self._page, box, end, start)
        else:
            drag(self._page, box, start, end)

    def read_all(self, brushes: Sequence[tuple[float, float]]) -> list[int]:
        """Ask all, one a second, then go through the strip."""
        began = time.perf_counter()
        for turn, (start, end) in enumerate(brushes):
            wait_until(began + EVERY * turn)
            self.drag(start, end, brushes[turn - 1] if turn else None)
        numbers = range(self._first + 1, self._first + 1 + len(brushes))
        self._page.get_by_test_id(f"tile-{numbers[-1]}").wait_for()
        self._page.keyboard.press("Home")
        self._page.get_by_test_id(f"tile-{self._first}").get_by_role("button").first.click()
        charts = self._page.locator(f"[data-testid=charts][data-tile='{self._shown}']")
        charts.wait_for()
        return [self._next(number) for number in numbers]

    def _next(self, number: int) -> int:
        """The rows of the next tile, once its charts stand in the large view."""
        self._page.keyboard.press("ArrowRight")
        found = self._page.wait_for_function(
            """([number, before]) => {
                const at = (id) => document.querySelector(`[data-testid="${id}"]`)
                const [tile, charts, card] = [at(`tile-${number}`), at('charts'), at('card-c1')]
                const ready = [tile, card].every((each) => each?.dataset.status === 'ready')
                if (!ready || !tile.dataset.shown || charts.dataset.tile === before) return null
                const shown = card.querySelector('[data-value]')?.dataset.value
                return shown === undefined ? null : [charts.dataset.tile, Number(shown)]
            }""",
            arg=[number, self._shown],
        )
        self._shown, rows = found.json_value()
        return int(rows)


class BlockingPage:
    """A page of the same charts whose controls wait for the answer."""

    named: ClassVar = "blocking"
    mode: ClassVar = "blocking"

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.goto(address)
        page.set_content(PLAIN)
        self._drawn()

    def read_all(self, brushes: Sequence[tuple[float, float]]) -> list[int]:
        """Ask one a second, or as soon as the one before is read."""
        began = time.perf_counter()
        found = []
        for turn, (start, end) in enumerate(brushes):
            wait_until(began + EVERY * turn)
            asked = int(self._page.evaluate("document.body.dataset.asked"))
            drag(self._page, dict(self._page.locator("#brush").bounding_box() or {}), start, end)
            self._page.wait_for_function("before => Number(document.body.dataset.asked) > before", arg=asked)
            self._drawn()
            found.append(int(self._page.locator("#rows").text_content() or ""))
        return found

    def _drawn(self) -> None:
        """Wait until what is shown is what was asked for last."""
        self._page.wait_for_function(
            "document.body.dataset.shown && document.body.dataset.shown === document.body.dataset.asked"
        )


class InPlacePage(BlockingPage):
    """A page of the same charts whose controls do not wait, and whose charts are replaced by whatever comes."""

    named: ClassVar = "updated in place"
    mode: ClassVar = "in place"


def do(page: OurPage | BlockingPage, client: Client, dashboard: str, distance: np.ndarray) -> float:
    """Seconds that the task takes on a page, whose every answer is checked against the data."""
    began = time.perf_counter()
    read = page.read_all(BRUSHES)
    taken = time.perf_counter() - began
    strip = client.get(f"/dashboards/{dashboard}").raise_for_status().json()["strip"][-len(BRUSHES) :]
    ranges = [each["state"]["filters"][0] for each in strip]
    true = [int(((distance >= each["low"]) & (distance <= each["high"])).sum()) for each in ranges]
    assert read == true, (read, true)
    assert conclusions(read) == conclusions(true)
    return taken


def conclusions(read: Sequence[int]) -> tuple[int, int, bool]:
    """Which range has most flights, the first with fewer than the threshold, and whether there are ever more."""
    peaks, from_, wider = read[: len(PEAKS)], read[len(PEAKS) : -len(WIDER)], read[-len(WIDER) :]
    crossed = next(place for place, count in enumerate(from_) if count < THRESHOLD)
    return int(np.argmax(peaks)), crossed, all(np.diff(wider) > 0)


def drag(page: Page, box: dict[str, float], start: float, end: float) -> None:
    """Drag over a share of a box, quickly enough that the drag never rests."""
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(box["x"] + (start + (end - start) * step / 4) * box["width"], y)
    page.mouse.up()


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.perf_counter()))
