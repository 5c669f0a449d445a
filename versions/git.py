"""A workflow's history as a bare git repository: objects first, then the ref that makes them reachable."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from dulwich.file import FileLocked
from dulwich.notes import Notes
from dulwich.object_store import DiskObjectStore, tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import DiskRefsContainer, Ref
from dulwich.repo import Repo

MAIN = "main"
TRAILER = "Workflow: "


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What goes into a commit beside its tree. ``parent`` is a commit id; ``author`` is ``Name <mail>``."""

    message: str
    author: str
    at: datetime
    parent: str | None


def history(workflow_id: str) -> History:
    """The workflow's git repository."""
    return History(settings.GIT_ROOT, workflow_id)


class History:
    """The repository of one workflow. Ids are git's own: 40 hex digits. Safe for several threads and processes."""

    def __init__(self, root: Path, workflow: str) -> None:
        self._workflow = workflow
        self._path = root / f"{workflow}.git"

    @property
    def path(self) -> Path:
        """The repository's folder."""
        return self._path

    def discard(self) -> None:
        """Take the repository away, of which nobody else knows yet."""
        shutil.rmtree(self._path, ignore_errors=True)
        self._path.with_suffix(".lock").unlink(missing_ok=True)

    def write_tree(self, files: Mapping[str, bytes]) -> str:
        """Write files (by path, ``/`` between folders) as a tree; returns its id. Writing what is there is free."""
        with self._writing(), self._objects() as objects:
            return self._tree(objects, files).decode()

    def commit(self, tree: str, info: CommitInfo) -> str:
        """Write a commit of a tree; returns its id. Nothing refers to it yet.

        The message ends with a trailer that names the workflow: equal texts of two workflows are two versions.
        """
        commit = Commit()
        commit.tree = _id(tree)
        commit.parents = [_id(info.parent)] if info.parent else []
        commit.author = commit.committer = info.author.encode()
        commit.author_time = commit.commit_time = int(info.at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = b"UTF-8"
        commit.message = f"{info.message}\n\n{TRAILER}{self._workflow}\n".encode()
        with self._writing(), self._objects() as objects:
            _unlocked(lambda: objects.add_object(commit))
        return commit.id.decode()

    def point(self, commit: str, number: int, branch: str = MAIN) -> None:
        """Make version ``number`` reachable for good, and move a branch to it, if one is named."""
        places = [f"refs/versions/{number}", *([f"refs/heads/{branch}"] if branch else [])]
        self.name(dict.fromkeys(places, commit))

    def name(self, refs: Mapping[str, str | None]) -> None:
        """Have refs (``refs/heads/main``, ``refs/tags/best``) stand for commits, or be gone where that is None."""
        with self._writing():
            known = DiskRefsContainer(self._path)
            for ref, commit in refs.items():
                if commit is None:
                    _unlocked(partial(known.__delitem__, Ref(ref.encode())))
                else:
                    _unlocked(partial(known.__setitem__, Ref(ref.encode()), _id(commit)))

    def stand_on(self, branch: str) -> None:
        """Make a branch the one that a clone checks out."""
        with self._writing():
            refs = DiskRefsContainer(self._path)
            _unlocked(partial(refs.set_symbolic_ref, Ref(b"HEAD"), Ref(f"refs/heads/{branch}".encode())))

    def annotate(self, commit: str, text: str, author: str) -> None:
        """Note another message for a commit, which itself stays as it is (``git log`` shows it as its note)."""
        with self._writing(), self._objects() as objects:
            notes = Notes(objects, DiskRefsContainer(self._path))
            who = author.encode()
            _unlocked(partial(notes.set_note, _id(commit), f"{text}\n".encode(), author=who, committer=who))

    def read(self, commit: str, path: str) -> bytes:
        """A file of a commit. Raises KeyError where either is missing."""
        with self._objects() as objects:
            found = objects[_id(commit)]
            assert isinstance(found, Commit)
            _, blob = tree_lookup_path(objects.__getitem__, found.tree, path.encode())
            content = objects[blob]
            assert isinstance(content, Blob)
            return content.data

    @contextmanager
    def opened(self) -> Iterator[DiskObjectStore]:
        """The repository's objects, to be read; there are none before something was written."""
        with self._writing():
            pass
        with self._objects() as objects:
            yield objects

    @contextmanager
    def filling(self) -> Iterator[DiskObjectStore]:
        """The repository's objects, to be added to; nobody else writes meanwhile."""
        with self._writing(), self._objects() as objects:
            yield objects

    def _objects(self) -> closing[DiskObjectStore]:
        """The repository's objects: reading its settings, which are known, would take longer than writing a commit."""
        return closing(DiskObjectStore(self._path / "objects", fsync_object_files=True))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Nobody else writes to the repository meanwhile, for git's own locks do not wait. It is made if need be."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._path.is_dir():
                self._make()
            yield

    def _make(self) -> None:
        """A kill in the middle leaves no half of a repository: it gets its name when it is whole."""
        folder = tempfile.mkdtemp(prefix=f"{self._workflow}.", dir=self._path.parent)
        try:
            with Repo.init_bare(folder, default_branch=b"main") as repo:
                config = repo.get_config()
                config.set((b"core",), b"fsyncObjectFiles", True)  # what the database knows survives a power cut
                config.write_to_path()
            os.rename(folder, self._path)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _tree(self, objects: DiskObjectStore, files: Mapping[str, bytes]) -> ObjectID:
        tree = Tree()
        folders: dict[str, dict[str, bytes]] = {}
        for path, content in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = content
                continue
            blob = Blob.from_string(content)
            self._add(objects, blob)
            tree.add(path.encode(), stat.S_IFREG | 0o644, blob.id)
        for folder, content_of in folders.items():
            tree.add(folder.encode(), stat.S_IFDIR, self._tree(objects, content_of))
        self._add(objects, tree)
        return tree.id

    @staticmethod
    def _add(objects: DiskObjectStore, thing: Blob | Tree) -> None:
        if thing.id not in objects:
            _unlocked(lambda: objects.add_object(thing))


def _unlocked(write: Callable[[], object]) -> None:
    """Write in spite of a lock of git's: who writes here is alone, so a process that was killed has left it behind."""
    try:
        write()
    except FileLocked as error:
        os.unlink(error.lockfilename)
        write()


def _id(hexadecimal: str) -> ObjectID:
    return ObjectID(hexadecimal.encode())
