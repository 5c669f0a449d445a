"""All operators by name: the one registry that the checker, the stubs, the editor and the reference read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from workflows.errors import nearest
from workflows.operators.base import REQUIRED, Operator, Parameter
from workflows.operators.check import CHECKS
from workflows.operators.examples import EXAMPLES
from workflows.operators.extractor import EXTRACTORS
from workflows.operators.learner import LEARNERS
from workflows.operators.reducer import OUTPUT, REDUCERS
from workflows.operators.scanner import SCANNERS
from workflows.operators.source import SOURCES
from workflows.operators.synthesizer import SYNTHESIZERS

OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        operator.name: operator
        for family in (SOURCES, SCANNERS, SYNTHESIZERS, EXTRACTORS, EXAMPLES, LEARNERS, REDUCERS, CHECKS)
        for operator in family
    }
)

# Everything that has a declaration: the operators, and Output, which makes no node.
DECLARATIONS: Mapping[str, Operator] = MappingProxyType({**OPERATORS, OUTPUT.name: OUTPUT})


def nearest_operator(name: str) -> str | None:
    """The operator that ``name`` was most likely meant to be."""
    return nearest(name, DECLARATIONS)


def declaration_json(operator: Operator) -> dict[str, Any]:
    """The declaration as a JSON object, for the editor, the API and the reference."""
    makes_node = operator.name in OPERATORS
    return {
        "name": operator.name,
        "family": str(operator.family),
        "kind": str(operator.kind) if makes_node else None,
        "shape": str(operator.shape) if makes_node else None,
        "doc": operator.doc,
        "example": operator.example,
        "version": operator.version,
        "learns": operator.learns,
        "random": operator.random,
        "metric": operator.metric,
        "higher_is_better": operator.higher_is_better,
        "parameters": [
            _parameter_json(parameter) for parameter in (operator.accepted if makes_node else operator.parameters)
        ],
    }


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": str(parameter.type),
        "doc": parameter.doc,
        "required": parameter.required,
        "default": _default_json(parameter.default),
        "kinds": [str(kind) for kind in parameter.kinds],
        "choices": list(parameter.choices),
        "minimum": parameter.minimum,
        "keyword_only": parameter.keyword_only,
        "variadic": parameter.variadic,
    }


def _default_json(default: Any) -> Any:
    if default is REQUIRED:
        return None
    return list(default) if isinstance(default, tuple) else default
