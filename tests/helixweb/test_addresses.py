from __future__ import annotations

from pathlib import Path

import pytest

from helixweb import addresses
from helixweb.addresses import AddressRefused

SECRET = "s3cret"


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HELIX_DATABASE", "HELIX_REDIS", "HELIX_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name + addresses.PASSWORD_FILE, raising=False)


def test_where_nothing_is_said_the_embedded_ones_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_HOME", str(tmp_path))
    assert addresses.database() is None
    assert addresses.site() is None
    assert addresses.redis() == addresses.redis_shown() == f"unix://{tmp_path}/redis/redis.sock"
    assert addresses.broker() == f"redis+socket://{tmp_path}/redis/redis.sock"


def test_a_database_has_every_part_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_DATABASE", "postgresql://a%40b:p%2Fw%3A@db.example:6543/he%20lix?sslmode=require")
    found = addresses.database()
    assert found is not None
    assert (found.host, found.port, found.name, found.user) == ("db.example", 6543, "he lix", "a@b")
    assert (found.password, found.options) == ("p/w:", {"sslmode": "require"})
    assert found.django()["OPTIONS"]["sslmode"] == "require"


def test_a_password_comes_from_a_file_and_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text(SECRET + "\n")
    for name in ("HELIX_DATABASE", "HELIX_REDIS"):
        monkeypatch.setenv(name + addresses.PASSWORD_FILE, str(tmp_path / "password"))
    monkeypatch.setenv("HELIX_DATABASE", "postgresql://helix@db/helix")
    monkeypatch.setenv("HELIX_REDIS", "rediss://redis")
    found = addresses.database()
    assert found is not None
    assert (found.password, found.port) == (SECRET, 5432)
    assert SECRET not in found.shown + repr(found) + addresses.redis_shown()
    assert addresses.redis() == addresses.broker() == f"rediss://:{SECRET}@redis:6379/0"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("HELIX_DATABASE", f"mysql://u:{SECRET}@h/n"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}@h"),
        ("HELIX_DATABASE", f"postgresql://:{SECRET}@h/n"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}@/n"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}/x@h/n"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}@h:port/n"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}@h/n?sslmode"),
        ("HELIX_DATABASE", f"postgresql://u:{SECRET}@[::1/n"),
        ("HELIX_DATABASE", SECRET),
        ("HELIX_REDIS", f"http://:{SECRET}@h"),
        ("HELIX_REDIS", f"redis://:{SECRET}@"),
        ("HELIX_REDIS", f"redis://:{SECRET}@h:99999"),
        ("HELIX_URL", "helix.example"),
        ("HELIX_URL", "https://helix.example/below"),
        ("HELIX_URL", f"https://u:{SECRET}@helix.example"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, address)
    reader = {"HELIX_DATABASE": addresses.database, "HELIX_REDIS": addresses.redis, "HELIX_URL": addresses.site}[name]
    with pytest.raises(AddressRefused, match=f"^{name} is ") as refused:
        reader()
    assert SECRET not in refused.value.message


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_DATABASE", "postgresql://helix@db/helix")
    monkeypatch.setenv("HELIX_DATABASE_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(AddressRefused, match="none cannot be read"):
        addresses.database()
