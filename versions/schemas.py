"""What the API takes and says about names and messages of versions, as JSON."""

from __future__ import annotations

from typing import Literal

from ninja import Schema

from versions.names import FILE, Kind
from workflows.schemas import Kept


class RefIn(Schema):
    """``stand``: of a branch, whether the draft is to stand on it, where it stands on that version."""

    kind: Kind
    name: Kept
    version: Kept
    stand: bool = False


class RenameIn(Schema):
    name: Kept


class ImportIn(Schema):
    """``name``: of the workflow; ``path``: of its file in the repository."""

    name: Kept
    path: Kept = FILE


class MessageIn(Schema):
    message: Kept


class MessageOut(Schema):
    message: str


class RemovedOut(Schema):
    """``version``: the id of the version that had the name."""

    version: str


class RefRefusedOut(Schema):
    code: Literal["ref-name-refused", "message-refused"]
    message: str


class BranchRefusedOut(Schema):
    code: Literal["no-branch", "branch-in-use"]
    message: str


class ImportRefusedOut(Schema):
    """``files`` are those that could be meant, where the commits lack the one that was named."""

    code: Literal["import-refused"]
    message: str
    files: list[str]
