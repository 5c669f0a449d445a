"""The page: one shell for every address of the single-page application, open at /sign-in alone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from helixweb.auth import signed_in

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>HelixWeb</title>
<h1>The front end is not built</h1>
<p>HelixWeb serves, but its page is missing. Build it with <code>make setup</code>, then start HelixWeb again.</p>
</html>"""


@require_safe
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """The shell, for the page that exchanges the token."""
    return _shell()


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The shell, for somebody who is signed in; whoever is not is sent to sign in first.

    A file of the build that is not there (any more) is none: a script that got the shell instead would fail to parse.
    """
    if path.startswith("assets/"):
        return HttpResponseNotFound("There is no such file.", content_type="text/plain")
    if not signed_in(request.session):
        return HttpResponseRedirect("/sign-in" + ("?" + urlencode({"next": request.get_full_path()}) if path else ""))
    return _shell()


def _shell() -> HttpResponse:
    shell = settings.FRONTEND / "index.html"
    if not shell.is_file():
        return HttpResponse(NOT_BUILT, status=503)
    return HttpResponse(shell.read_bytes(), headers={"Cache-Control": "no-cache"})
