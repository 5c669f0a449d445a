"""Writes docs/operators.md from the registry of operators."""

from __future__ import annotations

from pathlib import Path

from workflows.operators.reference import reference

if __name__ == "__main__":
    (Path(__file__).resolve().parent.parent / "docs" / "operators.md").write_text(reference(), encoding="utf-8")
