from __future__ import annotations

import os
from pathlib import Path

import pytest

from helixweb import places


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HELIX_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("HELIX_DATA", raising=False)
    return tmp_path / "var"


def test_data_lie_beside_the_var_folder_unless_they_are_said_to_be_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.data_root() == home.parent / "data"
    monkeypatch.setenv("HELIX_DATA", "/somewhere")
    assert places.data_root() == Path("/somewhere")


def test_the_secret_key_is_made_once_and_is_its_owners_alone(home: Path) -> None:
    key = places.secret_key()
    assert len(key) >= 60
    assert places.secret_key() == key
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    assert places.make_private(tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_the_socket_of_redis_fits_the_kernels_limit_however_deep_the_var_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for name in ("short", "x" * 120, "y" * 120, "é" * 60):
        monkeypatch.setenv("HELIX_HOME", str(tmp_path / name))
        monkeypatch.setenv("TMPDIR", "/tmp")
        found.add(places.redis_socket())
        assert len(os.fsencode(places.redis_socket())) < 104
    assert len(found) == 4
