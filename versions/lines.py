"""Branches and tags: names for versions, in the tables first and in the workflow's repository after."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from versions.git import history
from versions.models import Branch, Tag, Version
from versions.names import Kind, RefNameRefused, checked
from workflows import services as workflows
from workflows.errors import HelixError, nearest
from workflows.models import Workflow

_TABLES: dict[Kind, type[Branch] | type[Tag]] = {"branch": Branch, "tag": Tag}
_FOLDERS: dict[Kind, str] = {"branch": "refs/heads", "tag": "refs/tags"}


class NoBranch(HelixError):
    code = "no-branch"

    def __init__(self) -> None:
        super().__init__("The draft stands on no branch: begin one here, or check one out, then roll that back.")


class BranchInUse(HelixError):
    code = "branch-in-use"

    def __init__(self, name: str) -> None:
        super().__init__(f"The draft stands on {name}. Check out another version first, then delete the branch.")


class RefNotFound(HelixError):
    code = "ref-not-found"

    def __init__(self, kind: Kind, name: str, names: list[str]) -> None:
        near = nearest(name, names)
        super().__init__(f"There is no {kind} {name}." + (f" Did you mean {near}?" if near else ""))


def create(workflow_id: str, kind: Kind, name: str, version: Version, *, stand: bool = False) -> None:
    """Give a version a name; with ``stand``, where the draft stands on that version, it stands on the new branch.

    Raises RefNameRefused where git takes no such name, or it is taken.
    """
    clean = checked(name, kind)
    with transaction.atomic():
        workflow = workflows.locked(workflow_id)
        _refuse_taken(workflow_id, kind, clean)
        _TABLES[kind].objects.create(workflow=workflow, name=clean, version=version)
        if stand and workflow.head == version.id:
            workflows.move_head(workflow_id, version.id, clean)
            transaction.on_commit(lambda: history(workflow_id).stand_on(clean), robust=True)
        _write(workflow_id, kind, {clean: version.id})


def delete(workflow_id: str, kind: Kind, name: str) -> str:
    """Take a name away; the versions stay. Returns the id of the version that had it, so that it can be undone.

    Raises RefNotFound, or BranchInUse where the draft stands on the branch.
    """
    with transaction.atomic():
        workflow = workflows.locked(workflow_id)
        found = _found(workflow_id, kind, name)
        if kind == "branch" and workflow.branch == name:
            raise BranchInUse(name)
        found.delete()
        _write(workflow_id, kind, {name: None})
    return found.version_id


def rename(workflow_id: str, kind: Kind, name: str, new: str) -> None:
    """Give a branch or tag another name. Raises RefNotFound or RefNameRefused."""
    clean = checked(new, kind)
    with transaction.atomic():
        workflow = workflows.locked(workflow_id)
        found = _found(workflow_id, kind, name)
        if clean == name:
            return
        _refuse_taken(workflow_id, kind, clean)
        _TABLES[kind].objects.filter(id=found.id).update(name=clean)
        if kind == "branch" and workflow.branch == name:
            workflows.move_head(workflow_id, workflow.head, clean)
            transaction.on_commit(lambda: history(workflow_id).stand_on(clean), robust=True)
        _write(workflow_id, kind, {name: None, clean: found.version_id})


def advance(workflow: Workflow, version: Version) -> str:
    """Have the branch that the draft stands on end with the version that was just run. Returns its name.

    Where it stands on none, a version that is new begins one, called after its parent; a version that was there before
    begins none, unless a branch ends with it.
    """
    branch = workflow.branch
    if not branch:
        branch = ending_with(version)
        if branch or version.id == workflow.head or version.parent is None:
            return branch
        branch = _free(workflow.id, f"from-v{version.parent.number}")
    move(workflow, branch, version)
    return branch


def move(workflow: Workflow, branch: str, version: Version) -> None:
    """Have a branch end with a version; it is made where it is not there. Part of a caller's transaction."""
    Branch.objects.update_or_create(workflow=workflow, name=branch, defaults={"version": version})


def ending_with(version: Version, first: str = "") -> str:
    """A branch that ends with a version: ``first`` if it does, else ``main``, else another; empty for none."""
    names = sorted(Branch.objects.filter(version=version).values_list("name", flat=True))
    return next((name for name in (first, "main", *names) if name in names), "")


def _free(workflow_id: str, name: str) -> str:
    """The name, or with the first number behind it that makes it free."""
    taken = set(Branch.objects.filter(workflow=workflow_id, name__startswith=name).values_list("name", flat=True))
    return next(
        each for each in (name, *(f"{name}-{count}" for count in range(2, len(taken) + 3))) if each not in taken
    )


def _found(workflow_id: str, kind: Kind, name: str) -> Branch | Tag:
    table = _TABLES[kind]
    found = table.objects.filter(workflow=workflow_id, name=name).first()
    if found is None:
        raise RefNotFound(kind, name, list(table.objects.filter(workflow=workflow_id).values_list("name", flat=True)))
    return found


def _refuse_taken(workflow_id: str, kind: Kind, name: str) -> None:
    """Also a name below or above one that is there, which git would keep in a file and a folder of one name."""
    names = _TABLES[kind].objects.filter(workflow=workflow_id).values_list("name", flat=True)
    for taken in names:
        if taken == name:
            raise RefNameRefused(f"There is a {kind} {name} already. Take another name.")
        if taken.startswith(f"{name}/") or name.startswith(f"{taken}/"):
            raise RefNameRefused(f"Git keeps no {kind} {name} beside {taken}. Take another name.")


def _write(workflow_id: str, kind: Kind, names: dict[str, str | None]) -> None:
    refs = {f"{_FOLDERS[kind]}/{name}": commit for name, commit in names.items()}
    transaction.on_commit(partial(history(workflow_id).name, refs), robust=True)
    workflows.tell(workflow_id)
