"""Every address: the API, git's, and the page for all others."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from helixweb.api import api, not_found
from helixweb.git import info_refs, receive_pack, upload_pack
from helixweb.views import page, sign_in_page


class Unkept(StringConverter):
    """An address with the character NUL, which is nobody's: PostgreSQL refuses to look for such an id."""

    regex = r".*\x00.*"


register_converter(Unkept, "unkept")

urlpatterns = [
    path("api", not_found),
    path("api/", not_found),
    path("api/<unkept:path>", not_found),
    path("api/", api.urls),
    path("api/<path:path>", not_found),
    path("git/<str:name>.git/info/refs", info_refs),
    path("git/<str:name>.git/git-upload-pack", upload_pack),
    path("git/<str:name>.git/git-receive-pack", receive_pack),
    path("sign-in", sign_in_page),
    path("", page),
    path("<path:path>", page),
]
