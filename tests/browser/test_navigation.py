"""Ways through the page: text to graph and back, addresses, palette, keys; and what it remembers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.ide import Ide
from tests.browser.texts import SMALL

pytestmark = pytest.mark.browser

FAR = SMALL.replace("\n\n", "\n" + "# a remark\n" * 80 + "\n", 1)  # what follows is far below the window


def line_of(name: str, text: str = SMALL) -> str:
    return str(text[: text.index(f"{name} = ")].count("\n") + 1)


def test_a_node_leads_to_its_line_and_a_line_to_its_node(ide: Ide) -> None:
    ide.new_workflow("node and line", SMALL)
    ide.node("wide").click()
    expect(ide.caret_line).to_have_text(line_of("wide"))
    ide.editor.locator(".cm-line").filter(has_text="width = Field").click()
    expect(ide.node("width")).to_have_attribute("data-selected", "true")
    expect(ide.node("wide")).not_to_have_attribute("data-selected", "true")
    expect(ide.page).to_have_url(re.compile(r"node=width"))


def test_an_address_names_a_node_and_shows_it_in_text_and_graph(ide: Ide) -> None:
    ide.new_workflow("deep link", FAR)
    ide.page.goto(f"{ide.page.url}?node=wide")
    expect(ide.node("wide")).to_have_attribute("data-selected", "true")
    expect(ide.caret_line).to_have_text(line_of("wide", FAR))
    expect(ide.editor.get_by_text("Bucketizer")).to_be_in_viewport()
    ide.page.reload()
    expect(ide.editor.get_by_text("Bucketizer")).to_be_in_viewport()


def test_a_node_of_a_large_graph_is_brought_into_sight(ide: Ide) -> None:
    features = [f'f{n} = Bucketizer(Field(data, "sepal width (cm)"), bins={n + 2})' for n in range(150)]
    names = ", ".join(f"f{n}" for n in range(150))
    ide.new_workflow(
        "large",
        "\n".join(
            [
                'data = Dataset("iris")',
                *features,
                'target = Field(data, "target")',
                f"rows = Examples(data, features=[{names}], label=target)",
                "size = Reducer(rows, lambda rows: len(rows))",
                "Output(size)\n",
            ]
        ),
    )
    expect(ide.node("data")).to_be_in_viewport()
    ide.go_to("f149")
    expect(ide.node("f149")).to_be_in_viewport()
    expect(ide.node("f149")).to_have_attribute("data-selected", "true")
    expect(ide.caret_line).to_have_text("151")


def test_the_palette_opens_a_workflow(ide: Ide) -> None:
    ide.new_workflow("the one that is sought", SMALL)
    ide.page.goto("/")
    expect(ide.page.get_by_test_id("workflow-the one that is sought")).to_be_visible()
    ide.go_to("the one that is sought")
    expect(ide.page.get_by_test_id("workflow-name")).to_have_text("the one that is sought")


def test_a_workflow_is_run_and_read_by_keys_alone(ide: Ide) -> None:
    ide.new_workflow("keys", SMALL)
    ide.page.keyboard.press("ControlOrMeta+Enter")
    ide.wait_for_end()
    ide.expect_status("succeeded")
    ide.page.keyboard.press("Alt+3")
    expect(ide.metric("size")).to_be_visible()
    ide.go_to("Go to the editor")
    expect(ide.editor).to_be_focused()
    ide.page.keyboard.press("ControlOrMeta+End")
    ide.page.keyboard.insert_text("# a remark\n")
    ide.page.keyboard.press("ControlOrMeta+Enter")
    expect(ide.page.get_by_test_id("current-version")).to_contain_text("v2")


def test_before_the_first_run_nothing_is_marked_as_stale(ide: Ide) -> None:
    unseen = SMALL.replace("bins=3", "bins=19")  # nothing of it is in the store, whatever ran before
    ide.new_workflow("calm", unseen)
    ide.expect_nodes("stale", "true", "wide", "size")
    marks = ide.page.locator(".hx-stale-mark")
    expect(marks).to_have_count(0)
    ide.run()
    ide.expect_status("succeeded")
    expect(marks).to_have_count(0)
    ide.type_text(unseen.replace("bins=19", "bins=18"))
    ide.expect_nodes("marked", "true", "wide", "size")
    expect(marks).not_to_have_count(0)


def test_the_chosen_colours_are_remembered(ide: Ide) -> None:
    html = ide.page.locator("html")
    ide.page.get_by_role("button", name="Colour scheme").click()
    ide.page.get_by_role("menuitem", name="Dark").click()
    expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    ide.page.reload()
    expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    ide.page.get_by_role("button", name="Colour scheme").click()
    ide.page.get_by_role("menuitem", name="Light").click()
    expect(html).to_have_attribute("data-mantine-color-scheme", "light")


def test_an_address_never_shows_the_run_of_another_workflow(ide: Ide) -> None:
    ide.new_workflow("other run", SMALL)
    ide.run()
    other = ide.status.get_attribute("data-run")
    ide.new_workflow("own page", SMALL)
    ide.page.goto(f"{ide.page.url.partition('?')[0]}?run={other}")
    expect(ide.page.get_by_test_id("toast")).to_contain_text("another workflow")
    expect(ide.status).to_have_count(0)
