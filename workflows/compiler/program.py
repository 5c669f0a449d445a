"""What a run process needs of a text to have its functions. Light: it imports nothing of the compiler."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.graph.dag import ParamValue
from workflows.parsing import parse


@dataclass(frozen=True, slots=True)
class Program:
    """A text, its constants, and where its user code stands.

    ``constants`` are put into a fresh module, then ``statements`` are executed in it, in order. ``code`` has the places
    (``lineno`` and ``col_offset`` of ``ast``) of top-level statements: imports, functions, classes, and assignments of
    what only the run can make (``CLEAN = re.compile("…")``).
    """

    text: str
    constants: Mapping[str, ParamValue]
    code: tuple[tuple[int, int], ...]

    def statements(self) -> list[ast.stmt]:
        """The statements that are user code, with the lines and columns of the text."""
        places = set(self.code)
        tree = parse(self.text)  # the compiler told of escapes that Python does not know
        return [node for node in tree.body if (node.lineno, node.col_offset) in places]
