"""The reference of operators: current, and whole."""

from __future__ import annotations

from pathlib import Path

from workflows.operators.reference import reference
from workflows.operators.registry import DECLARATIONS

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_reference_is_what_the_registry_says() -> None:
    assert (DOCS / "operators.md").read_text(encoding="utf-8") == reference(), "run `make docs`"


def test_every_operator_and_every_parameter_has_its_line() -> None:
    sections = {part.split("\n", 1)[0]: part for part in reference().split("\n### ")[1:]}
    assert set(sections) == set(DECLARATIONS)
    for name, operator in DECLARATIONS.items():
        for parameter in operator.parameters:
            assert f"{parameter.name}` | " in sections[name]
