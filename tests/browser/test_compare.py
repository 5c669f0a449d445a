"""Two versions, or one and the draft, beside each other: graph, code, metrics and runs, at an address of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import serious
from tests.stack import Client, Stack, until

pytestmark = pytest.mark.browser

OLD = '''"""How wide irises are."""
LIMIT = 3
data = Dataset("iris")
rows = Split(data, test=0.3)

def wide(batch):
    return batch["sepal width (cm)"] > LIMIT

mark = Extractor(rows, wide)
width = Field(rows, "sepal width (cm)")
bucket = Bucketizer(width, bins=3)
gone = Scale(width)
share = Reducer(mark, lambda rows: {"all": float(rows.iloc[:, 0].mean()), "rows": len(rows)}, split="test")
count = Reducer(bucket, gone, lambda one, other: len(one), split="test")

Output(share, count)
'''

NEW = (
    OLD.replace("LIMIT = 3", "LIMIT = 3.4")
    .replace("bins=3", "bins=5")
    .replace("mark", "flag")
    .replace("gone = Scale(width)\n", 'fresh = Impute(width, strategy="median")\n')
    .replace("(bucket, gone,", "(bucket, fresh,")
)


@dataclass(frozen=True)
class Compared:
    page: Page
    client: Client
    workflow: str

    def open(self, before: str, after: str, search: str = "") -> None:
        self.page.goto(f"/workflows/{self.workflow}/compare/{before}/{after}{search}")

    def node(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"merged-{name}")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_test_id("node-panel")

    def run(self, text: str, **options: Any) -> dict[str, Any]:
        run = self.client.finished(self.client.started(self.workflow, text, **options)["id"])
        assert run["status"] == "succeeded", run
        return run

    def expect_address(self, part: str) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(part)))


@pytest.fixture(scope="module")
def versions(stack: Stack) -> tuple[Client, str]:
    """A workflow with two versions that ran, the later one once more without reuse."""
    client = stack.client()
    workflow = client.created(name="compared")
    made = Compared(None, client, workflow["id"])  # type: ignore[arg-type]
    made.run(OLD)
    made.run(NEW)
    made.run(NEW, reuse=False)
    draft = {"text": NEW.replace("bins=5", "bins=7"), "revision": workflow["revision"]}
    client.put(f"/workflows/{workflow['id']}/draft", json=draft).raise_for_status()
    return client, workflow["id"]


@pytest.fixture
def compared(ide: Ide, versions: tuple[Client, str]) -> Compared:
    return Compared(ide.page, *versions)


def test_the_graph_shows_what_differs_in_one(compared: Compared) -> None:
    compared.open("v1", "v2")
    tones = {"flag": "changed", "bucket": "changed", "fresh": "added", "gone": "removed", "count": "changed"}
    for name, tone in tones.items():
        expect(compared.node(name)).to_have_attribute("data-tone", tone)
    expect(compared.node("flag")).to_contain_text("renamed from mark, changed")
    expect(compared.node("rows")).to_have_attribute("data-tone", "same")  # a neighbour
    expect(compared.node("data")).to_have_count(0)
    expect(compared.page.get_by_test_id("folded")).to_contain_text("1 node")
    compared.page.get_by_test_id("compare-all").click()
    expect(compared.node("data")).to_be_visible()
    compared.expect_address("all=1")
    compared.page.reload()
    expect(compared.node("data")).to_be_visible()
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []


JOINED = '''"""Widths and lengths of irises together."""
from sklearn.tree import DecisionTreeClassifier

data = Dataset("iris")
rows = Split(data, test=0.3)
a = Bucketizer(Field(rows, "sepal width (cm)"), bins=2)
b = Bucketizer(Field(rows, "sepal length (cm)"), bins=2)
c = Bucketizer(Field(rows, "petal width (cm)"), bins=2)
d = Bucketizer(Field(rows, "petal length (cm)"), bins=2)
joined = Interaction(a, b, c, d)
examples = Examples(rows, features=[joined], label=Field(rows, "target"))
model = Learner(examples, DecisionTreeClassifier())
accuracy = Accuracy(Predict(model, examples))

Output(accuracy)
'''


def test_what_was_split_stands_in_a_frame(ide: Ide, stack: Stack) -> None:
    client = stack.client()
    workflow = client.created(name="split")
    compared = Compared(ide.page, client, workflow["id"])
    compared.run(JOINED)
    parts = "sepals = Interaction(a, b)\npetals = Interaction(c, d)"
    text = JOINED.replace("joined = Interaction(a, b, c, d)", parts).replace("[joined]", "[sepals, petals]")
    draft = {"text": text, "revision": workflow["revision"]}
    client.put(f"/workflows/{workflow['id']}/draft", json=draft).raise_for_status()
    compared.open("v1", "draft")
    frame = compared.page.get_by_test_id("group-frame")
    expect(frame.first).to_have_text("split: joined → sepals, petals")
    whole = frame.first.bounding_box()
    boxes = [compared.node(name).bounding_box() for name in ("joined", "sepals", "petals")]
    assert whole is not None
    assert any(box is not None and _inside(box, whole) for box in boxes)
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []
    compared.open("draft", "v1")
    expect(frame.first).to_have_text("merge: sepals, petals → joined")


def _inside(box: Mapping[str, float], frame: Mapping[str, float]) -> bool:
    return all(
        frame[at] <= box[at] and box[at] + box[size] <= frame[at] + frame[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_a_node_is_told_with_its_parameters_changes_and_costs_on_both_sides(compared: Compared) -> None:
    compared.open("v1", "v2")
    compared.node("bucket").click()
    compared.expect_address("node=bucket")
    bins = compared.panel.get_by_role("row", name=re.compile("^bins"))
    expect(bins.get_by_role("cell")).to_have_text(["3", "5"])
    expect(bins).to_have_attribute("data-differs", "true")
    expect(compared.panel.get_by_role("row", name=re.compile("^action"))).to_contain_text("computed")
    expect(compared.panel.get_by_role("row", name=re.compile("^time"))).to_contain_text(re.compile(r"\d m?s"))
    compared.node("flag").click()
    expect(compared.panel.get_by_test_id("node-changes")).to_contain_text("constant LIMIT 3 → 3.4")
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []
    compared.page.reload()
    expect(compared.panel).to_contain_text("renamed from mark")
    compared.panel.get_by_role("button", name="Close the node").click()
    expect(compared.panel).to_have_count(0)


def test_j_and_k_go_from_difference_to_difference(compared: Compared) -> None:
    compared.open("v1", "v2")
    expect(compared.node("flag")).to_be_visible()
    seen = []
    for _ in range(6):
        compared.page.keyboard.press("j")
        expect(compared.panel).to_be_visible()
        compared.page.wait_for_function(
            "seen => new URL(location).searchParams.get('node') !== seen", arg=(seen or [""])[-1]
        )
        seen.append(compared.page.evaluate("new URL(location).searchParams.get('node')"))
    assert len(set(seen)) >= 5
    compared.page.keyboard.press("k")
    compared.expect_address(f"node={seen[-2]}")
    middle = compared.page.get_by_test_id("merged").bounding_box()
    node = compared.node(seen[-2])
    expect(node).to_have_attribute("data-selected", "true")
    assert middle is not None

    def away() -> tuple[float, float]:
        box = node.bounding_box()
        assert box is not None
        return (
            abs(box["x"] + box["width"] / 2 - middle["x"] - middle["width"] / 2),
            abs(box["y"] + box["height"] / 2 - middle["y"] - middle["height"] / 2),
        )

    until(away, lambda found: found[0] < 40 and found[1] < 60)  # the graph glides there


def test_the_spotlight_dims_what_is_on_the_other_side_alone(compared: Compared) -> None:
    compared.open("v1", "v2")
    light = compared.page.get_by_role("group", name="Spotlight")
    light.get_by_role("button", name="A", exact=True).click()
    expect(compared.node("fresh")).to_have_attribute("data-faded", "true")
    expect(compared.node("gone")).not_to_have_attribute("data-faded", "true")
    expect(compared.node("flag")).to_contain_text("mark")
    compared.page.reload()
    expect(compared.node("fresh")).to_have_attribute("data-faded", "true")
    light.get_by_role("button", name="B", exact=True).click()
    expect(compared.node("gone")).to_have_attribute("data-faded", "true")
    light.get_by_role("button", name="Both").click()
    expect(compared.page.locator("[data-faded]")).to_have_count(0)


def test_the_code_is_compared_side_by_side_and_inline(compared: Compared) -> None:
    compared.open("v1", "v2", "?view=code")
    diff = compared.page.get_by_test_id("code-diff")
    expect(diff.locator(".cm-editor")).to_have_count(2)
    expect(diff.locator(".cm-merge-a .cm-changedLine").first).to_contain_text("LIMIT = 3")
    expect(diff.locator(".cm-merge-b .cm-changedText").first).to_contain_text(".4")
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []
    compared.page.keyboard.press("j")
    compared.page.get_by_role("button", name="Inline").click()
    expect(diff.locator(".cm-editor")).to_have_count(1)
    expect(diff.locator(".cm-deletedChunk").first).to_contain_text("LIMIT = 3")
    compared.expect_address("inline=1")
    compared.page.reload()
    expect(diff.locator(".cm-deletedChunk").first).to_be_visible()
    assert serious(compared.page) == []


def test_what_is_the_same_in_a_text_is_folded_until_all_is_shown(compared: Compared) -> None:
    long = NEW + "".join(f"# remark {number}\n" for number in range(30))
    compared.run(long)
    compared.open("v2", "v3", "?view=code")
    diff = compared.page.get_by_test_id("code-diff")
    expect(diff.locator(".cm-collapsedLines").first).to_be_visible()
    compared.page.get_by_test_id("compare-all").click()
    expect(diff.locator(".cm-collapsedLines")).to_have_count(0)
    expect(diff).to_contain_text('data = Dataset("iris")')


def test_metrics_are_told_with_their_differences(compared: Compared) -> None:
    compared.open("v1", "v2", "?view=metrics")
    share = compared.page.get_by_test_id("metric-share.all")
    expect(share).to_contain_text("−")
    expect(compared.page.get_by_test_id("metric-share.rows")).to_have_count(0)
    expect(compared.page.get_by_test_id("compare-metrics")).to_contain_text("2 metrics are the same.")
    compared.page.get_by_test_id("compare-all").click()
    expect(compared.page.get_by_test_id("metric-share.rows")).to_be_visible()
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []


def test_a_version_beside_itself_shows_its_runs_with_and_without_reuse(compared: Compared) -> None:
    compared.open("v2", "v2")
    expect(compared.page.get_by_text("No node differs")).to_be_visible()
    compared.page.keyboard.press("4")
    totals = [compared.page.get_by_test_id(f"total-{side}") for side in "ab"]
    expect(totals[0]).to_contain_text("with reuse")
    expect(totals[1]).to_contain_text("without reuse")
    expect(totals[1]).to_contain_text("0 loaded")
    # Whether the run with reuse loads the rows or reads them anew is for what was measured to decide.
    expect(compared.page.get_by_test_id("cost-rows")).to_contain_text("computed")
    for scheme in ("light", "dark"):
        compared.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious(compared.page) == []
    totals[0].get_by_role("button", name=re.compile("reuse")).click()
    compared.page.get_by_role("menuitem", name=re.compile("without reuse")).click()
    compared.expect_address("before_run=")
    expect(totals[0]).to_contain_text("without reuse")
    expect(totals[1]).to_contain_text("with reuse")
    compared.page.keyboard.press("x")
    expect(totals[1]).to_contain_text("without reuse")
    compared.page.reload()
    expect(totals[1]).to_contain_text("without reuse")


def test_the_draft_is_a_side_and_sides_are_chosen_and_swapped(compared: Compared) -> None:
    compared.open("v2", "draft")
    expect(compared.node("bucket")).to_contain_text("changed")
    compared.page.keyboard.press("4")
    expect(compared.page.get_by_test_id("total-b")).to_contain_text("not run yet")
    compared.page.keyboard.press("1")
    compared.node("bucket").click()
    expect(compared.panel.get_by_role("row", name=re.compile("^bins")).get_by_role("cell")).to_have_text(["5", "7"])
    compared.page.keyboard.press("x")
    compared.expect_address("/compare/draft/v2")
    expect(compared.panel.get_by_role("row", name=re.compile("^bins")).get_by_role("cell")).to_have_text(["7", "5"])
    compared.page.get_by_test_id("side-a").click()
    compared.page.get_by_role("menuitem", name=re.compile("The version before B")).click()
    compared.expect_address("/compare/v1/v2")
    expect(compared.node("gone")).to_be_visible()
    Ide(compared.page).go_to("Swap the sides")
    compared.expect_address("/compare/v2/v1")


def test_of_a_draft_that_does_not_compile_the_code_is_shown_and_the_line_named(
    compared: Compared, versions: tuple[Client, str]
) -> None:
    client, workflow = versions
    before = client.get(f"/workflows/{workflow}").json()
    draft = {"text": before["text"].replace('Dataset("iris")', "Nothing()"), "revision": before["revision"]}
    saved = client.put(f"/workflows/{workflow}/draft", json=draft).raise_for_status().json()
    compared.open("v2", "draft")
    expect(compared.page.get_by_test_id("broken")).to_contain_text("Line 3:")
    compared.page.keyboard.press("2")
    expect(compared.page.get_by_test_id("code-diff")).to_contain_text("Nothing()")
    draft = {"text": before["text"], "revision": saved["revision"]}
    client.put(f"/workflows/{workflow}/draft", json=draft).raise_for_status()


def test_a_version_that_is_not_there_is_said_so(compared: Compared) -> None:
    compared.open("v1", "v99")
    expect(compared.page.get_by_text("There is no such version or run")).to_be_visible()
    expect(compared.page.get_by_test_id("side-b")).to_be_visible()
