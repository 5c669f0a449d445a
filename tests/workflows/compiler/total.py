"""What holds of any text that is compiled."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.compiler import Compiled, compile_workflow, files
from workflows.graph.dag import ParamValue, PartId
from workflows.graph.signature import sign
from workflows.lang.syntax import lines_of


def compile_and_hold(text: str, overrides: Mapping[str, ParamValue] | None = None) -> Compiled:
    """The compiled text, after all that must hold of any."""
    compiled = compile_workflow(text, overrides=overrides)
    hold(compiled)
    return compiled


def hold(compiled: Compiled) -> None:
    """Diagnostics in order, with something to do, within the text; or a graph in order that can be signed."""
    text, lines = compiled.text, lines_of(compiled.text)
    errors = [found for found in compiled.diagnostics if found.severity == "error"]
    assert (compiled.dag is None) == bool(errors)
    assert (compiled.parts is None) == (compiled.program is None) == bool(errors)
    places = [(found.span.line, found.span.column) for found in compiled.diagnostics]
    assert places == sorted(places)
    for found in compiled.diagnostics:
        assert found.code
        assert found.message
        assert found.hint, found
        span = found.span
        assert 1 <= span.line <= span.end_line <= len(lines), (found, text)
        assert (1, 1) <= (span.line, span.column) < (span.end_line, span.end_column), found
        assert span.column <= len(lines[span.line - 1]) + 1, found
        assert span.end_column <= len(lines[span.end_line - 1]) + 2, found  # an empty line has a mark, too
    if compiled.parts is not None and compiled.dag is not None and compiled.program is not None:
        seen: set[PartId] = set()
        for part in compiled.parts.parts.values():
            assert seen.issuperset(part.requires), "inputs come before their users"
            seen.add(part.id)
        assert seen.issuperset(compiled.parts.wanted)
        sign(compiled.parts, {(file.node, file.split): "x" for file in files(compiled.dag)})
        assert len(compiled.program.statements()) == len(compiled.program.code)
