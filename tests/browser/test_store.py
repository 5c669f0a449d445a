"""What is kept: its totals, the versions that each result is for, and pinning and evicting it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import serious
from tests.stack import Stack

pytestmark = pytest.mark.browser

CENSUS = '''"""A small census, of the breast cancer data that come along."""
from sklearn.linear_model import LogisticRegression

data = Dataset("breast_cancer")
rows = Split(data, test=0.3)
radius = Field(rows, "mean radius")
texture = Field(rows, "mean texture")
target = Field(rows, "target")
examples = Examples(rows, features=[radius, texture], label=target)
model = Learner(examples, LogisticRegression(C=1.0))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)

Output(accuracy)
'''


def row(page: Page, node: str) -> Locator:
    return page.get_by_test_id(f"kept-{node}")


def box(page: Page, node: str) -> Locator:
    return row(page, node).get_by_role("checkbox")


def open_store(ide: Ide) -> None:
    ide.page.get_by_role("navigation", name="Sections").get_by_role("link", name="Store").click()
    expect(ide.page.get_by_test_id("store-kept")).to_be_visible()


def evicted(page: Page) -> None:
    """End the time in which there is a way back, and wait for the answer."""
    with page.expect_response(re.compile("/api/store/evict")) as response:
        page.get_by_test_id("toast").filter(has_text="Evicting").get_by_role("button", name="Dismiss").click()
    assert response.value.ok


def test_an_evicted_result_is_computed_again_and_a_pinned_one_stays(ide: Ide) -> None:
    ide.new_workflow("kept", CENSUS)
    ide.run()
    ide.type_text(CENSUS.replace("C=1.0", "C=0.1"))
    ide.run()
    open_store(ide)
    page = ide.page
    expect(page.get_by_test_id("store-kept")).to_contain_text("results")
    expect(page.get_by_test_id("store-audits")).to_contain_text("recomputed")
    expect(row(page, "model")).to_have_count(2)
    expect(row(page, "model").filter(has_text="superseded")).to_contain_text("v1")
    current = row(page, "model").filter(has_text="current")
    expect(current).to_contain_text("v2")
    for part in ("train", "test"):
        expect(row(page, "examples").filter(has_text=part)).to_contain_text("v1–v2")

    current.get_by_role("checkbox").check()
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(current).to_contain_text("pinned")
    expect(page.get_by_role("button", name="Evict")).to_be_disabled()
    box(page, "accuracy").first.check()
    accuracies = row(page, "accuracy").count()
    page.get_by_role("button", name="Evict").click()
    expect(page.get_by_test_id("toast").filter(has_text="Evicting 1 result")).to_contain_text("1 pinned one stays")
    expect(row(page, "accuracy")).to_have_count(accuracies - 1)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "accuracy")).to_have_count(accuracies)

    page.get_by_role("checkbox", name="Select all that are listed").check()
    page.get_by_role("button", name="Evict").click()
    expect(page.get_by_role("row")).to_have_count(1 + 1)
    evicted(page)
    expect(current).to_contain_text("pinned")
    current.get_by_role("link", name="model").click()
    ide.expect_status("succeeded")  # the last run, which is shown until the text is another
    ide.type_text(CENSUS.replace("C=1.0", "C=0.1") + "\n")
    expect(page.get_by_test_id("plan-summary")).to_contain_text(re.compile(r"\d to compute · 1 to load"))
    ide.run()
    ide.expect_status("succeeded")
    ide.expect_nodes("look", "computed", "accuracy")
    ide.expect_nodes("look", "loaded", "model")


def test_leaving_the_page_ends_the_time_in_which_there_is_a_way_back(ide: Ide) -> None:
    ide.new_workflow("left", CENSUS.replace("C=1.0", "C=0.7"))
    ide.run()
    open_store(ide)
    box(ide.page, "model").check()
    ide.page.get_by_role("button", name="Evict").click()
    with ide.page.expect_response(re.compile("/api/store/evict")):
        ide.page.get_by_role("link", name="Editor").click()
    expect(ide.page.get_by_role("button", name="Undo")).to_have_count(0)
    open_store(ide)
    expect(row(ide.page, "accuracy")).to_be_visible()
    expect(row(ide.page, "model")).to_have_count(0)


def test_the_keys_walk_select_and_evict_and_the_address_keeps_what_is_shown(ide: Ide) -> None:
    ide.new_workflow("keys", CENSUS.replace("C=1.0", "C=0.5"))
    ide.run()
    open_store(ide)
    page = ide.page
    page.get_by_role("button", name="Node", exact=True).click()
    expect(page.get_by_role("columnheader", name="Node")).to_have_attribute("aria-sort", "ascending")
    expect(row(page, "accuracy")).to_have_attribute("data-index", "0")
    box(page, "accuracy").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-index='1'] input")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("tr[data-chosen]")).to_have_count(2)
    expect(page.get_by_test_id("store-found")).to_contain_text("2 selected")
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(page.locator("tr[data-chosen]")).to_have_count(0)
    page.keyboard.press("Home")
    expect(box(page, "accuracy")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Delete")
    expect(row(page, "accuracy")).to_have_count(0)
    expect(page.locator("tr[data-index='0'] input")).to_be_focused()
    evicted(page)

    page.get_by_label("Filter the results").fill("learner")
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    page.get_by_role("button", name="All workflows").click()
    page.reload()
    expect(page.get_by_label("Filter the results")).to_have_value("learner")
    expect(page.get_by_role("button", name="All workflows")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("columnheader", name="Node")).to_have_attribute("aria-sort", "ascending")
    expect(row(page, "model").first).to_be_visible()
    page.get_by_label("Filter the results").fill("nothing is called so")
    page.get_by_role("button", name="Clear the filter").click()
    expect(page.locator("tr[data-index='0']")).to_be_visible()


def test_the_page_follows_a_run_that_another_page_started(ide: Ide, other_ide: Ide) -> None:
    ide.new_workflow("followed", CENSUS.replace("C=1.0", "C=0.3"))
    address = ide.page.url.partition("?")[0]
    page = other_ide.page
    page.goto(f"{address}/store")
    expect(page.get_by_text(re.compile("Nothing is kept"))).to_be_visible()
    ide.run()
    expect(row(page, "model")).to_contain_text("v1")


def test_the_editor_plans_anew_when_results_are_evicted_elsewhere(ide: Ide, stack: Stack) -> None:
    ide.new_workflow("elsewhere", CENSUS.replace("C=1.0", "C=0.9"))
    ide.run()
    summary = ide.page.get_by_test_id("plan-summary")
    ide.type_text(CENSUS.replace("C=1.0", "C=0.9") + "\n")
    expect(summary).to_contain_text("nothing to compute")
    path = ide.page.url.removeprefix(stack.url).partition("?")[0]
    client = stack.client()
    kept = [each["digest"] for each in client.get(f"{path}/store").json()["results"]]
    client.post("/store/evict", json={"digests": kept}).raise_for_status()
    expect(summary).to_contain_text(re.compile(r"\d to compute"))


def test_ten_thousand_results_are_listed_by_those_in_sight(ide: Ide, stack: Stack) -> None:
    ide.new_workflow("many", CENSUS.replace("C=1.0", "C=0.2"))
    ide.run()
    path = ide.page.url.removeprefix(stack.url).partition("?")[0]
    told: dict[str, Any] = ide.page.request.get(f"/api{path}/store").json()
    many = 10_000  # so many results would take hours to make: the answer about one is told about all
    told["results"] = [
        told["results"][0] | {"digest": f"{at:064x}", "nodes": [f"n{at}"], "bytes": many - at} for at in range(many)
    ]
    told |= {"matched": many, "count": many, "audits": {"checked": 143, "false_hits": 2}}
    ide.page.route(
        re.compile(r"/store(\?|$)"),
        lambda route: route.fulfill(json=told) if "/api/" in route.request.url else route.fallback(),
    )
    open_store(ide)
    page = ide.page
    table = page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(many + 1))
    assert table.get_by_role("row").count() < 100
    box(page, "n0").focus()
    page.keyboard.press("End")
    expect(box(page, f"n{many - 1}")).to_be_focused()
    page.get_by_label("Filter the results").fill("n777")
    expect(row(page, "n777")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("2 stored results were not what computing gives")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(page) == []
