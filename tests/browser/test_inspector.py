"""What a node made, warned of and failed at is shown with it; many versions are listed without drawing them all."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import serious
from tests.stack import Stack

pytestmark = pytest.mark.browser

VALUES = '''"""Values of several forms, a warning, and a failure."""
from sklearn.linear_model import LogisticRegression

data = Dataset("breast_cancer")
rows = Split(data, test=0.3)
radius = Field(rows, "mean radius")
texture = Field(rows, "mean texture")
size = Bucketizer(radius, bins=2)
target = Field(rows, "target")
examples = Examples(rows, features=[radius, texture], label=target)
model = Learner(examples, LogisticRegression(max_iter=2))
predictions = Predict(model, examples)
by_size = Accuracy(predictions, by=size)
matrix = ConfusionMatrix(predictions)
curve = RocCurve(predictions)
table = Reducer(predictions, lambda rows: rows.head(3))
odd = Reducer(predictions, lambda rows: 1 / 0)

Output(by_size, matrix, curve, table, odd)
'''


def test_a_node_is_shown_with_what_it_made(ide: Ide) -> None:
    ide.new_workflow("values", VALUES)
    ide.run()
    ide.node("matrix").dblclick()
    expect(ide.page.get_by_role("tab", name="Node")).to_have_attribute("aria-selected", "true")
    shown = ide.page.get_by_test_id("node-tab")
    cells = shown.get_by_role("region", name="matrix").get_by_role("cell")
    expect(cells).to_have_count(1 + 4)
    counts = [int(text) for text in cells.all_inner_texts()[1:]]
    assert 100 < sum(counts) < 569 / 2

    ide.node("by_size").click()
    expect(shown.get_by_test_id("slices").get_by_role("row")).to_have_count(2)
    ide.node("curve").click()
    expect(shown.get_by_role("img", name=re.compile("ROC curve, area 0"))).to_be_visible()
    ide.node("table").click()
    expect(shown.get_by_role("region", name="Table of table").get_by_role("row")).to_have_count(1 + 3)
    for scheme in ("light", "dark"):
        ide.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name in ("matrix", "curve"):
            ide.node(name).click()
            assert serious(ide.page) == []


def test_a_warning_and_a_failure_are_shown_with_their_node(ide: Ide) -> None:
    ide.new_workflow("warnings", VALUES.replace("max_iter=2", "max_iter=3"))  # what is loaded warns of nothing
    ide.run()
    expect(ide.node("model").get_by_test_id("card-warns")).to_be_visible()
    ide.node("model").dblclick()
    expect(ide.page.get_by_test_id("node-warnings")).to_contain_text("ConvergenceWarning: lbfgs failed to converge")
    ide.node("odd").click()
    expect(ide.page.get_by_test_id("node-tab").get_by_test_id("failure-odd")).to_contain_text("ZeroDivisionError")


def test_many_versions_are_listed_by_those_in_sight(ide: Ide, stack: Stack) -> None:
    ide.new_workflow("versions", "data = Dataset('iris')\nsize = Reducer(data, lambda rows: len(rows))\nOutput(size)\n")
    ide.run()
    ide.open_tab("Versions")
    many = 400  # so many runs would take minutes: the answer about one is told about all
    listed = ide.page.request.get(f"/api{ide.page.url.removeprefix(stack.url).partition('?')[0]}/versions").json()
    versions = [
        listed[0] | {"id": f"{at:040x}", "number": at, "metrics": {f"m{which}": at for which in range(6)}}
        for at in range(many, 0, -1)
    ]
    ide.page.route(re.compile("/versions$"), lambda route: route.fulfill(json=versions))
    ide.page.reload()
    table = ide.page.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", str(many + 1))
    expect(table.get_by_role("columnheader", name="m5")).to_be_attached()
    assert table.get_by_role("row").count() < 100
    ide.page.get_by_role("tabpanel").evaluate("panel => panel.scrollTo(0, panel.scrollHeight)")
    expect(ide.page.get_by_test_id("version-1")).to_be_visible()
    expect(ide.page.get_by_test_id(f"version-{many}")).to_have_count(0)
