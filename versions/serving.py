"""Answers git's own client (its smart protocol): what a workflow's repository has to be fetched, as the tables say."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import cast

from dulwich.protocol import ReceivableProtocol
from dulwich.refs import DictRefsContainer, DiskRefsContainer, Ref
from dulwich.repo import BaseRepo
from dulwich.server import Backend, BackendRepo, UploadPackHandler

from versions.git import history
from versions.models import Branch, Tag, Version
from workflows.models import Workflow

SERVICE = "git-upload-pack"  # fetching; what would push is never offered
NOTES = Ref(b"refs/notes/commits")


class _Backend(Backend):
    """The one repository that is asked for."""

    def __init__(self, repo: BaseRepo) -> None:
        self._repo = repo

    def open_repository(self, path: str) -> BackendRepo:  # noqa: ARG002  (there is one alone)
        return cast(BackendRepo, self._repo)  # whose declaration of its objects is wider than need be


def advertisement(workflow: Workflow) -> bytes:
    """What is there to be fetched: the answer to ``info/refs?service=git-upload-pack``."""

    def announce(handler: UploadPackHandler) -> None:
        handler.proto.write_pkt_line(f"# service={SERVICE}\n".encode())
        handler.proto.write_pkt_line(None)
        handler.handle()

    return _spoken(workflow, b"", announce, advertise=True)


def pack(workflow: Workflow, asked: bytes) -> bytes:
    """The commits, trees and files that a client lacks: the answer to a request to ``git-upload-pack``.

    Raises dulwich's GitProtocolError, or AssertionError, where ``asked`` is no such request.
    """
    return _spoken(workflow, asked, UploadPackHandler.handle, advertise=False)


def refs_of(workflow: Workflow) -> dict[Ref, bytes]:
    """What a clone gets: branches, tags, and each version's number as a tag, so that none is left behind."""
    versions = Version.objects.filter(workflow=workflow).values_list("number", "id")
    named = {f"refs/tags/v{number}": commit for number, commit in versions}
    named |= {f"refs/tags/{tag.name}": tag.version_id for tag in Tag.objects.filter(workflow=workflow)}
    named |= {f"refs/heads/{branch.name}": branch.version_id for branch in Branch.objects.filter(workflow=workflow)}
    found = {Ref(name.encode()): commit.encode() for name, commit in named.items()}
    if workflow.head:
        head = f"ref: refs/heads/{workflow.branch}" if workflow.branch else workflow.head
        found[Ref(b"HEAD")] = head.encode()
    return found


def _spoken(workflow: Workflow, asked: bytes, speak: Callable[[UploadPackHandler], None], *, advertise: bool) -> bytes:
    repository, said = history(workflow.id), BytesIO()
    with repository.opened() as objects:
        refs = refs_of(workflow)
        notes = DiskRefsContainer(repository.path).read_ref(NOTES)
        if notes is not None:
            refs[NOTES] = notes
        repo = BaseRepo(objects, DictRefsContainer(refs))
        proto = ReceivableProtocol(BytesIO(asked).read, said.write)
        speak(UploadPackHandler(_Backend(repo), ["/"], proto, stateless_rpc=True, advertise_refs=advertise))
    return said.getvalue()
