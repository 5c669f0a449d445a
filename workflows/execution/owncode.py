"""Says of parameters and parts whether code that is not the engine's runs in them; loads no library of data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.graph.dag import STATE, EstimatorSpec, FunctionSpec, ParamValue, Part, PartId

_OURS = ("sklearn", "numpy", "scipy", "builtins")  # packages whose code may run beside other nodes'
# But for these, of which all in a process draw from one generator: two at once draw each other's numbers.
_ALONE, _ALONE_BY_NAME = "sklearn.svm.", "liblinear"


def is_user_code(value: ParamValue) -> bool:
    """Whether a parameter brings code that must not run beside other code: the user's, an unknown package's, or that of
    liblinear and libsvm."""
    return any(
        isinstance(spec, FunctionSpec)
        or spec.code is not None
        or spec.path.split(".")[0] not in _OURS
        or spec.path.startswith(_ALONE)
        for spec in _specs(value)
    ) or _ALONE_BY_NAME in _parts(value)


def is_of_text(value: ParamValue) -> bool:
    """Whether a parameter names code of the text or of ``lib/``."""
    return any(isinstance(spec, FunctionSpec) or spec.code is not None for spec in _specs(value))


def _specs(value: ParamValue) -> Iterator[FunctionSpec | EstimatorSpec]:
    """All specs in a parameter's value, nested ones too."""
    return (part for part in _parts(value) if isinstance(part, FunctionSpec | EstimatorSpec))


def _parts(value: ParamValue) -> Iterator[ParamValue]:
    """A parameter's value, and all that it holds."""
    inner: Iterable[ParamValue] = ()
    match value:
        case EstimatorSpec():
            inner = (*value.args, *value.kwargs.values())
        case list() | tuple() | set():
            inner = value
        case dict():
            inner = value.values()
    yield value
    for item in inner:
        yield from _parts(item)


def runs_user_code(part: Part, parts: Mapping[PartId, Part]) -> bool:
    """Whether the user's code, or an unknown package's, runs in a part; that of a model it predicts with counts."""
    learned = [parts[name].node for name in part.requires if name.label == STATE and name in parts]
    return any(is_user_code(value) for node in (part.node, *learned) for value in node.params.values())
