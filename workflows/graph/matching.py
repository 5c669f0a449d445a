"""Says which node of one DAG is which of another: by name, by being the same under another name, by what is around."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping

from workflows.graph.dag import Dag, EstimatorSpec, FunctionSpec, Node, NodeName, ParamValue

_ROUNDS = 32  # in each of which a chain of nodes that are renamed and changed is followed by one more


def match(before: Dag, after: Dag) -> Mapping[NodeName, NodeName]:
    """The nodes of ``before`` that are in ``after`` as well, by their names there; it is one to one, and the same the
    other way round.

    A node of the same name and operator is the same node. Of the others those are that have equal parameters and
    operands; then what merely has the same name; then what alone has its operator and its operands, or its operator
    and its readers.
    """
    matching = _Matching(before, after)
    matching.by_name(lambda old, new: old.operator == new.operator)
    matching.equal()
    matching.by_name(lambda _, __: True)
    for _ in range(_ROUNDS):
        found = matching.equal()
        found = matching.alone(_Side.by_operands) or found
        if not matching.alone(_Side.by_readers) and not found:
            break
    return matching.names


class _Matching:
    def __init__(self, before: Dag, after: Dag) -> None:
        self.names: dict[NodeName, NodeName] = {}
        self._before = _Side(before)
        self._after = _Side(after)

    def by_name(self, fits: Callable[[Node, Node], bool]) -> None:
        """Match nodes of one name, where they fit."""
        for name, node in list(self._before.open.items()):
            other = self._after.open.get(name)
            if other is not None and fits(node, other):
                self._match(name, name)

    def equal(self) -> bool:
        """Match what is the same but for its name, the first with the first where there are several; whether any was
        found."""
        numbers: dict[Hashable, int] = {}
        ours, theirs = (side.identities(numbers) for side in (self._before, self._after))
        pairs = [
            pair
            for number, names in ours.items()
            if number in theirs
            for pair in zip(names, theirs[number], strict=False)
        ]
        return self._match_all(pairs)

    def alone(self, keys: Callable[[_Side], Iterator[tuple[NodeName, Hashable]]]) -> bool:
        """Match the nodes that alone have a key on either side; whether any was found."""
        ours, theirs = (_alone(keys(side)) for side in (self._before, self._after))
        return self._match_all([(name, theirs[key]) for key, name in ours.items() if key in theirs])

    def _match_all(self, pairs: list[tuple[NodeName, NodeName]]) -> bool:
        for ours, theirs in pairs:
            self._match(ours, theirs)
        return bool(pairs)

    def _match(self, ours: NodeName, theirs: NodeName) -> None:
        self.names[ours] = theirs
        self._before.close(ours, theirs)
        self._after.close(theirs, theirs)


def _alone(keyed: Iterator[tuple[NodeName, Hashable]]) -> dict[Hashable, NodeName]:
    found: dict[Hashable, list[NodeName]] = {}
    for name, key in keyed:
        found.setdefault(key, []).append(name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


class _Side:
    """A DAG whose nodes are ``open`` until they are matched; then they count by the name they have in the later one."""

    def __init__(self, dag: Dag) -> None:
        self._nodes = dag.nodes
        self._known: dict[NodeName, NodeName] = {}
        self._readers = readers_of(dag)
        self._contents: dict[NodeName, Hashable] = {}
        self.open = dict(dag.nodes)

    def close(self, name: NodeName, known: NodeName) -> None:
        del self.open[name]
        self._known[name] = known

    def identities(self, numbers: dict[Hashable, int]) -> dict[int, list[NodeName]]:
        """Open nodes by a number for each operator with its parameters, and with operands that are the same too."""
        found: dict[int, list[NodeName]] = {}
        numbered: dict[NodeName, int] = {}
        for name, node in self.open.items():  # operands before their readers
            operands = tuple(
                (each.slot, each.split, each.place, self._known.get(each.node, numbered.get(each.node)))
                for each in node.inputs
            )
            number = numbers.setdefault((node.operator, self._content(name), operands), len(numbers))
            numbered[name] = number
            found.setdefault(number, []).append(name)
        return found

    def by_operands(self) -> Iterator[tuple[NodeName, Hashable]]:
        """Open nodes all whose operands are matched, by operator and operands."""
        for name, node in self.open.items():
            if node.inputs and all(each.node in self._known for each in node.inputs):
                operands = [(each.slot, each.split, each.place, self._known[each.node]) for each in node.inputs]
                yield name, (node.operator, tuple(operands))

    def by_readers(self) -> Iterator[tuple[NodeName, Hashable]]:
        """Open nodes all whose readers are matched, by operator and readers."""
        for name, node in self.open.items():
            readers = self._readers[name]
            if readers and all(reader in self._known for reader in readers):
                yield name, (node.operator, frozenset(self._known[reader] for reader in readers))

    def _content(self, name: NodeName) -> Hashable:
        if name not in self._contents:
            self._contents[name] = content(self._nodes[name])
        return self._contents[name]


def readers_of(dag: Dag) -> dict[NodeName, list[NodeName]]:
    """For each node those that have it as an operand, each once, in the order of the DAG."""
    readers: dict[NodeName, dict[NodeName, None]] = {name: {} for name in dag.nodes}
    for name, node in dag.nodes.items():
        for each in node.inputs:
            readers[each.node][name] = None
    return {name: list(found) for name, found in readers.items()}


def content(node: Node) -> Hashable:
    """What a node is beside its name, its operator and its operands: equal where ``difference.changes`` tells nothing
    else."""
    return _mapping(node.params), node.seed, node.cache, node.splits, node.packages


def comparable(value: ParamValue) -> Hashable:
    """A value of a parameter as what is equal where the value is: 1, 1.0 and True differ, places in a text do not."""
    match value:
        case FunctionSpec():
            return "function", value.name, value.identity, _mapping(value.captured)
        case EstimatorSpec():
            given = comparable(value.args), _mapping(value.kwargs)
            code = None if value.code is None else comparable(value.code)
            return "estimator", value.path, value.called, given, value.distribution, code
        case list() | tuple():
            return "list", tuple(comparable(item) for item in value)
        case set():
            return "set", frozenset(comparable(item) for item in value)
        case dict():
            return "dict", _mapping({str(key): item for key, item in value.items()})
    return type(value), value


def _mapping(values: Mapping[str, ParamValue]) -> Hashable:
    return frozenset((name, comparable(item)) for name, item in values.items())
