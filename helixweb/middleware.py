"""What every request passes: security headers, the check of its origin, and the files of the front end."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from helixweb.auth import ForeignOrigin, own_origin

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Headers that keep the page to its own scripts and out of other pages' frames.

    Styles may be inline, since the editor and the component library set them from script.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "font-src 'self' data:; worker-src 'self' blob:; "
            f"connect-src 'self' ws://{request.META.get('HTTP_HOST', '')}; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class SameOrigin:
    """Refuse what changes something and comes from another site's page.

    Every browser says where such a request comes from, in Origin or Sec-Fetch-Site; a request with neither was not sent
    by a page (and the cookie is SameSite=Strict besides). The Host header is checked for every request: a name of
    another site that resolves to this machine is not ours.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host()  # raises DisallowedHost
        if request.method not in SAFE_METHODS and self._foreign(request, host):
            refusal = ForeignOrigin()
            body = json.dumps({"code": refusal.code, "message": refusal.message})
            return HttpResponse(body, content_type="application/json", status=HTTPStatus.FORBIDDEN)
        return self.get_response(request)

    @staticmethod
    def _foreign(request: HttpRequest, host: str) -> bool:
        origin = request.headers.get("Origin")
        if origin is not None:
            return not own_origin(origin, request.scheme or "http", host)
        return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


class Frontend(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise over the front end's build; its files are small enough to be sent whole, which ASGI prefers."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
