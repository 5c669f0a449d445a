"""The root of the API: who may call it, how errors are told, and which part of the house answers what."""

from __future__ import annotations

import errno
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import APIKeyCookie
from pydantic import Field
from pydantic_core import from_json

from helixweb import auth
from helixweb.description import described
from helixweb.jobs.api import router as jobs
from helixweb.middleware import InternalError
from helixweb.models import AccessToken
from helixweb.refusals import STATUS
from metrics.api import router as metrics
from snapshots.api import router as snapshots
from versions.api import router as versions
from workflows.api import router as workflows
from workflows.errors import HelixError
from workflows.schemas import Kept

log = structlog.get_logger()


class SessionCookie(APIKeyCookie):
    """Whoever has a session that is signed in; ``SameOrigin`` keeps other sites' pages from using its cookie."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:  # noqa: ARG002
        return auth.signed_in(request.session)


class Json(Parser):
    """An object, in JSON as its standard has it: no NaN, and no halves of a surrogate pair, which no database takes as
    text. Anything else would pass for an object whose every field is left out."""

    def parse_body(self, request: HttpRequest) -> Any:
        found = from_json(request.body, allow_inf_nan=False)
        if not isinstance(found, dict):
            raise ValueError
        return found


api = NinjaAPI(
    title="HelixWeb", version="1", docs_url=None, openapi_url=None, auth=SessionCookie(csrf=False), parser=Json()
)
session = Router(tags=["session"])


class Token(Schema):
    token: str


class Session(Schema):
    signed_in: bool


class AccessTokenIn(Schema):
    name: Annotated[Kept, Field(min_length=1, max_length=120)]


class AccessTokenOut(Schema):
    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


class AccessTokenMadeOut(AccessTokenOut):
    token: str


class Health(Schema):
    status: Literal["ok"]


@session.post("/session", auth=None, response={204: None})
def sign_in(request: HttpRequest, body: Token) -> Status[None]:
    """Exchange a single-use token for a session cookie."""
    auth.sign_in(request, body.token)
    return Status(204, None)


@session.get("/session", response=Session)
def current_session(request: HttpRequest) -> Session:
    """Whether the caller is signed in (else 401)."""
    return Session(signed_in=True)


@session.delete("/session", response={204: None})
def sign_out(request: HttpRequest) -> Status[None]:
    """End the session."""
    auth.sign_out(request)
    return Status(204, None)


@session.get("/access-tokens", response=list[AccessTokenOut])
def list_access_tokens(request: HttpRequest) -> QuerySet[AccessToken]:
    """The tokens of programs that have no browser, as git; newest first."""
    return AccessToken.objects.order_by("-created_at")


@session.post("/access-tokens", response={201: AccessTokenMadeOut})
def create_access_token(request: HttpRequest, body: AccessTokenIn) -> Status[AccessTokenMadeOut]:
    """Make an access token. It is told here, and never again."""
    row, token = auth.new_access_token(body.name)
    return Status(201, AccessTokenMadeOut(**AccessTokenOut.from_orm(row).dict(), token=token))


@session.delete("/access-tokens/{token_id}", response={204: None})
def delete_access_token(request: HttpRequest, token_id: str) -> Status[None]:
    """Have an access token be worth nothing from now on."""
    auth.revoke(token_id)
    return Status(204, None)


@session.get("/health", auth=None, response=Health)
def health(request: HttpRequest) -> Health:
    """Whether the server answers."""
    return Health(status="ok")


@session.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """This API's own description."""
    return api.create_response(request, described(api), status=HTTPStatus.OK)


def _refuse(request: HttpRequest, code: str, message: str, **data: Any) -> HttpResponse:
    return api.create_response(request, {"code": code, "message": message, **data}, status=STATUS[code])


@api.exception_handler(HelixError)
def _helix_error(request: HttpRequest, error: HelixError) -> HttpResponse:
    code = error.code if error.code in STATUS else HelixError.code
    return _refuse(request, code, error.message, **error.data)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _helix_error(request, auth.NotSignedIn())


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    problems = [{"where": ".".join(map(str, each["loc"][1:])), "message": each["msg"]} for each in error.errors]
    message = "; ".join(f"{each['where'].removeprefix('body.')}: {each['message']}" for each in problems)
    return _refuse(request, "invalid-request", message, data=problems)


@api.exception_handler(HttpError)
def _not_json(request: HttpRequest, error: HttpError) -> HttpResponse:  # nothing else raises it
    return _refuse(request, "not-json", str(error))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
    return _refuse(request, "too-big", f"A request has at most {limit} MB.")


@api.exception_handler(Exception)
def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("request failed", path=request.path, method=request.method)
    if _for_want_of_space(error):
        message = "The disk that HelixWeb writes to is full, so this was not saved. Make room, then try again."
        return _refuse(request, "disk-full", message)
    return _helix_error(request, InternalError())


def _for_want_of_space(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    # SQLite's words for SQLITE_FULL; PostgreSQL's code for disk_full.
    full = "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", None) == "53100"
    return isinstance(error, OperationalError) and full


api.add_router("", session)
api.add_router("", workflows)
api.add_router("", versions)
api.add_router("", metrics)
api.add_router("", snapshots)
api.add_router("", jobs)


def not_found(request: HttpRequest, path: str = "") -> HttpResponse:
    """The answer for an address below /api/ that the API does not have."""
    if not auth.signed_in(request.session):
        return _helix_error(request, auth.NotSignedIn())
    return _refuse(request, "no-such-address", f"The API has no address /api/{path}.")
