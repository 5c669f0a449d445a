"""Compares two versions of a workflow, or one and the draft: DAG, text, metrics and what the runs cost.

Answers are constructed rather than validated: ninja would validate each part of them once for every part it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from metrics import history
from metrics.compared import (
    ComparedMetricOut,
    ComparedPlanOut,
    ComparedRunOut,
    ComparedSideOut,
    ComparedVersionOut,
    ComparisonOut,
    CostOut,
    GroupOut,
    MergedDagOut,
    MergedEdgeOut,
    MergedNodeOut,
    NodeSideOut,
    SideIn,
)
from metrics.models import MetricPoint, NodeRun, Run
from metrics.services import RunNotFound
from versions import services as versions
from versions.models import Version
from workflows import services as workflows
from workflows.compiler import Compiled, compile_workflow, files
from workflows.errors import HelixError
from workflows.execution.explanation import Explained, data_changed, describe_data, explained
from workflows.graph.comparison import Comparison, Merged, compare
from workflows.graph.dag import Dag, Node, NodeName
from workflows.graph.difference import whole
from workflows.operators.registry import OPERATORS
from workflows.optimizer.plan import Plan
from workflows.recall import Recall
from workflows.schemas import ChangeOut, DiagnosticOut, InputOut

_SHORTEST = 4  # digits that a version may be called by
_COMPILED: Recall[str, Compiled] = Recall(512 * 1024)  # by versions' ids; as many characters of text, twice
_PYTHON = "# Python "
_COUNTS: Final = ("compute", "load", "prune")


class VersionUnclear(HelixError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Several versions of this workflow begin with {name}. Give more digits of the one you mean.")


@dataclass(frozen=True, slots=True)
class _Side:
    """A text with what is known of it. ``data``: content hashes by path; ``costs``: by the names of nodes."""

    compiled: Compiled
    version: Version | None = None
    data: Mapping[str, str | None] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    run: Run | None = None
    plan: Plan | None = None
    costs: Mapping[str, CostOut] = field(default_factory=dict)


def compare_sides(workflow_id: str, before: SideIn, after: SideIn) -> ComparisonOut:
    """Two sides and what differs.

    Raises WorkflowNotFound; VersionNotFound where a version is another workflow's or none; RunNotFound where a run is
    another version's; VersionUnclear.
    """
    workflow = workflows.get(workflow_id)
    named = [None if asked.text is not None else version_named(workflow.id, asked.version) for asked in (before, after)]
    twin = named[0] is not None and named[0] == named[1]
    asked_for = Run.objects.filter(id=before.run) if twin and before.run else ()
    new = _side(workflow.id, after, named[1], asked_for)
    old = _side(workflow.id, before, named[0], [new.run] if twin and new.run else ())
    earlier, later = old.compiled.dag, new.compiled.dag
    found = None if earlier is None or later is None else compare(earlier, later)
    return ComparisonOut.model_construct(
        before=_side_out(old),
        after=_side_out(new),
        dag=None if found is None else _dag_out(found, old, new),
        metrics=list(_metrics(old, new, found)),
    )


def version_named(workflow_id: str, name: str | None) -> Version:
    """A version by its id, the beginning of it, or its number (v12). Raises VersionNotFound or VersionUnclear."""
    name = name or ""
    mine = Version.objects.filter(workflow=workflow_id)
    number = name.removeprefix("v")
    if name.startswith("v") and number.isdecimal() and number.isascii() and len(number) < len(str(2**31)):
        found = list(mine.filter(number=int(number))[:2])
    else:
        found = list(mine.filter(id__startswith=name)[:2]) if len(name) >= _SHORTEST else []
    if not found:
        raise versions.VersionNotFound
    if len(found) > 1:
        raise VersionUnclear(name)
    return found[0]


def _side(workflow_id: str, asked: SideIn, version: Version | None, shown: Iterable[Run]) -> _Side:
    if version is None:
        prepared = workflows.check(workflow_id, asked.text or "")
        data = dict(_read(prepared.compiled, prepared.data))
        return _Side(prepared.compiled, data=data, plan=prepared.plan, costs=_planned(prepared.plan))
    runs = tuple(Run.objects.filter(version=version).order_by("-queued_at"))
    run = _run(runs, asked.run, shown)
    data = versions.recorded_data(version)
    costs = {} if run is None else {node.name: _cost(node) for node in NodeRun.objects.filter(run=run)}
    return _Side(_compiled(version), version, data, runs, run, None, costs)


def _run(runs: Iterable[Run], asked: str | None, shown: Iterable[Run]) -> Run | None:
    """The run that is asked for, else the last whole one that succeeded and is not shown on the other side; rather one
    that reused otherwise than that one."""
    if asked is not None:
        found = next((run for run in runs if run.id == asked), None)
        if found is None:
            raise RunNotFound
        return found
    others = list(shown)
    ranked = sorted(
        runs,
        key=lambda run: (
            run.status == "succeeded" and not run.partial,
            all(run.reuse != other.reuse for other in others),
            run not in others,
            run.queued_at,
        ),
    )
    return ranked[-1] if ranked else None


def _compiled(version: Version) -> Compiled:
    """A version's text, compiled with the packages that it was committed with."""
    known = _COMPILED.get(version.id)
    if known is None:
        text = versions.text_of(version)
        known = compile_workflow(text, packages=_packages(versions.file_of(version, "environment.txt") or ""))
        _COMPILED.keep(version.id, known, len(text))
    return known


def _packages(environment: str) -> dict[str, str]:
    """Versions by distribution, of what ``versions.services.environment`` wrote."""
    first, _, rest = environment.partition("\n")
    found = dict(line.split("==", 1) for line in rest.splitlines() if "==" in line)
    if first.startswith(_PYTHON):
        found["python"] = ".".join(first.removeprefix(_PYTHON).split(".")[:2])
    return found


def _read(compiled: Compiled, data: Mapping[tuple[NodeName, str], str | None]) -> Iterator[tuple[str, str | None]]:
    for file in files(compiled.dag) if compiled.dag else ():
        yield file.path, data[file.node, file.split]


def _planned(plan: Plan | None) -> dict[str, CostOut]:
    return {
        name: CostOut.model_construct(
            status=None,
            action=node.action,
            reason=node.reason,
            estimate=node.estimate,
            seconds=None,
            bytes=None,
            stored=False,
        )
        for name, node in (plan.nodes.items() if plan else ())
    }


def _cost(node: NodeRun) -> CostOut:
    return CostOut.model_construct(**{name: getattr(node, name) for name in CostOut.model_fields})


def _side_out(side: _Side) -> ComparedSideOut:
    runs = list(_runs_out(side.runs))
    version = side.version
    return ComparedSideOut(
        version=None
        if version is None
        else ComparedVersionOut(
            parent=version.parent_id,
            **{name: getattr(version, name) for name in ComparedVersionOut.model_fields if name != "parent"},
        ),
        text=side.compiled.text,
        errors=[DiagnosticOut.of(each) for each in side.compiled.diagnostics if each.severity == "error"],
        run=next((run for run in runs if side.run and run.id == side.run.id), None),
        runs=runs,
        plan=None if side.plan is None else _plan_out(side.plan),
    )


def _runs_out(runs: Iterable[Run]) -> Iterator[ComparedRunOut]:
    counted = history.counts(runs)
    for run in runs:
        own: dict[str, Any] = {
            name: getattr(run, name) for name in ComparedRunOut.model_fields.keys() - counted[run.id].keys()
        }
        own.update(counted[run.id])
        yield ComparedRunOut(**own)


def _plan_out(plan: Plan) -> ComparedPlanOut:
    actions = [node.action for node in plan.nodes.values()]
    return ComparedPlanOut(estimate=plan.estimate, **{action: actions.count(action) for action in _COUNTS})


def _dag_out(found: Comparison, old: _Side, new: _Side) -> MergedDagOut:
    return MergedDagOut.model_construct(
        nodes=[_node_out(node, old, new) for node in found.nodes],
        edges=[
            MergedEdgeOut.model_construct(source=edge.source, target=edge.target, status=edge.status)
            for edge in found.edges
        ],
        groups=[
            GroupOut.model_construct(kind=group.kind, before=list(group.before), after=list(group.after))
            for group in found.groups
        ],
    )


def _node_out(node: Merged, old: _Side, new: _Side) -> MergedNodeOut:
    told = [explained(change, old.compiled, new.compiled) for change in node.changes]
    data = list(_data_changes(node, old.data, new.data))
    differences = list(node.differences)
    if data and "changed" not in differences:
        differences.append("changed")
    return MergedNodeOut.model_construct(
        id=node.id,
        before=None if node.before is None else _node_side(node.before, old),
        after=None if node.after is None else _node_side(node.after, new),
        differences=differences,
        changes=[ChangeOut.from_orm(change) for change in (*told, *data)],
    )


def _data_changes(node: Merged, old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterator[Explained]:
    """The files of a source that hold other data than they did, as far as either is known."""
    if node.before is None or node.after is None or node.before.params != node.after.params:
        return
    for file in files(Dag({node.after.name: node.after}, ())):
        before, after = old.get(file.path), new.get(file.path)
        if before and after and before != after:
            told = describe_data(before, None), describe_data(after, None)
            yield data_changed(node.after, file.split, *told)


def _node_side(node: Node, side: _Side) -> NodeSideOut:
    dag, operator = side.compiled.dag, OPERATORS[node.operator]
    assert dag is not None
    line, end_line = dag.lines[node.name]
    return NodeSideOut.model_construct(
        name=node.name,
        label=node.label,
        operator=node.operator,
        family=operator.family,
        kind=operator.kind,
        metric=operator.metric,
        output=node.name in dag.outputs,
        line=line,
        end_line=end_line,
        inputs=[InputOut.model_construct(node=each.node, slot=each.slot, split=each.split) for each in node.inputs],
        params={name: whole(value) for name, value in node.params.items()},
        cost=side.costs.get(node.name),
    )


def _metrics(old: _Side, new: _Side, found: Comparison | None) -> Iterator[ComparedMetricOut]:
    """Every metric of either run, those of a node that has another name now as the same."""
    ids = {node.before.name: node.id for node in (found.nodes if found else ()) if node.before is not None}
    measured: dict[tuple[str, str], list[MetricPoint | None]] = {}
    operators: dict[str, str] = {}
    for place, side in enumerate((old, new)):
        named = ids if place == 0 else {}
        for point in history.measured(side.run) if side.run else ():
            node = named.get(NodeName(point.node), point.node)
            key = point.name.removeprefix(point.node).removeprefix(".")
            measured.setdefault((node, key), [None, None])[place] = point
            if side.compiled.dag and NodeName(point.node) in side.compiled.dag.nodes:
                operators[node] = side.compiled.dag.nodes[NodeName(point.node)].operator
            elif point.backfill is not None:
                operators.setdefault(node, point.backfill.nodes.get(point.node, ""))
    for (node, key), (before, after) in measured.items():
        yield ComparedMetricOut(
            name=f"{node}.{key}" if key else node,
            node=node,
            key=key,
            before=before.value if before else None,
            after=after.value if after else None,
            before_later=history.later(before) if before else None,
            after_later=history.later(after) if after else None,
            higher_is_better=history.direction(operators.get(node)),
        )
