"""Measures what is claimed of Census on the full Adult data, beside the same pipeline by hand: what `make bench` runs.

Everything is measured in one go on one machine: the script by hand (`plain_census.py`), the command line from an empty
store and unchanged, and the application as a browser sees it. Figures are medians; those in seconds come with their
ratio to the script's time after its imports. The table is printed, and written to ``benchmarks/results/census.json``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.ide import Ide
from tests.data import data_folder
from tests.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
CENSUS = ROOT / "examples" / "census.py"
RESULTS = ROOT / "benchmarks" / "results" / "census.json"
REPEATS = 7
CHECKS = 60
# What stands between the click and the last event, as the page itself sees it.
CLICK_TO_END = """async () => {
    const status = () => document.querySelector('[data-testid="run-status"]');
    const before = status()?.dataset.run;
    const began = performance.now();
    document.querySelector('[data-testid="run"]').click();
    const ended = () => status() && status().dataset.run !== before
        && ["succeeded", "failed", "cancelled"].includes(status().dataset.status);
    while (!ended()) await new Promise(requestAnimationFrame);
    return {seconds: (performance.now() - began) / 1000, status: status().dataset.status};
}"""


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``bound`` is what it must not exceed, None where nothing is claimed."""

    what: str
    seconds: float
    bound: float | None = None


def main() -> int:
    data = data_folder()
    figures = [Figure("by hand: pandas and scikit-learn, after imports", plain(data))]
    figures += command_line(data)
    figures += application(data)
    baseline = figures[0].seconds
    for figure in figures:
        bound = (
            ""
            if figure.bound is None
            else f"≤ {figure.bound:.2f} s" + ("" if figure.seconds <= figure.bound else "  MISSED")
        )
        print(f"{figure.what:58} {figure.seconds:8.3f} s  {figure.seconds / baseline:6.2f} ×  {bound}")
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [asdict(figure) | {"ratio": figure.seconds / baseline} for figure in figures]
    RESULTS.write_text(json.dumps({"cores": os.cpu_count(), "repeats": REPEATS, "figures": rows}, indent=2) + "\n")
    return 0


def plain(data: Path) -> float:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "benchmarks" / "plain_census.py"), str(data)]
    return median(lambda: float(subprocess.check_output(command, env=environment, text=True).split()[0]))


def command_line(data: Path) -> list[Figure]:
    """Engine time as the command reports it, and the wall time of the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        stores = iter(Path(folder) / str(place) for place in range(REPEATS + 1))
        cold = median(lambda: run_command(next(stores), data)[0])
        kept = next(stores)
        run_command(kept, data)
        again = [run_command(kept, data) for _ in range(REPEATS)]
    return [
        Figure("command, empty store: engine", cold, 0.6),
        Figure("command, unchanged: engine", statistics.median(engine for engine, _ in again), 0.1),
        Figure("command, unchanged: the whole command", statistics.median(wall for _, wall in again), 0.6),
    ]


def run_command(store: Path, data: Path) -> tuple[float, float]:
    command = [ROOT / ".venv/bin/helixweb", "run", CENSUS, "--json", "--store", store, "--data", data]
    began = time.perf_counter()
    answer = json.loads(subprocess.check_output(command, text=True))
    wall = time.perf_counter() - began
    assert answer["status"] == "succeeded", answer
    return float(answer["seconds"]), wall


def application(data: Path) -> list[Figure]:
    """What a person waits for: the check as one types, and the click on Run."""
    text = CENSUS.read_text()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder) / "var", data)
        try:
            client = stack.client()
            workflow = client.created("census")["id"]
            edits = iter(range(CHECKS))  # another text each time, as when one types

            def check() -> float:
                edited = text.replace("bins=10", f"bins={next(edits) + 3}")
                began = time.perf_counter()
                client.post(f"/workflows/{workflow}/check", json={"text": edited}).raise_for_status()
                return time.perf_counter() - began

            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_context(base_url=stack.url).new_page()
            page.goto(stack.sign_in_url())
            page.wait_for_url(f"{stack.url}/")
            Ide(page).new_workflow("bench", text)
            first = click_to_end(page)
            clicks = median(lambda: click_to_end(page))
            checks = median(check, CHECKS)
            browser.close()
        finally:
            stack.stop()
    return [
        Figure("browser, first run: click on Run to the last event", first),
        Figure("browser, unchanged: click on Run to the last event", clicks, 0.7),
        Figure("API: check of an edited text", checks, 0.05),
    ]


def click_to_end(page: Page) -> float:
    page.wait_for_function("""() => document.querySelector('[data-testid="run"]')?.ariaDisabled !== "true" """)
    answer = page.evaluate(CLICK_TO_END)
    assert answer["status"] == "succeeded", answer
    return float(answer["seconds"])


def median(measure: Callable[[], float], repeats: int = REPEATS) -> float:
    return statistics.median(measure() for _ in range(repeats))


if __name__ == "__main__":
    sys.exit(main())
