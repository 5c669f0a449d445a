"""What operators declare to rest on, against what the code of their kernels names."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest

from workflows.operators.base import Type
from workflows.operators.kernels.registry import KERNELS
from workflows.operators.registry import OPERATORS

OURS = "workflows."
FUNCTIONS = (Type.FUNCTION, Type.FUNCTION_OR_EXPRESSION)


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_an_operator_declares_the_packages_that_its_kernel_names(operator: Any) -> None:
    named = packages_named(type(KERNELS[operator.name]))
    if any(parameter.type in FUNCTIONS for parameter in operator.parameters):
        named.discard("pandas")  # what a function is given rests on it, and so does its identity
    assert named <= set(operator.packages), sorted(named)


def packages_named(root: type) -> set[str]:
    """The top-level packages named by the code of a class, its bases, and all of ours that they name, in turn."""
    pending: list[Any] = [root]
    seen: set[int] = set()
    found: set[str] = set()
    while pending:
        thing = pending.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, ModuleType):
            found.add(thing.__name__.split(".")[0])
        elif isinstance(thing, type | FunctionType) and thing.__module__.startswith(OURS):
            pending += named_by(thing)
            if isinstance(thing, type):
                pending += thing.__bases__
        elif isinstance(thing, type | FunctionType):
            found.add(thing.__module__.split(".")[0])
    return {name for name in found if name not in sys.stdlib_module_names and name != "workflows"}


def named_by(thing: type | FunctionType) -> Iterator[Any]:
    """What the code names: things of its module, and things of our modules that it names by an attribute."""
    names = vars(sys.modules[thing.__module__])
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AnnAssign | ast.arg):
            for field in ("annotation", "returns"):
                if hasattr(node, field):
                    setattr(node, field, None)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            yield sys.modules.get(str(module).split(".")[0]) or ModuleType(str(module))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = names.get(node.value.id)
            yield getattr(owner, node.attr, None) if _is_ours(owner) else owner
        elif isinstance(node, ast.Name) and not _is_ours(names.get(node.id)):
            yield names.get(node.id)


def _is_ours(thing: object) -> bool:
    return isinstance(thing, ModuleType) and thing.__name__.startswith(OURS)
