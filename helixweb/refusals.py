"""What the API answers where it refuses: the closed union of codes, the HTTP status of each, and what comes along."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias, get_args

from ninja import Schema
from pydantic import Discriminator

from helixweb.jobs.api import DataChangedOut, RunActiveOut, WorkflowHasErrorsOut
from metrics.backfilled import BackfillActiveOut, BackfillRefusedOut
from versions.schemas import BranchRefusedOut, ImportRefusedOut, RefRefusedOut
from workflows.schemas import DraftChangedOut, NameRefusedOut, TemplateNotFoundOut


class BadRequestOut(Schema):
    code: Literal["not-json", "foreign-host"]
    message: str


class NotSignedInOut(Schema):
    code: Literal["not-signed-in", "token-refused"]
    message: str


class ForeignOriginOut(Schema):
    code: Literal["foreign-origin"]
    message: str


class NotFoundOut(Schema):
    code: Literal[
        "workflow-not-found",
        "version-not-found",
        "run-not-found",
        "backfill-not-found",
        "ref-not-found",
        "access-token-not-found",
        "dashboard-not-found",
        "snapshot-not-found",
        "unknown-dataset",
        "no-such-address",
    ]
    message: str


class MethodNotAllowedOut(Schema):
    code: Literal["method-not-allowed"]
    message: str


class TooBigOut(Schema):
    code: Literal["too-big"]
    message: str


class InvalidPartOut(Schema):
    where: str
    message: str


class InvalidRequestOut(Schema):
    code: Literal["invalid-request"]
    message: str
    data: list[InvalidPartOut]


class ErrorOut(Schema):
    """``error`` stands for what has no code of its own here: its message says what to do."""

    code: Literal["unknown-node", "node-not-explorable", "error"]
    message: str


class InternalErrorOut(Schema):
    code: Literal["internal-error"]
    message: str


class DiskFullOut(Schema):
    code: Literal["disk-full"]
    message: str


Refusal: TypeAlias = Annotated[
    BadRequestOut
    | NotSignedInOut
    | ForeignOriginOut
    | NotFoundOut
    | TemplateNotFoundOut
    | MethodNotAllowedOut
    | DraftChangedOut
    | RunActiveOut
    | WorkflowHasErrorsOut
    | DataChangedOut
    | BackfillActiveOut
    | BranchRefusedOut
    | TooBigOut
    | InvalidRequestOut
    | NameRefusedOut
    | RefRefusedOut
    | ImportRefusedOut
    | BackfillRefusedOut
    | ErrorOut
    | InternalErrorOut
    | DiskFullOut,
    Discriminator("code"),
]

BODIES: Mapping[HTTPStatus, tuple[type[Schema], ...]] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: (BadRequestOut,),
        HTTPStatus.UNAUTHORIZED: (NotSignedInOut,),
        HTTPStatus.FORBIDDEN: (ForeignOriginOut,),
        HTTPStatus.NOT_FOUND: (NotFoundOut, TemplateNotFoundOut),
        HTTPStatus.METHOD_NOT_ALLOWED: (MethodNotAllowedOut,),
        HTTPStatus.CONFLICT: (
            DraftChangedOut,
            RunActiveOut,
            WorkflowHasErrorsOut,
            DataChangedOut,
            BackfillActiveOut,
            BranchRefusedOut,
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (TooBigOut,),
        HTTPStatus.UNPROCESSABLE_ENTITY: (
            InvalidRequestOut,
            NameRefusedOut,
            RefRefusedOut,
            ImportRefusedOut,
            BackfillRefusedOut,
            ErrorOut,
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR: (InternalErrorOut,),
        HTTPStatus.INSUFFICIENT_STORAGE: (DiskFullOut,),
    }
)

STATUS: Mapping[str, HTTPStatus] = MappingProxyType(
    {
        code: status
        for status, bodies in BODIES.items()
        for body in bodies
        for code in get_args(body.model_fields["code"].annotation)
    }
)
