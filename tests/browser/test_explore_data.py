"""Dashboards over data of all kinds: predictions, versions, odd names and numbers, too many values, too many rows."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from tests.browser.exploring import Board, Explored, explored
from tests.browser.ide import Ide
from tests.browser.test_store import CENSUS
from tests.stack import Client, Stack

pytestmark = pytest.mark.browser

MARKUP = '<img src=x onerror="window.hacked = true">'
QUOTED = """it's "quoted"; DROP TABLE data; --"""
ODD = 12_000
MANY = 3_200_000
ROWS = {"id": "c1", "kind": "number"}


def scanned(client: Client, name: str, table: pa.Table, stack: Stack) -> Explored:
    pq.write_table(table, stack.data / f"{name}.parquet")
    text = (
        f'rows = ParquetScanner(FileSource("{name}.parquet"))\nn = Reducer(rows, lambda rows: len(rows))\nOutput(n)\n'
    )
    return explored(client, name, text, "rows")


@pytest.fixture(scope="module")
def table() -> pa.Table:
    random = np.random.default_rng(5)
    numbers = random.normal(size=ODD)
    numbers[::100] = np.inf
    named = [("<b>bold</b>", "a'b", '"; --', "", None, "ünï")[n % 6] for n in range(ODD)]
    return pa.table(
        {
            MARKUP: pa.array(numbers, mask=np.arange(ODD) % 40 == 7),
            QUOTED: pa.array(named),
            "many": [f"kind {n % 10_000}" for n in range(ODD)],
            "flag": pa.array(random.random(ODD) < 0.3),
        }
    )


@pytest.fixture(scope="module")
def odd(stack: Stack, table: pa.Table) -> Explored:
    return scanned(stack.client(), "odd", table, stack)


@pytest.fixture(scope="module")
def census(stack: Stack) -> Explored:
    made = explored(stack.client(), "judged", CENSUS, "predictions")
    again = made.client.started(made.workflow, CENSUS.replace("C=1.0", "C=0.01"))
    assert made.client.finished(again["id"])["status"] == "succeeded"
    return made


@pytest.fixture
def board(ide: Ide) -> Board:
    return Board(ide.page)


def figures(data: Explored, dashboard: str) -> dict[str, Any]:
    """The figures of the newest snapshot, by chart."""
    questions = {each["chart"]: each["question"] for each in data.settled(dashboard)[-1]["answers"]}
    body = {"questions": list(questions.values())}
    told = data.client.post("/figures", json=body).raise_for_status().json()["figures"]
    return {chart: told[question] for chart, question in questions.items()}


def create(board: Board, data: Explored, choice: str) -> str:
    """Make a dashboard by the page, and wait until it shows charts by itself."""
    page = board.page
    page.goto(f"/workflows/{data.workflow}/explore")
    first, later = page.get_by_text("Look at the data of any node"), page.get_by_test_id("dashboards")
    expect(first.or_(later)).to_be_visible()
    if later.count():
        later.click()
        page.get_by_role("menuitem", name="New dashboard…").click()
    before = page.url
    page.get_by_role("radio", name=choice).check()
    page.get_by_test_id("create-dashboard").click()
    page.wait_for_url(lambda url: url != before)
    board.expect_ready(2)
    return page.url.rpartition("/")[2].partition("?")[0]


def test_what_a_model_predicted_is_judged(board: Board, census: Explored) -> None:
    page = board.page
    dashboard = create(board, census, "predictions")
    kinds = page.locator("[data-testid^=card-]").evaluate_all("cards => cards.map(card => card.dataset.kind)")
    judged = ["number", "confusion", "roc", "precision_recall", "calibration", "histogram"]
    assert kinds == [*judged, "slices", "slices", "table"]
    expect(board.card("c7")).to_contain_text("errors by mean radius")  # a column of the rows that it was made for
    told = figures(census, dashboard)
    count, positives = told["c1"]["count"], told["c3"]["positives"]
    for chart, name in (("c3", "area"), ("c4", "average precision"), ("c5", "Brier score")):
        expected = f"{name} {told[chart]['area']:.4f} · the class is in {positives} of {count} rows"
        expect(board.card(chart)).to_contain_text(expected)
    assert told["c3"]["area"] > 0.9
    confused = {(predicted, label): int(rows) for predicted, label, rows in board.table("c2")}
    assert sum(confused.values()) == count
    board.menu("c2", "Show as chart")
    board.chart("Confusion matrix").focus()
    page.keyboard.press("ArrowRight")  # to the first cell
    page.keyboard.press("Space")
    board.expect_ready(3)
    first = (told["c2"]["x"]["values"][0], told["c2"]["y"]["values"][0])
    board.expect_rows(confused[first])

    page.get_by_role("button", name="Add chart").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Kind").select_option("slices")
    form.get_by_label("Column", exact=True).select_option("score[1]")
    form.get_by_role("button", name="Add").click()
    board.expect_ready(4)
    expect(board.card("c10")).to_contain_text("errors by score[1]")


def test_versions_are_explored_as_data_are(board: Board, census: Explored) -> None:
    create(board, census, "The versions themselves")
    board.expect_rows(2)
    expect(board.page.get_by_test_id("dashboards")).to_have_text("Versions")
    table = board.page.get_by_role("region", name="Rows", exact=True)
    expect(table.get_by_role("columnheader", name="accuracy")).to_be_visible()
    expect(table).to_contain_text("First version")
    table.get_by_role("button", name="version", exact=True).click()
    board.expect_ready(3)
    table.get_by_role("button", name="version", exact=True).click()
    board.expect_ready(4)
    expect(table.get_by_role("columnheader", name="version", exact=True)).to_have_attribute("aria-sort", "descending")
    expect(table.locator("tbody tr").first.locator("td").first).to_have_text("2")


def test_names_and_values_are_text_whatever_is_in_them(board: Board, odd: Explored, table: pa.Table) -> None:
    page = board.page
    dashboard = odd.dashboard(
        ROWS, {"id": "c2", "kind": "histogram", "x": MARKUP}, {"id": "c3", "kind": "bar", "x": QUOTED}
    )
    board.open(odd.address(dashboard))
    expect(board.card("c2").get_by_role("heading")).to_have_text(MARKUP)
    expect(board.card("c3").get_by_role("heading")).to_have_text(f"rows by {QUOTED}")
    infinite, nulls = ODD // 100, ODD // 40
    both = sum(n % 100 == 0 and n % 40 == 7 for n in range(ODD))
    expect(board.card("c2")).to_contain_text(f"{nulls} without a value, {infinite - both} infinite: not in the chart")
    shown = {"<b>bold</b>", "a'b", '"; --', "empty text", "no value", "ünï"}
    assert board.numbers("c3") == dict.fromkeys(shown, (ODD // 6, ODD // 6))
    board.menu("c3", "Show as chart")
    board.chart("rows by it's").focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Space")
    board.expect_ready(3, 4, 5, 6, 7, 8)
    board.expect_rows(ODD)
    board.brush("c2", 0.4, 0.6)
    board.expect_ready(9)
    page.keyboard.press("End")
    found = odd.strip(dashboard)[-1]["state"]["filters"]
    (ends,) = [each for each in found if each["type"] == "range"]
    column = table[MARKUP].to_numpy(zero_copy_only=False)
    board.expect_rows(int(((column >= ends["low"]) & (column <= ends["high"])).sum()))
    assert page.evaluate("[window.hacked, document.querySelectorAll('main b img, img[src=x]').length]") == [None, 0]


def test_the_most_frequent_of_ten_thousand_values_are_shown(board: Board, odd: Explored) -> None:
    dashboard = odd.dashboard(ROWS, {"id": "c2", "kind": "bar", "x": "many", "top": 20})
    board.open(odd.address(dashboard))
    told = board.numbers("c2")
    assert len(told) == 21
    assert told["9,980 others"][0] == ODD - 20 * 2
    board.menu("c2", "Show as chart")
    board.chart("rows by many").focus()
    board.page.keyboard.press("ArrowDown")
    board.page.keyboard.press("Space")
    board.expect_ready(3)
    board.expect_rows(2)


def test_an_empty_selection_says_so(board: Board, odd: Explored) -> None:
    charts: list[dict[str, Any]] = [
        {"id": "c2", "kind": "histogram", "x": MARKUP},
        {"id": "c3", "kind": "bar", "x": "flag"},
        {"id": "c4", "kind": "box", "x": "flag", "y": MARKUP},
        {"id": "c5", "kind": "heatmap", "x": "flag", "y": QUOTED},
        {"id": "c6", "kind": "table"},
        {"id": "c7", "kind": "density", "x": MARKUP, "y": MARKUP},
    ]
    dashboard = odd.dashboard(ROWS, *charts)
    nothing = {"type": "among", "column": "many", "values": ["there is none"]}
    asked(odd, dashboard, ROWS, *charts, filters=[nothing])
    odd.settled(dashboard)
    board.open(odd.address(dashboard))
    board.expect_rows(0)
    for chart in ("c2", "c3", "c4", "c5", "c7"):
        expect(board.card(chart)).to_contain_text("the filters keep no rows that could be shown here")
    expect(board.card("c6")).to_contain_text(f"No rows that the filters keep, of {ODD:,}")


@pytest.fixture
def seen(board: Board) -> list[str]:
    """Which of the notes that go away again the page has shown, however shortly."""
    found: list[str] = []
    board.page.expose_function("seen", lambda note: found.append(note))
    board.page.add_init_script(
        """new MutationObserver(() => {
            for (const card of document.querySelectorAll('[data-testid=card-c2]'))
                for (const note of ['estimate ±', 'The data had been evicted; they are computed anew first.'])
                    if (card.textContent.includes(note)) window.seen(note)
        }).observe(document, { subtree: true, childList: true, characterData: true })"""
    )
    return found


def asked(data: Explored, dashboard: str, *charts: dict[str, Any], filters: Sequence[dict[str, Any]] = ()) -> None:
    """Somebody else asks this."""
    body = {"client": "test", "state": {"charts": charts, "filters": filters}}
    data.client.post(f"/dashboards/{dashboard}/snapshots", json=body).raise_for_status()


def test_an_estimate_stands_there_until_the_answer_does(board: Board, stack: Stack, seen: list[str]) -> None:
    random = np.random.default_rng(1)
    table = pa.table({"x": random.normal(size=MANY)})
    data = scanned(stack.client(), "many", table, stack)
    dashboard = data.dashboard(ROWS)
    board.open(data.address(dashboard))
    asked(data, dashboard, ROWS, {"id": "c2", "kind": "histogram", "x": "x"})
    board.expect_ready(3)
    assert sum(rows for rows, _ in board.numbers("c2").values()) == MANY
    assert "estimate ±" in seen


def test_evicted_data_are_computed_anew_and_the_charts_say_so(board: Board, stack: Stack, seen: list[str]) -> None:
    data = scanned(stack.client(), "evicted", pa.table({"x": [1, 2, 3]}), stack)
    dashboard = data.dashboard(ROWS)
    board.open(data.address(dashboard))
    kept = data.client.get("/store").json()["results"]
    digests = [each["digest"] for each in kept if data.workflow in each["workflows"] and "rows" in each["nodes"]]
    data.client.post("/store/evict", json={"digests": digests}).raise_for_status()
    os.kill(stack.children()["explorer"], signal.SIGKILL)  # which has the file open still
    asked(data, dashboard, ROWS, {"id": "c2", "kind": "histogram", "x": "x"})
    board.expect_ready(3)
    board.expect_rows(3)
    assert "The data had been evicted; they are computed anew first." in seen
