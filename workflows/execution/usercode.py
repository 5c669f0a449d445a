"""Makes of specs what they stand for: the module of the workflow text, its functions, estimators of any package."""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib
import inspect
import linecache
import random
import re
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from workflows.compiler.program import Program
from workflows.errors import WORKFLOW, HelixError, nearest
from workflows.execution.userstate import UserState
from workflows.graph.dag import EstimatorSpec, FunctionSpec, ParamValue
from workflows.operators.kernels.functions import UserCodeFailed

MODULE = "__workflow__"
"""The name of the module of the workflow text: classes of it are pickled by it."""


class NoEstimator(HelixError):
    """An estimator expression names what is not there, or arguments that it does not take."""

    code = "no-estimator"


class UserCode:
    """The code of one workflow text, in a fresh module; its statements run when something of it is first needed.

    ``lib`` is the folder whose modules are user code as well.
    """

    def __init__(self, program: Program, builtins: Mapping[str, Any], lib: Path | None = None) -> None:
        self._program = program
        self._builtins = builtins
        self._lib = lib
        self._module: ModuleType | None = None
        self._state: UserState | None = None
        self._lambdas: dict[tuple[int, int], ast.Lambda] | None = None

    def renew(self) -> None:
        """Make the module, if it was needed so far, as it was once its statements had run."""
        if self._state is not None:
            self._state.restore()

    def build(self, value: ParamValue) -> Any:
        """What a parameter's value stands for. Raises NoEstimator, and UserCodeFailed where the module does."""
        match value:
            case FunctionSpec():
                return self._function(value)
            case EstimatorSpec():
                return self._estimator(value)
            case list():
                return [self.build(item) for item in value]
            case tuple():
                return tuple(self.build(item) for item in value)
            case set():
                return {self.build(item) for item in value}
            case dict():
                return {self.build(key): self.build(item) for key, item in value.items()}
        return value

    def execute(self) -> ModuleType:
        """The module, its statements run. Raises UserCodeFailed where they fail."""
        if self._module is None:
            self._module = _executed(self._program, self._builtins)
            self._state = UserState(self._module, self._lib)
        return self._module

    def _function(self, spec: FunctionSpec) -> Any:
        if spec.name != "<lambda>":
            return self._named(spec.name)
        namespace = vars(self.execute())
        if spec.captured:
            namespace = {**namespace, **{name: self.build(item) for name, item in spec.captured.items()}}
        code = compile(ast.Expression(self._lambda_at(spec)), WORKFLOW, "eval", dont_inherit=True)
        function = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
        made = eval(code, namespace)
        assert isinstance(made, FunctionType), function
        return made

    def _lambda_at(self, spec: FunctionSpec) -> ast.Lambda:
        if self._lambdas is None:
            nodes = ast.walk(ast.parse(self._program.text))
            self._lambdas = {(node.lineno, node.col_offset): node for node in nodes if isinstance(node, ast.Lambda)}
        try:
            return self._lambdas[spec.line, spec.column]
        except KeyError:
            raise NoEstimator(f"There is no lambda in line {spec.line}, column {spec.column}.") from None

    def _named(self, name: str) -> Any:
        first, *rest = name.split(".")
        found: Any = vars(self.execute()).get(first, getattr(builtins, first, None))
        for part in rest:
            found = getattr(found, part, None)
        if found is None:
            raise NoEstimator(f"`{name}` is not there once the statements of the workflow have run.", name=name)
        return found

    def _estimator(self, spec: EstimatorSpec) -> Any:
        made = self._named(spec.code.name) if spec.code is not None else imported(spec.path)
        if not spec.called:
            return made
        args = [self.build(item) for item in spec.args]
        kwargs = {name: self.build(item) for name, item in spec.kwargs.items()}
        try:
            return made(*args, **kwargs)
        except TypeError as error:
            raise _refused(made, spec, kwargs, error) from error


def imported(path: str) -> Any:
    """The object of an import path. Raises NoEstimator, with the nearest name."""
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module_name = ".".join(parts[:length])
        try:
            found: Any = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
                continue
            raise
        for place, part in enumerate(parts[length:], length):
            if not hasattr(found, part):
                near = nearest(part, dir(found))
                hint = f"; did you mean `{near}`?" if near else "."
                raise NoEstimator(f"`{'.'.join(parts[:place])}` has no `{part}`{hint}", path=path, nearest=near)
            found = getattr(found, part)
        return found
    raise NoEstimator(f"There is no installed package `{parts[0]}`, which `{path}` needs.", path=path)


def seeded(estimator: Any, seed: int) -> Any:
    """The estimator with every unset ``random_state`` filled, nested ones and those of its splitters too."""
    if not hasattr(estimator, "get_params"):
        return estimator
    params = estimator.get_params(deep=True)
    unset = [name for name, value in params.items() if name.split("__")[-1] == "random_state" and value is None]
    if unset:
        estimator.set_params(**dict.fromkeys(unset, seed))
    for value in params.values():
        splitter = not isinstance(value, type) and not hasattr(value, "get_params") and hasattr(value, "random_state")
        if splitter and value.random_state is None:
            value.random_state = seed
    return estimator


def _executed(program: Program, builtins: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(MODULE)
    module.__file__ = WORKFLOW
    sys.modules[MODULE] = module
    lines = [f"{line}\n" for line in re.split(r"\r\n|\r|\n", program.text)]  # as Python counts them
    linecache.cache[WORKFLOW] = (len(program.text), None, lines, WORKFLOW)
    vars(module).update(builtins)
    constants = UserCode(program, builtins)
    vars(module).update({name: constants.build(value) for name, value in program.constants.items()})
    flags = 0
    try:
        for statement in program.statements():
            code = compile(ast.Module([statement], []), WORKFLOW, "exec", flags, dont_inherit=True)
            # Whatever else the text has, the same statement draws the same numbers.
            seed_generators(zlib.crc32(ast.dump(statement).encode()))
            exec(code, vars(module))
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                flags |= sum(getattr(__future__, alias.name).compiler_flag for alias in statement.names)
    except Exception as error:  # user code may raise anything
        raise UserCodeFailed(error) from error
    return module


def seed_generators(seed: int) -> None:
    """Seed the generators that code uses unasked."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))


def _refused(made: Callable[..., Any], spec: EstimatorSpec, kwargs: Mapping[str, Any], error: TypeError) -> NoEstimator:
    name = spec.path.rpartition(".")[2]
    try:
        known = [parameter for parameter in inspect.signature(made).parameters if parameter != "self"]
    except (TypeError, ValueError):
        known = []
    wrong = next((parameter for parameter in kwargs if known and parameter not in known), None)
    if wrong is None:
        return NoEstimator(f"{name} cannot be made: {error}.", path=spec.path)
    near = nearest(wrong, known)
    hint = f"did you mean `{near}`?" if near else f"it has {', '.join(f'`{parameter}`' for parameter in known[:20])}."
    return NoEstimator(f"{name} has no parameter `{wrong}`: {hint}", path=spec.path, parameter=wrong, nearest=near)
