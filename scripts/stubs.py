"""Writes helixweb/dsl.pyi from the registry of operators."""

from __future__ import annotations

from pathlib import Path

from workflows.operators.stubs import stubs

if __name__ == "__main__":
    (Path(__file__).resolve().parent.parent / "helixweb" / "dsl.pyi").write_text(stubs(), encoding="utf-8")
