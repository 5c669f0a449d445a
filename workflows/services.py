"""What can be done to workflow documents; the only place that writes them."""

from __future__ import annotations

import ast
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from workflows.catalog import DjangoCatalog
from workflows.compiler import files
from workflows.errors import HelixError, nearest
from workflows.execution import planning
from workflows.execution.downloads import is_address
from workflows.execution.engines import Asked
from workflows.execution.explanation import Explanation
from workflows.execution.explanation import explain as explained
from workflows.execution.files import identity
from workflows.execution.planning import Identified, Prepared, Reading
from workflows.lang.parser import tree_of
from workflows.models import Workflow, WorkflowId, new_id
from workflows.optimizer.materialize import Policy
from workflows.optimizer.plan import Plan
from workflows.ports import Cancellation
from workflows.signals import files_unread, plan_changed, workflow_changed
from workflows.store.files import SETTLED_SECONDS, FileChanged, FileMissing
from workflows.store.filesystem import FileStore

log = structlog.get_logger()

BLANK = '"""What this workflow is for."""\n'


class WorkflowNotFound(HelixError):
    code = "workflow-not-found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such workflow. It may have been deleted; the list of workflows shows what there is."
        )


class TemplateNotFound(HelixError):
    code = "template-not-found"

    def __init__(self, name: str, names: Sequence[str]) -> None:
        near = nearest(name, names)
        super().__init__(f"There is no template {name!r}." + (f" Did you mean {near!r}?" if near else ""))


class NameRefused(HelixError):
    code = "name-refused"

    def __init__(self) -> None:
        super().__init__("A workflow's name has 1 to 120 characters, and not only spaces.")


class DraftChanged(HelixError):
    """Somebody else saved the draft meanwhile: ``text`` and ``revision`` are what it is now."""

    code = "draft-changed"

    def __init__(self, text: str, revision: int) -> None:
        super().__init__(
            "This workflow was changed in another tab since you opened it. Nothing was overwritten.",
            text=text,
            revision=revision,
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A text to start from. ``title`` is shown in lists; ``description`` is the first line of its docstring."""

    name: str
    title: str
    description: str
    text: str


@cache
def store() -> FileStore:
    """The deployment's one artifact store, with its catalog in the database."""
    return FileStore(settings.STORE_ROOT, DjangoCatalog(), budget=settings.BUDGET)


def present() -> QuerySet[Workflow]:
    """The workflows that are not deleted."""
    return Workflow.objects.filter(deleted_at=None)


def get(workflow_id: str) -> Workflow:
    """The workflow, deleted ones left out. Raises WorkflowNotFound."""
    workflow = present().filter(id=workflow_id).first()
    if workflow is None:
        raise WorkflowNotFound
    return workflow


def templates() -> list[Template]:
    """The examples, by name, and a blank one."""
    found = [_template(path) for path in sorted(Path(settings.EXAMPLES).glob("*.py"))]
    return [*found, Template("blank", "Blank", "An empty workflow.", BLANK)]


def _template(path: Path) -> Template:
    text = path.read_text(encoding="utf-8")
    title = path.stem.replace("_", " ").capitalize()
    return Template(path.stem, title, describe(text), text)


def describe(text: str) -> str:
    """The first line of a text's docstring; empty where the text does not parse."""
    tree = tree_of(text)
    lines = (ast.get_docstring(tree) or "").splitlines() if isinstance(tree, ast.Module) else []
    return lines[0] if lines else ""


def create(name: str, template: str, workflow_id: str | None = None) -> Workflow:
    """Make a workflow from a template, with the id given, else a new one. Raises NameRefused or TemplateNotFound."""
    texts = {each.name: each.text for each in templates()}
    if template not in texts:
        raise TemplateNotFound(template, list(texts))
    with transaction.atomic():
        workflow = Workflow.objects.create(
            id=workflow_id or new_id(), name=_clean(name), text=texts[template], updated_at=timezone.now()
        )
        tell(workflow.id)
    return workflow


def locked(workflow_id: str) -> Workflow:
    """The workflow, which nobody else changes until the caller's transaction ends. Raises WorkflowNotFound."""
    workflow = present().select_for_update().filter(id=workflow_id).first()
    if workflow is None:
        raise WorkflowNotFound
    return workflow


def rename(workflow_id: str, name: str) -> Workflow:
    """Give a workflow another name. Raises NameRefused or WorkflowNotFound."""
    with transaction.atomic():
        if not present().filter(id=workflow_id).update(name=_clean(name), updated_at=timezone.now()):
            raise WorkflowNotFound
        tell(workflow_id)
    return get(workflow_id)


def delete(workflow_id: str) -> None:
    """Take a workflow off the lists; ``restore`` undoes it. Raises WorkflowNotFound."""
    with transaction.atomic():
        if not present().filter(id=workflow_id).update(deleted_at=timezone.now()):
            raise WorkflowNotFound
        tell(workflow_id)


def restore(workflow_id: str) -> Workflow:
    """Undo ``delete``; a workflow that is not deleted stays as it is. Raises WorkflowNotFound."""
    with transaction.atomic():
        if not Workflow.objects.filter(id=workflow_id).update(deleted_at=None):
            raise WorkflowNotFound
        tell(workflow_id)
    return get(workflow_id)


def save_draft(workflow_id: str, text: str, revision: int) -> Workflow:
    """Replace the draft if ``revision`` is still the current one.

    Raises DraftChanged where it is not; but the same text once more is no conflict, since a client whose answer was
    lost repeats its request. Raises WorkflowNotFound.
    """
    with transaction.atomic():
        row = present().filter(id=workflow_id, revision=revision)
        saved = row.update(text=text, revision=F("revision") + 1, updated_at=timezone.now())
        workflow = get(workflow_id)
        if not saved and workflow.text != text:
            raise DraftChanged(workflow.text, workflow.revision)
        if saved:
            tell(workflow_id)
    return workflow


def move_head(workflow_id: str, version: str, branch: str, text: str | None = None) -> None:
    """Note the version that the draft stands on, and the branch; with ``text``, make that the draft. Part of a caller's
    transaction."""
    changes = {"head": version, "branch": branch}
    if text is None:
        present().filter(id=workflow_id).update(**changes)
    else:
        now = timezone.now()
        present().filter(id=workflow_id).update(text=text, revision=F("revision") + 1, updated_at=now, **changes)
    tell(workflow_id)


def check(workflow_id: str, text: str) -> Prepared:
    """Compile and plan a text as the workflow's next run would; nothing is read, hashed or run.

    Files whose content hash is not known are handed to whoever listens to ``files_unread``.
    """
    get(workflow_id)
    prepared = planning.prepare(
        text, store=store(), data_root=settings.DATA_ROOT, workflow=workflow_id, hash_files=False
    )
    unread = _unread(prepared)
    if unread:
        files_unread.send(Workflow, workflow=workflow_id, paths=unread)
    return prepared


def explain(workflow_id: str, text: str, node: str) -> tuple[Explanation, Plan]:
    """Why the workflow's next run would do with a node what it would, and the plan of computing that node alone.

    Raises WorkflowNotFound, and UnknownNode where the text does not have the node, or does not compile.
    """
    get(workflow_id)
    planned = partial(
        planning.prepare, text, store=store(), data_root=settings.DATA_ROOT, workflow=workflow_id, hash_files=False
    )
    explanation = explained(planned(), node, store(), settings.DATA_ROOT)
    alone = planned(wanted=[node]).plan
    assert alone is not None
    return explanation, alone


def _unread(prepared: Prepared) -> list[str]:
    """The files that are there and whose content hash is not known; addresses half typed are no files to fetch."""
    if prepared.compiled.dag is None:
        return []
    missing = {each.path for each in prepared.missing}
    unknown = {file.path for file in files(prepared.compiled.dag) if prepared.data[file.node, file.split] is None}
    return sorted(path for path in unknown - missing if not is_address(path))  # which the run alone fetches


def read_files(workflow_id: str, paths: Sequence[str]) -> None:
    """Read files so that their content hashes are known; where any could be, say that the workflow's plan may be
    another."""
    catalog, place = store().catalog, (store().downloads, settings.DATA_ROOT)
    read = False
    for path in paths:
        try:
            identity(catalog, *place, path, read=True)
            if identity(catalog, *place, path, read=False) is None:
                time.sleep(SETTLED_SECONDS)  # it was just written, and such a file's hash is not remembered
                identity(catalog, *place, path, read=True)
            read = True
        except (FileMissing, FileChanged) as error:
            log.info("not read", path=path, reason=error.message)
    if read:
        plan_changed.send(Workflow, workflow=workflow_id)


def identify(text: str, named: Sequence[str]) -> Identified:
    """Compile a text that is to be run, reading files whose content hash is not known yet; addresses are left to the
    run. Raises UnknownNode where ``named`` has a node that the text does not."""
    reading = Reading(read=True, fetch=False)
    return planning.identified(text, store(), settings.DATA_ROOT, reading, named=named)


def prepare(
    workflow_id: WorkflowId,
    text: str,
    *,
    reuse: bool,
    force: Sequence[str],
    only: Sequence[str] = (),
    policy: Policy | None = None,
    engine: Asked = "auto",
    spark: bool = False,
    cancellation: Cancellation | None = None,
) -> Prepared:
    """Compile and plan a run, reading files and addresses whose content hash is not known yet.

    ``only``: nodes that are wanted instead of the outputs; ``policy`` None: the usual one; ``spark``: whether
    ``engine="auto"`` may choose it. Raises UnknownNode.
    """
    return planning.prepare(
        text,
        store=store(),
        data_root=settings.DATA_ROOT,
        workflow=workflow_id,
        reuse=reuse,
        force=force,
        wanted=only,
        policy=policy,
        engine=engine,
        spark=spark,
        hash_files=True,
        cancellation=cancellation,
    )


def _clean(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 120:
        raise NameRefused
    return cleaned


def tell(workflow_id: str) -> None:
    """Say, once the transaction is committed, that a workflow is not what it was."""
    transaction.on_commit(lambda: workflow_changed.send(Workflow, workflow=workflow_id))
