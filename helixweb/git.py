"""The addresses that git's own client asks: ``git clone http://…/git/<workflow>.git``, to be read and never written."""

from __future__ import annotations

import base64
import binascii
import zlib
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST
from dulwich.errors import GitProtocolError

from helixweb import auth
from versions import serving
from workflows import services as workflows
from workflows.models import Workflow

log = structlog.get_logger()

MOST = 16 << 20  # bytes of a request: some 300,000 commits that a client has
READ_ONLY = "HelixWeb's repositories are read-only for git: what is run becomes a version. Nothing was pushed.\n"


@require_GET
def info_refs(request: HttpRequest, name: str) -> HttpResponse:
    """What there is to be fetched."""
    if refused := _refused(request):
        return refused
    if request.GET.get("service") != serving.SERVICE:
        return _said(HTTPStatus.FORBIDDEN, READ_ONLY)
    workflow = _named(name)
    if workflow is None:
        return _unknown(name)
    return _answer(serving.advertisement(workflow), "advertisement")


@require_POST
def upload_pack(request: HttpRequest, name: str) -> HttpResponse:
    """What a client asks for."""
    if refused := _refused(request):
        return refused
    workflow = _named(name)
    if workflow is None:
        return _unknown(name)
    try:
        return _answer(serving.pack(workflow, _body(request)), "result")
    except (GitProtocolError, AssertionError, ValueError, zlib.error) as error:
        log.info("no request of git's", workflow=workflow.id, error=str(error))
        return _said(HTTPStatus.BAD_REQUEST, "That is no request of git's.\n")


@require_POST
def receive_pack(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001  (no repository takes a push)
    """Refuses a push."""
    return _refused(request) or _said(HTTPStatus.FORBIDDEN, READ_ONLY)


def _refused(request: HttpRequest) -> HttpResponse | None:
    """The answer to who brings neither a session nor an access token as the password, whatever the user's name."""
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            _, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            password = ""
        if auth.accepted(password):
            return None
    elif auth.signed_in(request.session):
        return None
    response = _said(
        HTTPStatus.UNAUTHORIZED,
        "Give an access token as the password: the page of versions makes one, under Clone.\n",
    )
    response["WWW-Authenticate"] = 'Basic realm="HelixWeb", charset="UTF-8"'
    return response


def _named(name: str) -> Workflow | None:
    """A workflow by its id, or by its name where no other is called so."""
    present = workflows.present()
    found = present.filter(id=name).first()
    if found is not None:
        return found
    called = list(present.filter(name__iexact=name)[:2])
    return called[0] if len(called) == 1 else None


def _body(request: HttpRequest) -> bytes:
    """What git sends, which it compresses where that is much. Raises ValueError where it is too much."""
    if int(request.headers.get("Content-Length") or 0) > MOST:
        raise ValueError("too long")
    sent = request.read(MOST + 1)
    if request.headers.get("Content-Encoding") in ("gzip", "x-gzip"):
        opened = zlib.decompressobj(wbits=31)
        sent = opened.decompress(sent, MOST + 1)
    if len(sent) > MOST:
        raise ValueError("too long")
    return sent


def _answer(content: bytes, what: str) -> HttpResponse:
    headers = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Expires": "Fri, 01 Jan 1980 00:00:00 GMT"}
    return HttpResponse(content, content_type=f"application/x-{serving.SERVICE}-{what}", headers=headers)


def _unknown(name: str) -> HttpResponse:
    return _said(HTTPStatus.NOT_FOUND, f"There is no workflow {name} here, or several are called so: take its id.\n")


def _said(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
