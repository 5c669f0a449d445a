"""The graph as a value: nodes and the DAG they make; parts and the part graph the optimizer works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, NewType, TypeAlias

from workflows.operators.base import LeftOut

NodeName = NewType("NodeName", str)

STATE = "state"  # label of the part that holds what a node learned (for a Learner: the model)
VALUE = "value"  # label of the one part of a reducer
ALL = "all"  # the one split of a collection that was not split


class PartId(NamedTuple):
    """A part of a node: ``label`` is STATE, VALUE or the name of a split."""

    node: NodeName
    label: str

    def __str__(self) -> str:
        return f"{self.node}:{self.label}"


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A user function as a parameter: where it stands in the text, and the identity of all the code it reaches.

    ``identity`` is None where the code reaches something that has no identity (then nothing made by it is reused).
    ``depends`` names what it reaches, each with its own identity, so that a reason can say which helper changed.
    ``depends`` is keyed by what people call it: "helper `clean`", "constant `STOP`", "package numpy".

    ``name`` is looked up in the module of the user's code (dotted for what was imported: ``text.clean``). Where it is
    ``<lambda>``, the function is found by its place: ``line`` and ``column`` are ``lineno`` and ``col_offset`` of
    ``ast`` (the column in UTF-8 bytes, from 0). ``captured`` holds the loop variables that a lambda names: they are to
    be among its globals.
    """

    name: str
    line: int
    column: int
    identity: str | None
    depends: Mapping[str, str] = field(default_factory=dict)
    captured: Mapping[str, ParamValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EstimatorSpec:
    """An estimator expression: import path, positional and keyword arguments (nested specs allowed), and what it is of.

    ``distribution`` is ``name==version`` of the installed package that holds it (``python==3.11`` for the standard
    library), None where there is none. ``code`` is set where it is a class or function of the text or of ``lib/``: then
    ``code.name`` is looked up as a function is. ``called`` is False where the text names the object without calling it
    (``np.float32``): then the object itself is meant.
    """

    path: str
    args: tuple[ParamValue, ...] = ()
    kwargs: Mapping[str, ParamValue] = field(default_factory=dict)
    distribution: str | None = None
    code: FunctionSpec | None = None
    called: bool = True


ParamValue: TypeAlias = (
    "bool | int | float | complex | str | bytes | list[ParamValue] | tuple[ParamValue, ...] "
    "| set[ParamValue] | dict[ParamValue, ParamValue] | FunctionSpec | EstimatorSpec | None"
)


class Input(NamedTuple):
    """An operand: the parameter it was given to, the node it comes from, and the one split taken of it (None: all).

    ``place`` is that in a list operand, None for a single one.
    """

    slot: str
    node: NodeName
    split: str | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A vertex. ``params`` holds every parameter of the operator but its operands, defaults filled in.

    ``splits`` are the names of the splits its output has (empty for a model or a value); ``basis`` is the node whose
    rows its rows are. ``label`` is what people see (``name=``), else its name. Where the text makes it is not in it.
    ``packages``: ``name==version`` of all that its kernel and its estimators compute by, Python among them.
    """

    name: NodeName
    operator: str
    params: Mapping[str, ParamValue]
    inputs: tuple[Input, ...]
    splits: tuple[str, ...]
    basis: NodeName | None
    seed: int | None
    cache: bool
    label: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dag:
    """Nodes by name, inputs before their users; ``outputs`` are the nodes the user wants.

    ``output_splits`` holds the splits of an output that are wanted, where not all are (``Output(rows["test"])``);
    ``lines`` the first and the last line (from 1) of the call that makes a node.
    """

    nodes: Mapping[NodeName, Node]
    outputs: tuple[NodeName, ...]
    output_splits: Mapping[NodeName, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[NodeName, tuple[int, int]] = field(default_factory=dict)


class PartInput(NamedTuple):
    """An operand of a part: which slot and place it fills, and the part it is."""

    slot: str
    place: int | None
    part: PartId


@dataclass(frozen=True, slots=True)
class Part:
    """What is planned, stored and executed: a node's learned state, or its output for one split.

    ``state`` is the part of the same node whose learned state it needs, if any. ``requires`` are the parts that it is
    made of: those of its inputs, each once, and its state.
    ``left_out`` are the features in whose place a matrix has zeros (``slicing``); its ``inputs`` are without them.
    """

    id: PartId
    node: Node
    inputs: tuple[PartInput, ...]
    state: PartId | None = None
    left_out: tuple[LeftOut, ...] = ()
    requires: tuple[PartId, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = dict.fromkeys([operand.part for operand in self.inputs])
        if self.state is not None:
            parts[self.state] = None
        object.__setattr__(self, "requires", tuple(parts))


@dataclass(frozen=True)
class PartGraph:
    """Parts by id, inputs before their users, and those of a node together; ``wanted`` are the parts of the outputs."""

    parts: Mapping[PartId, Part]
    wanted: tuple[PartId, ...]

    @cached_property
    def places(self) -> Mapping[PartId, int]:
        """The number of each part, in order from 0."""
        return dict(zip(self.parts, range(len(self.parts)), strict=True))

    @cached_property
    def requires(self) -> Sequence[Sequence[int]]:
        """For each part the places of those that it requires, all of which are in the graph."""
        places = self.places
        return [[places[item] for item in part.requires] for part in self.parts.values()]
