"""Takes the history of a git repository over as that of a new workflow: every commit that has the file is a version."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, TypeAlias

from django.db import transaction
from dulwich.bundle import read_bundle
from dulwich.client import get_transport_and_path
from dulwich.errors import GitProtocolError, NotGitRepository, NotTreeError
from dulwich.object_store import DiskObjectStore, iter_tree_contents, tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.objects import Tag as TagObject
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.walk import ORDER_TOPO, Walker

from versions.git import TRAILER, History, history
from versions.models import Branch, Tag, Version
from versions.names import FILE, Kind, RefNameRefused, checked
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.models import Workflow, new_id

MOST = 100_000  # commits
_LOT = 500  # rows at a time
_LONGEST = 400  # characters of a path
_HEADS, _TAGS = "refs/heads/", "refs/tags/"


class ImportRefused(HelixError):
    """Nothing was imported; ``files`` could be meant where none has the one that was named."""

    code = "import-refused"

    def __init__(self, message: str, files: Iterable[str] = ()) -> None:
        super().__init__(message, files=sorted(files))


Fetch: TypeAlias = Callable[[History, DiskObjectStore], Mapping[Ref, ObjectID]]  # brings objects, and tells of refs


def from_bundle(file: BinaryIO, name: str, path: str = FILE) -> Workflow:
    """A new workflow out of what ``git bundle create … --all`` wrote. Raises ImportRefused or NameRefused."""

    def fetch(_: History, objects: DiskObjectStore) -> dict[Ref, ObjectID]:
        try:
            with read_bundle(file) as bundle:
                if bundle.prerequisites:
                    raise ImportRefused("This bundle holds a part of a history. Make one with `--all`.")
                bundle.store_objects(objects)
                return dict(bundle.references)
        except (ValueError, AssertionError, KeyError, EOFError) as error:
            message = "This is no bundle of git's. Make one with `git bundle create history.bundle --all`."
            raise ImportRefused(message) from error

    return _imported(fetch, name, path)


def from_location(location: str, name: str, path: str = FILE) -> Workflow:
    """A new workflow out of a repository in a folder, or at an address. Raises ImportRefused or NameRefused."""

    def fetch(repository: History, _: DiskObjectStore) -> dict[Ref, ObjectID]:
        try:
            client, place = get_transport_and_path(location)
            with Repo(str(repository.path)) as target:
                found = client.fetch(place, target)
        except (NotGitRepository, GitProtocolError, OSError, ValueError) as error:
            raise ImportRefused(f"No git repository was read from {location}: {error}") from error
        refs = {ref: commit for ref, commit in found.refs.items() if commit is not None}
        head = found.symrefs.get(Ref(b"HEAD"))
        if head is not None and head in refs:
            refs[Ref(b"HEAD")] = refs[head]
        return refs

    return _imported(fetch, name, path)


def _imported(fetch: Fetch, name: str, path: str) -> Workflow:
    """Objects come first, then all rows at once; of what is refused nothing stays."""
    if len(path) > _LONGEST:
        raise ImportRefused(f"The path of the file has at most {_LONGEST} characters.")
    workflow_id = new_id()
    repository = history(workflow_id)
    try:
        with repository.filling() as objects:
            refs = _peeled(objects, fetch(repository, objects))
            found = _commits(objects, refs.values(), path)
        with transaction.atomic():
            return _index(workflow_id, name, found, refs, path)
    except BaseException:
        repository.discard()
        raise


def _peeled(objects: DiskObjectStore, refs: Mapping[Ref, ObjectID]) -> dict[str, ObjectID]:
    """Refs by name, with the commits that they stand for in the end; others, as of trees, are left out."""
    found: dict[str, ObjectID] = {}
    for ref, target in refs.items():
        each = objects[target]
        while isinstance(each, TagObject):
            each = objects[each.object[1]]
        if isinstance(each, Commit):
            found[ref.decode(errors="replace")] = each.id
    return found


@dataclass(frozen=True, slots=True)
class _Commits:
    """``kept``: the commits that have the file, oldest first; ``stands``: for every commit the kept ones that it stands
    for: itself, or where it lacks the file the nearest before it."""

    kept: Mapping[ObjectID, Commit]
    stands: Mapping[ObjectID, tuple[ObjectID, ...]]

    def parents(self, commit: Commit) -> tuple[ObjectID, ...]:
        return tuple(dict.fromkeys(each for parent in commit.parents for each in self.stands.get(parent, ())))


def _commits(objects: DiskObjectStore, tips: Iterable[ObjectID], path: str) -> _Commits:
    kept: dict[ObjectID, Commit] = {}
    stands: dict[ObjectID, tuple[ObjectID, ...]] = {}
    found = _Commits(kept, stands)
    last: Commit | None = None
    for count, entry in enumerate(Walker(objects, list(dict.fromkeys(tips)), order=ORDER_TOPO, reverse=True), 1):
        if count > MOST:
            raise ImportRefused(f"This repository has more than {MOST:,} commits.")
        last = entry.commit
        if _has(objects, last.tree, path):
            kept[last.id] = last
            stands[last.id] = (last.id,)
        else:
            stands[last.id] = found.parents(last)
    if not kept:
        files = [] if last is None else _python_files(objects, last.tree)
        hint = f" There are {', '.join(files[:5])}: name the one that is meant." if files else ""
        raise ImportRefused(f"No commit of this repository has a file {path}.{hint}", files)
    return found


def _has(objects: DiskObjectStore, tree: ObjectID, path: str) -> bool:
    with suppress(KeyError, NotTreeError):
        mode, blob = tree_lookup_path(objects.__getitem__, tree, path.encode())
        return stat.S_ISREG(mode) and isinstance(objects[blob], Blob)
    return False


def _python_files(objects: DiskObjectStore, tree: ObjectID) -> list[str]:
    return sorted(
        entry.path.decode(errors="replace")
        for entry in iter_tree_contents(objects, tree)
        if entry.path is not None and entry.path.endswith(b".py")
    )


def _index(workflow_id: str, name: str, found: _Commits, refs: Mapping[str, ObjectID], path: str) -> Workflow:
    commits = list(found.kept.values())
    for start in range(0, len(commits), _LOT):
        _refuse_taken([commit.id.decode() for commit in commits[start : start + _LOT]])
    workflow = workflows.create(name, "blank", workflow_id)
    parents = {commit.id: found.parents(commit) for commit in found.kept.values()}
    numbers = {commit: number for number, commit in enumerate(found.kept, 1)}
    rows = [_version(workflow, each, parents[each.id], numbers[each.id], path) for each in commits]
    Version.objects.bulk_create(rows, batch_size=_LOT)
    branches = _named(found, refs, _HEADS, "branch")
    tags = _named(found, refs, _TAGS, "tag")
    tip = _present(refs, branches, found)
    if tip not in branches.values():
        branches["main"] = tip
    present = next((each for each in ("main", "master", *branches) if branches.get(each) == tip), "")
    Branch.objects.bulk_create(Branch(workflow=workflow, name=each, version_id=at) for each, at in branches.items())
    Tag.objects.bulk_create(Tag(workflow=workflow, name=each, version_id=at) for each, at in tags.items())
    repository = history(workflow_id)
    heads = {f"{_HEADS}{each}": at for each, at in branches.items()}
    repository.name({**heads, **{f"{_TAGS}{each}": at for each, at in tags.items()}})
    repository.name({f"refs/versions/{number}": commit.decode() for commit, number in numbers.items()})
    repository.stand_on(present)
    text = repository.read(tip, path).decode(errors="replace").replace("\0", "\ufffd")
    workflows.move_head(workflow.id, tip, present, text)
    return workflows.get(workflow.id)


def _refuse_taken(ids: Sequence[str]) -> None:
    taken = Version.objects.filter(id__in=ids).select_related("workflow").first()
    if taken is not None:
        gone = "." if taken.workflow.deleted_at is None else ", which was deleted: restore that."
        raise ImportRefused(f"These commits are versions of the workflow {taken.workflow.name} already{gone}")


def _version(workflow: Workflow, commit: Commit, parents: Sequence[ObjectID], number: int, path: str) -> Version:
    ids = [each.decode() for each in parents]
    message = commit.message.decode(errors="replace").replace("\0", "\ufffd")
    said = "\n".join(line for line in message.splitlines() if not line.startswith(TRAILER)).strip()
    author = commit.author.decode(errors="replace").partition(" <")[0]
    return Version(
        id=commit.id.decode(),
        workflow=workflow,
        number=number,
        tree=commit.tree.decode(),
        message=said or "No message",
        author=author[:200],
        created_at=datetime.fromtimestamp(commit.commit_time, UTC),
        parent_id=ids[0] if ids else None,
        others=" ".join(ids[1:]),
        path=path,
    )


def _named(found: _Commits, refs: Mapping[str, ObjectID], folder: str, kind: Kind) -> dict[str, str]:
    """Names below a folder of refs, each with its version; those that are none here, as a clone's numbers, left out."""
    named: dict[str, str] = {}
    for ref, commit in refs.items():
        at = found.stands.get(commit, ())
        if ref.startswith(folder) and at:
            with suppress(RefNameRefused):
                named[checked(ref.removeprefix(folder), kind)] = at[0].decode()
    return named


def _present(refs: Mapping[str, ObjectID], branches: Mapping[str, str], found: _Commits) -> str:
    """The version that the draft begins with: where HEAD is, else ``main`` or ``master``, else the newest."""
    at = found.stands.get(refs["HEAD"], ()) if "HEAD" in refs else ()
    if at:
        return at[0].decode()
    return next((branches[each] for each in ("main", "master") if each in branches), list(found.kept)[-1].decode())
