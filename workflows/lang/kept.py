"""Keeps what statements that make nodes came to, so that a text that was edited is unrolled and checked anew only where
something else stands, or something else is known of what stands there.

What a statement comes to follows from its text and from what is known of the names in it: of a node its operator,
splits and basis, of a constant its value, of a function its parameters. All of that is the key.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from workflows.lang.constants import is_constant
from workflows.lang.syntax import Definition, NodeRef, Value, Vertex
from workflows.operators.base import Operator
from workflows.recall import Recall

Known: TypeAlias = tuple[object, ...]

_CHARACTERS = 128 * 1024  # of statements that are remembered, twice
_WALKING = frozenset(("Split", "Sample"))  # operators whose rules look further than the operands
_EXACT = (bool, int, str, bytes, type(None))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a statement of a block in line ``line`` came to: its name, where that stands, and its value; its nodes and
    their first and last lines; and how many steps it took."""

    line: int
    name: str
    name_line: int
    value: Value
    vertices: tuple[Vertex, ...]
    lines: tuple[tuple[int, int], ...]
    steps: int
    calls: bool  # whether one of its nodes is given a function of the text

    def renewed(self, names: Mapping[str, Value]) -> Sequence[Vertex]:
        """Its nodes where functions are those of ``names``."""
        return self.vertices if not self.calls else [_renewed(vertex, names) for vertex in self.vertices]


_KEPT: Recall[tuple[object, ...], Kept] = Recall(_CHARACTERS)


def recalled(key: Known | None) -> Kept | None:
    """What a statement came to, by all that this rests on."""
    return None if key is None else _KEPT.get(key)


def keep(key: Known, text: str, kept: Kept) -> None:
    """Keeps what a statement came to in which nothing is wrong, if that cannot change and can be said anew."""
    if _is_made(kept.value) and all(map(_is_plain, kept.vertices)):
        _KEPT.keep(key, kept, len(text))


def known_of(value: Value, vertices: Mapping[str, Vertex]) -> Known | None:
    """What is known of a value while compiling; None where that cannot be told in a few words."""
    kind = type(value)
    if kind is NodeRef:
        vertex = vertices.get(value.name)
        return (
            None
            if vertex is None
            else (
                *(kind, value.name, value.split),
                *(vertex.operator.name, vertex.splits, vertex.basis),
            )
        )
    if kind in _EXACT:
        return (kind, value)
    if kind is float or kind is complex:  # 0.0 and -0.0 are equal
        return (kind, repr(value))
    if kind is Operator:
        return (kind, value.name)
    if kind is list or kind is tuple:
        items = [known_of(item, vertices) for item in value]
        return None if None in items else (kind, *items)
    if kind is Definition and not isinstance(value.node, ast.Lambda):
        parameters = "" if isinstance(value.node, ast.ClassDef) else ast.dump(value.node.args)
        return (kind, value.name, type(value.node), parameters)
    return None


def _is_made(value: Value) -> bool:
    """Whether a value is a node, or a list of nodes: nothing in it can change."""
    return isinstance(value, NodeRef) or (isinstance(value, list) and all(isinstance(item, NodeRef) for item in value))


def calls(vertices: Iterable[Vertex]) -> bool:
    """Whether one of the nodes is given a function of the text."""
    return any(isinstance(value, Definition) for vertex in vertices for value in vertex.params.values())


def _is_plain(vertex: Vertex) -> bool:
    """Whether a vertex follows from its operands alone, and has nothing of the text in it but functions."""
    values = [value for value in vertex.params.values() if not isinstance(value, Definition)]
    return vertex.operator.name not in _WALKING and all(map(is_constant, values))


def _renewed(vertex: Vertex, names: Mapping[str, Value]) -> Vertex:
    functions = {name: names[value.name] for name, value in vertex.params.items() if isinstance(value, Definition)}
    return replace(vertex, params={**vertex.params, **functions}) if functions else vertex
