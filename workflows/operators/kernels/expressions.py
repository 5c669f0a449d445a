"""Evaluates an expression over columns, as SQL would: null compared with anything is null, and null is not chosen."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workflows.operators.expression import BadExpression, Expression
from workflows.operators.kernels.base import Arrow
from workflows.operators.kernels.columns import column, described, is_null

Value: TypeAlias = Arrow

_COMPARISONS: dict[type[ast.cmpop], Callable[..., Value]] = {
    ast.Eq: pc.equal,
    ast.NotEq: pc.not_equal,
    ast.Lt: pc.less,
    ast.LtE: pc.less_equal,
    ast.Gt: pc.greater,
    ast.GtE: pc.greater_equal,
}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": pc.abs,
    "contains": lambda text, part: pc.match_substring(text, _text(part)),
    "endswith": lambda text, part: pc.ends_with(text, _text(part)),
    "length": pc.utf8_length,
    "lower": pc.utf8_lower,
    "startswith": lambda text, part: pc.starts_with(text, _text(part)),
    "upper": pc.utf8_upper,
}


def chosen(expression: Expression, table: pa.Table) -> Arrow:
    """Which rows the expression is true for (n, no nulls). Raises BadExpression or ColumnMissing."""
    columns = {name: column(table, real) for name, real in expression.columns.items()}
    try:
        result = _Evaluation(expression.text, columns).value(expression.tree)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        types = ", ".join(f"`{expression.columns[name]}`: {described(array.type)}" for name, array in columns.items())
        raise BadExpression(expression.text, f"cannot be applied to these columns ({types}): {error}") from None
    if not pa.types.is_boolean(result.type):
        raise BadExpression(expression.text, f"gives {described(result.type)}, and a condition is needed.")
    if isinstance(result, pa.Scalar):
        return pa.array(np.full(table.num_rows, bool(result.as_py())))
    return result.fill_null(False)


class _Evaluation:
    def __init__(self, text: str, columns: dict[str, Arrow]) -> None:
        self.text = text
        self.columns = columns

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                constant: Any = node.value
                return pa.scalar(constant)
            case ast.Name(id=name):
                return self.columns[name]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _apply(pc.invert, self.value(operand))
            case ast.UnaryOp(op=op, operand=operand):
                value = self.value(operand)
                return _apply(pc.negate, value) if isinstance(op, ast.USub) else value
            case ast.BoolOp(op=op, values=operands):
                combine = pc.and_kleene if isinstance(op, ast.And) else pc.or_kleene
                return self._folded(combine, [self.value(operand) for operand in operands])
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(op, self.value(left), self.value(right))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                operands = [left, *comparators]
                links = [
                    self._comparison(op, first, second)
                    for op, first, second in zip(ops, operands[:-1], comparators, strict=True)
                ]
                return self._folded(pc.and_kleene, links)
            case ast.Call(func=ast.Name(id="isnull"), args=[argument]):
                return is_null(self.value(argument))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return _apply(_FUNCTIONS[name], *(self.value(argument) for argument in arguments))
        raise BadExpression(self.text, f"may not hold {type(node).__name__}.")

    def _folded(self, combine: Callable[..., Value], values: list[Value]) -> Value:
        result = values[0]
        for value in values[1:]:
            result = combine(result, value)
        return result

    def _comparison(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Value:
        value = self.value(left)
        match op, right:
            case ((ast.In() | ast.NotIn()), (ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items))):
                inside = self._folded(pc.or_kleene, [_apply(pc.equal, value, self.value(item)) for item in items])
                return pc.invert(inside) if isinstance(op, ast.NotIn) else inside
            case ast.Is(), _:
                return is_null(value)
            case ast.IsNot(), _:
                return pc.invert(is_null(value))
        return _apply(_COMPARISONS[type(op)], value, self.value(right))

    def _arithmetic(self, op: ast.operator, left: Value, right: Value) -> Value:
        match op:
            case ast.Add():
                return _apply(_add, left, right)
            case ast.Sub():
                return _apply(pc.subtract, left, right)
            case ast.Mult():
                return _apply(pc.multiply, left, right)
            case ast.Div():
                return _apply(lambda a, b: pc.divide(a.cast(pa.float64()), b.cast(pa.float64())), left, right)
            case ast.FloorDiv():
                return _apply(_whole(np.floor_divide), left, right)
        return _apply(_whole(np.mod), left, right)


def _apply(function: Callable[..., Value], *operands: Value) -> Value:
    """The function over operands; over distinct values where one is dictionary-encoded and the rest are constants."""
    arrays: list[Arrow] = [operand for operand in operands if isinstance(operand, pa.Array)]
    if len(arrays) == 1 and pa.types.is_dictionary(arrays[0].type):
        encoded = arrays[0]
        distinct = function(*(encoded.dictionary if operand is encoded else operand for operand in operands))
        return distinct.take(encoded.indices)
    return function(*(_decoded(operand) for operand in operands))


def _decoded(value: Value) -> Value:
    return value.dictionary_decode() if pa.types.is_dictionary(value.type) else value


def _add(left: Value, right: Value) -> Value:
    if pa.types.is_string(left.type) and pa.types.is_string(right.type):
        return pc.binary_join_element_wise(left, right, "")
    return pc.add(left, right)


def _whole(function: Callable[..., Any]) -> Callable[[Value, Value], Value]:
    """A NumPy function of two numbers, which Arrow lacks; null where an operand is, and for an integer by zero."""

    def apply(left: Value, right: Value) -> Value:
        integers = pa.types.is_integer(left.type) and pa.types.is_integer(right.type)
        usual = pa.int64() if integers else pa.float64()
        first, second = (np.atleast_1d(_filled(operand.cast(usual))) for operand in (left, right))
        missing = _missing(left) | _missing(right) | (integers & (second == 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            result = np.asarray(function(first, second))
        return pa.array(result, mask=np.broadcast_to(missing, result.shape))

    return apply


def _filled(value: Value) -> Any:
    if isinstance(value, pa.Scalar):
        return np.asarray(1 if value.as_py() is None else value.as_py())
    return pc.fill_null(value, 1).to_numpy(zero_copy_only=False)


def _missing(value: Value) -> Any:
    if isinstance(value, pa.Scalar):
        return np.asarray(not value.is_valid)
    return value.is_null().to_numpy(zero_copy_only=False)


def _text(value: Value) -> str:
    if not isinstance(value, pa.Scalar) or not isinstance(value.as_py(), str):
        raise pa.ArrowInvalid("the second argument must be a text in quotes")
    return str(value.as_py())
