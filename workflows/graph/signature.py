"""Signs parts: the hash of a computation (engine.md §1). Equal signatures mean equal results.

In it: the operator and its version; the role of the part (state, output or value; the split's name only where the
operator makes splits); parameters, with the identity of functions and estimators for themselves; the signatures of
inputs by slot and place; the seed where the operator draws random numbers; the content hash of a source's file; the
versions of the packages that kernel and estimators compute by; the places of features that a matrix has zeros for.

Not in it: names and labels of nodes, paths of files, anything about where the text says it.

An **operation** is a signature without the inputs. Together with the *values* of the inputs (``store.codecs``) it makes
the key of a trace: what an operation gives for inputs of certain values is known wherever they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from workflows.graph.dag import STATE, EstimatorSpec, FunctionSpec, Node, NodeName, ParamValue, Part, PartGraph, PartId
from workflows.hashing import Canonical, Digest, Signature, encode, fingerprint, fingerprints
from workflows.operators.base import Splits
from workflows.operators.registry import OPERATORS
from workflows.recall import Recall

SCHEME = 2  # bumped when what is signed changes

DataIdentity = Mapping[tuple[NodeName, str], "str | None"]  # (source, split) → content hash; None: not known


_NODES = 4096  # whose encoding is remembered, twice
_BASES: Recall[int, _Base] = Recall(_NODES)
_SIGNED = 32  # parts of a node whose signatures are remembered
_PART = fingerprints("part")
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes))


class _Unknown(Exception):
    """Something in the parameters has no identity."""


def sign(graph: PartGraph, data: DataIdentity) -> dict[PartId, Signature | None]:
    """The signature of every part; None where it is unknown, and for all that follows from it.

    Unknown is a file that is not in ``data``, code without an identity, and ``cache=False``: it may give another result
    each time, so nothing made of it may be reused either.
    """
    signatures: dict[PartId, Signature | None] = {}
    base: _Base | None = None
    for part_id, part in graph.parts.items():
        if base is None or base.node is not part.node:  # the parts of a node stand together
            base = _base(part.node)
        signatures[part_id] = _sign(part, base, signatures, data)
    return signatures


def sign_sliced(matrix: Part, signatures: Mapping[PartId, Signature | None]) -> Signature | None:
    """The signature of a matrix without some features (``slicing``); that of the whole one where none is left out."""
    return _sign(matrix, _base(matrix.node), signatures, {})


def _sign(
    part: Part, base: _Base, signatures: Mapping[PartId, Signature | None], data: DataIdentity
) -> Signature | None:
    content = data.get(part.id) if base.outside else ""
    inputs = [signatures[operand.part] for operand in part.inputs]
    if part.state is not None:
        inputs.append(signatures[part.state])
    if base.encoded is None or content is None or None in inputs:
        return None
    key = (part.id.label, part.left_out, content, *inputs)
    found = base.signed.get(key)
    if found is None:
        # Roles have no line breaks, and signatures are of one length: so the lines tell everything apart.
        found = _PART(base.encoded, "\n".join((_role(part), content, *cast("list[Signature]", inputs))))
        if len(base.signed) >= _SIGNED:
            base.signed.clear()
        base.signed[key] = found
    return found


def operations(graph: PartGraph, data: DataIdentity, of: Iterable[PartId]) -> dict[PartId, Signature]:
    """The operations of the given parts; those that have no identity are left out."""
    found: dict[PartId, Signature] = {}
    shared: dict[tuple[NodeName, str, str], Signature] = {}  # the splits of a node mostly have one operation
    for part_id in of:
        part = graph.parts[part_id]
        base = _base(part.node)
        role, content = _role(part), data.get(part_id) if base.outside else ""
        if base.encoded is None or content is None:
            continue
        key = (part.node.name, role, content)
        if key not in shared:
            shared[key] = fingerprint("operation", base.encoded, role, content)
        found[part_id] = shared[key]
    return found


def trace_key(
    part: Part, operation: Signature, values: Mapping[PartId, Digest], parts: Mapping[PartId, Part]
) -> Signature | None:
    """The key under which it is known what ``operation`` gives for the values of the part's inputs; None where one of
    them is not known. ``parts`` hold the inputs.

    A model is used by code that its value does not tell (``predict``), so the identity of its code counts beside it.
    """
    found: list[str] = []
    for operand in part.inputs:
        value = values.get(operand.part)
        code = _model_code(parts[operand.part].node) if operand.part.label == STATE else ""
        if value is None or code is None:
            return None
        found.append(value + code)
    if part.state is not None:
        value = values.get(part.state)
        if value is None:
            return None
        found.append(value)
    return fingerprint("trace", operation, "\n".join(found))


def _model_code(node: Node) -> str | None:
    """The identity of the code that a model learned by a node may run; None where it has none."""
    named: list[Canonical] = []
    waiting = list(node.params.values())
    while waiting:
        value = waiting.pop()
        match value:
            case FunctionSpec():
                named.append(value.identity)
                waiting.extend(value.captured.values())
            case EstimatorSpec():
                named.append((value.path, value.distribution if value.code is None else value.code.identity))
                waiting.extend((*value.args, *value.kwargs.values()))
            case list() | tuple() | set():
                waiting.extend(value)
            case dict():
                waiting.extend(value.values())
    if any(each is None or (isinstance(each, tuple) and each[1] is None) for each in named):
        return None
    return fingerprint("code", named) if named else ""


def _role(part: Part) -> str:
    role, label, operator = "output", part.id.label, OPERATORS[part.node.operator]
    if not operator.outside:
        if operator.splits is Splits.MADE:
            role = f"split {label}"
        elif label not in part.node.splits:
            role = label
    return role + "".join([f" -{feature.index}" for feature in part.left_out]) if part.left_out else role


class _Base:
    """What all parts of a node have in common, encoded, None where it has no identity; whether what it gives is not in
    the text alone; and what was signed of it, by what each part has for itself."""

    __slots__ = ("encoded", "node", "outside", "signed")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.encoded = _encoded(node)
        self.outside = OPERATORS[node.operator].outside
        self.signed: dict[tuple[object, ...], Signature] = {}


def _base(node: Node) -> _Base:
    known = _BASES.get(id(node))  # which is no other's while the node is remembered
    if known is None:
        known = _Base(node)
        _BASES.keep(id(node), known)
    return known


def _encoded(node: Node) -> bytes | None:
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
    slots = [operand.slot if operand.place is None else f"{operand.slot}.{operand.place}" for operand in node.inputs]
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
