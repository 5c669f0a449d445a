"""Every address: the API, and the page for all others."""

from __future__ import annotations

from django.urls import path

from helixweb.api import api, not_found
from helixweb.views import page, sign_in_page

urlpatterns = [
    path("api", not_found),
    path("api/", not_found),
    path("api/", api.urls),
    path("api/<path:path>", not_found),
    path("sign-in", sign_in_page),
    path("", page),
    path("<path:path>", page),
]
