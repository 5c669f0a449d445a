"""What every request passes: security headers, errors as JSON, the check of its origin, the files of the front end."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from helixweb.auth import ForeignHost, ForeignOrigin, own_origin
from workflows.errors import HelixError

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class MethodNotAllowed(HelixError):
    code = "method-not-allowed"

    def __init__(self, method: str) -> None:
        super().__init__(f"This address does not answer to {method}; the header Allow says what it answers to.")


class InternalError(HelixError):
    code = "internal-error"

    def __init__(self) -> None:
        super().__init__("HelixWeb failed at this; its log says why. What was saved before is safe.")


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


class Methods:
    """Below /api/ HEAD is answered as GET is, and OPTIONS says what an address answers to: the router knows neither.

    That an answer to HEAD has no body is seen to by the server, which leaves it out of every one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.method
        if asked == "HEAD" and request.path.startswith("/api/"):
            request.method = "GET"
        response = self.get_response(request)
        request.method = asked
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not request.path.startswith("/api/"):
            return response
        allowed = {*response["Allow"].split(", "), "OPTIONS"}
        allow = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
        if asked == "OPTIONS":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": allow})
        refusal = _refusal(response.status_code, MethodNotAllowed(asked or ""))
        refusal["Allow"] = allow
        return refusal


class JsonErrors:
    """Below /api/ a failure that Django tells in HTML becomes JSON, as the API's own errors are."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        told = response.headers.get("Content-Type", "").startswith("application/json")
        if told or not request.path.startswith("/api/"):
            return response
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return _refusal(response.status_code, InternalError())
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
        try:
            host = request.get_host()
        except DisallowedHost:
            return _refusal(HTTPStatus.BAD_REQUEST, ForeignHost())
        if request.method not in SAFE_METHODS and self._foreign(request, host):
            return _refusal(HTTPStatus.FORBIDDEN, ForeignOrigin())
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


def _refusal(status: int, error: HelixError) -> JsonResponse:
    return JsonResponse({"code": error.code, "message": error.message}, status=status)
