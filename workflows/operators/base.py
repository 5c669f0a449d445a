"""The declaration of an operator: its parameters, their types, its documentation, its version. Light: no pandas, no Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a node produces."""

    SOURCE = "source"
    ROWS = "rows"
    FEATURE = "feature"
    EXAMPLES = "examples"
    MODEL = "model"
    PREDICTIONS = "predictions"
    VALUE = "value"


class Family(StrEnum):
    """The families of Helix's language (Xin et al. 2018, section 3); the DAG colours nodes by them."""

    SOURCE = "source"
    SCANNER = "scanner"
    SYNTHESIZER = "synthesizer"
    EXTRACTOR = "extractor"
    EXAMPLES = "examples"
    LEARNER = "learner"
    REDUCER = "reducer"


class Shape(StrEnum):
    """Which parts a node has: one for each split; its learned state alone; or one value made of one split."""

    SPLITS = "splits"
    STATE = "state"
    VALUE = "value"


class Type(StrEnum):
    """What a parameter takes. ``NODE`` and ``NODES`` are operands; ``kinds`` then says which."""

    NODE = "node"
    NODES = "nodes"
    FUNCTION = "function"
    FUNCTION_OR_EXPRESSION = "function or expression"
    ESTIMATOR = "estimator"
    TRANSFORMER = "transformer"
    STRING = "string"
    STRINGS = "strings"
    NUMBER = "number"
    INTEGER = "integer"
    FRACTION = "fraction"
    NUMBERS = "numbers"
    BOOLEAN = "boolean"
    MAPPING = "mapping"
    PATHS = "paths"


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: ``optional`` means that None is allowed; ``choices`` lists the only strings allowed."""

    name: str
    type: Type
    doc: str
    default: Any = REQUIRED
    kinds: tuple[Kind, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    keyword_only: bool = False
    variadic: bool = False  # *nodes (a Reducer's operands) or **splits (a FileSource's files)

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def operand(self) -> bool:
        return self.type in (Type.NODE, Type.NODES)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``version`` is bumped whenever its kernel would give another result for the same input.

    ``learns``: it has a state part, learned from ``train`` (from ``all`` where there is no ``train``).
    ``stored``: whether results may be stored (a source's are not: they are the files themselves).
    ``metric``: its scalar is a metric; ``higher_is_better`` gives the direction.
    """

    name: str
    family: Family
    kind: Kind
    shape: Shape
    doc: str
    example: str
    parameters: tuple[Parameter, ...]
    version: int = 1
    learns: bool = False
    random: bool = False
    stored: bool = True
    metric: bool = False
    higher_is_better: bool | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
