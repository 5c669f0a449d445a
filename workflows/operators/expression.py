"""The small expression language of ``Filter``: a Python expression over columns, parsed here, evaluated column-wise.

``age >= 18 and education in ["Bachelors", "Masters"]``, ``not contains(job, "clerk")``, ```hours-per-week` > 40``:
names are columns (in back quotes where they are no identifier), and only the functions below can be called.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from workflows.errors import HelixError, nearest

FUNCTIONS = {"abs": 1, "contains": 2, "endswith": 2, "isnull": 1, "length": 1, "lower": 1, "startswith": 2, "upper": 1}
"""Functions of an expression, and how many arguments each takes."""

_QUOTED = re.compile(r"`([^`\n]+)`")
_STRING = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")
_LISTS = (ast.List, ast.Tuple, ast.Set)
_ALLOWED = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add),
    *(ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt),
    *(ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Name, ast.Load, ast.Constant, ast.Call),
    *_LISTS,
)


class BadExpression(HelixError):
    """An expression that does not parse, or holds what an expression may not hold."""

    code = "bad-expression"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"The expression {text!r} {problem}", text=text)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: the tree, and the columns it names (each placeholder of the tree → column)."""

    text: str
    tree: ast.expr
    columns: dict[str, str]


def parse(text: str) -> Expression:
    """The expression of a text. Raises BadExpression."""
    quoted: dict[str, str] = {}

    def placeholder(match: re.Match[str]) -> str:
        name = f"__column_{len(quoted)}"
        quoted[name] = match.group(1)
        return name

    pieces = _STRING.split(text)
    source = "".join(piece if place % 2 else _QUOTED.sub(placeholder, piece) for place, piece in enumerate(pieces))
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else "is too deeply nested"
        hint = "; write `==` to compare" if re.search(r"[^=<>!]=[^=]", source) else ""
        raise BadExpression(text, f"cannot be read: {problem}{hint}.") from None
    _check(text, tree)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    return Expression(text, tree, {name: quoted.get(name, name) for name in names})


def _check(text: str, tree: ast.expr) -> None:
    comparisons = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    lists = {id(right) for node in comparisons for right in node.comparators}
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise BadExpression(
                text,
                f"may hold columns, values, comparisons and arithmetic, and no {type(node).__name__}; "
                "for more than that, pass a function.",
            )
        if isinstance(node, _LISTS) and id(node) not in lists:
            raise BadExpression(text, "may hold a list after `in` alone.")
        if isinstance(node, ast.Call):
            _check_call(text, node)
        elif isinstance(node, ast.Compare):
            _check_comparison(text, node)
        elif isinstance(node, ast.Constant) and not isinstance(node.value, int | float | str | None):
            raise BadExpression(text, f"holds {node.value!r}: values are numbers, strings, True, False and None.")


def _check_call(text: str, call: ast.Call) -> None:
    name = call.func.id if isinstance(call.func, ast.Name) else "what is no name"
    if name not in FUNCTIONS:
        near = nearest(name, FUNCTIONS)
        known = f"did you mean `{near}`?" if near else f"there are {', '.join(FUNCTIONS)}."
        raise BadExpression(text, f"calls `{name}`, which is no function of expressions: {known}")
    if call.keywords or len(call.args) != FUNCTIONS[name]:
        raise BadExpression(text, f"calls `{name}`, which takes {FUNCTIONS[name]} positional argument(s).")


def _check_comparison(text: str, comparison: ast.Compare) -> None:
    for operator, right in zip(comparison.ops, comparison.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(right, _LISTS) or not right.elts or any(not _literal(item) for item in right.elts):
                raise BadExpression(text, "needs a list of values after `in`, such as [1, 2].")
        elif isinstance(right, _LISTS):
            raise BadExpression(text, "may hold a list after `in` alone.")
        if isinstance(operator, ast.Is | ast.IsNot) and not (isinstance(right, ast.Constant) and right.value is None):
            raise BadExpression(text, "may use `is` with None alone; write `==`.")


def _literal(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)
