"""What a long history takes in a browser, from the click (or the address) to what is painted; for ``histories``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.stack import Stack

OF_THE_LOG: Final = "[data-testid=version-{newest}]"
OF_THE_TREND: Final = ".js-plotly-plot .scatterlayer .trace path"
STEPS, STEP = 120, 160  # frames of scrolling, and pixels at each: a hard flick, 9,600 pixels a second

_WATCH: Final = """selector => {
  window.painted = new Promise(resolve => {
    const look = () => document.querySelector(selector)
      ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0))
      : requestAnimationFrame(look)
    look()
  })
}"""
_CLICK: Final = """async name => {
  const link = [...document.querySelectorAll('a')].find(each => each.textContent === name)
  const from = performance.now()
  link.click()
  return await window.painted - from
}"""
_SCROLL: Final = """async ([steps, step]) => {
  const log = document.querySelector('[data-testid=log]')
  const frames = []
  let last = performance.now()
  for (let at = 0; at < steps; at++) {
    log.scrollTop += step
    await new Promise(requestAnimationFrame)
    const now = performance.now()
    frames.push(now - last)
    last = now
  }
  return frames
}"""


def shown(home: Path, workflow: str, size: int, repetitions: int) -> dict[str, list[float]]:
    """Seconds of each repetition, in a window of 1400 × 900 pixels and the application as it runs on ``home``.

    By its address, the application's own code is loaded too; from another tab it is there, but not what the tab shows.
    """
    found: dict[str, list[float]] = {}
    stack = Stack(home, Path(tempfile.mkdtemp(dir=home.parent)))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(stack.sign_in_url())
            page.get_by_role("button", name="New workflow").first.wait_for()
            at = f"{stack.url}/workflows/{workflow}"
            row = OF_THE_LOG.format(newest=size)
            for _ in range(repetitions + 1):
                page.goto(f"{at}/versions")
                page.evaluate(_WATCH, row)
                found.setdefault("log, by its address", []).append(page.evaluate("window.painted") / 1000)
                page.wait_for_load_state("networkidle")
                found.setdefault("frame of scrolling", []).append(_frame(page))
                for tab, what, selector in (("Versions", "log", row), ("Metrics", "trend", OF_THE_TREND)):
                    page.goto(f"{at}/store")
                    page.wait_for_load_state("networkidle")
                    page.evaluate(_WATCH, selector)
                    taken = page.evaluate(_CLICK, tab) / 1000
                    found.setdefault(f"{what}, from another tab", []).append(taken)
            browser.close()
    finally:
        stack.stop()
    return {name: times[1:] for name, times in found.items()}


def _frame(page: Page) -> float:
    """Seconds between two frames at the 95th percentile, while the log is scrolled through."""
    frames: list[float] = page.evaluate(_SCROLL, [STEPS, STEP])
    return sorted(frames)[int(0.95 * len(frames))] / 1000
