"""Whatever is asked of the API, it answers in JSON with a code and a message, and never fails."""

from __future__ import annotations

import errno
import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from helixweb import auth
from helixweb.api import api
from workflows import services

pytestmark = pytest.mark.django_db

OPERATIONS = [(method.upper(), path) for path, each in api.get_openapi_schema()["paths"].items() for method in each]
WITH_BODY = [
    (method.upper(), path)
    for path, each in api.get_openapi_schema()["paths"].items()
    for method, operation in each.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
]
BODIES = {
    "nothing": b"",
    "broken": b"{",
    "a list": b"[]",
    "null": b"null",
    "no UTF-8": b'{"name": "\xff"}',
    "nested deep": b"[" * 100_000,
    "many digits": b'{"revision": ' + b"9" * 5000 + b"}",
    "numbers": b'{"name": 1, "text": 1, "revision": "x", "version": 1, "token": 1, "force": 1, "reuse": 7, '
    b'"seconds": "x", "snapshots": 1, "charts": 1, "pinned": "x"}',
    "not a number": b'{"revision": NaN, "text": ""}',
    "half a character": (
        b'{"name": "\\ud800", "text": "\\ud800", "revision": 1, "version": "\\ud800", "token": "\\ud800"}'
    ),
    "a form": b"name=x&text=y",
}


@pytest.fixture
def user() -> Client:
    client = Client(headers={"host": "127.0.0.1:8000"}, raise_request_exception=False)
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    return client


@pytest.fixture
def workflow() -> str:
    return services.create("A workflow", "blank").id


def refused(answer: Any) -> int:
    """The status of an answer that is an error as all are told."""
    assert {"code", "message"} <= answer.json().keys()
    assert answer.json()["message"]
    return int(answer.status_code)


def test_there_are_operations_to_try() -> None:
    assert len(OPERATIONS) > 15
    assert len(WITH_BODY) >= 6


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_makes_no_sense_is_refused(user: Client, workflow: str, kind: str) -> None:
    for method, path in WITH_BODY:
        address = path.replace("{workflow_id}", workflow)
        answer = user.generic(method, address, BODIES[kind], content_type="application/json")
        assert refused(answer) in (400, 422), (method, path)


def test_a_body_that_is_too_big_is_refused(user: Client, workflow: str, settings: Any) -> None:
    body = b'{"text": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    for method, path in WITH_BODY:
        answer = user.generic(method, path.replace("{workflow_id}", workflow), body, content_type="application/json")
        assert (refused(answer), answer.json()["code"]) == (413, "too-big"), (method, path)


@pytest.mark.parametrize("name", ["none", "x" * 5000, "%00", "%ff%fe", "%ed%a0%80", "..", "%2e%2e%2fsecret-key"])
def test_an_id_that_is_nobodys_is_not_found(user: Client, name: str) -> None:
    body = (
        b'{"name": "x", "text": "", "node": "x", "revision": 1, "version": "v", "kind": "tag", "message": "m", '
        b'"nodes": ["x"], "reuse": true, "before": {}, "after": {}, "title": "x", "client": "c", "state": {}, '
        b'"snapshots": [], "deleted": true}'
    )
    for method, path in OPERATIONS:
        if "{" in path:
            address = f"{path[: path.index('{')]}{name}{path[path.index('}') + 1 :]}"
            address += "?kind=tag&name=x&node=x&number=1"
            answer = user.generic(method, address, body, content_type="application/json")
            assert refused(answer) == 404, address


def test_a_text_that_no_database_keeps_is_refused_with_its_place(user: Client, workflow: str) -> None:
    for method, path, body in (
        ("POST", "/api/workflows", {"name": "a\0"}),
        ("PATCH", f"/api/workflows/{workflow}", {"name": "a\0"}),
        ("PUT", f"/api/workflows/{workflow}/draft", {"text": "a\0", "revision": 1}),
        ("POST", f"/api/workflows/{workflow}/checkout", {"version": "a\0"}),
        ("POST", f"/api/workflows/{workflow}/runs", {"text": "a = 1\0"}),
        ("POST", f"/api/workflows/{workflow}/runs", {"text": "", "force": ["a\0"]}),
        ("POST", f"/api/workflows/{workflow}/dashboards", {"node": "a\0", "version": "b"}),
        ("POST", "/api/dashboards/none/snapshots", {"client": "a\0", "state": {}}),
        ("POST", "/api/figures", {"questions": ["a\0"]}),
    ):
        answer = user.generic(method, path, json.dumps(body), content_type="application/json")
        assert refused(answer) in (409, 422), path
        assert {"NUL", "null", "node"} & set(answer.json()["message"].replace("`", " ").split()), answer.json()


def test_a_method_that_an_address_does_not_have_is_refused_with_those_that_it_has(user: Client) -> None:
    answer = user.put("/api/workflows", {}, content_type="application/json")
    assert (refused(answer), answer.json()["code"]) == (405, "method-not-allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS, POST"
    for method in ("TRACE", "DELETE"):
        assert refused(user.generic(method, "/api/health")) == 405


def test_an_address_is_asked_what_it_answers_to(user: Client) -> None:
    answer = user.options("/api/workflows")
    assert (answer.status_code, answer["Allow"], answer.content) == (204, "GET, HEAD, OPTIONS, POST", b"")
    assert user.options("/api/workflows/none/restore")["Allow"] == "OPTIONS, POST"


def test_head_is_answered_as_get_is_without_the_body(user: Client) -> None:
    for path in ("/api/health", "/api/workflows", "/api/workflows/none", "/api/nothing", "/api/workflows/none/restore"):
        head, got = user.head(path), user.get(path)
        assert (head.status_code, head["Content-Type"]) == (got.status_code, got["Content-Type"]), path
        assert head.content == b""
    assert Client(headers={"host": "127.0.0.1:8000"}).head("/api/workflows").status_code == 401


def test_an_address_that_the_api_does_not_have_says_so(user: Client) -> None:
    for path in ("/api", "/api/", "/api/nothing/here", "/api/workflows/"):
        answer = user.get(path)
        assert (refused(answer), answer.json()["code"]) == (404, "no-such-address")


def test_a_failure_of_its_own_is_told_without_its_inside(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(services, "templates", fail)
    answer = user.get("/api/templates")
    assert (refused(answer), answer.json()["code"]) == (500, "internal-error")
    assert b"inside" not in answer.content


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")]
)
def test_a_full_disk_is_told_as_such(user: Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(services, "rename", fail)
    answer = user.patch("/api/workflows/w", {"name": "x"}, content_type="application/json")
    assert (refused(answer), answer.json()["code"]) == (507, "disk-full")


def test_a_failure_before_the_api_is_reached_is_told_alike(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("helixweb.middleware.own_origin", fail)
    answer = user.delete("/api/session", headers={"origin": "http://127.0.0.1:8000"})
    assert (refused(answer), answer.json()["code"]) == (500, "internal-error")
    assert b"inside" not in answer.content
