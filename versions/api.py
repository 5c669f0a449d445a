"""The API of names and messages: branches, tags, and what a version is said to be."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from versions import lines, services
from versions.names import Kind
from versions.schemas import BranchRefusedOut, MessageIn, MessageOut, RefIn, RefRefusedOut, RemovedOut, RenameIn

router = Router(tags=["versions"])


@router.post("/workflows/{workflow_id}/refs", response={204: None, 422: RefRefusedOut})
def create_ref(request: HttpRequest, workflow_id: str, body: RefIn) -> Status[None]:
    """Begin a branch at a version, or tag it."""
    lines.create(workflow_id, body.kind, body.name, services.of(workflow_id, body.version), stand=body.stand)
    return Status(204, None)


@router.patch("/workflows/{workflow_id}/refs", response={204: None, 422: RefRefusedOut})
def rename_ref(request: HttpRequest, workflow_id: str, kind: Kind, name: str, body: RenameIn) -> Status[None]:
    """Give the branch or tag `name` another name."""
    lines.rename(workflow_id, kind, name, body.name)
    return Status(204, None)


@router.delete("/workflows/{workflow_id}/refs", response={200: RemovedOut, 409: BranchRefusedOut})
def delete_ref(request: HttpRequest, workflow_id: str, kind: Kind, name: str) -> RemovedOut:
    """Take the branch or tag `name` away; its versions stay. Creating it at the version that is told undoes it."""
    return RemovedOut(version=lines.delete(workflow_id, kind, name))


@router.put("/versions/{version_id}/message", response={200: MessageOut, 422: RefRefusedOut})
def write_message(request: HttpRequest, version_id: str, body: MessageIn) -> MessageOut:
    """Give a version another message; its commit keeps its own, and is noted this one."""
    return MessageOut(message=services.write_message(version_id, body.message).message)
