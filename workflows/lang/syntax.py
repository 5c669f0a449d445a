"""What the language deals in: values known while compiling, applications of operators, and problems found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from workflows.errors import Diagnostic, Span, nearest
from workflows.operators.base import Operator, Parameter


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A node as a value; ``split`` where one split was taken of it."""

    name: str
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class of the text as a value. ``captured`` holds the loop variables that a lambda names."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    captured: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """Something imported, as a value: ``path`` as Python imports it, ``name`` as the text reaches it."""

    path: str
    name: str
    node: ast.expr


@dataclass(frozen=True, slots=True)
class Construction:
    """A call of imported or user code, made only when the workflow runs: an estimator expression."""

    callee: Imported | Definition
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


class Broken:
    """The value of what was reported already: whatever uses it stays silent."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN = Broken()

# A constant (None, bool, int, float, complex, str, bytes, list, tuple, set, dict), or one of the classes above.
Value: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Argument:
    """What was given for a parameter, and where."""

    value: Value
    node: ast.AST


@dataclass(frozen=True, slots=True)
class Application:
    """An operator applied: a node to be. ``arguments`` are by parameter; for a source's files by split as well."""

    name: str
    operator: Operator
    arguments: Mapping[str, Argument]
    node: ast.Call


class Operand(NamedTuple):
    """An operand that was checked; ``place`` is that in a list operand."""

    slot: str
    node: str
    split: str | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Vertex:
    """An application that was checked: parameters complete, splits and basis known. Where it stands is not in it."""

    name: str
    operator: Operator
    params: Mapping[str, Value]
    operands: tuple[Operand, ...]
    splits: tuple[str, ...]
    basis: str | None
    seed: int | None
    cache: bool
    label: str


def lines_of(text: str) -> list[str]:
    """The lines of a text as Python counts them (``splitlines`` also breaks at form feeds, for one)."""
    return re.split(r"\r\n|\r|\n", text)


class Source:
    """The text, and the way from the places of ``ast`` (lines from 1, columns in UTF-8 bytes from 0) to spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = lines_of(text)

    def span(self, node: ast.AST) -> Span:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        if end_line is None or end_column is None:
            end_line, end_column = line, column + 1
        return Span(line, self._column(line, column), end_line, self._column(end_line, end_column))

    def head(self, node: ast.stmt) -> Span:
        """The first line of a statement: enough to show where a block is wrong."""
        span = self.span(node)
        if span.line == span.end_line:
            return span
        return Span(span.line, span.column, span.line, max(len(self.line(span.line)) + 1, span.column + 1))

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def _column(self, line: int, offset: int) -> int:
        text = self.line(line)
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1


class Problems:
    """Collects what is wrong with a text; the same thing at the same place is told once."""

    LIMIT = 200
    COMPARED = 10_000  # names that nearest ones are looked for among, in one text

    def __init__(self, source: Source) -> None:
        self.source = source
        self.told = 0  # how often something was told, be it for the second time or beyond the limit
        self._compared = 0
        self._found: dict[tuple[str, Span], Diagnostic] = {}

    def add(self, code: str, where: ast.AST | Span, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.told += 1
        if isinstance(where, ast.stmt):
            span = self.source.head(where)
        else:
            span = where if isinstance(where, Span) else self.source.span(where)
        if len(self._found) < self.LIMIT:
            diagnostic = Diagnostic(code, _sendable(message), span, _sendable(hint), "warning" if warning else "error")
            self._found.setdefault((code, span), diagnostic)

    @property
    def full(self) -> bool:
        """Whether enough was found: there is no use in looking further."""
        return len(self._found) >= self.LIMIT

    def nearest(self, name: str, candidates: Iterable[str]) -> str | None:
        """The candidate that was most likely meant; None as well once a text has asked among too many."""
        names = list(candidates)
        self._compared += len(names)
        return nearest(name, names) if self._compared <= self.COMPARED else None

    @property
    def errors(self) -> bool:
        """Whether anything found keeps the text from running."""
        return any(found.severity == "error" for found in self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        return tuple(sorted(self._found.values(), key=lambda found: (found.span.line, found.span.column, found.code)))


def _sendable(message: str) -> str:
    """A message with what is no text in it (lone surrogates) written as escapes."""
    return message if message.isascii() else message.encode("utf-8", "backslashreplace").decode()


def elements_of(argument: Argument) -> list[ast.expr] | None:
    """Where each item of a list stands, if the list is written item by item."""
    if not isinstance(argument.node, ast.List | ast.Tuple) or not isinstance(argument.value, list | tuple):
        return None
    elements = argument.node.elts
    starred = any(isinstance(element, ast.Starred) for element in elements)
    return None if starred or len(elements) != len(argument.value) else elements


def kind_of(value: Value) -> str:
    """What a value is, for messages: "a string", "a node"."""
    match value:
        case None:
            return "None"
        case bool():
            return "True or False"
        case int() | float() | complex():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list of nodes" if value and all(isinstance(item, NodeRef) for item in value) else "a list"
        case tuple() | dict() | set() | bytes():
            return {"tuple": "a tuple", "dict": "a dict", "set": "a set", "bytes": "bytes"}[type(value).__name__]
        case NodeRef():
            return "a node"
        case Definition():
            return "a class" if isinstance(value.node, ast.ClassDef) else "a function"
        case Imported():
            return "a type" if value.path.startswith("builtins.") else "an imported name"
        case Construction():
            return "an estimator expression"
    return "nothing that the language knows"


_SHOWN_NODES = 60  # of an expression that is written back at all: what is longer than the limit is cut anyway


@lru_cache(maxsize=64)  # a loop may come upon the same expression thousands of times
def shown(node: ast.AST, limit: int = 40) -> str:
    """The code of an expression, cut where it is long."""
    if any(True for _ in islice(ast.walk(node), _SHOWN_NODES, None)):
        return f"{shown(node.func)}(…)" if isinstance(node, ast.Call) else "…"
    try:
        text = ast.unparse(node).replace("\n", " ")
    except ValueError:  # an f-string with a backslash in it, which Python 3.11 cannot write back
        return "…"
    if '"' not in text:
        text = text.replace("'", '"')
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(value: Value) -> str:
    """A constant as the text could write it: strings in double quotes; cut where it is long."""
    text = repr(value)
    if isinstance(value, str) and '"' not in text:
        text = f'"{text[1:-1]}"'
    return text if len(text) <= 40 else text[:39] + "…"


def parameters_listed(parameters: Sequence[Parameter]) -> str:
    return ", ".join(f"`{parameter.name}`" for parameter in parameters)
