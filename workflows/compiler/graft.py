"""Takes a node over from one text to another, with the statements that it needs and the other lacks: pure text."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.errors import HelixError
from workflows.graph.dag import Dag, NodeName
from workflows.lang.statements import bound_names
from workflows.parsing import parse


class GraftRefused(HelixError):
    """A node cannot be computed of another version of its workflow; the message says what stands in the way."""

    code = "graft-refused"


@dataclass(frozen=True, slots=True)
class Grafted:
    """The text with the statements below its own, which keep their lines; ``added`` are the names that came along."""

    text: str
    added: tuple[str, ...]


def graft(text: str, donor: str, dag: Dag, node: NodeName) -> Grafted:
    """The text with ``node`` of another one, the ``donor``, which compiles to ``dag``.

    What the node is made of is the text's own where it has a node of that name, else taken over too. Functions,
    classes, imports and constants that it names are taken over where the text has none of that name; where it has
    another one, the two would not mean the same, and that is refused. Raises GraftRefused, or SyntaxError where the
    text is none.
    """
    own, other = _bindings(text), _bindings(donor)
    if node in own:
        return Grafted(text, ())
    if node not in other:
        raise GraftRefused(f"`{node}` has no name of its own in the text: give it one, as in `metric = …`.")
    lines, wanted, places = donor.splitlines(), [str(node)], set[int]()
    added: list[str] = []
    while wanted:
        name = wanted.pop()
        if name in added or name not in other:
            continue
        if name in own:
            if NodeName(name) not in dag.nodes and _meaning(own[name]) != _meaning(other[name]):
                raise GraftRefused(f"`{node}` rests on `{name}`, which is another one here.")
            continue
        added.append(name)
        for statement in other[name]:
            places.add(statement.lineno)
            wanted.extend(_names_in(statement))
    statements = {each.lineno: each for found in other.values() for each in found}
    below = [_source(lines, statements[line]) for line in sorted(places)]
    return Grafted("\n".join([text.rstrip("\n"), "", *below]) + "\n", tuple(sorted(added)))


def _bindings(text: str) -> Mapping[str, Sequence[ast.stmt]]:
    """The statements that bind each name at module level."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in parse(text).body:
        for name in dict.fromkeys(name for name, _ in bound_names([statement])):
            found.setdefault(name, []).append(statement)
    return found


def _names_in(statement: ast.stmt) -> list[str]:
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]


def _meaning(statements: Sequence[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in statements]


def _source(lines: Sequence[str], statement: ast.stmt) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    return "\n".join(lines[first - 1 : statement.end_lineno])
