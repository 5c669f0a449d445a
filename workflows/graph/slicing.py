"""Data-driven slicing: for prediction, leaves out features that a fitted linear model gives no weight.

After Helix (Xin et al. 2018, section 5.4): a feature whose weights in a model are all exactly 0.0 adds 0.0 to every
decision, if its values are finite. So the matrix that is predicted has zeros in its place, and predictions are the same
bit for bit (``kernels.weights`` says of which models). The matrix is another one, of a signature of its own; what is
made of it keeps its signature.

A feature may be left out where it is made of columns of the examples' own rows by ``certain`` operators alone: no
function of a user's is among them, and whether they would have failed is told of those columns when the matrix is made.
A mere column is not left out: taking it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from workflows.graph.dag import NodeName, Part, PartGraph, PartId
from workflows.graph.signature import sign_sliced
from workflows.graph.walk import upstream
from workflows.hashing import Signature
from workflows.operators.base import Kind, LeftOut
from workflows.operators.extractor import FIELD
from workflows.operators.registry import OPERATORS


@dataclass(frozen=True, slots=True)
class Slicing:
    """A graph with sliced matrices, and its signatures. All parts are in it, those that are not needed any more too.

    ``whole``: the signatures without slicing. ``sliced``: the models that each sliced matrix is predicted with, by its
    part. ``hidden``: the parts that nothing wanted needs any more. ``features``: the nodes that are left out, each with
    the part of the matrix; ``above``: so the other nodes with hidden parts, which only what is left out needs.
    """

    parts: PartGraph
    signatures: Mapping[PartId, Signature | None]
    whole: Mapping[PartId, Signature | None]
    sliced: Mapping[PartId, tuple[NodeName, ...]]
    hidden: Set[PartId]
    features: Mapping[NodeName, PartId]
    above: Mapping[NodeName, PartId]


def sliced(
    graph: PartGraph,
    signatures: Mapping[PartId, Signature | None],
    weightless: Mapping[Signature, tuple[int, ...]],
    stored: Set[Signature],
) -> Slicing | None:
    """The graph with all matrices sliced that can be; None where none can.

    ``weightless``: by the signature of a model, the places of the features of which it has only weights of 0.0. A
    matrix is sliced for one split, where nothing but predictions reads it, with models fitted on the same examples, and
    where it is not among the ``stored`` results.
    """
    if not weightless:
        return None
    parts, predicted_with = dict(graph.parts), {}
    for matrix, readers in _predicted(graph, signatures).items():
        if signatures[matrix] in stored or not all(_fitted_on(graph, model, matrix) for model in readers):
            continue
        places = set.intersection(*(set(weightless.get(signatures[model] or Signature(""), ())) for model in readers))
        left_out = tuple(_left_out(graph, graph.parts[matrix], places))
        if left_out:
            parts[matrix] = _without(graph.parts[matrix], left_out)
            predicted_with[matrix] = tuple(model.node for model in readers)
    if not predicted_with:
        return None
    after = PartGraph(parts, graph.wanted)
    hidden = upstream(graph, graph.wanted) - upstream(after, graph.wanted)
    features = {NodeName(feature.node): matrix for matrix in predicted_with for feature in parts[matrix].left_out}
    return Slicing(
        after,
        {**signatures, **{matrix: sign_sliced(parts[matrix], signatures) for matrix in predicted_with}},
        signatures,
        predicted_with,
        hidden,
        features,
        {
            part.node: matrix
            for matrix in predicted_with
            for part in hidden & upstream(graph, graph.parts[matrix].requires)
            if part.node not in features
        },
    )


def _predicted(graph: PartGraph, signatures: Mapping[PartId, Signature | None]) -> dict[PartId, tuple[PartId, ...]]:
    """The matrices that nothing but predictions reads, an equal one under another name neither; with their models."""
    found: dict[PartId, list[PartId]] = {}
    whole = {part for part in graph.wanted if _kind(graph, part) is Kind.EXAMPLES}
    for part in graph.parts.values():
        matrices = [item for item in part.requires if _kind(graph, item) is Kind.EXAMPLES and item.node != part.id.node]
        if matrices and _kind(graph, part.id) is Kind.PREDICTIONS:
            model = next(operand.part for operand in part.inputs if operand.slot == "model")
            for matrix in matrices:
                found.setdefault(matrix, []).append(model)
        else:
            whole.update(matrices)
    needed = {signatures[matrix] for matrix in whole}
    return {matrix: tuple(models) for matrix, models in found.items() if signatures[matrix] not in needed - {None}}


def _kind(graph: PartGraph, part: PartId) -> Kind:
    return OPERATORS[graph.parts[part].node.operator].kind


def _fitted_on(graph: PartGraph, model: PartId, matrix: PartId) -> bool:
    """Whether the model was fitted on the same examples, so that places of features mean the same."""
    return any(operand.slot == "examples" and operand.part.node == matrix.node for operand in graph.parts[model].inputs)


def _left_out(graph: PartGraph, matrix: Part, places: Set[int]) -> Iterator[LeftOut]:
    rows = next(operand.part for operand in matrix.inputs if operand.slot == "rows")
    for operand in matrix.inputs:
        if operand.slot == "features" and operand.place is not None and operand.place in places:
            reads = _reads(graph, graph.parts[operand.part], rows)
            if reads is not None:
                yield LeftOut(operand.place, operand.part.node, tuple(dict.fromkeys(reads)))


def _reads(graph: PartGraph, feature: Part, rows: PartId) -> list[tuple[str, str]] | None:
    """The columns of the rows that a feature is made of, each with the operator that reads it; None where it is not
    made of them by certain operators alone."""
    if not OPERATORS[feature.node.operator].certain:
        return None
    found: list[tuple[str, str]] = []
    for operand in feature.inputs:
        part = graph.parts[operand.part]
        if part.node.operator == FIELD and part.inputs[0].part == rows:
            found.append((str(part.node.params["column"]), feature.node.operator))
        elif (further := _reads(graph, part, rows)) is not None:
            found.extend(further)
        else:
            return None
    return found


def _without(matrix: Part, left_out: tuple[LeftOut, ...]) -> Part:
    places = {feature.index for feature in left_out}
    kept = tuple(operand for operand in matrix.inputs if operand.slot != "features" or operand.place not in places)
    return replace(matrix, inputs=kept, left_out=left_out)
