"""Binds the arguments of an operator call to the operator's parameters, and names the nodes nested in them.

A call that stands where a node is made has a *place*, which is the node's name. A call nested in it is named after its
place: ``loss = Scale(Field(rows, "x"))`` makes ``loss`` and ``loss.feature``; an item of a list is numbered,
``income.features[0]``, as is one of several positional operands, ``both.features[1]`` and ``Output[0]``.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from workflows.lang.evaluator import Evaluator, not_options
from workflows.lang.syntax import (
    BROKEN,
    Argument,
    Definition,
    Imported,
    Problems,
    parameters_listed,
)
from workflows.operators.base import Operator, Parameter, Type
from workflows.operators.reducer import OUTPUT


@dataclass(slots=True)
class _Binding:
    operator: Operator
    place: str
    evaluator: Evaluator
    problems: Problems
    first: int = 0  # number of the first of several operands
    arguments: dict[str, Argument] = field(default_factory=dict)


def bind(
    call: ast.Call, operator: Operator, place: str, evaluator: Evaluator, problems: Problems, *, first: int = 0
) -> dict[str, Argument]:
    """The arguments by parameter. Several operands (``*features``) are one argument, a list; the files of a source are
    one argument each, by split. Unknown, doubled, surplus and missing arguments are reported."""
    binding = _Binding(operator, place, evaluator, problems, first)
    positional = [parameter for parameter in operator.parameters if not parameter.keyword_only]
    if positional and positional[0].variadic and positional[0].operand:
        _bind_operands(binding, call, positional[0])
    else:
        _bind_positional(binding, call, [parameter for parameter in positional if not parameter.variadic])
    for keyword in call.keywords:
        _bind_keyword(binding, keyword)
    _tell_missing(binding, call)
    for argument in binding.arguments.values():
        evaluator.weigh(argument.value)
        if isinstance(argument.value, list):
            evaluator.charge(2 * len(argument.value))
    return binding.arguments


def _bind_operands(binding: _Binding, call: ast.Call, parameter: Parameter) -> None:
    prefix = binding.place if binding.operator is OUTPUT else f"{binding.place}.{parameter.name}"
    display = ast.copy_location(ast.List(call.args, ast.Load()), call.args[0] if call.args else call)
    items = binding.evaluator.listing(display, prefix, binding.first) or []
    function = next((other for other in binding.operator.parameters if other.type is Type.FUNCTION), None)
    given = function is not None and any(keyword.arg == function.name for keyword in call.keywords)
    last = items[-1] if items else None
    if function is not None and (isinstance(last, Definition | Imported) or (last is BROKEN and not given)):
        binding.arguments[function.name] = Argument(items.pop(), call.args[-1])
        display = ast.copy_location(ast.List(call.args[:-1], ast.Load()), call.args[0])
    if items:
        binding.arguments[parameter.name] = Argument(items, display)


def _bind_positional(binding: _Binding, call: ast.Call, parameters: list[Parameter]) -> None:
    remaining = iter(parameters)
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            listed = binding.evaluator.listing(_display(argument), None) or []
            for value in listed:
                if (parameter := next(remaining, None)) is None:
                    _tell_surplus(binding, argument, parameters)
                    return
                binding.arguments[parameter.name] = Argument(value, argument)
            continue
        if (parameter := next(remaining, None)) is None:
            binding.evaluator.evaluate(argument, f"{binding.place}.surplus")
            _tell_surplus(binding, argument, parameters)
            return
        value = binding.evaluator.evaluate(argument, f"{binding.place}.{parameter.name}")
        binding.arguments[parameter.name] = Argument(value, argument)


def _display(argument: ast.Starred) -> ast.List:
    return ast.copy_location(ast.List([argument], ast.Load()), argument)


def _tell_surplus(binding: _Binding, argument: ast.expr, parameters: list[Parameter]) -> None:
    name, count = binding.operator.name, len(parameters)
    binding.problems.add(
        "too-many-arguments",
        argument,
        f"`{name}` takes {count} positional argument{'' if count == 1 else 's'}: {parameters_listed(parameters)}.",
        f"For example: {binding.operator.example}",
    )


def _bind_keyword(binding: _Binding, keyword: ast.keyword) -> None:
    evaluator = binding.evaluator
    if keyword.arg is not None:
        value = evaluator.evaluate(keyword.value, f"{binding.place}.{keyword.arg}")
        _bind_named(binding, keyword.arg, Argument(value, keyword.value), keyword)
        return
    value = evaluator.evaluate(keyword.value)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        evaluator.charge(4 * len(value))
        for name, item in value.items():
            _bind_named(binding, name, Argument(item, keyword.value), keyword)
    elif value is not BROKEN:
        refused = not_options(value)
        binding.problems.add(refused.code, keyword.value, refused.message, refused.hint)


def _bind_named(binding: _Binding, name: str, argument: Argument, keyword: ast.keyword) -> None:
    operator = binding.operator
    accepted = operator.accepted if operator is not OUTPUT else operator.parameters
    parameter = next((candidate for candidate in accepted if candidate.name == name and not candidate.variadic), None)
    if parameter is None:
        named = next((candidate for candidate in accepted if candidate.type in (Type.PATHS, Type.TABLES)), None)
        if named is not None:
            binding.arguments[f"{named.name}.{name}"] = argument
            return
        binding.evaluator.charge(4)
        names = [candidate.name for candidate in accepted if not candidate.variadic]
        near = binding.problems.nearest(name, names)
        binding.problems.add(
            "unknown-parameter",
            keyword,
            f"`{operator.name}` has no parameter `{name}`.",
            f"Did you mean `{near}`?"
            if near
            else f"It has {', '.join(f'`{one}`' for one in names)}."
            if names
            else f"Write {operator.example}",
        )
    elif name in binding.arguments:
        binding.problems.add(
            "argument-twice", keyword, f"`{name}` is given twice.", "It is given by its position already: drop one."
        )
    else:
        binding.arguments[name] = argument


def _tell_missing(binding: _Binding, call: ast.Call) -> None:
    operator = binding.operator
    missing = [
        parameter for parameter in operator.parameters if parameter.required and parameter.name not in binding.arguments
    ]
    if missing:
        binding.problems.add(
            "missing-argument",
            call.func,
            f"`{operator.name}` needs {parameters_listed(missing)}.",
            f"For example: {operator.example}",
        )
