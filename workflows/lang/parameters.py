"""Checks what is given for a parameter against its type, and brings it into the one form that the graph holds."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from workflows.lang.constants import is_constant, is_whole
from workflows.lang.syntax import (
    BROKEN,
    Argument,
    Construction,
    Definition,
    Imported,
    NodeRef,
    Problems,
    Value,
    kind_of,
    quoted,
)
from workflows.operators.aggregate import BadAggregate
from workflows.operators.aggregate import parse as parse_aggregate
from workflows.operators.base import Operator, Parameter, Type
from workflows.operators.expression import BadExpression
from workflows.operators.expression import parse as parse_expression

_WRONG = object()
_NOUNS: Mapping[Type, str] = {
    Type.FUNCTION: "a function",
    Type.FUNCTION_OR_EXPRESSION: "a function, or an expression in quotes",
    Type.ESTIMATOR: "an estimator, such as LogisticRegression()",
    Type.TRANSFORMER: "a transformer, such as PCA(n_components=2)",
    Type.STRING: "a string",
    Type.STRINGS: "a string or a list of strings",
    Type.NUMBER: "a number",
    Type.INTEGER: "a whole number",
    Type.FRACTION: "a number between 0 and 1",
    Type.NUMBERS: "a list of numbers",
    Type.BOOLEAN: "True or False",
    Type.SCALAR: "a number, a string, True or False",
    Type.MAPPING: "a dict with strings as keys",
    Type.AGGREGATES: 'a dict such as {"mean_age": "mean(age)"}',
}


def typed(operator: Operator, parameter: Parameter, argument: Argument, problems: Problems) -> Value:
    """The argument in the form of its type (``base.Type``); BROKEN where it is none, which is reported."""
    value = argument.value
    if not is_whole(value):
        return BROKEN
    if value is None and parameter.default is None:
        return None
    form = _FORMS[parameter.type](value)
    if form is _WRONG:
        noun = _NOUNS[parameter.type]
        message = f"`{parameter.name}` of `{operator.name}` takes {noun}, and this is {_described(value)}."
        problems.add("wrong-type", argument.node, message, _hint(operator, parameter, value))
        return BROKEN
    return _within(operator, parameter, argument, form, problems)


def _within(
    operator: Operator,
    parameter: Parameter,
    argument: Argument,
    value: Value,
    problems: Problems,
) -> Value:
    what = f"`{parameter.name}` of `{operator.name}`"
    if parameter.choices:
        for choice in value.values() if isinstance(value, dict) else [value]:
            if choice not in parameter.choices:
                near = problems.nearest(choice, parameter.choices) if isinstance(choice, str) else None
                listed = ", ".join(f'"{one}"' for one in parameter.choices)
                hint = f'Did you mean "{near}"?' if near else f"Write one of {listed}."
                problems.add("not-a-choice", argument.node, f"{what} cannot be {quoted(choice)}.", hint)
                return BROKEN
    if parameter.minimum is not None and value < parameter.minimum:
        problems.add("too-small", argument.node, f"{what} is at least {parameter.minimum:g}.", "Write a larger number.")
        return BROKEN
    if parameter.type is Type.AGGREGATES:
        try:
            return {name: str(parse_aggregate(text)) for name, text in value.items()}
        except BadAggregate as error:
            problems.add(error.code, argument.node, error.message, f"For example: {operator.example}")
            return BROKEN
    if isinstance(value, str) and parameter.type is Type.FUNCTION_OR_EXPRESSION:
        try:
            return parse_expression(value).canonical
        except BadExpression as error:
            problems.add(error.code, argument.node, error.message, f"For example: {operator.example}")
            return BROKEN
    if isinstance(value, Definition) and parameter.type in (Type.FUNCTION, Type.FUNCTION_OR_EXPRESSION):
        return _function(parameter, argument, value, problems)
    return value


def _function(parameter: Parameter, argument: Argument, value: Definition, problems: Problems) -> Value:
    if isinstance(value.node, ast.AsyncFunctionDef | ast.ClassDef):
        what = "a class" if isinstance(value.node, ast.ClassDef) else "asynchronous"
        problems.add("wrong-type", argument.node, f"`{value.name}` is {what}, not a plain function.", "Write def.")
        return BROKEN
    if parameter.arguments is not None:
        tell_arity(value, parameter.arguments, argument.node, problems)
    return value


def tell_arity(function: Definition, count: int, where: ast.AST, problems: Problems) -> None:
    """Reports a function that cannot be called with ``count`` positional arguments."""
    if isinstance(function.node, ast.ClassDef):
        return
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    least = len(positional) - len(arguments.defaults)
    needed = [
        one.arg for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    ]
    if least <= count and (len(positional) >= count or arguments.vararg is not None) and not needed:
        return
    takes = (
        f"needs `{needed[0]}=`"
        if needed
        else f"takes {len(positional)}"
        if least == len(positional)
        else (f"takes {least} to {len(positional)}")
    )
    called = f"{count} argument{'' if count == 1 else 's'}"
    name = "The lambda" if function.name == "<lambda>" else f"`{function.name}`"
    problems.add(
        "wrong-arity",
        where,
        f"{name} is called with {called}, and {takes}.",
        "Give the others default values, or take them from names of the module.",
    )


def _hint(operator: Operator, parameter: Parameter, value: Value) -> str:
    wants_call = parameter.type in (Type.ESTIMATOR, Type.TRANSFORMER)
    if wants_call and isinstance(value, Imported | Definition):
        return f"Call it: {value.name}()."
    if isinstance(value, Construction) and parameter.type in (Type.FUNCTION, Type.FUNCTION_OR_EXPRESSION):
        return "Write the function without calling it."
    if isinstance(value, dict) and any(isinstance(item, Imported) for item in value.values()):
        return 'Write types as text: {"age": "int"}.'
    if isinstance(value, Construction | Imported):
        return "Only constants are known while compiling: write the value."
    return f"For example: {operator.example}"


def _described(value: Value) -> str:
    if isinstance(value, bool | int | float | str):
        text = quoted(value)
        return text if len(text) <= 30 else kind_of(value)
    if isinstance(value, NodeRef):
        return f"the node `{value.name}`"
    return kind_of(value)


def _number(value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _WRONG
    try:
        number = float(value)
    except OverflowError:
        return _WRONG
    return number if math.isfinite(number) else _WRONG


def _fraction(value: Value) -> Value:
    number = _number(value)
    return number if number is not _WRONG and 0 < number < 1 else _WRONG


def _strings(value: Value) -> Value:
    items = (value,) if isinstance(value, str) else value
    if isinstance(items, list | tuple) and all(isinstance(item, str) for item in items):
        return tuple(items)
    return _WRONG


def _numbers(value: Value) -> Value:
    items = value if isinstance(value, list | tuple) else (value,)
    numbers = tuple(_number(item) for item in items)
    return _WRONG if _WRONG in numbers else numbers


def _mapping(value: Value) -> Value:
    if isinstance(value, dict) and is_constant(value) and all(isinstance(key, str) for key in value):
        return dict(sorted(value.items()))
    return _WRONG


def _aggregates(value: Value) -> Value:
    """In the order given, which is that of the columns."""
    texts = isinstance(value, dict) and all(isinstance(item, str) for pair in value.items() for item in pair)
    return value if texts else _WRONG


def _construction(value: Value) -> Value:
    """An estimator expression in which no node stands."""
    match value:
        case Construction():
            inner = (*value.args, *value.kwargs.values())
            return value if all(_construction(member) is not _WRONG for member in inner) else _WRONG
        case list() | tuple():
            return value if all(_construction(member) is not _WRONG for member in value) else _WRONG
        case dict():
            return value if all(_construction(member) is not _WRONG for member in value.values()) else _WRONG
        case NodeRef():
            return _WRONG
    return value


def _of(*types: type) -> Callable[[Value], Value]:
    return lambda value: value if isinstance(value, types) else _WRONG


_FORMS: Mapping[Type, Callable[[Value], Value]] = {
    Type.FUNCTION: _of(Definition, Imported),
    Type.FUNCTION_OR_EXPRESSION: _of(Definition, Imported, str),
    Type.ESTIMATOR: lambda value: _construction(value) if isinstance(value, Construction) else _WRONG,
    Type.TRANSFORMER: lambda value: _construction(value) if isinstance(value, Construction) else _WRONG,
    Type.STRING: _of(str),
    Type.STRINGS: _strings,
    Type.NUMBER: _number,
    Type.INTEGER: lambda value: value if isinstance(value, int) and not isinstance(value, bool) else _WRONG,
    Type.FRACTION: _fraction,
    Type.NUMBERS: _numbers,
    Type.BOOLEAN: _of(bool),
    Type.SCALAR: _of(bool, int, float, str),
    Type.MAPPING: _mapping,
    Type.AGGREGATES: _aggregates,
}
