"""The environment of an evaluation: the names that are bound, the steps that are left, and what was refused."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping

from workflows.lang import constants
from workflows.lang.constants import BUILTINS, Refused
from workflows.lang.estimators import ESTIMATORS
from workflows.lang.syntax import BROKEN, NodeRef, Problems, Value
from workflows.operators.registry import DECLARATIONS

MAX_STEPS = 100_000
_LIGHT = (bool, float, type(None), NodeRef, type(BROKEN))


_INSTEAD = {
    "print": "Results are shown by themselves: Output(…) says which. Prints belong into functions.",
    "list": "Write [*…], or a comprehension.",
    "tuple": "Write (*…,), or a list.",
    "dict": "Write {…}.",
    "set": "Write {…}.",
    "str": 'Write f"{…}".',
    "open": "Read files by a FileSource, or in a function of an operator with cache=False.",
}


class Exhausted(Exception):
    """The text takes more steps than a compile may."""


class Environment:
    """Names and their values, those of comprehensions before those of the module."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.names: dict[str, Value] = {}
        self.looped: set[str] = set()  # names that a loop binds: a lambda captures their values
        self.later: Callable[[], Mapping[str, int]] = dict  # names that the text binds at all, and where
        self._inner: list[dict[str, Value]] = []  # the names of comprehensions, outermost first
        self.steps = 0
        self._failed: set[ast.AST] = set()

    def refuse(self, node: ast.expr | ast.stmt, refused: Refused) -> None:
        """Reports what was refused, and does not try it again."""
        self._failed.add(node)
        self.problems.add(refused.code, node, refused.message, refused.hint)
        if self.problems.full:
            raise Exhausted

    def failed(self, node: ast.AST) -> bool:
        """Whether a node was refused before."""
        return node in self._failed

    def charge(self, steps: int) -> None:
        """Counts steps. Raises Exhausted beyond MAX_STEPS."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Exhausted

    def bind(self, target: ast.expr, value: Value, names: dict[str, Value]) -> None:
        """Binds a loop's target, perhaps a tuple, to a constant. Raises Refused."""
        self.charge(1)
        match target:
            case ast.Name():
                names[target.id] = value
            case ast.Tuple() | ast.List():
                items = [BROKEN] * len(target.elts) if value is BROKEN else constants.iterated(value)
                if len(items) != len(target.elts) or any(isinstance(part, ast.Starred) for part in target.elts):
                    raise Refused(
                        f"{len(target.elts)} names are bound here, and there are {len(items)} values.",
                        "Write as many names as there are values.",
                    )
                for part, item in zip(target.elts, items, strict=True):
                    self.bind(part, item, names)
            case _:
                raise Refused("Only names can be bound here.", "Write a name, or names with commas.")

    def weigh(self, value: Value) -> Value:
        """The value, if it keeps the limits; what it weighs is charged. Raises Refused."""
        if type(value) not in _LIGHT:
            self.charge(constants.weight(value) >> 2)
        return value

    def lookup(self, name: str) -> Value | None:
        """The value that a name is bound to."""
        for names in reversed(self._inner):
            if name in names:
                return names[name]
        return self.names.get(name)

    def known(self, name: str) -> bool:
        """Whether a name is bound, be it to None."""
        return name in self.names or any(name in names for names in self._inner)

    def unknown(self, name: str, where: int, *, called: bool = False) -> Refused:
        """What to say of a name that is not bound, in line ``where``."""
        if (line := self.later().get(name)) is not None:
            if line <= where:
                hint = "Give what it is made of another name."
                return Refused(f"`{name}` is used before it has a value.", hint, "used-before-definition")
            return Refused(
                f"`{name}` is used before line {line} defines it.", f"Move line {line} up.", "used-before-definition"
            )
        candidates = [*self.names, *(key for names in self._inner for key in names)]
        near = self.problems.nearest(name, [*DECLARATIONS, *BUILTINS, *candidates] if called else candidates)
        if called:
            if hasattr(builtins, name):
                message = f"Python's `{name}` cannot be called here."
                hint = _INSTEAD.get(name, f"Put it into a function; here there are {', '.join(BUILTINS)}.")
            else:
                message = f"There is no operator, function or class `{name}` here."
                hint = f"Did you mean `{near}`?" if near else "Import it, define it, or put the call into a function."
            if name in ESTIMATORS:
                hint = f"Import it: from {ESTIMATORS[name]} import {name}"
            return Refused(message, hint, "unknown-operator")
        hint = f"Did you mean `{near}`?" if near else "Define it above, or import it."
        if name == "__name__":
            hint = "A workflow is always run as a whole: write what is inside without the `if`."
        return Refused(f"`{name}` is not defined.", hint, "unknown-name")
