"""The small expression language of conditions: Python's expressions over columns, parsed here, evaluated column-wise.

``age >= 18 and education in ["Bachelors", "Masters"]``, ``not contains(job, "clerk")``, ```hours-per-week` > 40``:
names are columns (in back quotes where they are no identifier), and only the functions below can be called. What SQL
writes is understood as well: ``age between 0 and 120``, ``job is not null``, ``job in ('clerk', 'cook')``, ``AND``.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.errors import HelixError, nearest
from workflows.parsing import parse_expression

FUNCTIONS = {"abs": 1, "contains": 2, "endswith": 2, "isnull": 1, "length": 1, "lower": 1, "startswith": 2, "upper": 1}
"""Functions of an expression, and how many arguments each takes."""

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`(?P<quoted>[^`\n]+)`|(?P<word>[^\W\d]\w*)|[<>=!]=|\s+|.""",
    re.DOTALL,
)
_SQL = {"null": "None", "true": "True", "false": "False", "between": "between"}
_SHOUTED = ("AND", "OR", "NOT", "IN", "IS")
_BETWEEN = "__between__"
_ENDS_BETWEEN = ("and", "or", "not", "in", "is", "between", "==", "!=", "<=", ">=", "<", ">", ",", ")", "]", "}")
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

    @property
    def canonical(self) -> str:
        """The one text of all expressions that parse alike."""
        return "".join(map(self._written, _TOKEN.finditer(ast.unparse(self.tree))))

    def _written(self, token: re.Match[str]) -> str:
        column = self.columns.get(token["word"] or "")
        if column is None:
            return token[0]
        plain = column.isidentifier() and not keyword.iskeyword(column) and column.lower() not in _SQL
        return column if plain and column not in _SHOUTED else f"`{column}`"


def parse(text: str) -> Expression:
    """The expression of a text. Raises BadExpression."""
    quoted: dict[str, str] = {}
    source = "".join(_python(text, quoted)).strip()
    try:
        tree = _Between(text).visit(parse_expression(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = error.msg if isinstance(error, SyntaxError) else "is too deeply nested"
        hint = "; write `==` to compare" if re.search(r"[^=<>!]=[^=]", source) else ""
        raise BadExpression(text, f"cannot be read: {problem}{hint}.") from None
    _check(text, tree)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    return Expression(text, tree, {name: quoted.get(name, name) for name in names})


def _python(text: str, quoted: dict[str, str]) -> Iterator[str]:
    """The pieces of the text as Python writes them; columns in back quotes become placeholders, ``quoted`` says whose.

    ``x between a and b`` becomes ``x == __between__(a, b)``, which ``_Between`` makes a comparison of.
    """
    tokens = [(_plain(token, quoted), token["string"] is None) for token in _TOKEN.finditer(text)]
    brackets: list[str] = []  # what closes those that are open; "and" and "between" stand for parts of a `between`
    before, negated = "", False
    for place, (token, code) in enumerate(tokens):
        if not code or token.isspace():
            yield token
            continue
        if brackets and brackets[-1] == "between" and token in _ENDS_BETWEEN:
            brackets.pop()
            yield ") "
        if token == "not" and next((word for word, _ in tokens[place + 1 :] if not word.isspace()), "") == "between":
            negated = True
        elif token == "between":
            brackets.append("and")
            yield f"{'!=' if negated else '=='} {_BETWEEN}("
            negated = False
        elif token == "and" and brackets[-1:] == ["and"]:
            brackets[-1] = "between"
            yield ","
        elif token in "([{":
            listed = before == "in" and token == "("
            brackets.append("]" if listed else {"(": ")", "[": "]", "{": "}"}[token])
            yield "[" if listed else token
        elif token in ")]}" and brackets:
            if brackets[-1] == "and":
                raise BadExpression(text, "has a `between` without its `and`: write age between 0 and 120.")
            closing = brackets.pop()
            yield closing if token == ")" else token
        else:
            yield token
        before = token
    if "and" in brackets:
        raise BadExpression(text, "has a `between` without its `and`: write age between 0 and 120.")
    yield from (")" for bracket in brackets if bracket == "between")


def _plain(token: re.Match[str], quoted: dict[str, str]) -> str:
    if token["quoted"] is not None:
        name = f"__column_{len(quoted)}"
        quoted[name] = token["quoted"]
        return name
    if token["word"] is not None:
        return token[0].lower() if token[0] in _SHOUTED else _SQL.get(token[0].lower(), token[0])
    return token[0]


class _Between(ast.NodeTransformer):
    """Makes ``a <= x <= b`` of ``x == __between__(a, b)``."""

    def __init__(self, text: str) -> None:
        self.text = text

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        pairs = [right for right in node.comparators if isinstance(right, ast.Call) and _called(right) == _BETWEEN]
        if not pairs:
            return node
        if len(node.ops) > 1 or len(pairs[0].args) != 2:
            raise BadExpression(self.text, "compares what a `between` gives: put parentheses around it.")
        low, high = pairs[0].args
        inside = ast.Compare(low, [ast.LtE(), ast.LtE()], [node.left, high])
        return inside if isinstance(node.ops[0], ast.Eq) else ast.UnaryOp(ast.Not(), inside)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ast.unparse(call.func)


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
