"""The main job, as a newcomer does it: sign in, edit, see the plan, run, edit again, see what was reused."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.ide import Ide
from tests.stack import Stack

pytestmark = pytest.mark.browser

CENSUS = (Path(__file__).parents[2] / "examples" / "census.py").read_text()

LONG = '''"""A node that takes its time."""
import time

data = Dataset("iris")

def dawdle(batch):
    time.sleep(60)
    return batch["target"]

target = Extractor(data, dawdle, each="split")
size = Reducer(target, lambda rows: len(rows))

Output(size)
'''

BROKEN = '''"""A function that breaks on its fourth line."""
data = Dataset("iris")

def ratio(batch):
    widths = batch["sepal width (cm)"]
    return widths / batch["no such column"]

value = Extractor(data, ratio, each="split")
size = Reducer(value, lambda rows: len(rows))

Output(size)
'''


def test_a_token_signs_in_once_and_leaves_the_address(page: Page, stack: Stack) -> None:
    address = stack.sign_in_url()
    page.goto(address)
    page.wait_for_url(f"{stack.url}/")
    expect(page.get_by_role("link", name="Census").first).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{stack.url}/")
    page.wait_for_url(f"{stack.url}/sign-in")
    page.goto("about:blank")  # from /sign-in only the fragment would change, and nothing be loaded
    page.goto(address)
    expect(page.get_by_text("used before")).to_be_visible()
    assert "token=" not in page.url


def test_only_what_the_edit_made_stale_is_computed(ide: Ide) -> None:
    ide.new_workflow("census loop", CENSUS)
    ide.expect_nodes("action", "compute", "rows", "model", "accuracy", "auc")
    ide.run()
    ide.expect_status("succeeded")
    ide.expect_nodes("state", "done", "rows", "model", "accuracy", "auc")
    ide.open_tab("Metrics")
    expect(ide.metric("accuracy")).to_contain_text(re.compile(r"0\.[6-9]\d"))  # better than a guess, on any data

    ide.type_text(CENSUS.replace("C=1.0", "C=0.1"))
    ide.expect_nodes("stale", "true", "model", "predictions", "accuracy", "auc")
    ide.expect_nodes("stale", "false", "rows", "age", "education", "edu_x_occ", "target", "income")
    ide.run()
    ide.expect_status("succeeded")
    ide.expect_nodes("action", "compute", "model", "predictions", "accuracy", "auc")
    # What takes less than loading it would is computed all the same: of what is not stale, parsing alone never is.
    expect(ide.node("rows")).not_to_have_attribute("data-action", "compute")

    ide.open_tab("Versions")
    expect(ide.page.get_by_test_id("version-2")).to_be_visible()
    ide.page.get_by_test_id("version-1").get_by_role("button", name="Check out").click()
    expect(ide.page.get_by_test_id("editor")).to_contain_text("C=1.0")
    ide.expect_nodes("stale", "false", "model", "predictions", "accuracy", "auc")
    ide.run()
    ide.expect_status("succeeded")
    ide.expect_nodes("action", "load", "accuracy", "auc")


def test_the_plan_and_the_problems_follow_the_text(ide: Ide) -> None:
    ide.new_workflow("census problems", CENSUS)
    ide.type_text(CENSUS.replace("Bucketizer(age", "Bucketiser(age"))
    problem = ide.page.get_by_test_id("problem").first
    ide.open_tab("Problems")
    expect(problem).to_contain_text("Bucketizer")
    expect(ide.page.get_by_test_id("run")).to_be_disabled()
    ide.type_text(CENSUS)
    expect(ide.page.get_by_test_id("run")).to_be_enabled()


def test_a_long_node_is_cancelled_within_two_seconds(ide: Ide) -> None:
    ide.new_workflow("long", LONG)
    ide.page.get_by_test_id("run").click()
    expect(ide.node("target")).to_have_attribute("data-state", "running")
    began = time.monotonic()
    ide.page.get_by_test_id("cancel").click()
    ide.wait_for_end()
    assert time.monotonic() - began < 2
    ide.expect_status("cancelled")


def test_a_run_is_still_there_after_a_reload(ide: Ide) -> None:
    ide.new_workflow("reload", LONG)
    ide.page.get_by_test_id("run").click()
    expect(ide.node("target")).to_have_attribute("data-state", "running")
    ide.page.reload()
    expect(ide.node("target")).to_have_attribute("data-state", "running")
    ide.page.get_by_test_id("cancel").click()
    ide.wait_for_end()
    ide.expect_status("cancelled")
    expect(ide.node("target")).not_to_have_attribute("data-state", "running")


def test_a_run_that_is_started_while_the_last_one_is_fetched_stays_and_is_one(ide: Ide) -> None:
    ide.new_workflow("late", LONG.replace("sleep(60)", "sleep(0.1)"))
    ide.run()
    last = ide.status.get_attribute("data-run")
    held: list[Route] = []
    starts: list[Route] = []
    ide.page.route(f"**/api/runs/{last}", lambda route: held.append(route))
    with ide.page.expect_request(f"**/api/runs/{last}"):
        ide.page.reload()
    expect(ide.page.get_by_test_id("plan-summary")).to_contain_text("to load")
    ide.page.route("**/runs", lambda route: starts.append(route))
    with ide.page.expect_request("**/runs"):
        ide.page.get_by_test_id("run").dblclick()
    expect(ide.page.get_by_test_id("cancel")).to_have_count(0)  # it is asked for, and not there yet
    starts[0].continue_()
    ide.wait_for_end()
    assert len(starts) == 1
    started = ide.status.get_attribute("data-run")
    assert started != last
    with ide.page.expect_response(f"**/api/runs/{last}"):
        for route in held:
            route.continue_()
    ide.open_tab("Versions")
    expect(ide.page.get_by_test_id("version-1")).to_be_visible()
    expect(ide.status).to_have_attribute("data-run", str(started))
    shown = ide.page.request.get(f"/api/runs/{started}").json()["workflow"]
    assert len(ide.page.request.get(f"/api/workflows/{shown}/runs").json()) == 2


def test_an_exception_in_a_user_function_is_shown_at_its_own_line(ide: Ide) -> None:
    ide.new_workflow("broken", BROKEN)
    ide.run()
    ide.expect_status("failed")
    ide.expect_nodes("state", "failed", "value")
    ide.expect_nodes("state", "skipped", "size")
    ide.open_tab("Problems")
    problem = ide.page.get_by_test_id("problem").first
    expect(problem).to_contain_text("KeyError")
    expect(problem).to_have_attribute("data-line", "6")


def test_a_draft_survives_a_reload(ide: Ide) -> None:
    ide.new_workflow("draft", CENSUS)
    ide.type_text(CENSUS.replace("bins=10", "bins=12"))
    expect(ide.page.get_by_text("Saved", exact=False).first).to_be_visible()
    ide.page.reload()
    expect(ide.page.get_by_test_id("editor")).to_contain_text("bins=12")
