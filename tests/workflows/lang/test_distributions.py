"""Which distribution holds a module: what importlib.metadata says, found without reading everything."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from workflows.lang.distributions import PYTHON, distributions_of, stack_of


@pytest.mark.parametrize(
    "module", ["numpy", "sklearn", "pandas", "scipy", "dateutil", "blake3", "pytest", "yaml", "PIL"]
)
def test_a_module_is_held_by_the_distribution_that_python_names(module: str) -> None:
    names = packages_distributions().get(module, [])
    expected = {f"{re.sub('[-_.]+', '-', name).lower()}=={version(name)}" for name in names}
    assert set(distributions_of(module)) == expected


def test_the_standard_library_is_python_itself() -> None:
    assert distributions_of("math") == distributions_of("json") == (PYTHON,)
    assert f"python=={sys.version_info.major}.{sys.version_info.minor}" == PYTHON


def test_a_module_of_no_distribution_has_none() -> None:
    assert distributions_of("nowhere_to_be_found") == ()


def test_an_installation_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    assert distributions_of("newly_made") == ()
    (tmp_path / "newly_made.py").write_text("")
    install(tmp_path, "Newly.Made", "1.0", "newly_made.py")
    assert distributions_of("newly_made") == ("newly-made==1.0",)
    install(tmp_path, "Other-Half", "2", "shared_name/__init__.py")
    install(tmp_path, "first_half", "3", "shared_name/more.py")
    assert distributions_of("shared_name") == ("first-half==3", "other-half==2")


def test_a_module_rests_on_what_its_distribution_requires_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "Top_One", "1", "top_one.py", "mid.one>=2", "absent", 'shown; extra == "docs"', "top-one")
    install(tmp_path, "mid-one", "2", "mid_one.py", "low (<9)", 'old; python_version < "3.0"')
    for name in ("low", "old", "shown", "other"):
        install(tmp_path, name, "3", f"{name}.py")
    assert stack_of("top_one") == ("low==3", "mid-one==2", "old==3", "top-one==1")
    assert stack_of("low") == ("low==3",)
    assert stack_of("nowhere_to_be_found") == ()
    assert stack_of("math") == (PYTHON,)


def test_another_version_of_what_is_required_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "above", "1", "above.py", "below")
    install(tmp_path, "below", "1", "below.py")
    assert stack_of("above") == ("above==1", "below==1")
    (tmp_path / "below-1.dist-info").rename(tmp_path / "below-2.dist-info")
    assert stack_of("above") == ("above==1", "below==2")


def install(folder: Path, name: str, number: str, file: str, *required: str) -> None:
    """Puts a distribution's metadata into a folder, as an installer does."""
    info = folder / f"{name.replace('-', '_')}-{number}.dist-info"
    info.mkdir()
    requires = "".join(f"Requires-Dist: {one}\n" for one in required)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {number}\n{requires}\nRequires-Dist: none of it\n")
    (info / "RECORD").write_text(f"{file},sha256=x,1\n{info.name}/RECORD,,\n")
