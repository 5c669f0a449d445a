"""Evaluates expressions of the module level: constants, nodes, estimator expressions. Total, and bounded in steps."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from workflows.lang import constants
from workflows.lang.constants import BUILTINS, TYPES, Refused
from workflows.lang.environment import Environment
from workflows.lang.scopes import outside
from workflows.lang.syntax import (
    BROKEN,
    Construction,
    Definition,
    Imported,
    NodeRef,
    Problems,
    Value,
    kind_of,
    shown,
)
from workflows.operators.base import Operator
from workflows.operators.registry import DECLARATIONS
from workflows.operators.splits import TEST, TRAIN, VALIDATION

Place: TypeAlias = "str | None"  # the name that an operator call standing here gives its node; None where it has none


class Apply(Protocol):
    """Makes a node of an operator call that stands at a place."""

    def __call__(self, call: ast.Call, operator: Operator, place: str, /) -> Value: ...


class Evaluator(Environment):
    """Evaluates expressions in an environment of names. What is wrong is reported, and its value is BROKEN."""

    def __init__(self, problems: Problems, apply: Apply) -> None:
        super().__init__(problems)
        self.apply = apply
        self.takes: list[tuple[NodeRef, ast.Subscript]] = []
        self._free: dict[ast.Lambda, list[str]] = {}  # free names of lambdas

    def evaluate(self, node: ast.expr, place: Place = None) -> Value:
        self.charge(1)
        if node in self._failed:  # in a loop: once is enough
            return BROKEN
        method = _METHODS.get(type(node))
        try:
            if method is None:
                raise Refused(
                    f"`{shown(node)}` is not part of the workflow language.",
                    "The module level holds constants and operators; put other code into a function.",
                    "not-in-language",
                )
            return method(self, node, place)
        except Refused as refused:
            self.refuse(node, refused)
            return BROKEN

    def listing(self, node: ast.expr, place: Place, start: int = 0) -> list[Value] | None:
        """The items of a list display or a comprehension, named ``place[start]`` and on; None for other expressions."""
        match node:
            case ast.List() | ast.Tuple():
                items: list[Value] = []
                for element in node.elts:
                    at = start + len(items)
                    if isinstance(element, ast.Starred):
                        items += self._starred(element, place, at)
                    else:
                        items.append(self.evaluate(element, _at(place, at)))
                return items
            case ast.ListComp() | ast.GeneratorExp():
                items = []
                for _ in self._each(node.generators):
                    items.append(self.evaluate(node.elt, _at(place, start + len(items))))
                return items
        return None

    def _starred(self, node: ast.Starred, place: Place, start: int) -> list[Value]:
        self.charge(1)
        items = self.listing(node.value, place, start)
        if items is not None:
            return items
        value = self.evaluate(node.value)
        if value is BROKEN:
            return [BROKEN]
        if isinstance(value, dict) and any(isinstance(item, NodeRef) for item in value.values()):
            raise Refused("A star before a dict gives its keys.", f"Write *{shown(node.value)}.values() for its nodes.")
        found = constants.iterated(value)
        self.charge(len(found) >> 2)
        return found

    def _each(self, generators: list[ast.comprehension], depth: int = 0) -> Iterator[None]:
        """Runs through a comprehension's loops, with their names bound at each yield."""
        if depth == len(generators):
            yield
            return
        generator = generators[depth]
        value = self.evaluate(generator.iter)
        names: dict[str, Value] = {}
        if value is BROKEN:
            items: list[Value] = []
        elif generator.is_async:
            raise Refused("A workflow has no `async for`.", "Write `for`.")
        else:
            items = constants.iterated(value)
        self._inner.append(names)
        try:
            for item in items:
                self.charge(1)
                self.bind(generator.target, item, names)
                if all(self._holds(condition) for condition in generator.ifs):
                    yield from self._each(generators, depth + 1)
        finally:
            self._inner.pop()

    def _holds(self, node: ast.expr) -> bool:
        value = self.evaluate(node)
        return value is not BROKEN and constants.truth(value)

    def _constant(self, node: ast.Constant, _place: Place) -> Value:
        if node.value is ...:
            raise Refused("`...` is no value of a workflow.", "Write the value.")
        return self.weigh(node.value)

    def _name(self, node: ast.Name, _place: Place) -> Value:
        if (value := self.lookup(node.id)) is not None or self.known(node.id):
            return value
        if node.id in DECLARATIONS:
            raise Refused(f"The operator `{node.id}` is not called.", f"Write {DECLARATIONS[node.id].example}")
        if node.id in TYPES:
            return Imported(f"builtins.{node.id}", node.id, node)
        if callable(getattr(builtins, node.id, None)):
            call = f"Write {node.id}(…), or a function" if node.id in BUILTINS else "Write a function"
            raise Refused(f"`{node.id}` is a built-in of Python.", f"{call}: lambda x: {node.id}(x).")
        raise self.unknown(node.id, node.lineno)

    def _operation(self, function: Callable[..., Value], *operands: Value) -> Value:
        return BROKEN if any(operand is BROKEN for operand in operands) else self.weigh(function(*operands))

    def _binary(self, node: ast.BinOp, place: Place) -> Value:
        left = self.evaluate(node.left, place)
        start = len(left) if isinstance(node.op, ast.Add) and isinstance(left, list) else 0
        added = self.listing(node.right, place, start) if start or left == [] else None
        right = self.evaluate(node.right) if added is None else added
        if isinstance(node.op, ast.Mod):
            self.weigh(right)
            if isinstance(left, str) and isinstance(right, dict):  # whose items may each be written many times
                self.charge(left.count("%") * constants.weight(right) >> 2)
        return self._operation(lambda one, two: constants.binary(type(node.op), one, two), left, right)

    def _unary(self, node: ast.UnaryOp, _place: Place) -> Value:
        return self._operation(lambda operand: constants.unary(type(node.op), operand), self.evaluate(node.operand))

    def _compare(self, node: ast.Compare, _place: Place) -> Value:
        left = self.weigh(self.evaluate(node.left))
        for comparison, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.weigh(self.evaluate(comparator))
            if left is BROKEN or right is BROKEN:
                return BROKEN
            if not constants.compare(type(comparison), left, right):
                return False
            left = right
        return True

    def _boolean(self, node: ast.BoolOp, place: Place) -> Value:
        value: Value = BROKEN
        for operand in node.values:
            value = self.evaluate(operand, place)
            if value is BROKEN or constants.truth(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _conditional(self, node: ast.IfExp, place: Place) -> Value:
        condition = self.evaluate(node.test)
        if condition is BROKEN:
            return BROKEN
        return self.evaluate(node.body if constants.truth(condition) else node.orelse, place)

    def _list(self, node: ast.expr, place: Place) -> Value:
        items = self.listing(node, place) or []
        return self.weigh(tuple(items) if isinstance(node, ast.Tuple) else items)

    def _set(self, node: ast.Set | ast.SetComp, _place: Place) -> Value:
        if isinstance(node, ast.Set):
            items = self.listing(ast.List(node.elts, ast.Load()), None) or []
        else:
            items = self.listing(ast.ListComp(node.elt, node.generators), None) or []
        return self._operation(lambda *members: constants.made_set(members), *items)

    def _dict(self, node: ast.Dict, place: Place) -> Value:
        result: dict[Any, Value] = {}
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            if key_node is None:
                more = self.evaluate(value_node)
                if isinstance(more, dict):
                    result.update(more)
                elif more is not BROKEN:
                    raise Refused(f"`**` takes a dict, and this is {kind_of(more)}.", "Write {**first, **second}.")
                continue
            key = self.evaluate(key_node)
            if key is BROKEN:
                continue
            constants.check_key(key)
            result[key] = self.evaluate(value_node, _at(place, key))
        return self.weigh(result)

    def _dict_comprehension(self, node: ast.DictComp, place: Place) -> Value:
        result: dict[Any, Value] = {}
        for _ in self._each(node.generators):
            key = self.evaluate(node.key)
            if key is not BROKEN:
                constants.check_key(key)
                result[key] = self.evaluate(node.value, _at(place, key))
        return self.weigh(result)

    def _subscript(self, node: ast.Subscript, _place: Place) -> Value:
        owner = self.evaluate(node.value)
        key = self.evaluate(node.slice)
        if owner is BROKEN or key is BROKEN:
            return BROKEN
        if not isinstance(owner, NodeRef):
            return self.weigh(constants.item(owner, key))
        if owner.split is not None:
            raise Refused(f'This already is the split "{owner.split}".', "Take a split of the whole node.")
        if not isinstance(key, str):
            raise Refused("A node is indexed by the name of a split.", f'Write {owner.name}["test"].', "not-a-split")
        taken = NodeRef(owner.name, key)
        self.takes.append((taken, node))
        return taken

    def _slice(self, node: ast.Slice, _place: Place) -> Value:
        parts = [None if part is None else self.evaluate(part) for part in (node.lower, node.upper, node.step)]
        return BROKEN if BROKEN in parts else slice(*parts)

    def _joined(self, node: ast.JoinedStr, _place: Place) -> Value:
        pieces = [self.evaluate(piece) for piece in node.values]
        return self._operation(lambda *texts: "".join(str(text) for text in texts), *pieces)

    def _formatted(self, node: ast.FormattedValue, _place: Place) -> Value:
        value = self.weigh(self.evaluate(node.value))
        spec = "" if node.format_spec is None else self.evaluate(node.format_spec)
        return self._operation(lambda one, two: constants.formatted(one, node.conversion, two), value, spec)

    def _lambda(self, node: ast.Lambda, _place: Place) -> Value:
        if node not in self._free:
            self._free[node] = sorted(outside(node).names)
        self.charge(len(self._free[node]))
        captured = {
            name: self.lookup(name)
            for name in self._free[node]
            if any(name in names for names in self._inner) or (name in self.looped and name in self.names)
        }
        for name, value in captured.items():
            self.weigh(value)
            if constants.holds_node(value):
                hint = "A function gets its data as arguments: pass the node to the operator that calls it."
                raise Refused(f"`{name}` is a node, and has no value inside a function.", hint, "node-in-function")
        return Definition("<lambda>", node, captured)

    def _attribute(self, node: ast.Attribute, _place: Place) -> Value:
        owner = self.evaluate(node.value)
        if owner is BROKEN:
            return BROKEN
        if isinstance(owner, Imported):
            return Imported(f"{owner.path}.{node.attr}", f"{owner.name}.{node.attr}", node)
        if isinstance(owner, NodeRef):
            hint = f'Write Field({owner.name}, "{node.attr}") for a column of it.'
            if node.attr in (TRAIN, TEST, VALIDATION):
                hint = f'Write {owner.name}["{node.attr}"] for one split of it.'
            raise Refused(f"A node has no attribute `{node.attr}` while compiling.", hint, "no-value")
        raise Refused(f"`{shown(node)}` has no value while compiling.", "Put it into a function.", "no-value")

    def _call(self, node: ast.Call, place: Place) -> Value:
        match node.func:
            case ast.Name(id=name) if not self.known(name):
                if name in DECLARATIONS:
                    return self._apply(node, DECLARATIONS[name], place)
                if name in BUILTINS:
                    return self._call_builtin(node, name)
                self.arguments(node)
                self.refuse(node.func, self.unknown(name, node.lineno, called=True))
                return BROKEN
            case ast.Attribute() if not isinstance(owner := self.evaluate(node.func.value), Imported):
                return self._call_method(node, owner, node.func.attr)
        callee = self.evaluate(node.func)
        if isinstance(callee, Operator):
            return self._apply(node, callee, place)
        args, kwargs = self.arguments(node)
        if callee is BROKEN:
            return BROKEN
        if not isinstance(callee, Imported | Definition):
            what = f"`{shown(node.func)}` is {kind_of(callee)}, and cannot be called."
            raise Refused(what, "Call an operator, or an imported class.", "not-callable")
        if isinstance(callee, Imported) and callee.path.startswith("pandas.read_"):
            hint = "Write rows = CSVScanner(FileSource(…)), or read it in a function of an operator with cache=False."
            raise Refused(f"`{callee.name}` reads a file that no node names.", hint, "not-in-language")
        for value in (*args, *kwargs.values()):
            self.weigh(value)
        return Construction(callee, tuple(args), kwargs)

    def _apply(self, node: ast.Call, operator: Operator, place: Place) -> Value:
        if place is not None:
            return self.apply(node, operator, place)
        raise Refused(
            f"This {operator.name} has no name here.",
            f"Write name = {operator.name}(…) on a line of its own, and use the name here.",
            "node-without-name",
        )

    def _call_builtin(self, node: ast.Call, name: str) -> Value:
        args, kwargs = self.arguments(node)
        self.charge(sum(len(value) for value in args if isinstance(value, list | tuple | str | dict | set)) >> 2)
        return self._operation(lambda *_: constants.call_builtin(name, args, kwargs), *args, *kwargs.values())

    def _call_method(self, node: ast.Call, owner: Value, name: str) -> Value:
        args, kwargs = self.arguments(node)
        if isinstance(owner, NodeRef):
            near = self.problems.nearest(name, DECLARATIONS)
            hint = f"Write {near}({owner.name}, …)." if near else "Apply an operator to it."
            raise Refused(f"A node has no method `{name}`.", hint, "no-value")
        for value in (owner, *args, *kwargs.values()):
            self.weigh(value)
        if isinstance(owner, str) and name == "format":
            self.charge(owner.count("{") * sum(map(constants.weight, (*args, *kwargs.values()))) >> 2)
        return self._operation(
            lambda *_: constants.call_method(owner, name, args, kwargs), owner, *args, *kwargs.values()
        )

    def arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        """The arguments of a call that is none of an operator."""
        args: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                args += self._starred(argument, None, 0)
            else:
                args.append(self.evaluate(argument))
        kwargs: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                self.charge(len(value) >> 2)
                kwargs.update(value)
            elif value is not BROKEN:
                raise not_options(value)
        return args, kwargs


def not_options(value: Value) -> Refused:
    """What is wrong with a value after ``**`` in a call."""
    return Refused(f"`**` takes a dict with names as keys, and this is {kind_of(value)}.", 'Write **{"name": value}.')


def _at(place: Place, key: Any) -> Place:
    return None if place is None else f"{place}[{key}]"


_METHODS: Mapping[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: Evaluator._constant,
    ast.Name: Evaluator._name,
    ast.BinOp: Evaluator._binary,
    ast.UnaryOp: Evaluator._unary,
    ast.Compare: Evaluator._compare,
    ast.BoolOp: Evaluator._boolean,
    ast.IfExp: Evaluator._conditional,
    ast.List: Evaluator._list,
    ast.Tuple: Evaluator._list,
    ast.ListComp: Evaluator._list,
    ast.GeneratorExp: Evaluator._list,
    ast.Set: Evaluator._set,
    ast.SetComp: Evaluator._set,
    ast.Dict: Evaluator._dict,
    ast.DictComp: Evaluator._dict_comprehension,
    ast.Subscript: Evaluator._subscript,
    ast.Slice: Evaluator._slice,
    ast.JoinedStr: Evaluator._joined,
    ast.FormattedValue: Evaluator._formatted,
    ast.Lambda: Evaluator._lambda,
    ast.Attribute: Evaluator._attribute,
    ast.Call: Evaluator._call,
}
