from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from openapi_spec_validator import validate

from helixweb import auth
from helixweb.api import api
from helixweb.models import SignInToken

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
OPEN = {(method, path) for method in ("GET", "HEAD") for path in ("/sign-in", "/api/health")} | {
    ("POST", "/api/session")
}
HOST = "127.0.0.1:8000"


@pytest.fixture
def stranger() -> Client:
    return Client(headers={"host": HOST})


@pytest.fixture
def user() -> Client:
    client = Client(headers={"host": HOST})
    assert sign_in(client, auth.new_token()).status_code == 204
    return client


def sign_in(client: Client, token: str, **headers: str) -> Any:
    return client.post("/api/session", {"token": token}, content_type="application/json", headers=headers)


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield (
                path.replace("<path:path>", "some/where")
                .replace("<unkept:path>", "some%00where")
                .replace("<workflow_id>", "w")
                .replace("<run_id>", "r")
                .replace("<version_id>", "v")
                .replace("<token_id>", "t")
                .replace("<backfill_id>", "b")
                .replace("<dashboard_id>", "d")
                .replace("<snapshot_id>", "s")
                .replace("<str:name>", "w")
                .replace("<name>", "adult")
            )


EVERY_ROUTE = sorted(set(routes(get_resolver().url_patterns)))


def test_no_route_is_forgotten_by_the_walk() -> None:
    assert not [route for route in EVERY_ROUTE if "<" in route]
    assert len(EVERY_ROUTE) > 20


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", EVERY_ROUTE)
def test_every_route_refuses_whoever_is_not_signed_in(stranger: Client, route: str, method: str) -> None:
    answer = stranger.generic(method, route, "{}", content_type="application/json")
    if (method, route) in OPEN:
        assert answer.status_code in (200, 401, 422, 503)
    elif answer.status_code == 302:
        assert answer["Location"].partition("?")[0] == "/sign-in"
    else:
        assert answer.status_code in (401, 405)


def test_every_operation_of_the_api_answers_401_to_a_stranger(stranger: Client) -> None:
    operations = [(method.upper(), path) for path, each in api.get_openapi_schema()["paths"].items() for method in each]
    assert len(operations) > 15
    for method, path in operations:
        if (method, path) in OPEN:
            continue
        answer = stranger.generic(method, path.replace("{", "").replace("}", ""), "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), (method, path)


def test_a_token_opens_the_door_once(stranger: Client) -> None:
    token = auth.new_token()
    answer = sign_in(stranger, token)
    assert answer.status_code == 204
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert stranger.get("/api/session").json() == {"signed_in": True}
    again = sign_in(Client(headers={"host": HOST}), token)
    assert (again.status_code, again.json()["code"]) == (401, "token-refused")


def test_an_old_token_is_refused(stranger: Client) -> None:
    token = auth.new_token()
    row = SignInToken.objects.get()
    row.created_at -= auth.TOKEN_LIFE
    row.save()
    assert sign_in(stranger, token).status_code == 401


def test_no_token_is_kept_as_it_is() -> None:
    token = auth.new_token()
    assert token not in str(SignInToken.objects.values_list())


def test_signing_out_ends_the_session_on_the_server(user: Client) -> None:
    cookies = user.cookies.copy()
    assert user.delete("/api/session").status_code == 204
    user.cookies = cookies
    assert user.get("/api/session").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_change_asked_for_by_another_sites_page_is_refused(user: Client, headers: dict[str, str]) -> None:
    answer = user.post("/api/workflows", {"name": "x"}, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize("headers", [{"origin": f"http://{HOST}"}, {"sec-fetch-site": "same-origin"}, {}])
def test_a_change_asked_for_by_our_own_page_is_made(user: Client, headers: dict[str, str]) -> None:
    answer = user.post("/api/workflows", {"name": "x"}, content_type="application/json", headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", "192.168.0.1"])
def test_a_name_of_another_site_that_resolves_to_this_machine_is_refused(user: Client, host: str) -> None:
    for path in ("/", "/sign-in", "/api/session", "/api/health"):
        answer = user.get(path, headers={"host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "foreign-host")


def test_every_answer_carries_the_headers_that_confine_the_page(stranger: Client) -> None:
    for path in ("/", "/sign-in", "/api/health", "/api/workflows", "/nothing"):
        headers = stranger.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_that_needs_signing_in_is_returned_to_afterwards(stranger: Client) -> None:
    answer = stranger.get("/workflows/abc?node=model")
    assert answer["Location"] == "/sign-in?next=%2Fworkflows%2Fabc%3Fnode%3Dmodel"


def test_the_api_describes_itself(user: Client) -> None:
    answer = user.get("/api/openapi.json")
    assert answer.status_code == 200
    validate(answer.json())
    assert "/api/workflows/{workflow_id}/check" in answer.json()["paths"]
