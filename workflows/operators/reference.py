"""Writes the reference of operators (``docs/operators.md``) from the registry."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.operators.base import REQUIRED, Family, Operator, Parameter, Type
from workflows.operators.reducer import OUTPUT
from workflows.operators.registry import DECLARATIONS

_HEAD = """\
# Operators

Generated from their declarations by `make docs`; do not edit. How they are put together: [the language](language.md).

Every operator takes `name=` (what people see instead of its name) and `cache=False` (never reuse it, nor anything
made of it); one that draws random numbers takes `seed=` (0 when left out).
"""


def reference() -> str:
    """The text of ``docs/operators.md``: a section a family, its operators in the registry's order."""
    return "\n".join([_HEAD, *(line for family in Family for line in _family(family))]) + "\n"


def _family(family: Family) -> Iterator[str]:
    members = [operator for operator in DECLARATIONS.values() if operator.family is family]
    if members:
        yield f"## {family.value.capitalize()}\n"
        for operator in members:
            yield from _operator(operator)


def _operator(operator: Operator) -> Iterator[str]:
    yield f"### {operator.name}\n\n{operator.doc}\n\n```python\n{operator.example}\n```\n"
    facts = [] if operator is OUTPUT else [f"Gives {_given(operator)}."]
    if operator.learns:
        facts.append("Learns from `train` alone.")
    if operator.metric and operator.higher_is_better is not None:
        facts.append(f"A metric: {'higher' if operator.higher_is_better else 'lower'} is better.")
    if facts:
        yield " ".join(facts) + "\n"
    if operator.parameters:
        yield "| parameter | takes | default | |\n|---|---|---|---|"
        yield from map(_parameter, operator.parameters)
        yield ""


def _given(operator: Operator) -> str:
    words = {"examples": "examples", "predictions": "predictions", "rows": "rows"}
    return words.get(operator.kind.value, f"a {operator.kind.value}")


def _parameter(parameter: Parameter) -> str:
    takes = " or ".join(f"`{choice}`" for choice in parameter.choices) or parameter.type.value
    if parameter.operand:
        takes += f" ({' or '.join(kind.value for kind in parameter.kinds)})"
    default = "required" if parameter.default is REQUIRED else f"`{parameter.default!r}`"
    stars = "" if not parameter.variadic else "*" if parameter.type is Type.NODES else "**"
    cells = (f"`{stars}{parameter.name}`", takes, default, parameter.doc)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
