"""Signs parts: the hash of a computation (engine.md §1). Equal signatures mean equal results.

In it: the operator and its version; the role of the part (state, output or value; the split's name only where the
operator makes splits); parameters, with the identity of functions and estimators for themselves; the signatures of
inputs by slot and place; the seed where the operator draws random numbers; the content hash of a source's file; the
versions of the packages that kernel and estimators compute by; the places of features that a matrix has zeros for.

Not in it: names and labels of nodes, paths of files, anything about where the text says it.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.graph.dag import EstimatorSpec, FunctionSpec, Node, NodeName, ParamValue, Part, PartGraph, PartId
from workflows.hashing import Canonical, Signature, encode, fingerprint
from workflows.operators.base import Splits
from workflows.operators.registry import OPERATORS

SCHEME = 2  # bumped when what is signed changes

DataIdentity = Mapping[tuple[NodeName, str], "str | None"]  # (source, split) → content hash; None: not known


_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes))


class _Unknown(Exception):
    """Something in the parameters has no identity."""


def sign(graph: PartGraph, data: DataIdentity) -> dict[PartId, Signature | None]:
    """The signature of every part; None where it is unknown, and for all that follows from it.

    Unknown is a file that is not in ``data``, code without an identity, and ``cache=False``: it may give another result
    each time, so nothing made of it may be reused either.
    """
    signatures: dict[PartId, Signature | None] = {}
    bases: dict[NodeName, bytes | None] = {}
    for part_id, part in graph.parts.items():
        node = part.node
        if node.name not in bases:
            bases[node.name] = _base(node)
        base = bases[node.name]
        signatures[part_id] = None if base is None else _sign(part, base, signatures, data)
    return signatures


def sign_sliced(matrix: Part, signatures: Mapping[PartId, Signature | None]) -> Signature | None:
    """The signature of a matrix without some features (``slicing``); that of the whole one where none is left out."""
    base = _base(matrix.node)
    return None if base is None else _sign(matrix, base, signatures, {})


def _sign(
    part: Part, base: bytes, signatures: Mapping[PartId, Signature | None], data: DataIdentity
) -> Signature | None:
    inputs = [signatures[operand.part] for operand in part.inputs]
    if part.state is not None:
        inputs.append(signatures[part.state])
    known = [signature for signature in inputs if signature is not None]
    if len(known) < len(inputs):
        return None
    role, label = "output", part.id.label
    content: str | None = ""
    operator = OPERATORS[part.node.operator]
    if operator.outside:
        content = data.get((part.id.node, label))
    elif operator.splits is Splits.MADE:
        role = f"split {label}"
    elif label not in part.node.splits:
        role = label
    if content is None:
        return None
    if part.left_out:
        role += "".join(f" -{feature.index}" for feature in part.left_out)
    # Roles have no line breaks, and signatures are of one length: so the lines tell everything apart.
    return fingerprint("part", base, "\n".join((role, content, *known)))


def _base(node: Node) -> bytes | None:
    """What all parts of a node have in common, encoded; None where it has no identity."""
    if not node.cache:
        return None
    operator = OPERATORS[node.operator]
    # A file counts by its content and a reduced split by its own signature, so neither path nor name is signed.
    outside = "files" if operator.splits is Splits.FILES else "split"
    try:
        params = {name: _canonical(value) for name, value in node.params.items() if name != outside}
    except _Unknown:
        return None
    # Names of operators and slots are identifiers, packages have `==` in them: the words of a line tell all apart.
    seed = node.seed if operator.random else None
    slots = [operand.slot if operand.index is None else f"{operand.slot}.{operand.index}" for operand in node.inputs]
    return encode((" ".join((f"{SCHEME} {operator.name} {operator.version} {seed}", *slots, *node.packages)), params))


def _canonical(value: ParamValue) -> Canonical:
    if type(value) in _PLAIN:
        return value  # type: ignore[return-value]
    match value:
        case FunctionSpec():
            if value.identity is None:
                raise _Unknown
            return ("function", value.identity, _mapping(value.captured))
        case EstimatorSpec():
            if value.distribution is None if value.code is None else value.code.identity is None:
                raise _Unknown
            code = value.code.identity if value.code else None
            args, kwargs = tuple(_canonical(item) for item in value.args), _mapping(value.kwargs)
            return ("estimator", value.path, value.called, args, kwargs, value.distribution, code)
        case tuple():
            return tuple(_canonical(item) for item in value)
        case list():
            return [_canonical(item) for item in value]
        case dict():  # in order: a function or an estimator may iterate over it
            return ("dict", tuple((_canonical(key), _canonical(item)) for key, item in value.items()))
        case set():
            return ("set", frozenset(_hashable(item) for item in value))
    raise TypeError(f"{type(value).__name__} is no parameter's value")


def _mapping(values: Mapping[str, ParamValue]) -> dict[str, Canonical]:
    return {name: _canonical(item) for name, item in values.items()}


def _hashable(value: ParamValue) -> bytes:
    return encode(_canonical(value))
