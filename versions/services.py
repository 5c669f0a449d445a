"""Committing a text as a version, and taking a version back into the draft; the only place that writes versions."""

from __future__ import annotations

import getpass
import json
import platform
from functools import cache
from importlib import metadata

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from versions.git import CommitInfo, History
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


def history(workflow_id: str) -> History:
    """The workflow's git repository."""
    return History(settings.GIT_ROOT, workflow_id)


def get(version_id: str) -> Version:
    """The version, of a workflow that is not deleted. Raises VersionNotFound."""
    version = Version.objects.filter(id=version_id, workflow__deleted_at=None).first()
    if version is None:
        raise VersionNotFound
    return version


def text_of(version: Version) -> str:
    """The workflow text that a version holds."""
    return history(version.workflow_id).read(version.id, "workflow.py").decode()


def commit(workflow: Workflow, identified: Identified) -> Version:
    """The version of a text without errors, on its data, in this environment; made where there is none with that tree.

    The new version's parent is the version that the draft stands on; afterwards the draft stands on this one. Objects
    are written before the row, so whatever the database knows is there to be read.
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
        version = Version.objects.filter(workflow=workflow, tree=tree).first()
        if version is None:
            version = _new_version(repository, locked, tree, dag)
        workflows.move_head(workflow.id, version.id)
        transaction.on_commit(lambda: repository.point(version.id, version.number), robust=True)
    _HEADS.keep(version.id, dag, len(text))
    return version


def _new_version(repository: History, workflow: Workflow, tree: str, dag: Dag) -> Version:
    head = Version.objects.filter(id=workflow.head).first()
    before = None if head is None else _HEADS.get(head.id) or compile_workflow(text_of(head)).dag
    message = describe_difference(before, dag)
    newest = Version.objects.filter(workflow=workflow).aggregate(newest=Max("number"))["newest"] or 0
    info = CommitInfo(message, f"{author()} <{author()}@localhost>", timezone.now(), None if head is None else head.id)
    return Version.objects.create(
        id=repository.commit(tree, info),
        workflow=workflow,
        number=newest + 1,
        tree=tree,
        message=message,
        author=author(),
        created_at=info.at,
        parent=head,
    )


def checkout(workflow_id: str, version_id: str) -> str:
    """Make a version's text the draft. Returns the draft that it replaced, so that the change can be undone.

    Raises WorkflowNotFound, or VersionNotFound where the version is another workflow's.
    """
    with transaction.atomic():
        workflow = workflows.get(workflow_id)
        version = get(version_id)
        if version.workflow_id != workflow.id:
            raise VersionNotFound
        workflows.move_head(workflow.id, version.id, text_of(version))
        transaction.on_commit(lambda: history(workflow_id).point(version.id, version.number), robust=True)
    return workflow.text


def data_json(dag: Dag, data: Data) -> str:
    """The files that a workflow reads, each with its content hash: null where it is not there, and for an address,
    whose content only a run fetches."""
    hashes = {
        file.path: {"blake3": None if is_address(file.path) else data[file.node, file.split]} for file in files(dag)
    }
    return json.dumps(hashes, indent=2, sort_keys=True) + "\n"


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
