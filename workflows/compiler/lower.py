"""Lowers checked vertices to the DAG: functions and estimator expressions become specs with identities."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.graph.dag import Dag, EstimatorSpec, FunctionSpec, Input, Node, NodeName, ParamValue
from workflows.lang.checker import Checked
from workflows.lang.identity import Identities
from workflows.lang.syntax import Construction, Definition, Imported, Value, Vertex
from workflows.operators.base import Operator
from workflows.recall import Recall

_NODES = 4096  # that are remembered, twice
_KNOWN: Recall[int, tuple[Vertex, Node]] = Recall(_NODES)


def lower(checked: Checked, identities: Identities) -> Dag:
    """The DAG of the vertices, in their order."""
    lowering = _Lowering(identities)
    nodes = {NodeName(name): lowering.node(vertex) for name, vertex in checked.vertices.items()}
    outputs = tuple(dict.fromkeys(NodeName(output.name) for output in checked.outputs))
    whole = {output.name for output in checked.outputs if output.split is None}
    splits: dict[NodeName, tuple[str, ...]] = {}
    for output in checked.outputs:
        name = NodeName(output.name)
        if name not in whole and output.split is not None:
            splits[name] = (*splits.get(name, ()), output.split)
    return Dag(nodes, outputs, splits, {NodeName(name): checked.lines[name] for name in checked.vertices})


class _Lowering:
    def __init__(self, identities: Identities) -> None:
        self.identities = identities
        self._packages: dict[str, tuple[str, ...]] = {}  # what an operator rests on
        self._estimated: set[str] = set()  # what the estimators of a node rest on
        self._plain = True  # whether a node has neither functions nor estimators

    def node(self, vertex: Vertex) -> Node:
        known = _KNOWN.get(id(vertex))  # which is no other's while the vertex is remembered
        if known is not None and known[1].packages == self.packages(vertex.operator):
            return known[1]
        self._plain = True
        made = self._made(vertex)
        if self._plain:
            _KNOWN.keep(id(vertex), (vertex, made))
        self._estimated.clear()
        return made

    def _made(self, vertex: Vertex) -> Node:
        params = {name: self.value(value) for name, value in vertex.params.items()}
        inputs = tuple(
            Input(operand.slot, NodeName(operand.node), operand.split, operand.place) for operand in vertex.operands
        )
        basis = None if vertex.basis is None else NodeName(vertex.basis)
        return Node(
            NodeName(vertex.name),
            vertex.operator.name,
            params,
            inputs,
            vertex.splits,
            basis,
            vertex.seed,
            vertex.cache,
            vertex.label,
            self.packages(vertex.operator),
        )

    def packages(self, operator: Operator) -> tuple[str, ...]:
        """Python, and what the operator and the estimators of the node at hand rest on; nothing for a source of files,
        which is known by its content."""
        if operator.name not in self._packages:
            installed = self.identities.installed
            stacks = [installed.python, *(one for module in operator.packages for one in installed.stack(module))]
            self._packages[operator.name] = tuple(sorted(set(stacks))) if operator.packages else ()
        found = self._packages[operator.name]
        return tuple(sorted(self._estimated.union(found))) if self._estimated else found

    def value(self, value: Value) -> ParamValue:
        match value:
            case Definition():
                return self.function(value)
            case Imported():
                return self.estimator(value, (), {}, called=False)
            case Construction():
                return self.estimator(value.callee, value.args, value.kwargs, called=True)
            case list():
                return [self.value(item) for item in value]
            case tuple():
                return tuple(self.value(item) for item in value)
            case dict():
                return {key: self.value(item) for key, item in value.items()}
        return value  # type: ignore[no-any-return]

    def function(self, value: Definition | Imported) -> FunctionSpec:
        self._plain = False
        identity = self.identities.of(value)
        captured = value.captured if isinstance(value, Definition) else {}
        return FunctionSpec(
            value.name,
            getattr(value.node, "lineno", 1),
            getattr(value.node, "col_offset", 0),
            identity.hash,
            identity.depends,
            {name: self.value(item) for name, item in captured.items()},
        )

    def estimator(
        self, callee: Imported | Definition, args: tuple[Value, ...], kwargs: Mapping[str, Value], *, called: bool
    ) -> EstimatorSpec:
        self._plain = False
        own = isinstance(callee, Definition) or self.identities.in_library(callee.path)
        path = callee.name if isinstance(callee, Definition) else callee.path
        if not own:
            self._estimated.update(self.identities.installed.stack(path.split(".")[0]))
        return EstimatorSpec(
            path,
            tuple(self.value(item) for item in args),
            {name: self.value(item) for name, item in kwargs.items()},
            None if own else self.distribution(path.split(".")[0]),
            self.function(callee) if own else None,
            called,
        )

    def distribution(self, module: str) -> str | None:
        return " ".join(self.identities.installed.holding(module)) or None
