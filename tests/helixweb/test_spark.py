"""What the command line says of Spark: that it cannot be installed, that a setting is none."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest

from helixweb import spark
from workflows.execution.sandbox import Isolation
from workflows.execution.spark.server import NoSpark


def test_packages_that_cannot_be_fetched_are_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "empty", with_pip=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    said: list[str] = []
    with pytest.raises(NoSpark, match="is there a network") as error:
        spark.install(said.append, into=str(tmp_path / "empty" / "bin" / "python"))
    assert str(spark.REQUIREMENTS) in error.value.message
    assert "a minute or two" in said[0]


def test_what_is_installed_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    spark.install(lambda _: None, into=sys.executable)
    assert spark.available()


def test_a_number_of_cores_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(spark.CORES, "many")
    with pytest.raises(NoSpark, match="'many'"):
        spark.server(Isolation("off"), lambda _: None)
