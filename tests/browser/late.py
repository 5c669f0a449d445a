"""Answers of the API that come late, each by another random time: no order of theirs changes what a page ends with."""

from __future__ import annotations

import os

from playwright.sync_api import BrowserContext

# Of ten requests four are as they are, three leave late and of three the answer arrives late: by up to a quarter of a
# second, one in five by up to 1.2 s. Meant is what the page's own scripts ask, which is all but its files.
SCRIPT = """seed => {
  let state = (seed + performance.timeOrigin) >>> 0
  const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32
  const pause = () => new Promise((done) => setTimeout(done, random() * (random() < 0.8 ? 250 : 1200)))
  const ask = window.fetch.bind(window)
  window.fetch = async (...asked) => {
    if (random() < 0.4) return ask(...asked)
    if (random() < 0.5) return pause().then(() => ask(...asked))
    const answer = await ask(...asked)
    await pause()
    return answer
  }
}"""


def lag(context: BrowserContext) -> None:
    """Have answers come late in all pages of a context where HELIX_LATE, a number to begin with, asks for that."""
    seed = os.environ.get("HELIX_LATE", "")
    if seed:
        context.add_init_script(f"({SCRIPT})({int(seed)})")
