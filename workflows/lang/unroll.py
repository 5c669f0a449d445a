"""Runs through the statements of a text: binds constants, unrolls loops and conditions, applies operators."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from workflows.lang import constants
from workflows.lang.binding import bind
from workflows.lang.blocks import Block
from workflows.lang.checker import Checker
from workflows.lang.constants import Refused
from workflows.lang.environment import MAX_STEPS, Exhausted
from workflows.lang.evaluator import Evaluator
from workflows.lang.imports import bound_by_import, is_for_editors
from workflows.lang.kept import Kept, Known, calls, keep, known_of, recalled
from workflows.lang.parser import Parsed
from workflows.lang.statements import FORBIDDEN, bound_names, docstring
from workflows.lang.syntax import (
    BROKEN,
    Application,
    Argument,
    Definition,
    Imported,
    NodeRef,
    Value,
    elements_of,
    kind_of,
    shown,
)
from workflows.operators.base import Operator
from workflows.operators.reducer import OUTPUT
from workflows.operators.registry import DECLARATIONS

_UNBOUND = object()
_NODE_STEPS = 8  # what making a node is charged


@dataclass(slots=True)
class Unrolled:
    """What the statements came to. ``code`` are the statements that are user code, ``deferred`` those of them that bind
    a name to what only the run can make."""

    description: str = ""
    names: Mapping[str, Value] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)
    definitions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, ast.stmt] = field(default_factory=dict)
    code: list[ast.stmt] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    outputs: list[Argument] = field(default_factory=list)
    takes: list[tuple[NodeRef, ast.Subscript]] = field(default_factory=list)


def unroll(parsed: Parsed, checker: Checker, overrides: Mapping[str, Value]) -> Unrolled:
    """Runs the module level without running any user code; the checker is given each application as it is made. Never
    raises: what is wrong is reported."""
    unroller = _Unroller(checker, overrides)
    for name in parsed.lost_names:
        unroller.evaluator.names[name] = BROKEN
    unroller.run(parsed.blocks)
    return unroller.result


class _Unroller:
    def __init__(self, checker: Checker, overrides: Mapping[str, Value]) -> None:
        self.checker = checker
        self.problems = checker.problems
        self.overrides = overrides
        self.evaluator = Evaluator(self.problems, self._apply)
        self.result = Unrolled(names=self.evaluator.names, takes=self.evaluator.takes)
        self._made: dict[str, None] = {}  # names of nodes
        self._set: set[str] = set()  # names of constants that were overridden
        self._lines: dict[str, int] = {}  # where a name was bound
        self._broken: set[ast.stmt] = set()
        self._loops = 0
        self._blocks = 0  # loops and conditions
        self._known: dict[str, tuple[Value, Known | None]] = {}  # what is known of a name's value

    def run(self, blocks: Sequence[Block]) -> None:
        self.evaluator.later = lambda: {name: line for block in blocks for name, line in block.bound}
        described = False
        for block in blocks:
            key = self._key(block)
            if (kept := recalled(key)) is not None and self._repeat(block, kept):
                described = True
                continue
            statements = block.statements
            if statements and not described:
                described = True
                if (text := docstring(statements[0])) is not None:
                    self.result.description = text
                    statements = statements[1:]
            if not self._statements(block, key, statements):
                break
        self._collect()

    def _statements(self, block: Block, key: Known | None, statements: Sequence[ast.stmt]) -> bool:
        """Runs the statements of a block, and keeps what they came to; False where the text takes too many steps."""
        before = (self.problems.told, self.evaluator.steps, len(self._made), len(self.evaluator.takes))
        for statement in statements:
            try:
                self._statement(statement)
            except Exhausted:
                if not self.problems.full:
                    what = f"The text takes more than {MAX_STEPS:,} steps to unroll."
                    self.problems.add("too-many-steps", statement, what, "Loop over less, or loop in a function.")
                return False
        if key is not None:
            self._keep(block, key, *before)
        return True

    def _key(self, block: Block) -> Known | None:
        """All that the block's coming to something rests on; None where it is not to be kept."""
        if block.reads is None:
            return None
        found = [self._known_of(name) for name in block.reads]
        return None if None in found else (block.text, *found)

    def _known_of(self, name: str) -> Known | None:
        value = self.evaluator.names.get(name, _UNBOUND)
        if value is _UNBOUND:
            return ()
        before = self._known.get(name)
        if before is None or before[0] is not value:
            before = self._known[name] = (value, known_of(value, self.checker.vertices))
        return before[1]

    def _repeat(self, block: Block, kept: Kept) -> bool:
        """Does what a kept statement did, where nothing that was said in between stands against it."""
        made, name = self._made, kept.name
        if name in self._lines or self.evaluator.steps + kept.steps > MAX_STEPS:
            return False
        for vertex in kept.vertices:
            if vertex.name in made:
                return False
        self.evaluator.charge(kept.steps)
        self._lines[name] = kept.name_line + block.line - kept.line
        self.evaluator.names[name] = kept.value
        moved = block.line - kept.line
        for vertex, (first, last) in zip(kept.renewed(self.evaluator.names), kept.lines, strict=True):
            made[vertex.name] = None
            self.checker.vertices[vertex.name] = vertex
            self.checker.lines[vertex.name] = first + moved, last + moved
        return True

    def _keep(self, block: Block, key: Known, problems: int, steps: int, made: int, takes: int) -> None:
        """Keeps what a statement came to, unless something is wrong with it."""
        ((name, line),) = block.bound
        taken = self.evaluator.takes[takes:]
        if self.problems.told > problems or not all(self.checker.is_taken(one) for one, _ in taken):
            return
        places = list(islice(self._made, made, None))
        vertices = [self.checker.vertices[place] for place in places if place in self.checker.vertices]
        if len(vertices) == len(places):
            lines = tuple(self.checker.lines[place] for place in places)
            value, spent = self.evaluator.names[name], self.evaluator.steps - steps
            kept = Kept(block.line, name, line, value, tuple(vertices), lines, spent, calls(vertices))
            keep(key, block.text, kept)

    def _collect(self) -> None:
        names, result = self.evaluator.names, self.result
        known = ((name, value) for name, value in names.items() if type(value) is not NodeRef)
        result.constants = {name: value for name, value in known if constants.is_constant(value)}
        for name in self.overrides:
            if name not in self._set and names.get(name) is not BROKEN:
                near = self.problems.nearest(name, result.constants)
                hint = f"Did you mean `{near}`?" if near else "A constant is a line NAME = value of the text."
                whole = ast.Pass(lineno=1, col_offset=0)
                self.problems.add("unknown-constant", whole, f"There is no constant `{name}` to set.", hint)

    def _statement(self, node: ast.stmt) -> None:
        self.evaluator.charge(1)
        if self.evaluator.failed(node):
            return
        try:
            match node:
                case ast.Assign():
                    self._assign(node, node.targets, node.value)
                case ast.AnnAssign() if node.value is not None:
                    self._assign(node, [node.target], node.value)
                case ast.AugAssign():
                    self._augmented(node)
                case ast.Expr():
                    self._expression(node.value)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    self._define(node)
                case ast.Import() | ast.ImportFrom():
                    self._import(node)
                case ast.For():
                    self._for(node)
                case ast.If():
                    self._if(node)
                case ast.Pass():
                    pass
                case _:
                    what, hint = FORBIDDEN.get(type(node), ("This statement", "Put it into a function."))
                    self.problems.add("not-in-language", node, f"{what} is not part of the module level.", hint)
        except Refused as refused:
            self.evaluator.refuse(node, refused)
            self._break_names(node)

    # Binding names

    def _assign(self, node: ast.stmt, targets: Sequence[ast.expr], value_node: ast.expr) -> None:
        first = targets[0]
        if len(targets) > 1 or isinstance(first, ast.Tuple | ast.List):
            self._unpack(node, targets, value_node)
        elif isinstance(first, ast.Name):
            self._assign_name(node, first, value_node)
        elif isinstance(first, ast.Subscript):
            self._assign_item(first, value_node)
        else:
            self.evaluator.evaluate(value_node)
            hint = "Bind a name, or an item of a dict: named[key] = …"
            self.problems.add("not-in-language", first, f"`{shown(first)}` cannot be bound here.", hint)

    def _assign_name(self, node: ast.stmt, target: ast.Name, value_node: ast.expr) -> None:
        name = target.id
        if self._loops and self._operator_called(value_node) is not None:
            operator = self._operator_called(value_node)
            self.problems.add(
                "node-in-loop",
                value_node,
                "A node made in a loop must be an item of a list or dict.",
                f"Write named = {{}} before the loop, and named[key] = {operator}(…) in it.",
            )
            self.evaluator.names[name] = BROKEN
            return
        if not self._loops and name in self._lines:
            self._bind(name, BROKEN, target)
            self.evaluator.evaluate(value_node, f"{name} in line {target.lineno}")
            return
        value = self.evaluator.evaluate(value_node, None if self._loops else name)
        value = self._overridden(name, value)
        if isinstance(value, Definition) and value.name == "<lambda>" and not value.captured and not self._loops:
            value = Definition(name, value.node)
        self._bind(name, value, target)
        if not constants.is_constant(value) and not constants.holds_node(value):
            self._defer(name, value, node)

    def _overridden(self, name: str, value: Value) -> Value:
        """What a constant is set to from outside, where it is."""
        if self._loops or name not in self.overrides or not constants.is_constant(value):
            return value
        self._set.add(name)
        return self.overrides[name]

    def _defer(self, name: str, value: Value, node: ast.stmt) -> None:
        """Keeps a statement that binds what only the run can make: it is user code."""
        if not constants.is_whole(value):
            return
        if self._blocks:
            raise Refused("What only the run can make is bound at the first column.", "Move it out of the block.")
        self.result.deferred[name] = node
        if node not in self.result.code[-1:]:
            self.result.code.append(node)

    def _assign_item(self, target: ast.Subscript, value_node: ast.expr) -> None:
        container = self.evaluator.evaluate(target.value)
        key = self.evaluator.evaluate(target.slice)
        name = target.value.id if isinstance(target.value, ast.Name) else None
        if container is BROKEN or key is BROKEN:
            return
        if name is None or not isinstance(container, dict):
            raise Refused(
                f"`{shown(target.value)}` is {kind_of(container)}; only an item of a dict can be bound.",
                "Write named = {} first, or make a list at once: names = [… for … in …].",
            )
        constants.check_key(key)
        value = self.evaluator.evaluate(value_node, f"{name}[{key}]")
        if key in container:
            raise Refused(f"`{name}[{key!r}]` is bound twice.", "Give each item a key of its own.", "bound-twice")
        if isinstance(value, list | tuple | dict | set):
            raise Refused(
                "An item that is bound is a node or a plain value.", "Write the dict at once: {… for … in …}."
            )
        container[key] = value
        self.evaluator.weigh(container)

    def _unpack(self, node: ast.stmt, targets: Sequence[ast.expr], value_node: ast.expr) -> None:
        walked = [part for target in targets for part in ast.walk(target)]
        self.evaluator.charge(len(walked))
        names = [part for part in walked if isinstance(part, ast.Name)]
        operator = self._operator_called(value_node)
        if operator is None and not (isinstance(value_node, ast.Name) and self._is_node(value_node.id)):
            value = self.evaluator.evaluate(value_node)
            found: dict[str, Value] = {}
            for target in targets:
                self.evaluator.bind(target, value, found)
            for name in names:
                bound = found.get(name.id, BROKEN)
                self._bind(name.id, self._overridden(name.id, bound), name)
            if not constants.is_constant(value) and not constants.holds_node(value):
                for name in names:
                    self._defer(name.id, value, node)
            return
        for name in names:
            self._bind(name.id, BROKEN, name)
        if operator == "Split":
            message = 'A split stays one node; take `parts["test"]` where you need one.'
            hint = f"Write parts = {shown(value_node)}."
        else:
            message, hint = "A node cannot be unpacked: it has no value while compiling.", "Bind one name to it."
        self.problems.add("unpacked-node", node, message, hint)

    def _augmented(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise Refused("Only names can be changed, and only in a loop.", "Write the value at once.")
        name = node.target.id
        value = self.evaluator.evaluate(
            ast.copy_location(ast.BinOp(ast.copy_location(ast.Name(name, ast.Load()), node), node.op, node.value), node)
        )
        self._bind(name, value, node.target)

    def _bind(self, name: str, value: Value, where: ast.AST) -> None:
        """Binds a name once; a constant in a loop may be bound anew."""
        self.evaluator.weigh(value)
        names = self.evaluator.names
        if name in DECLARATIONS:
            self.problems.add("operator-name", where, f"`{name}` is an operator.", "Choose another name.")
            return
        known = name in self._lines
        rebinding = known and self._loops and not self._is_node(name) and not constants.holds_node(value)
        if known and not rebinding:
            line = self._lines[name]
            hint = "Choose another name." if not self._loops else "In a loop only constants are bound anew."
            self.problems.add("bound-twice", where, f"`{name}` is bound already, in line {line}.", hint)
            return
        self._lines[name] = getattr(where, "lineno", 1)
        names[name] = value
        if self._loops:
            self.evaluator.looped.add(name)

    def _is_node(self, name: str) -> bool:
        return constants.holds_node(self.evaluator.names.get(name))

    # Statements

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        if self._blocks:
            raise Refused("Functions and classes are defined at the first column.", "Move it out of the block.")
        self._bind(node.name, Definition(node.name, node), node)
        self.result.definitions.setdefault(node.name, node)
        self.result.code.append(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if self._blocks:
            raise Refused("Imports stand at the first column.", "Move it out of the block.")
        for name, value, where in bound_by_import(node, self.problems):
            if not isinstance(value, Imported):
                self._bind(name, value, where)
            elif self.result.imports.get(name) != value.path:
                self._bind(name, value, where)
                self.result.imports.setdefault(name, value.path)
        if not is_for_editors(node):
            self.result.code.append(node)

    def _for(self, node: ast.For) -> None:
        if node.orelse:
            raise Refused("A loop has no `else` here.", "Write it after the loop.", "not-in-language")
        items = self.evaluator.evaluate(node.iter)
        if items is BROKEN:
            self._break_names(node)
            return
        self._loops += 1
        self._blocks += 1
        try:
            for item in constants.iterated(items):
                self.evaluator.charge(1)
                found: dict[str, Value] = {}
                self.evaluator.bind(node.target, item, found)
                for name, value in found.items():
                    self._bind_loop_name(name, value, node.target)
                for statement in node.body:
                    self._statement(statement)
        finally:
            self._loops -= 1
            self._blocks -= 1

    def _bind_loop_name(self, name: str, value: Value, where: ast.AST) -> None:
        """A loop's own name may stand for a node: for feature in features."""
        if name in DECLARATIONS or (name in self._lines and name not in self.evaluator.looped):
            self._bind(name, value, where)
            return
        self._lines.setdefault(name, getattr(where, "lineno", 1))
        self.evaluator.names[name] = value
        self.evaluator.looped.add(name)

    def _if(self, node: ast.If) -> None:
        condition = self.evaluator.evaluate(node.test)
        if condition is BROKEN:
            self._break_names(node)
            return
        self._blocks += 1
        for statement in node.body if constants.truth(condition) else node.orelse:
            self._statement(statement)
        self._blocks -= 1

    def _break_names(self, node: ast.stmt) -> None:
        """Names that a block would have bound, had it not been broken: whatever uses them stays silent."""
        if node in self._broken:  # in a loop: once is enough
            return
        self._broken.add(node)
        for name, line in bound_names([node]):
            if name not in self._lines:
                self._lines[name] = line
                self.evaluator.names[name] = BROKEN

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return
        operator = self._operator_called(node)
        if operator == OUTPUT.name and isinstance(node, ast.Call):
            self._output(node)
        elif operator is not None and DECLARATIONS[operator].check:
            self.evaluator.evaluate(node, f"{operator}[{len(self._made)}]")
        elif operator is not None:
            name = operator[:1].lower() + operator[1:]
            hint = f"Write {name} = {shown(node)}."
            self.evaluator.names.setdefault(name, BROKEN)
            self.problems.add("node-without-name", node, "This node has no name, so nothing can use it.", hint)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("append", "extend"):
            changed = shown(getattr(node.func, "value", node))
            hint = f"Write {changed} = [… for … in …], or named[key] = … in a loop."
            self.problems.add("not-in-language", node, "Lists do not change once they are made.", hint)
        else:
            count = len(self.problems)
            if self.evaluator.evaluate(node) is not BROKEN and len(self.problems) == count:
                hint = "Bind it to a name, or put it into a function."
                self.problems.add("no-effect", node, f"`{shown(node)}` has no effect here.", hint)

    def _output(self, node: ast.Call) -> None:
        arguments = bind(node, OUTPUT, OUTPUT.name, self.evaluator, self.problems, first=len(self.result.outputs))
        if (given := arguments.get("nodes")) is not None:
            places: Sequence[ast.AST] = elements_of(given) or [given.node] * len(given.value)
            self.result.outputs += [Argument(value, place) for value, place in zip(given.value, places, strict=True)]

    def _operator_called(self, node: ast.expr) -> str | None:
        """The operator that an expression is a call of."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            value = self.evaluator.names.get(node.func.id)
            if isinstance(value, Operator):
                return value.name
            if node.func.id in DECLARATIONS:
                return node.func.id
        return None

    def _apply(self, call: ast.Call, operator: Operator, place: str) -> Value:
        if operator is OUTPUT:
            raise Refused("`Output` makes no node.", "Write it on a line of its own: Output(accuracy).")
        self.evaluator.charge(_NODE_STEPS)
        arguments = bind(call, operator, place, self.evaluator, self.problems)
        if place in self._made:
            raise Refused(f"There is a node `{place}` already.", "Give each node a name of its own.", "bound-twice")
        self._made[place] = None
        application = Application(place, operator, arguments, call)
        self.result.applications.append(application)
        self.checker.application(application)
        return NodeRef(place)
