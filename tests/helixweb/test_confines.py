"""Limits and the sandbox as the environment sets them: what is read, and what is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from helixweb import confines
from workflows.execution.limits import LimitRefused, Limits


@pytest.fixture(autouse=True)
def _place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("HELIX_SANDBOX", raising=False)
    monkeypatch.delenv("HELIX_READ", raising=False)


def test_unless_said_limits_are_those_of_the_engine() -> None:
    assert confines.limits() == Limits()


def test_a_limit_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_LIMIT_MEMORY", "2GB")
    monkeypatch.setenv("HELIX_LIMIT_TIME", "60")
    found = confines.limits({"memory": "1.5 GiB", "time": None})
    assert (found.memory, found.wall_seconds) == (3 << 29, 60.0)


@pytest.mark.parametrize(
    ("name", "word"),
    [("MEMORY", "much"), ("MEMORY", "0"), ("TIME", "-1"), ("TIME", "nan"), ("PROCESSES", "2.5"), ("LOG", "1 pound")],
)
def test_a_limit_that_is_none_is_refused_by_its_name(name: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"HELIX_LIMIT_{name}", word)
    with pytest.raises(LimitRefused, match=f"`{name.lower()}`"):
        confines.limits()


def test_the_sandbox_hides_what_helixweb_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_READ", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    found = confines.isolation()
    assert found.mode == "auto"
    assert found.read == (tmp_path / "a", tmp_path / "b")
    assert tmp_path / "var" in found.hide


def test_another_word_for_the_sandbox_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_SANDBOX", "required")
    with pytest.raises(confines.SandboxRefused, match="Did you mean require"):
        confines.isolation()
