"""The parameters of nodes that vary over a workflow's versions, for seeing what a metric depends on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from metrics.schemas import ParametersOut, VaryingOut
from versions import services as versions
from versions.models import Version
from workflows import services as workflows
from workflows.compiler import compile_workflow
from workflows.graph.dag import EstimatorSpec, Node, ParamValue
from workflows.graph.difference import show
from workflows.recall import Recall

MOST: Final = 300  # versions whose parameters are asked for at once
_SHOWN: Final = 40  # characters of a value

Value = float | int | str
_KNOWN: Recall[str, Mapping[tuple[str, str], Value]] = Recall(100_000)  # by version, which never changes; in parameters


def parameters(workflow_id: str, numbers: Sequence[int]) -> ParametersOut:
    """The parameters that have several values over the numbered versions (the newest ones where none are named).

    At most ``MOST`` versions, the newest of them. Raises WorkflowNotFound.
    """
    found = Version.objects.filter(workflow=workflows.get(workflow_id))
    if numbers:
        found = found.filter(number__in=numbers)
    chosen = sorted(found.order_by("-number")[:MOST], key=lambda version: version.number)
    known = [_parameters(version) for version in chosen]
    names = dict.fromkeys(name for each in reversed(known) for name in each)
    columns = {name: [each.get(name) for each in known] for name in names}
    return ParametersOut(
        numbers=[version.number for version in chosen],
        parameters=[
            VaryingOut(name=f"{node}.{name}", node=node, values=values)
            for (node, name), values in columns.items()
            if len({value for value in values if value is not None}) > 1
        ],
    )


def _parameters(version: Version) -> Mapping[tuple[str, str], Value]:
    known = _KNOWN.get(version.id)
    if known is None:
        dag = compile_workflow(versions.text_of(version)).dag
        nodes = () if dag is None else dag.nodes.values()
        known = {(node.name, name): value for node in nodes for name, value in of_node(node)}
        _KNOWN.keep(version.id, known, len(known) + 1)
    return known


def of_node(node: Node) -> Iterator[tuple[str, Value]]:
    """A node's parameters by name. An estimator's own stand beside it: ``estimator`` is SVC, and ``C`` is 10."""
    for name, value in node.params.items():
        if not isinstance(value, EstimatorSpec):
            yield name, _plain(value)
            continue
        yield name, show(replace(value, kwargs={})).removesuffix("()")
        for key, inner in value.kwargs.items():
            yield (f"{name}.{key}" if key in node.params else key), _plain(inner)


def _plain(value: ParamValue) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        return value
    return value[:_SHOWN] if isinstance(value, str) else show(value)
