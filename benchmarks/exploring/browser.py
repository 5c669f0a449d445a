"""What exploring is like in Chromium: how soon a drag responds, and how long a task takes at several latencies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.exploring import ROWS, Measured, dashboard, flights, running
from benchmarks.exploring.task import BlockingPage, InPlacePage, OurPage, do
from tests.browser.conftest import FLAGS, chromium
from tests.stack import Client, Stack

TIMING = (Path(__file__).parent / "timing.js").read_text()
CHARTS: list[dict[str, Any]] = [
    {"id": "c1", "kind": "number"},
    {"id": "c2", "kind": "histogram", "x": "distance"},
    {"id": "c3", "kind": "histogram", "x": "delay"},
]
DRAGS = 100
LATENCIES = (0.0, 1.0, 3.0, 5.0)  # seconds
SLOWER = 1.2  # times the latency that a task may take longer
HANDLER, PAINT, CHART = 8.0, 33.0, 150.0  # milliseconds
MANY, CHART_OF_MANY = 50, 1_000.0  # times the rows, and milliseconds


@dataclass(frozen=True)
class Place:
    """A browser, the application, and the run whose rows are explored."""

    browser: Browser
    stack: Stack
    client: Client
    run: dict[str, Any]

    def dashboard(self, latency: float) -> str:
        """A new dashboard whose answers come so late, from now on."""
        made = dashboard(self.client, self.run)
        asked = {"client": "benchmark", "state": {"charts": CHARTS}}
        self.client.post(f"/dashboards/{made}/snapshots", json=asked).raise_for_status()
        self.client.put(f"/dashboards/{made}/delay", json={"seconds": latency}).raise_for_status()
        return made

    def address(self, made: str) -> str:
        return f"/workflows/{self.run['workflow']}/explore/{made}"

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A page of a new profile, signed in."""
        context = self.browser.new_context(
            base_url=self.stack.url,
            viewport={"width": 1440, "height": 900},
            bypass_csp=True,  # which forbids the plain page, that is none of the application's
        )
        cookies = [{"name": name, "value": value, "url": self.stack.url} for name, value in self._cookies.items()]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        context.add_init_script(TIMING)
        yield context.new_page()
        context.close()

    @property
    def _cookies(self) -> dict[str, str]:
        return dict(self.client.cookies.items())


@contextmanager
def opened(times: int = 1) -> Iterator[Place]:
    """The application with the flights, so many times over, and Chromium."""
    with (
        TemporaryDirectory() as folder,
        running(flights(times), Path(folder)) as (stack, client, run),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield Place(browser, stack, client, run)
        browser.close()


def measure_drags(*, quick: bool) -> list[Measured]:
    with opened() as place:
        told = [*drags(place, 0.0), *drags(place, 5.0)]
    if not quick:
        with opened(MANY) as place:
            told += drags(place, 0.0, MANY * ROWS, CHART_OF_MANY)
    return told


def measure_task(*, quick: bool) -> list[Measured]:
    with opened() as place:
        return tasks(place, LATENCIES[:2] if quick else LATENCIES)


def drags(place: Place, latency: float, rows: int = ROWS, most: float = CHART) -> list[Measured]:
    """How soon the page responds to a hundred drags, and at no latency how soon another chart shows the answer."""
    with place.page() as page:
        ours = OurPage(page, place.address(place.dashboard(latency)))
        if latency == 0.0:
            page.evaluate("window.awaited = 'card-c3'")
        for turn in range(DRAGS):
            start = 0.02 + 0.0015 * turn + 0.48 * (turn % 2)  # never in the range that stands there, never the same
            ours.drag(start, start + 0.28)
            page.wait_for_timeout(100)
            if latency == 0.0:
                page.wait_for_function("turn => window.told.charts.length > turn", arg=turn)
        page.wait_for_function("drags => window.told.paints.length === drags", arg=DRAGS)
        told = page.evaluate("window.told")
    at = f"at {latency:g} s of latency, {rows:,} rows"
    measured = [
        Measured(f"handlers of a release {at}, 95 % of {DRAGS}", _most(told["handlers"]), most=HANDLER),
        Measured(f"from a release to the next paint {at}, 95 %", _most(told["paints"]), most=PAINT),
    ]
    if latency == 0.0:
        named = f"from a release to the histogram of {rows:,} rows"
        measured += [
            Measured(f"{named}, median", float(np.median(told["charts"])), most=most),
            Measured(f"{named}, 95 %", _most(told["charts"])),
        ]
    return measured


def tasks(place: Place, latencies: tuple[float, ...]) -> list[Measured]:
    """Seconds of the same task on three kinds of page; on ours they may rise by little more than the latency once."""
    told = []
    distance = flights()["distance"].to_numpy()
    for kind in (OurPage, BlockingPage, InPlacePage):
        first = 0.0
        for latency in latencies:
            made = place.dashboard(latency)
            with place.page() as page:
                address = place.address(made) if kind is OurPage else f"/api/health?dashboard={made}&mode={kind.mode}"
                taken = do(kind(page, address), place.client, made, distance)
            first = first or taken
            most = first + SLOWER * latency if kind is OurPage and latency > 0.0 else None
            told.append(Measured(f"the task at {latency:g} s of latency, {kind.named}", taken, "s", most))
    return told


def _most(taken: list[float]) -> float:
    assert len(taken) == DRAGS, len(taken)
    return float(np.quantile(taken, 0.95))
