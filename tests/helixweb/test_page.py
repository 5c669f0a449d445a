from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from helixweb import auth

pytestmark = pytest.mark.django_db

SCRIPT = "console.log(1)\n" * 50  # small files are not worth compressing


@pytest.fixture
def build(tmp_path: Path, settings: Settings) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>shell</title>")
    (tmp_path / "assets" / "index-a1b2c3.js").write_text(SCRIPT)
    (tmp_path / "assets" / "index-a1b2c3.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "icon.svg").write_text("<svg/>")
    settings.FRONTEND = settings.WHITENOISE_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def client(build: Path) -> Client:  # noqa: ARG001  (made after the settings are)
    return Client(headers={"host": "127.0.0.1:8000"})


def test_the_shell_is_open_at_sign_in_and_closed_elsewhere(client: Client) -> None:
    assert b"shell" in client.get("/sign-in").content
    assert client.get("/").status_code == 302
    assert client.get("/workflows/abc").status_code == 302


def test_whoever_is_signed_in_gets_the_shell_at_every_address_of_the_page(client: Client) -> None:
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    for path in ("/", "/workflows/abc?node=model", "/versions/of/later"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"shell" in answer.content
        assert answer["Cache-Control"] == "no-cache"


def test_what_carries_a_hash_in_its_name_is_kept_for_good(client: Client) -> None:
    answer = client.get("/assets/index-a1b2c3.js")
    assert answer.status_code == 200
    assert answer.content == SCRIPT.encode()
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Access-Control-Allow-Origin" not in answer
    assert "immutable" not in client.get("/icon.svg")["Cache-Control"]


def test_a_missing_file_of_the_build_is_not_answered_with_the_shell(client: Client) -> None:
    answer = client.get("/assets/index-of-an-older-build.js")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain")


def test_what_was_compressed_at_build_time_is_sent_so(client: Client) -> None:
    answer = client.get("/assets/index-a1b2c3.js", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == SCRIPT.encode()


def test_a_file_that_is_cached_is_not_sent_again(client: Client) -> None:
    etag = client.get("/icon.svg")["ETag"]
    answer = client.get("/icon.svg", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_nothing_outside_of_the_build_is_served(client: Client, build: Path) -> None:
    (build.parent / "secret").write_text("secret")
    for path in ("/../secret", "/assets/../../secret", "/%2e%2e/secret"):
        assert b"secret" not in client.get(path).content


def test_without_a_build_the_page_says_how_to_make_one(settings: Settings, tmp_path: Path) -> None:
    settings.FRONTEND, settings.WHITENOISE_ROOT = tmp_path, None
    answer = Client(headers={"host": "127.0.0.1:8000"}).get("/sign-in")
    assert answer.status_code == 503
    assert b"make setup" in answer.content
