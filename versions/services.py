"""Committing a text as a version, and taking a version back into the draft."""

from __future__ import annotations

import getpass
import json
import platform
from functools import cache
from importlib import metadata

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from versions import lines
from versions.git import CommitInfo, History, history
from versions.message import message as describe_difference
from versions.models import Version
from workflows import services as workflows
from workflows.compiler import compile_workflow, files
from workflows.errors import HelixError
from workflows.execution.downloads import is_address
from workflows.execution.planning import Data, Identified
from workflows.graph.dag import Dag
from workflows.models import Workflow
from workflows.recall import Recall

_HEADS: Recall[str, Dag] = Recall(256 * 1024)  # of versions by their ids; as many characters of text, twice


class VersionNotFound(HelixError):
    code = "version-not-found"

    def __init__(self) -> None:
        super().__init__("There is no such version of this workflow.")


class MessageRefused(HelixError):
    code = "message-refused"

    def __init__(self) -> None:
        super().__init__("A version's message is at least one word.")


def get(version_id: str) -> Version:
    """The version, of a workflow that is not deleted. Raises VersionNotFound."""
    version = Version.objects.filter(id=version_id, workflow__deleted_at=None).first()
    if version is None:
        raise VersionNotFound
    return version


def of(workflow_id: str, version_id: str) -> Version:
    """The version of this workflow. Raises VersionNotFound."""
    version = get(version_id)
    if version.workflow_id != workflow_id:
        raise VersionNotFound
    return version


def text_of(version: Version) -> str:
    """The workflow text that a version holds."""
    return history(version.workflow_id).read(version.id, version.path).decode(errors="replace")


def commit(workflow: Workflow, identified: Identified) -> Version:
    """The version of a text without errors, on its data, in this environment; made where there is none with that tree.

    The new version's parent is the version that the draft stands on; afterwards the draft stands on this one, and so
    does its branch. Objects are written before the row, so whatever the database knows is there to be read.
    """
    text, dag = identified.compiled.text, identified.compiled.dag
    assert dag is not None
    contents = {
        "workflow.py": text,
        "data.json": data_json(dag, identified.data),
        "environment.txt": environment(),
    }
    repository = history(workflow.id)
    tree = repository.write_tree({path: content.encode() for path, content in contents.items()})
    with transaction.atomic():
        locked = Workflow.objects.select_for_update().get(id=workflow.id)  # so that no other takes the same number
        version = Version.objects.filter(workflow=workflow, tree=tree).order_by("-number").first()
        if version is None:
            version = _new_version(repository, locked, tree, dag)
        branch = lines.advance(locked, version)
        workflows.move_head(workflow.id, version.id, branch)
        transaction.on_commit(lambda: repository.point(version.id, version.number, branch), robust=True)
        if branch != locked.branch:
            transaction.on_commit(lambda: repository.stand_on(branch), robust=True)
    _HEADS.keep(version.id, dag, len(text))
    return version


def _new_version(repository: History, workflow: Workflow, tree: str, dag: Dag) -> Version:
    head = Version.objects.filter(id=workflow.head).first()
    before = None if head is None else _HEADS.get(head.id) or compile_workflow(text_of(head)).dag
    message = describe_difference(before, dag)
    info = CommitInfo(message, f"{author()} <{author()}@localhost>", timezone.now(), None if head is None else head.id)
    return Version.objects.create(
        id=repository.commit(tree, info),
        workflow=workflow,
        number=next_number(workflow.id),
        tree=tree,
        message=message,
        author=author(),
        created_at=info.at,
        parent=head,
    )


def next_number(workflow_id: str) -> int:
    """The number of a workflow's next version; of a caller who has locked the workflow."""
    return (Version.objects.filter(workflow=workflow_id).aggregate(newest=Max("number"))["newest"] or 0) + 1


def checkout(workflow_id: str, version_id: str, branch: str | None = None) -> str:
    """Make a version's text the draft. Returns the draft that it replaced, so that the change can be undone.

    The draft stands on ``branch`` where that ends with the version, else on another that does, the present one first;
    on none where no branch ends with it: then what is run next begins one. Raises WorkflowNotFound, or VersionNotFound
    where the version is another workflow's.
    """
    with transaction.atomic():
        workflow, version = workflows.get(workflow_id), of(workflow_id, version_id)
        found = lines.ending_with(version, branch or workflow.branch)
        workflows.move_head(workflow.id, version.id, found, text_of(version))
        if found:
            transaction.on_commit(lambda: history(workflow_id).stand_on(found), robust=True)
    return workflow.text


def roll_back(workflow_id: str, version_id: str) -> str:
    """Have the present branch end with a version, whose text becomes the draft; nothing is lost, for what came later
    keeps its numbers. Returns the draft that was replaced.

    Raises WorkflowNotFound, VersionNotFound, or NoBranch where the draft stands on none.
    """
    with transaction.atomic():
        workflow, version = workflows.get(workflow_id), of(workflow_id, version_id)
        if not workflow.branch:
            raise lines.NoBranch
        lines.move(workflow, workflow.branch, version)
        workflows.move_head(workflow.id, version.id, workflow.branch, text_of(version))
        transaction.on_commit(
            lambda: history(workflow_id).point(version.id, version.number, workflow.branch), robust=True
        )
    return workflow.text


def write_message(version_id: str, message: str) -> Version:
    """Give a version another message; its commit keeps the one it has, and is noted the other. Raises VersionNotFound,
    or MessageRefused where there is nothing in it."""
    clean = message.strip()
    if not clean:
        raise MessageRefused
    with transaction.atomic():
        version = get(version_id)
        Version.objects.filter(id=version.id).update(message=clean)
        workflows.tell(version.workflow_id)
        who = f"{author()} <{author()}@localhost>"
        repository = history(version.workflow_id)
        transaction.on_commit(lambda: repository.annotate(version.id, clean, who), robust=True)
    version.message = clean
    return version


def data_json(dag: Dag, data: Data) -> str:
    """The files that a workflow reads, each with its content hash: null where it is not there, and for an address,
    whose content only a run fetches."""
    hashes = {path: {"blake3": held} for path, held in _hashes(dag, data).items()}
    return json.dumps(hashes, indent=2, sort_keys=True) + "\n"


def _hashes(dag: Dag, data: Data) -> dict[str, str | None]:
    return {file.path: None if is_address(file.path) else data[file.node, file.split] for file in files(dag)}


def changed_data(version: Version, identified: Identified) -> list[str]:
    """The files that hold something else now than when the version was committed, or are not there; those of which the
    version does not know what they held (it was imported, or they are addresses) count as the same."""
    dag = identified.compiled.dag
    assert dag is not None
    now = _hashes(dag, identified.data)
    return [path for path, held in recorded_data(version).items() if held and now.get(path, held) != held]


def recorded_data(version: Version) -> dict[str, str | None]:
    """The content hashes of a version's files by their paths, None where it does not know one. Empty where it was
    imported: a file of that name is somebody else's then, unless it says what ours do."""
    try:
        told = json.loads(file_of(version, "data.json") or "{}")
        return {str(path): held["blake3"] for path, held in told.items()}
    except (ValueError, AttributeError, TypeError, KeyError):
        return {}


def file_of(version: Version, path: str) -> str | None:
    """A file that was committed beside the text; None where there is none, as of what was imported."""
    try:
        return history(version.workflow_id).read(version.id, path).decode(errors="replace")
    except KeyError:
        return None


@cache
def environment() -> str:
    """Python and every installed distribution, ``name==version`` a line, sorted: what a version needs to run again."""
    installed = {f"{each.metadata['Name'].lower()}=={each.version}" for each in metadata.distributions()}
    return "\n".join([f"# Python {platform.python_version()}", *sorted(installed)]) + "\n"


@cache
def author() -> str:
    """The name of the account that runs HelixWeb."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "helixweb"
