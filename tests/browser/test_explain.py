"""Why a node is stale is shown with the very lines; a node is computed alone; how far one is, is seen while it runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import serious

pytestmark = pytest.mark.browser

TEXT = '''"""What an edit makes stale, and why."""
LIMIT = 3
data = Dataset("iris")

def wide(value):
    return value > LIMIT

def marks(batch):
    return batch["sepal width (cm)"].map(wide)

mark = Extractor(data, marks)
count = Reducer(mark, lambda rows: {"wide": int(rows.iloc[:, 0].sum())})
share = Reducer(mark, lambda rows: float(rows.iloc[:, 0].mean()))

Output(count, share)
'''

SLOW = '''"""A node that tells how far it is."""
import time

data = Dataset("iris")

def walk(batch):
    for step in range(60):
        progress(step / 60, f"step {step}")
        log("loss", 1 / (1 + step), step=step)
        time.sleep(0.1)
    return batch["target"]

target = Extractor(data, walk, each="split")
size = Reducer(target, lambda rows: len(rows))

Output(size)
'''


def test_a_stale_node_shows_the_lines_that_changed_and_leads_to_where(ide: Ide) -> None:
    ide.new_workflow("why", TEXT)
    ide.run()
    ide.type_text(TEXT.replace("value > LIMIT", "value >= LIMIT"))
    ide.expect_nodes("stale", "true", "mark", "count", "share")
    ide.node("share").dblclick()
    shown = ide.page.get_by_test_id("node-tab")
    expect(shown).to_contain_text("stale: input mark changed: helper wide changed")
    why = ide.page.get_by_test_id("why")
    expect(why).to_contain_text("because mark changed")
    expect(why.locator("tr[data-mark=removed]")).to_contain_text("return value > LIMIT")
    expect(why.locator("tr[data-mark=added]")).to_contain_text("return value >= LIMIT")
    expect(why.locator("tr[data-mark=added] td").nth(1)).to_have_text("6")
    for scheme in ("light", "dark"):
        ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(ide.page) == []
    why.get_by_role("button", name="mark").click()
    expect(shown).to_have_attribute("aria-label", "Node mark")


def test_a_node_is_computed_alone_and_its_run_is_called_partial(ide: Ide) -> None:
    ide.new_workflow("alone", TEXT.replace("LIMIT = 3", "LIMIT = 3.1"))
    ide.node("mark").dblclick()
    alone = ide.page.get_by_test_id("compute-node")
    expect(ide.page.get_by_test_id("node-tab")).to_contain_text(re.compile(r"alone: \d+ to compute"))
    alone.click()
    ide.wait_for_end()
    ide.expect_status("succeeded")
    expect(ide.status).to_contain_text("mark alone")
    ide.expect_nodes("state", "done", "data", "mark")
    for name in ("count", "share"):
        expect(ide.node(name)).not_to_have_attribute("data-state", "done")
    ide.open_tab("Versions")
    version = ide.page.get_by_test_id("version-1")
    expect(version).to_contain_text("partial")
    ide.run()
    expect(version).not_to_contain_text("partial")
    expect(version).to_contain_text("succeeded")
    ide.open_tab("Node")
    before = ide.status.get_attribute("data-run")
    ide.page.get_by_test_id("compute-anew").click()
    ide.wait_for_end(not_run=before)
    ide.expect_nodes("action", "compute", "mark")
    expect(ide.status).to_contain_text(re.compile("Succeeded in .*, estimated "))


def test_how_far_a_node_is_and_what_it_records_are_seen_while_it_runs(ide: Ide) -> None:
    ide.new_workflow("progress", SLOW)
    ide.page.get_by_test_id("run").click()
    ide.node("target").dblclick()
    bar = ide.node("target").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuetext", re.compile(r"\d+ %, step \d+"))
    before = int(bar.get_attribute("aria-valuenow") or 0)
    ide.page.wait_for_function(
        """before => {
            const bar = document.querySelector('[data-testid=node-target] [role=progressbar]');
            return Number(bar?.ariaValueNow) > before;
        }""",
        arg=before + 3,
    )
    expect(ide.page.get_by_test_id("run-status")).to_contain_text(re.compile(r"target \d+ %, step \d+"))
    curve = ide.page.get_by_test_id("curves").get_by_role("img", name=re.compile("loss over"))
    expect(curve).to_be_visible()
    for scheme in ("light", "dark"):
        ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(ide.page) == []
    ide.page.get_by_test_id("cancel").click()
    ide.wait_for_end()
    expect(ide.node("target").get_by_role("progressbar")).to_have_count(0)
