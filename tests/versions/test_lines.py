"""Branches and tags, in the tables and in the repository alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from dulwich.repo import Repo

from tests.versions.conftest import Commit
from versions import lines, services
from versions.git import history
from versions.lines import BranchInUse, NoBranch, RefNotFound
from versions.models import Branch, Version
from versions.names import RefNameRefused, checked
from workflows import services as workflows
from workflows.models import Workflow

Committed = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def done(django_capture_on_commit_callbacks: Committed) -> Callable[[], AbstractContextManager[object]]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def branches(workflow: Workflow) -> dict[str, int]:
    return dict(Branch.objects.filter(workflow=workflow).values_list("name", "version__number"))


def stands_on(workflow: Workflow) -> tuple[str, str]:
    now = workflows.get(workflow.id)
    return now.branch, now.head


def in_git(workflow: Workflow) -> dict[str, str]:
    with Repo(str(history(workflow.id).path)) as repo:
        refs = repo.refs.as_dict()
        return {name.decode(): commit.decode() for name, commit in refs.items() if not name.startswith(b"refs/ver")}


def test_what_is_run_moves_the_branch_that_the_draft_stands_on(workflow: Workflow, commit: Commit) -> None:
    first, second = commit(0), commit(1)
    assert (second.parent_id, second.number) == (first.id, 2)
    assert branches(workflow) == {"main": 2}
    assert stands_on(workflow) == ("main", second.id)
    assert in_git(workflow) == {"HEAD": second.id, "refs/heads/main": second.id}


def test_an_old_version_that_is_edited_begins_a_branch(workflow: Workflow, commit: Commit) -> None:
    first, second, third = commit(0), commit(1), commit(2)
    services.checkout(workflow.id, first.id)
    assert stands_on(workflow) == ("", first.id)
    assert commit(0).id == first.id  # run again as it is: nothing to begin a branch for
    assert branches(workflow) == {"main": 3}
    other = commit(3)
    assert other.parent_id == first.id
    assert branches(workflow) == {"main": 3, "from-v1": 4}
    services.checkout(workflow.id, first.id)
    assert commit(4).number == 5
    assert branches(workflow) == {"main": 3, "from-v1": 4, "from-v1-2": 5}
    assert in_git(workflow)["HEAD"] == in_git(workflow)["refs/heads/from-v1-2"]
    services.checkout(workflow.id, third.id)
    assert stands_on(workflow) == ("main", third.id)
    assert second.number == 2


def test_a_version_that_ends_several_branches_is_checked_out_on_the_one_that_is_named(
    workflow: Workflow, commit: Commit
) -> None:
    version = commit(0)
    lines.create(workflow.id, "branch", "try", version)
    services.checkout(workflow.id, version.id, "try")
    assert stands_on(workflow) == ("try", version.id)
    services.checkout(workflow.id, version.id)
    assert stands_on(workflow) == ("try", version.id)
    services.checkout(workflow.id, version.id, "none such")
    assert stands_on(workflow) == ("main", version.id)


def test_rolling_back_moves_the_branch_and_loses_nothing(workflow: Workflow, commit: Commit, done: Committed) -> None:
    first, second = commit(0), commit(1)
    before = workflows.get(workflow.id).text
    with done():
        assert services.roll_back(workflow.id, first.id) == before
    assert workflows.get(workflow.id).text == services.text_of(first)
    assert branches(workflow) == {"main": 1}
    assert in_git(workflow)["refs/heads/main"] == first.id
    assert services.get(second.id).number == 2
    with done():
        services.roll_back(workflow.id, second.id)
    assert branches(workflow) == {"main": 2}
    services.checkout(workflow.id, first.id)
    with pytest.raises(NoBranch):
        services.roll_back(workflow.id, second.id)


def test_a_branch_is_begun_renamed_and_deleted_in_git_too(workflow: Workflow, commit: Commit, done: Committed) -> None:
    version = commit(0)
    with done():
        lines.create(workflow.id, "branch", " try ", version, stand=True)
    assert stands_on(workflow) == ("try", version.id)
    with done():
        lines.rename(workflow.id, "branch", "try", "tried")
    assert stands_on(workflow) == ("tried", version.id)
    assert in_git(workflow) == dict.fromkeys(("HEAD", "refs/heads/main", "refs/heads/tried"), version.id)
    with pytest.raises(BranchInUse, match="stands on tried"):
        lines.delete(workflow.id, "branch", "tried")
    with done():
        assert lines.delete(workflow.id, "branch", "main") == version.id
    assert in_git(workflow) == dict.fromkeys(("HEAD", "refs/heads/tried"), version.id)
    with pytest.raises(RefNotFound, match="Did you mean tried"):
        lines.rename(workflow.id, "branch", "tryed", "other")


def test_a_tag_stays_with_its_version(workflow: Workflow, commit: Commit, done: Committed) -> None:
    version = commit(0)
    with done():
        lines.create(workflow.id, "tag", "paper/first", version)
    commit(1)
    assert in_git(workflow)["refs/tags/paper/first"] == version.id
    with pytest.raises(RefNameRefused, match="beside paper/first"):
        lines.create(workflow.id, "tag", "paper", version)
    with pytest.raises(RefNameRefused, match="already"):
        lines.create(workflow.id, "tag", "paper/first", version)


@pytest.mark.parametrize(
    "name", ["", "  ", "v12", "HEAD", "a b", "a..b", "a~1", "-x", "x.lock", "/x", "x/", "a\\b", "0123abc", "x" * 121]
)
def test_names_that_git_or_people_would_misread_are_refused(name: str) -> None:
    with pytest.raises(RefNameRefused):
        checked(name, "branch")


@pytest.mark.parametrize("name", ["main", "try/deeper", "größer", "v2-draft", "C=0.1"])
def test_other_names_are_taken(name: str) -> None:
    assert checked(f" {name} ", "tag") == name


def test_another_message_is_noted_and_the_commit_stays(workflow: Workflow, commit: Commit, done: Committed) -> None:
    version = commit(0)
    with done():
        assert services.write_message(version.id, "  The one in the paper\n").message == "The one in the paper"
    assert Version.objects.get(id=version.id).message == "The one in the paper"
    repository = history(workflow.id)
    assert b"First version" in Repo(str(repository.path))[version.id.encode()].as_raw_string()
    assert "refs/notes/commits" in in_git(workflow)
    with pytest.raises(services.MessageRefused):
        services.write_message(version.id, " ")
