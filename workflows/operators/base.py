"""The declaration of an operator: parameters, types, documentation, version. Light: no pandas, no Arrow."""

from __future__ import annotations

from dataclasses import dataclass
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


class Splits(StrEnum):
    """Where the names of the splits of a node's output come from."""

    FILES = "files"  # the keywords of a FileSource, or ``all`` for its one file
    ALL = "all"  # the one split ``all``
    MADE = "made"  # Split makes train, test and perhaps validation of one split; alone it sees a split's name
    SAME = "same"  # those of its operands
    PAIRED = "paired"  # those of its operands, of which some may have one split that is read for each (``splits``)
    NONE = "none"  # a model or a value has no splits


class Type(StrEnum):
    """What a parameter takes, and how ``Node.params`` holds it.

    ``NODE`` and ``NODES`` are operands (``kinds`` says which; a single node where ``NODES`` are taken counts as a list
    of one); ``TABLES`` are operands by names that the text chooses. ``NUMBER``: a float; ``FRACTION``: a float strictly
    between 0 and 1; ``STRINGS`` and ``NUMBERS``: a tuple (a single one may be given); ``SCALAR``: a number, string or
    boolean; ``PATHS``: a dict from split to path; ``AGGREGATES``: a dict from column to ``aggregate.Aggregate``.
    """

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
    SCALAR = "number, string or boolean"
    MAPPING = "mapping"
    PATHS = "paths"
    AGGREGATES = "aggregates"
    TABLES = "tables"


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. None is allowed where it is the default; ``choices`` lists the only strings allowed.

    ``minimum``: the smallest number allowed. ``arguments``: how many a function is called with, None for as many as
    the operator has operands.
    """

    name: str
    type: Type
    doc: str
    default: Any = REQUIRED
    kinds: tuple[Kind, ...] = ()
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    arguments: int | None = 1
    keyword_only: bool = False
    variadic: bool = False  # *nodes (a Reducer's operands), **splits (a FileSource's files) or **tables (of SQL)

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def operand(self) -> bool:
        return self.type in (Type.NODE, Type.NODES, Type.TABLES)


NAME = Parameter("name", Type.STRING, "What people see instead of the node's name.", None, keyword_only=True)
CACHE = Parameter(
    "cache", Type.BOOLEAN, "False for what must never be reused, nor anything made of it.", True, keyword_only=True
)
SEED = Parameter("seed", Type.INTEGER, "Where its random numbers start.", 0, minimum=0, keyword_only=True)


ARRAYS = ("numpy", "pyarrow")
SCIKIT = ("scipy", "sklearn")


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``version`` is bumped whenever its kernel would give another result for the same input.

    ``parameters`` are in the order in which positional arguments fill them; ``name=``, ``cache=`` and, where
    ``random``, ``seed=`` are taken by every operator and not listed.
    ``learns``: it has a state part, learned from ``train`` (where there is none, from ``all`` or the only split).
    ``new_basis``: it makes rows of its own (scanners and synthesizers), rather than keeping those of its operands.
    ``one_basis``: its operands must be of the same rows, in the same splits.
    ``outside``: what it gives is not in the text alone, so its identity is in the data of a run.
    ``stored``: whether results may be stored (a source's are not: they are the files themselves).
    ``check``: its value is of every split of its one operand, and it is wanted whether or not the text asks for it.
    ``packages``: the modules of others that its kernel computes by; functions and estimators have their own.
    ``certain``: of the columns it reads it can be told whether it fails (``kernels.certain``), and what it gives is
    finite, or tokens: so it need not run where what it gives counts for nothing.
    ``metric``: its scalar is a metric; ``higher_is_better`` gives the direction.
    """

    name: str
    family: Family
    kind: Kind
    shape: Shape
    doc: str
    example: str
    parameters: tuple[Parameter, ...]
    splits: Splits = Splits.SAME
    new_basis: bool = False
    one_basis: bool = True
    version: int = 1
    learns: bool = False
    random: bool = False
    outside: bool = False
    stored: bool = True
    metric: bool = False
    check: bool = False
    certain: bool = False
    higher_is_better: bool | None = None
    packages: tuple[str, ...] = ARRAYS

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, those that every operator takes among them."""
        return next((parameter for parameter in self.accepted if parameter.name == name), None)

    @property
    def accepted(self) -> tuple[Parameter, ...]:
        """All parameters: its own, and those that every operator takes."""
        return (*self.parameters, NAME, CACHE, *((SEED,) if self.random else ()))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A feature that is not computed for one matrix: its place among the features, its node, and the columns of the
    rows of which it is told whether computing it would fail, each with the operator that reads it."""

    index: int
    node: str
    reads: tuple[tuple[str, str], ...]
