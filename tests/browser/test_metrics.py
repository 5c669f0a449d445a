"""The metrics of a workflow over its versions: drawn, selected, checked out, compared, taken out, and restored."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import SCHEMES, serious
from tests.browser.texts import SMALL
from tests.stack import Stack

pytestmark = pytest.mark.browser

TEXT = '''"""Irises by their neighbours."""
from sklearn.neighbors import KNeighborsClassifier

data = Dataset("iris")
rows = Split(data, test=0.4)
kind = Field(rows, "target")
examples = Examples(rows, features=[Field(rows, "sepal width (cm)")], label=kind)


def settled(predictions):
    for step in range(5):
        log("settling", 1 / (step + 1), step)
    return len(predictions)


model = Learner(examples, KNeighborsClassifier(n_neighbors=1))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
by_kind = Accuracy(predictions, by=kind)
size = Reducer(predictions, settled)
Output(accuracy, by_kind, size)
'''
NEIGHBOURS = (1, 3, 9, 25)


@dataclass(frozen=True)
class Past:
    """A workflow with a version for each number of neighbours."""

    workflow: str
    versions: list[str]
    accuracy: list[float]


def text_of(neighbours: int) -> str:
    return TEXT.replace("n_neighbors=1", f"n_neighbors={neighbours}")


@pytest.fixture(scope="module")
def past(stack: Stack) -> Past:
    client = stack.client()
    workflow = client.created(name="irises")["id"]
    versions, accuracy = [], []
    for neighbours in NEIGHBOURS:
        run = client.finished(client.started(workflow, text_of(neighbours))["id"])
        assert run["status"] == "succeeded", run
        versions.append(run["version"])
        accuracy.append(next(each["value"] for each in run["metrics"] if each["name"] == "accuracy"))
    return Past(workflow, versions, accuracy)


def opened(page: Page, past: Past, query: str = "") -> None:
    page.goto(f"/workflows/{past.workflow}/metrics{query}")
    expect(page.get_by_role("tablist", name="Views of the metrics")).to_be_visible()


def drawn(page: Page) -> Locator:
    plot = page.get_by_test_id("plot")
    expect(plot).to_have_attribute("data-drawn", "true")
    return plot


def points(page: Page) -> Locator:
    """The points of the first line of the first panel."""
    return drawn(page).locator(".cartesianlayer .trace.scatter").first.locator("path.point")


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click_point(page: Page, at: int) -> None:
    """As by hand: the pointer comes near first, from where it showed nothing of another point."""
    label = page.locator(".hoverlayer .hovertext")
    page.mouse.move(0, 0)
    expect(label).to_have_count(0)
    x, y = middle(points(page).nth(at))
    page.mouse.move(x - 3, y - 3)
    page.mouse.move(x, y)
    expect(label).not_to_have_count(0)
    page.mouse.click(x, y)
    expect(page.get_by_test_id(f"selected-{at + 1}")).to_be_visible()


def download(page: Page, kind: str) -> bytes:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name=kind).click()
    return Path(waiting.value.path()).read_bytes()


def test_a_trend_has_a_point_for_each_version_and_a_hover_says_what_changed(ide: Ide, past: Past) -> None:
    opened(ide.page, past, "?metric=accuracy")
    expect(points(ide.page)).to_have_count(len(NEIGHBOURS))
    x, y = middle(points(ide.page).nth(2))
    ide.page.mouse.move(x - 3, y - 3)
    ide.page.mouse.move(x, y)
    told = ide.page.locator(".hoverlayer .hovertext").first
    expect(told).to_contain_text("v3")
    expect(told).to_contain_text("n_neighbors 3 → 9")
    expect(told).to_contain_text(f"accuracy {past.accuracy[2]:.4f}")
    expect(told).to_contain_text("to v2")
    best = past.accuracy.index(max(past.accuracy)) + 1
    expect(ide.page.get_by_role("button", name=re.compile(r"best accuracy"))).to_contain_text(f"v{best}")
    expect(drawn(ide.page).get_by_text("best", exact=True)).to_be_visible()


def test_a_version_is_checked_out_and_that_is_undone(ide: Ide, past: Past) -> None:
    opened(ide.page, past)
    click_point(ide.page, 1)
    ide.page.get_by_role("button", name="Check out v2").click()
    expect(ide.page).to_have_url(re.compile(rf"/workflows/{past.workflow}(\?|$)"))
    expect(ide.editor).to_contain_text("n_neighbors=3")
    ide.page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(ide.editor).not_to_contain_text("n_neighbors=3)")


def test_two_versions_lead_to_their_comparison(ide: Ide, past: Past) -> None:
    opened(ide.page, past)
    click_point(ide.page, 3)
    click_point(ide.page, 0)
    compare = ide.page.get_by_test_id("compare")
    expect(compare).to_have_text("Compare v1 with v4")
    expect(compare).to_have_attribute(
        "href", f"/workflows/{past.workflow}/compare/{past.versions[0]}/{past.versions[3]}"
    )
    ide.page.get_by_role("button", name="Select v1 no more").click()
    expect(compare).to_have_count(0)


def test_what_is_shown_is_taken_out(ide: Ide, past: Past) -> None:
    opened(ide.page, past, "?metric=accuracy&metric=by_kind.0")
    drawn(ide.page)
    rows = list(csv.DictReader(io.StringIO(download(ide.page, "CSV").decode())))
    assert list(rows[0]) == ["version", "id", "what changed", "accuracy", "by_kind.0"]
    assert [row["version"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["id"] for row in rows] == past.versions
    assert [float(row["accuracy"]) for row in rows] == past.accuracy
    png = download(ide.page, "PNG")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(png[16:20], "big") > 1000  # its width
    svg = download(ide.page, "SVG").decode()
    assert svg.startswith("<svg")
    assert "by_kind.0" in svg


def test_a_table_is_sorted_and_taken_out_as_it_is_shown(ide: Ide, past: Past) -> None:
    opened(ide.page, past, "?view=table")
    rows = ide.page.get_by_role("row")
    expect(rows).to_have_count(len(NEIGHBOURS) + 1)
    expect(rows.nth(1)).to_contain_text("v4")
    ide.page.get_by_role("button", name="accuracy", exact=True).click()
    best = past.accuracy.index(max(past.accuracy)) + 1
    expect(ide.page.get_by_test_id(f"row-{best}")).to_contain_text("best")
    expect(ide.page.get_by_role("columnheader", name="accuracy", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    shown = list(csv.DictReader(io.StringIO(download(ide.page, "CSV").decode())))
    assert [float(row["accuracy"]) for row in shown] == sorted(past.accuracy, reverse=True)
    ide.page.reload()
    expect(rows.nth(1)).to_contain_text(f"v{shown[0]['version']}")


def test_the_address_brings_back_what_was_shown(ide: Ide, past: Past) -> None:
    page = ide.page
    opened(page, past, "?metric=accuracy")
    click_point(page, 2)
    page.get_by_label("Log scale").click()
    expect(page.get_by_label("Log scale")).to_be_checked()
    page.get_by_text("by_kind 3 slices").click()
    page.get_by_role("checkbox", name=re.compile("^1 ")).click()
    expect(page.get_by_role("checkbox", name=re.compile("^1 "))).to_be_checked()
    page.reload()
    drawn(page)
    expect(page.get_by_test_id("selected-3")).to_be_visible()
    expect(page.get_by_label("Log scale")).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("^1 "))).to_be_checked()
    expect(drawn(page).get_by_text("by_kind.1", exact=False)).to_be_visible()


def test_keys_alone_select_and_change_the_view(ide: Ide, past: Past) -> None:
    page = ide.page
    opened(page, past, "?metric=accuracy")
    drawn(page).focus()
    page.keyboard.press("End")
    expect(page.get_by_test_id("selected-4")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("selected-3")).to_be_visible()
    expect(page.get_by_test_id("selected-4")).to_have_count(0)
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_test_id("compare")).to_have_text("Compare v2 with v3")
    page.get_by_role("tab", name="Trend").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Against time")).to_be_focused()
    expect(page).to_have_url(re.compile("view=pareto"))
    expect(page.get_by_test_id("metrics-view")).to_contain_text("on the front")


def test_a_range_of_an_axis_filters_versions(ide: Ide, past: Past) -> None:
    page = ide.page
    opened(page, past, "?view=parameters&metric=accuracy")
    drawn(page)
    view = page.get_by_test_id("metrics-view")
    expect(view).to_contain_text("4 versions")
    page.get_by_role("slider", name="model.n_neighbors from").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(view).to_contain_text("3 of 4 versions pass")
    page.reload()
    expect(view).to_contain_text("3 of 4 versions pass")
    page.get_by_role("button", name="Clear all ranges").click()
    expect(view).not_to_contain_text("pass")
    box = page.get_by_test_id("brush-accuracy").bounding_box()
    assert box is not None
    across = box["x"] + box["width"] / 2
    page.mouse.move(across, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(across, box["y"] + box["height"] * 0.1, steps=4)
    page.mouse.up()
    expect(view).to_contain_text("of 4 versions pass")


def test_curves_of_several_versions_are_in_one_chart(ide: Ide, past: Past) -> None:
    page = ide.page
    opened(page, past, "?view=curves")
    plot = drawn(page)
    expect(plot.locator(".trace.scatter")).to_have_count(4)
    expect(plot.locator(".trace.scatter").first.locator("path.point")).to_have_count(5)
    page.get_by_role("checkbox", name=re.compile("v2")).click()
    expect(plot.locator(".trace.scatter")).to_have_count(3)
    page.reload()
    expect(drawn(page).locator(".trace.scatter")).to_have_count(3)
    shown = list(csv.DictReader(io.StringIO(download(page, "CSV").decode())))
    assert {row["version"] for row in shown} == {"1", "3", "4"}
    assert [float(row["settling"]) for row in shown[:5]] == [1 / (step + 1) for step in range(5)]


def test_before_the_first_run_the_page_says_what_to_do(ide: Ide) -> None:
    ide.new_workflow("without a past", SMALL)
    ide.page.get_by_role("link", name="Metrics", exact=True).click()
    expect(ide.page.get_by_text("No versions yet")).to_be_visible()
    ide.page.get_by_role("main").get_by_role("link", name="Open the editor").click()
    expect(ide.page.get_by_test_id("run")).to_be_enabled()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_view_is_accessible(ide: Ide, past: Past, scheme: Literal["light", "dark"]) -> None:
    ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for view in ("trend", "pareto", "parameters", "curves", "table"):
        opened(ide.page, past, f"?view={view}&v=1&v=2")
        if view == "table":
            expect(ide.page.get_by_test_id("row-1")).to_be_visible()
        else:
            drawn(ide.page)
        assert serious(ide.page) == []


@pytest.fixture
def lacking(stack: Stack) -> Past:
    """A workflow whose draft has a metric that none of its versions has."""
    client = stack.client()
    workflow = client.created(name="lacking")["id"]
    versions = []
    for neighbours in NEIGHBOURS:
        run = client.finished(client.started(workflow, text_of(neighbours))["id"])
        assert run["status"] == "succeeded", run
        versions.append(run["version"])
    revision = client.get(f"/workflows/{workflow}").json()["revision"]
    draft = text_of(25).replace("Output(", 'f1 = F1(predictions, average="macro")\nOutput(f1, ')
    saved = client.put(f"/workflows/{workflow}/draft", json={"text": draft, "revision": revision})
    assert saved.status_code == 200, saved.text
    return Past(workflow, versions, [])


def test_a_metric_of_the_draft_is_computed_for_past_versions_and_that_is_undone(ide: Ide, lacking: Past) -> None:
    page = ide.page
    opened(page, lacking)
    offer = page.get_by_role("button", name="Compute for past versions…")
    expect(page.get_by_text("4 versions lack it")).to_be_visible()
    offer.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("backfill-estimate")).to_contain_text("4 versions in")
    expect(dialog.get_by_test_id("estimate-2")).to_contain_text("n_neighbors 1 → 3")
    page.reload()  # the address brings the dialog back
    expect(dialog.get_by_test_id("backfill-estimate")).to_contain_text("4 versions in")
    dialog.get_by_test_id("start-backfill").click()
    expect(dialog).to_have_count(0)
    toast = page.get_by_test_id("toast")
    expect(toast).to_contain_text("f1 is computed for 4 versions")
    expect(offer).to_have_count(0)
    expect(page.get_by_role("checkbox", name=re.compile("^f1 "))).to_be_checked()
    expect(page.get_by_test_id("metrics-view")).to_contain_text("4 values computed later")
    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 versions lack it")).to_be_visible()
    expect(page.get_by_test_id("metrics-view")).not_to_contain_text("computed later")


def test_versions_are_chosen_and_earlier_ones_listed_and_removed(ide: Ide, lacking: Past) -> None:
    page = ide.page
    opened(page, lacking, "?v=2&v=3&backfill=f1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Selected: v2, v3").check()
    expect(dialog.get_by_test_id("backfill-estimate")).to_contain_text("2 versions in")
    expect(dialog.get_by_test_id("estimate-1")).to_have_count(0)
    dialog.get_by_test_id("start-backfill").click()
    expect(page.get_by_test_id("toast")).to_contain_text("f1 is computed for 2 versions")
    expect(page.get_by_test_id("selected-2")).to_contain_text("later")
    page.get_by_role("tab", name="Table").click()
    expect(page.get_by_test_id("row-2")).to_contain_text("later")
    expect(page.get_by_test_id("row-1")).not_to_contain_text("later")
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV").decode())))
    assert {row["version"]: row["f1"] != "" for row in rows} == {"1": False, "2": True, "3": True, "4": False}
    assert all((row["f1"] != "") == (row["f1 computed later"] != "") for row in rows)
    page.get_by_role("tab", name="Trend").click()
    page.get_by_role("button", name="Compute for past versions…").click()
    expect(dialog.get_by_test_id("backfill-estimate")).to_contain_text("2 versions in")
    earlier = dialog.get_by_role("region", name="Computed later before")
    expect(earlier).to_contain_text("f1: 2 values")
    earlier.get_by_role("button", name="Remove the values of f1").click()
    expect(earlier).to_have_count(0)
    expect(dialog.get_by_label("All that lack it (4)")).to_be_checked()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_dialog_of_past_versions_is_accessible(ide: Ide, lacking: Past, scheme: Literal["light", "dark"]) -> None:
    ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    opened(ide.page, lacking, "?v=2&backfill=f1")
    expect(ide.page.get_by_role("dialog").get_by_test_id("backfill-estimate")).to_be_visible()
    assert serious(ide.page) == []


def test_zooming_into_values_stands_in_the_address(ide: Ide, past: Past) -> None:
    opened(ide.page, past, "?metric=accuracy")
    box = drawn(ide.page).locator(".nsewdrag").first.bounding_box()
    assert box is not None
    ide.page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    ide.page.mouse.down()
    ide.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.6, steps=5)
    ide.page.mouse.up()
    expect(ide.page).to_have_url(re.compile(r"zoom=[\d.]+%3A[\d.]+.*y=accuracy%3A[\d.]+%3A[\d.]+"))
    low, high = (float(end) for end in parse_qs(urlsplit(ide.page.url).query)["y"][0].split(":")[1:])
    ide.page.reload()
    drawn(ide.page)
    ticks = ide.page.locator(".yaxislayer-above text")
    zoomed = ticks.all_text_contents()
    assert all(low <= float(tick) <= high for tick in zoomed)
    ide.page.locator(".nsewdrag").first.dblclick()
    expect(ide.page).not_to_have_url(re.compile("y=accuracy"))
    expect(ide.page).not_to_have_url(re.compile("zoom="))
    expect(ticks).not_to_have_text(zoomed)
