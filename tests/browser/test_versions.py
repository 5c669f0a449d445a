"""The page of versions on the real stack: the log, names, messages, going back, running again, and cloning."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.ide import Ide
from tests.browser.test_accessibility import SCHEMES, serious
from tests.browser.texts import SMALL
from tests.stack import Client, Stack

pytestmark = pytest.mark.browser

TEXTS = [SMALL, SMALL + "# two\n", SMALL + "# three\n"]


class Versions:
    """A workflow with three versions, and its page of versions."""

    def __init__(self, page: Page, client: Client) -> None:
        self.page, self.client = page, client
        self.workflow = client.created(name="with a history")["id"]
        self.ids = [self.run(text)["version"] for text in TEXTS]
        self.open()

    def run(self, text: str, **options: Any) -> dict[str, Any]:
        revision = self.client.get(f"/workflows/{self.workflow}").json()["revision"]
        self.client.put(f"/workflows/{self.workflow}/draft", json={"text": text, "revision": revision})
        done = self.client.finished(self.client.started(self.workflow, text, **options)["id"])
        assert done["status"] == "succeeded", done["message"]
        return done

    def open(self, query: str = "") -> None:
        self.page.goto(f"/workflows/{self.workflow}/versions{query}")
        expect(self.page.get_by_test_id("log").or_(self.page.get_by_text("Nothing is found"))).to_be_visible()

    def row(self, number: int) -> Any:
        return self.page.get_by_test_id(f"version-{number}")

    def menu(self, number: int, item: str) -> None:
        self.page.get_by_role("button", name=f"Actions for v{number}", exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def current(self, number: int) -> None:
        expect(self.row(number)).to_have_attribute("aria-current", "true")

    @property
    def draft(self) -> str:
        return str(self.client.get(f"/workflows/{self.workflow}").json()["text"])

    def outline(self) -> dict[str, Any]:
        return dict(self.client.get(f"/workflows/{self.workflow}/outline").json())


@pytest.fixture
def versions(ide: Ide, stack: Stack) -> Versions:
    return Versions(ide.page, stack.client())


def test_a_workflow_without_versions_says_how_one_comes_about(ide: Ide) -> None:
    ide.new_workflow("no history", SMALL)
    ide.page.get_by_role("link", name="Versions", exact=True).click()
    expect(ide.page.get_by_text("No versions yet")).to_be_visible()
    ide.page.get_by_role("link", name="Editor", exact=True).click()
    ide.run()
    ide.page.get_by_role("link", name="Versions", exact=True).click()
    expect(ide.page.get_by_test_id("version-1")).to_contain_text("First version")


def test_checking_out_makes_the_text_the_draft_and_is_undone(versions: Versions) -> None:
    versions.current(3)
    versions.page.get_by_role("button", name="Check out v1").click()
    versions.current(1)
    assert versions.draft == TEXTS[0]
    expect(versions.page.get_by_test_id("branch")).to_have_text("on no branch")
    versions.page.get_by_role("button", name="Undo").click()
    versions.current(3)
    expect(versions.page.get_by_test_id("branch")).to_have_text("main")
    assert versions.draft == TEXTS[2]


def test_what_is_run_of_an_old_version_is_drawn_as_a_branch(versions: Versions) -> None:
    versions.page.get_by_role("button", name="Check out v1").click()
    versions.current(1)
    versions.run(SMALL + "# beside\n")
    expect(versions.row(4)).to_contain_text("from-v1")
    expect(versions.row(3)).to_contain_text("main")
    assert len({row.get_attribute("cx") for row in versions.page.locator("circle[data-lane]").all()}) == 2
    versions.page.get_by_test_id("branch").click()
    versions.page.get_by_role("menuitem", name="main").click()
    versions.current(3)
    assert (versions.outline()["branch"], versions.draft) == ("main", TEXTS[2])


def test_rolling_back_moves_the_branch_and_is_undone(versions: Versions) -> None:
    versions.menu(1, "Roll main back to here")
    versions.current(1)
    expect(versions.row(1)).to_contain_text("main")
    expect(versions.row(3)).not_to_contain_text("main")
    assert versions.draft == TEXTS[0]
    versions.page.get_by_role("button", name="Undo").click()
    versions.current(3)
    expect(versions.row(3)).to_contain_text("main")
    assert versions.draft == TEXTS[2]


def test_branches_and_tags_are_begun_refused_and_deleted(versions: Versions) -> None:
    versions.menu(2, "Tag…")
    name = versions.page.get_by_label("Name")
    name.fill("the one")
    versions.page.get_by_role("button", name="Tag", exact=True).click()
    expect(versions.page.get_by_role("alert")).to_contain_text("leave out spaces")
    name.fill("paper")
    versions.page.get_by_role("button", name="Tag", exact=True).click()
    expect(versions.row(2)).to_contain_text("paper")
    versions.menu(3, "Branch from here…")
    versions.page.get_by_label("Name").fill("try")
    versions.page.get_by_role("button", name="Begin the branch").click()
    expect(versions.page.get_by_test_id("branch")).to_have_text("try")
    versions.menu(3, "Delete the branch main")
    expect(versions.row(3)).not_to_contain_text("main")
    versions.page.get_by_role("button", name="Undo").click()
    expect(versions.row(3)).to_contain_text("main")
    versions.menu(2, "Delete the tag paper")
    expect(versions.row(2)).not_to_contain_text("paper")


def test_a_message_is_written_anew_and_found(versions: Versions) -> None:
    versions.menu(2, "Edit the message…")
    versions.page.get_by_role("textbox", name="Message").fill("Tried for the paper\nand left alone")
    versions.page.get_by_role("button", name="Write it").click()
    expect(versions.row(2)).to_contain_text("Tried for the paper")
    versions.page.get_by_role("button", name=re.compile("^v2")).click()
    expect(versions.page.get_by_text("and left alone")).to_be_visible()
    expect(versions.page.get_by_text(versions.ids[1])).to_be_visible()
    versions.page.get_by_label("Search the versions").fill("paper")
    expect(versions.row(1)).to_have_count(0)
    expect(versions.row(2)).to_be_visible()
    expect(versions.page).to_have_url(re.compile("text=paper"))
    versions.page.reload()
    expect(versions.row(2)).to_be_visible()
    expect(versions.row(3)).to_have_count(0)
    versions.page.get_by_label("Search the versions").fill("nowhere to be found")
    expect(versions.page.get_by_text("Nothing is found")).to_be_visible()


def test_a_version_runs_again_without_reuse_and_stays_one_version(versions: Versions) -> None:
    versions.menu(1, "Run again without reuse")
    expect(versions.page.get_by_role("button", name="Compare with the run with reuse")).to_be_visible()
    versions.page.get_by_role("button", name=re.compile("^v1")).click()
    runs = versions.page.get_by_role("list", name="Runs").get_by_role("listitem")
    expect(runs).to_have_count(2)
    expect(runs.first).to_contain_text("without reuse")
    expect(runs.first).to_contain_text("succeeded")
    versions.current(3)
    expect(versions.page.get_by_text("3 versions")).to_be_visible()


def test_a_run_without_reuse_is_compared_with_the_one_with_reuse(versions: Versions) -> None:
    """Both plans and times side by side, from the note at once, and later from the version."""
    scratch = versions.row(2).get_by_test_id("scratch")
    expect(scratch).to_have_text(re.compile(r"^≈ [\d< .]+ m?s$"))
    versions.menu(2, "Run again without reuse")
    versions.page.get_by_role("button", name="Compare with the run with reuse").click()
    totals = [versions.page.get_by_test_id(f"total-{side}") for side in "ab"]
    expect(totals[0]).to_contain_text(re.compile(r"with reuse.*0 computed · [1-9]\d* loaded", re.DOTALL))
    expect(totals[1]).to_contain_text(
        re.compile(r"without reuse.*\d m?s estimated.*[1-9]\d* computed · 0 loaded", re.DOTALL)
    )
    expect(versions.page).to_have_url(re.compile(r"view=run&before_run=\w+&after_run=\w+"))
    versions.open()
    expect(scratch).to_have_text(re.compile(r"^[\d< .]+ m?s$"))
    versions.page.get_by_role("button", name=re.compile("^v2")).click()
    versions.page.get_by_role("link", name="Compare with and without reuse").click()
    expect(totals[1]).to_contain_text("without reuse")


def test_a_version_that_ran_once_is_run_again_from_its_comparison(versions: Versions) -> None:
    versions.page.goto(f"/workflows/{versions.workflow}/compare/v3/v3?view=run")
    expect(versions.page.get_by_text("v3 ran once")).to_be_visible()
    versions.page.get_by_role("button", name="Run again without reuse").click()
    expect(versions.page.get_by_test_id("total-a")).to_contain_text("with reuse")
    expect(versions.page.get_by_test_id("total-b")).to_contain_text("without reuse")
    expect(versions.page.get_by_text("v3 ran once")).to_have_count(0)


def test_two_marked_versions_lead_to_their_comparison(versions: Versions) -> None:
    compare = versions.page.get_by_role("button", name=re.compile("^Compare"))
    expect(compare).to_be_disabled()
    versions.page.get_by_label("Mark v3 to compare").check()
    versions.page.get_by_label("Mark v1 to compare").check()
    compare.click()
    expect(versions.page).to_have_url(re.compile(f"/compare/{versions.ids[0]}/{versions.ids[2]}"))


def test_the_keyboard_goes_through_the_log(versions: Versions) -> None:
    versions.row(3).focus()
    versions.page.keyboard.press("ArrowDown")
    expect(versions.row(2)).to_be_focused()
    versions.page.keyboard.press("j")
    expect(versions.row(1)).to_be_focused()
    versions.page.keyboard.press("Enter")
    expect(versions.page.get_by_text(versions.ids[0])).to_be_visible()
    versions.page.keyboard.press("x")
    expect(versions.page.get_by_label("Mark v1 to compare")).to_be_checked()
    versions.page.keyboard.press("c")
    versions.current(1)


def test_the_clone_that_the_page_tells_of_works(versions: Versions, tmp_path: Path) -> None:
    versions.page.get_by_role("button", name="Clone", exact=True).click()
    command = versions.page.get_by_label("Command", exact=True).inner_text()
    versions.page.get_by_role("button", name="Make a token").click()
    token = versions.page.get_by_label("Access token", exact=True).inner_text()
    address = command.removeprefix("git clone ").replace("://", f"://x:{token}@")
    environment = {"HOME": str(tmp_path), "GIT_TERMINAL_PROMPT": "0", "PATH": "/usr/bin:/bin"}
    subprocess.run(["git", "clone", "--quiet", address, "copy"], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "copy" / "workflow.py").read_text() == TEXTS[2]
    versions.page.get_by_role("button", name="Delete the token git").first.click()
    expect(versions.page.get_by_text("never used")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everybody_can_use_the_page(versions: Versions, scheme: Any) -> None:
    versions.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    versions.page.get_by_role("button", name=re.compile("^v2")).click()
    expect(versions.page.get_by_text(versions.ids[1])).to_be_visible()
    assert serious(versions.page) == []


def test_a_history_is_imported_from_a_bundle_and_the_right_file_is_offered(ide: Ide, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@localhost"}

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", "source", *arguments], cwd=tmp_path, env=environment, check=True)

    (tmp_path / "source").mkdir()
    git("init", "--quiet")
    for number in range(3):
        (tmp_path / "source" / "iris.py").write_text(f"{SMALL}# imported {number}\n")
        git("add", ".")
        git("commit", "--quiet", "--message", f"Imported {number}")
    git("bundle", "create", "--quiet", "../wild irises.bundle", "--all")
    ide.page.get_by_role("button", name="Import from git").click()
    with ide.page.expect_file_chooser() as chooser:
        ide.page.get_by_role("button", name="Bundle").click()
    chooser.value.set_files(tmp_path / "wild irises.bundle")
    expect(ide.page.get_by_label("Name")).to_have_value("wild irises")
    ide.page.get_by_role("button", name="Import", exact=True).click()
    expect(ide.page.get_by_role("alert")).to_contain_text("has a file workflow.py")
    ide.page.get_by_role("button", name="iris.py", exact=True).click()
    ide.page.get_by_role("button", name="Import", exact=True).click()
    expect(ide.page.get_by_test_id("version-3")).to_contain_text("Imported 2")
    expect(ide.page.get_by_text("3 versions")).to_be_visible()
