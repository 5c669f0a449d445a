"""Checks applications in order: types of parameters, kinds of operands, splits. Gives the vertices."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from workflows.lang.parameters import typed
from workflows.lang.rules import RULES
from workflows.lang.splits import SplitChecker, quoted
from workflows.lang.syntax import (
    BROKEN,
    Application,
    Argument,
    NodeRef,
    Operand,
    Problems,
    Value,
    Vertex,
    elements_of,
    kind_of,
    shown,
)
from workflows.operators.base import Kind, Operator, Parameter, Type
from workflows.operators.reducer import OUTPUT
from workflows.operators.splits import (
    ALL,
    RESERVED,
    TEST,
    TRAIN,
    VALIDATION,
)

_INSTEAD: Mapping[tuple[Kind, Kind], str] = {
    (Kind.SOURCE, Kind.ROWS): "Write CSVScanner({name}) for its rows.",
    (Kind.SOURCE, Kind.FEATURE): "Scan it first: rows = CSVScanner({name}).",
    (Kind.ROWS, Kind.FEATURE): 'Write Field({name}, "…") for a column of it.',
    (Kind.FEATURE, Kind.EXAMPLES): "Write Examples(rows, features=[{name}], label=…).",
    (Kind.EXAMPLES, Kind.PREDICTIONS): "Write Predict(model, {name}).",
    (Kind.EXAMPLES, Kind.MODEL): "Write Learner({name}, …) for a model of it.",
    (Kind.MODEL, Kind.PREDICTIONS): "Write Predict({name}, examples).",
}
_PLURAL = (Kind.ROWS, Kind.EXAMPLES, Kind.PREDICTIONS)


@dataclass(slots=True)
class Checked:
    """The vertices of the graph by name, the first and the last line of each, and those that are wanted, perhaps one
    split of them."""

    vertices: Mapping[str, Vertex]
    lines: Mapping[str, tuple[int, int]]
    outputs: tuple[NodeRef, ...] = ()


class Checker:
    """Makes vertices of applications, in their order; what is wrong is reported, and what rests on it is left out
    silently."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.vertices: dict[str, Vertex] = {}
        self.lines: dict[str, tuple[int, int]] = {}

    def application(self, made: Application) -> None:
        operator = made.operator
        params: dict[str, Value] = {}
        operands: list[Operand] = []
        complete = True
        for parameter in operator.accepted:
            argument = made.arguments.get(parameter.name)
            if parameter.operand:
                found = self._operands(made, parameter, argument)
                complete = complete and found is not None and bool(found or not parameter.required)
                operands += found or ()
            elif parameter.type is Type.PATHS:
                params[parameter.name] = self._paths(made)
            elif argument is None:
                complete = complete and not parameter.required
                params[parameter.name] = None if parameter.required else parameter.default
            else:
                params[parameter.name] = typed(operator, parameter, argument, self.problems)
        complete = complete and not any(value is BROKEN for value in params.values())
        if not complete:
            return
        vertex = self._vertex(made, params, tuple(operands))
        if operator.name in RULES:
            RULES[operator.name](vertex, self.vertices, self.problems, made)
        self.vertices[made.name] = vertex
        self.lines[made.name] = made.node.lineno, made.node.end_lineno or made.node.lineno

    def is_taken(self, taken: NodeRef) -> bool:
        """Whether a split can be taken."""
        vertex = self.vertices.get(taken.name)
        return vertex is not None and taken.split in vertex.splits

    def checked(self, takes: Iterable[tuple[NodeRef, ast.Subscript]], outputs: Iterable[Argument]) -> Checked:
        """What there is, after the splits that were taken and the outputs were checked as well."""
        for taken, node in takes:
            self.taken(taken, node)
        return Checked(self.vertices, self.lines, self.outputs(outputs))

    def taken(self, taken: NodeRef, node: ast.Subscript) -> None:
        vertex = self.vertices.get(taken.name)
        if vertex is None or taken.split is None or taken.split in vertex.splits:
            return
        if not vertex.splits:
            what, hint = f"`{taken.name}` has no splits.", "A model and a value are one whole."
        else:
            near = self.problems.nearest(taken.split, vertex.splits)
            what = f'`{taken.name}` has no split "{taken.split}".'
            hint = f'Did you mean "{near}"?' if near else f"It has {quoted(vertex.splits)}."
            if vertex.operator.kind is Kind.ROWS and near is None and taken.split not in (TRAIN, TEST, VALIDATION):
                hint += f' For a column of it, write Field({taken.name}, "{taken.split}").'
            elif vertex.splits == (ALL,) and taken.split in (TRAIN, TEST, VALIDATION):
                hint = "Split the rows first: parts = Split(rows, test=0.2)."
        self.problems.add("unknown-split", node.slice, what, hint)

    def outputs(self, given: Iterable[Argument]) -> tuple[NodeRef, ...]:
        wanted: list[NodeRef] = []
        asked = False
        for argument in given:
            asked = True
            for value in _flat(argument.value):
                if not isinstance(value, NodeRef):
                    if value is not BROKEN:
                        hint = f"For example: {OUTPUT.example}"
                        self.problems.add(
                            "not-a-node", argument.node, f"`Output` takes nodes, and this is {kind_of(value)}.", hint
                        )
                elif (vertex := self.vertices.get(value.name)) is not None:
                    if vertex.operator.kind is Kind.SOURCE:
                        hint = f"Write CSVScanner({value.name}) for its rows."
                        self.problems.add("wrong-kind", argument.node, "A source is not read by itself.", hint)
                    wanted.append(value)
        if not asked:
            wanted = [NodeRef(name) for name, vertex in self.vertices.items() if vertex.operator.metric]
        wanted += [NodeRef(name) for name, vertex in self.vertices.items() if vertex.operator.check]
        return tuple(dict.fromkeys(wanted))

    def _vertex(self, made: Application, params: dict[str, Value], operands: tuple[Operand, ...]) -> Vertex:
        operator = made.operator
        splits, basis = SplitChecker(self.vertices, self.problems).splits_and_basis(made, params, operands)
        name, cache, seed = params.pop("name"), params.pop("cache"), params.pop("seed", None)
        return Vertex(made.name, operator, params, operands, splits, basis, seed, cache, name or made.name)

    def _operands(self, made: Application, parameter: Parameter, argument: Argument | None) -> list[Operand] | None:
        """The operands given for a parameter; None where something is wrong with one of them."""
        if parameter.type is Type.TABLES:
            return self._tables(made, parameter)
        if argument is None or (argument.value is None and parameter.default is None):
            return []
        if parameter.type is Type.NODE:
            operand = self._operand(made.operator, parameter, argument.value, argument.node, None)
            return None if operand is None else [operand]
        values = argument.value if isinstance(argument.value, list | tuple) else [argument.value]
        elements = elements_of(argument)
        found = [
            self._operand(made.operator, parameter, value, elements[number] if elements else argument.node, number)
            for number, value in enumerate(values)
        ]
        if len(values) < (parameter.minimum or 0) and BROKEN not in values:
            least = int(parameter.minimum or 0)
            needed = _kinds(parameter.kinds, least)
            self.problems.add(
                "too-few-operands",
                argument.node,
                f"`{made.operator.name}` needs {needed if least == 1 else f'{least} {needed}'} at least.",
                f"For example: {made.operator.example}",
            )
            return None
        return None if None in found else [operand for operand in found if operand is not None]

    def _tables(self, made: Application, parameter: Parameter) -> list[Operand] | None:
        """Operands by the names that the text gives them, in the order of the names."""
        given = {slot: made.arguments[slot] for slot in sorted(made.arguments) if slot.startswith(f"{parameter.name}.")}
        if not given:
            what = f"`{made.operator.name}` needs {_kinds(parameter.kinds, 1)}, by a name of yours."
            self.problems.add("missing-argument", made.node.func, what, f"For example: {made.operator.example}")
            return None
        found = []
        for slot, argument in given.items():
            named = replace(parameter, name=slot.removeprefix(f"{parameter.name}."))
            operand = self._operand(made.operator, named, argument.value, argument.node, None)
            found.append(operand and operand._replace(slot=slot))
        return None if None in found else [operand for operand in found if operand is not None]

    def _operand(
        self, operator: Operator, parameter: Parameter, value: Value, node: ast.AST, index: int | None
    ) -> Operand | None:
        if isinstance(value, NodeRef):
            vertex = self.vertices.get(value.name)
            if vertex is None:
                return None
            if vertex.operator.kind not in parameter.kinds:
                self._wrong_kind(operator, parameter, vertex, node)
                return None
            if value.split is not None and value.split not in vertex.splits:
                return None  # told where the split is taken
            return Operand(parameter.name, value.name, value.split, index)
        if value is BROKEN:
            return None
        hint = f"For example: {operator.example}"
        if isinstance(value, str) and (near := self.problems.nearest(value, self.vertices)):
            hint = f"Write {near}, without quotes, for the node."
        elif isinstance(value, dict) and value and isinstance(next(iter(value.values())), NodeRef):
            hint = f"Write [*{shown(node)}.values()] for its nodes."
        elif isinstance(value, list | tuple) and value and isinstance(value[0], NodeRef):
            hint = "Write one node, or put a * before the list."
        wanted = _kinds(parameter.kinds, 1)
        message = f"`{operator.name}` takes {wanted} for `{parameter.name}`, and this is {kind_of(value)}."
        self.problems.add("not-a-node", node, message, hint)
        return None

    def _wrong_kind(self, operator: Operator, parameter: Parameter, vertex: Vertex, node: ast.AST) -> None:
        kind = vertex.operator.kind
        made = f"is {kind}" if kind in _PLURAL else f"is a {kind}"
        message = (
            f"`{operator.name}` takes {_kinds(parameter.kinds, 1)} for `{parameter.name}`, and `{shown(node)}` {made}."
        )
        hints = [_INSTEAD[kind, wanted] for wanted in parameter.kinds if (kind, wanted) in _INSTEAD]
        hint = hints[0].format(name=shown(node)) if hints else f"For example: {operator.example}"
        self.problems.add("wrong-kind", node, message, hint)

    def _paths(self, made: Application) -> Value:
        paths: dict[str, Value] = {}
        for name, argument in made.arguments.items():
            if name != "path" and not name.startswith("files."):
                continue
            split = ALL if name == "path" else name.removeprefix("files.")
            if split in RESERVED:
                hint = "Choose another name."
                self.problems.add("reserved-split", argument.node, f"A split cannot be called `{split}`.", hint)
                return BROKEN
            if isinstance(argument.value, str) and "\0" in argument.value:
                message = "A path has no null character in it."
                self.problems.add("wrong-type", argument.node, message, "Take it away.")
                return BROKEN
            if isinstance(argument.value, str) and argument.value.strip():
                paths[split] = argument.value
            elif argument.value is not None or name != "path":
                if argument.value is not BROKEN:
                    message = f"`{split}=` takes a path, and this is {kind_of(argument.value)}."
                    self.problems.add("wrong-type", argument.node, message, f"For example: {made.operator.example}")
                return BROKEN
        if not paths or (ALL in paths and len(paths) > 1):
            what = "needs a path" if not paths else "takes one path, or one for each split, not both"
            self.problems.add(
                "missing-argument",
                made.node.func,
                f"`{made.operator.name}` {what}.",
                f"For example: {made.operator.example}",
            )
            return BROKEN
        return paths


def _flat(value: Value) -> list[Value]:
    match value:
        case list() | tuple():
            return [item for member in value for item in _flat(member)]
        case dict():
            return [item for member in value.values() for item in _flat(member)]
    return [value]


def _kinds(kinds: tuple[Kind, ...], count: int) -> str:
    """ "a feature", "rows or a feature", "features"."""
    if len(kinds) > 3:
        return "node" if count > 1 else "a node"
    if count > 1:
        return " or ".join(str(kind) if kind in _PLURAL else f"{kind}s" for kind in kinds)
    return " or ".join(str(kind) if kind in _PLURAL else f"a {kind}" for kind in kinds)
