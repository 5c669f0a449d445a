"""What a user typed is never lost: to another tab, to a checkout, to a slip of the hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.ide import Ide
from tests.browser.texts import SMALL

pytestmark = pytest.mark.browser


def test_two_tabs_that_changed_one_text_lose_neither(ide: Ide, other_ide: Ide) -> None:
    ide.new_workflow("two tabs", SMALL)
    other_ide.open(ide.page.url)
    other_ide.page.context.set_offline(True)
    other_ide.type_text(SMALL.replace("bins=3", "bins=7"))
    expect(other_ide.saved).to_have_attribute("data-saving", "failed")
    ide.type_text(SMALL.replace("bins=3", "bins=5"))
    expect(ide.saved).to_have_attribute("data-saving", "saved")

    other_ide.page.context.set_offline(False)
    dialog = other_ide.page.get_by_role("dialog", name="This workflow was changed elsewhere")
    expect(dialog).to_contain_text("bins=7")
    expect(dialog).to_contain_text("bins=5")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(other_ide.saved).to_have_attribute("data-saving", "saved")
    expect(other_ide.editor).to_contain_text("bins=7")
    expect(ide.editor).to_contain_text("bins=7")

    other_ide.page.get_by_role("button", name="Take the other one").click()
    expect(ide.editor).to_contain_text("bins=5")
    other_ide.editor.focus()
    other_ide.page.keyboard.press("ControlOrMeta+z")
    expect(ide.editor).to_contain_text("bins=7")


def test_a_checkout_is_undone_by_its_note_and_by_the_editor(ide: Ide) -> None:
    ide.new_workflow("checkout", SMALL)
    ide.run()
    ide.expect_status("succeeded")
    ide.open_tab("Versions")
    check_out = ide.page.get_by_role("button", name="Check out v1")
    ide.type_text(SMALL.replace("bins=3", "bins=4"))
    check_out.click()
    expect(ide.editor).to_contain_text("bins=3")
    ide.page.get_by_role("button", name="Undo").click()
    expect(ide.editor).to_contain_text("bins=4")

    expect(ide.saved).to_have_attribute("data-saving", "saved")
    check_out.click()
    expect(ide.editor).to_contain_text("bins=3")
    ide.editor.focus()
    ide.page.keyboard.press("ControlOrMeta+z")
    expect(ide.editor).to_contain_text("bins=4")
    expect(ide.saved).to_have_attribute("data-saving", "saved")
    ide.page.reload()
    expect(ide.editor).to_contain_text("bins=4")


def test_a_deleted_workflow_comes_back(ide: Ide) -> None:
    ide.new_workflow("to be deleted", SMALL)
    ide.page.goto("/")
    row = ide.page.get_by_test_id("workflow-to be deleted")
    row.get_by_role("button", name="Actions for to be deleted").click()
    ide.page.get_by_role("menuitem", name="Delete").click()
    expect(row).to_have_count(0)
    ide.page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("link", name="to be deleted").click()
    expect(ide.editor).to_contain_text("bins=3")
