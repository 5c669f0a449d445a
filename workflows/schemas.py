"""What the workflows' part of the API takes and gives, as JSON; and how a prepared text becomes that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from ninja import Schema
from pydantic import AfterValidator, JsonValue

from workflows.errors import Diagnostic
from workflows.events import Action
from workflows.execution.explanation import Explanation
from workflows.execution.planning import Prepared
from workflows.graph.dag import Node
from workflows.graph.difference import Kind as ChangeKind
from workflows.graph.difference import show
from workflows.operators.base import Family, Kind, Shape, Type
from workflows.operators.registry import OPERATORS
from workflows.optimizer.plan import Plan
from workflows.ports import Audits, Holding
from workflows.store.eviction import Budget
from workflows.store.inventory import WHY, Outcome, Unchanged, totals


class TemplateOut(Schema):
    name: str
    title: str
    description: str


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("the character NUL cannot be kept")
    return text


Kept: TypeAlias = Annotated[str, AfterValidator(_without_nul)]  # a text that goes to a table, or is looked for in one


class WorkflowIn(Schema):
    name: Kept
    template: str = "blank"


class NameIn(Schema):
    name: Kept


class DraftIn(Schema):
    text: Kept
    revision: int


class DraftOut(Schema):
    revision: int
    updated_at: datetime


class TextIn(Schema):
    text: str


class DiagnosticOut(Schema):
    code: str
    message: str
    hint: str
    severity: Literal["error", "warning"]
    line: int
    column: int
    end_line: int
    end_column: int

    @staticmethod
    def of(diagnostic: Diagnostic) -> DiagnosticOut:
        return DiagnosticOut(**asdict(diagnostic), **asdict(diagnostic.span))


class InputOut(Schema):
    node: str
    slot: str
    split: str | None


class NodeOut(Schema):
    name: str
    label: str
    operator: str
    family: Family
    kind: Kind
    line: int
    end_line: int
    inputs: list[InputOut]
    params: dict[str, str]
    wanted: bool
    output: bool
    metric: bool


class DagOut(Schema):
    nodes: list[NodeOut]
    outputs: list[str]


class NodePlanOut(Schema):
    """``conditional``: it need not be computed where what it is made of turns out equal to what it was."""

    action: Action
    stale: bool
    reason: str
    estimate: float
    conditional: bool


class PlanOut(Schema):
    """What a run would do; ``compute``, ``load`` and ``prune`` count nodes, ``estimate`` is in seconds."""

    nodes: dict[str, NodePlanOut]
    compute: int
    load: int
    prune: int
    estimate: float


class NodeIn(TextIn):
    node: str


class DiffLineOut(Schema):
    """``before`` and ``after``: the line's number on either side; ``skipped`` stands for lines that are the same."""

    mark: Literal["same", "added", "removed", "skipped"]
    before: int | None
    after: int | None
    text: str


class DiffOut(Schema):
    before_file: str | None
    after_file: str | None
    lines: list[DiffLineOut]
    cut: bool


class ChangeOut(Schema):
    """``text`` says it shortly; ``before`` and ``after`` are whole values, ``diff`` the lines of code that changed."""

    kind: ChangeKind
    subject: str
    text: str
    before: str | None
    after: str | None
    diff: DiffOut | None


class CauseOut(Schema):
    """``path`` leads from the node up to the one that changed."""

    path: list[str]
    changes: list[ChangeOut]


class AloneOut(Schema):
    """What computing a node alone, with all that it needs, comes to."""

    compute: int
    load: int
    estimate: float


class ExplanationOut(Schema):
    """Why a plan does with a node what it does, and what computing it alone would take."""

    node: str
    reason: str
    causes: list[CauseOut]
    alone: AloneOut


def explanation_out(explanation: Explanation, alone: Plan) -> ExplanationOut:
    actions = [node.action for node in alone.nodes.values()]
    return ExplanationOut(
        node=explanation.node,
        reason=explanation.reason,
        causes=[CauseOut.from_orm(cause) for cause in explanation.causes],
        alone=AloneOut(compute=actions.count("compute"), load=actions.count("load"), estimate=alone.estimate),
    )


class DatasetRefOut(Schema):
    name: str
    title: str
    bytes: int


class MissingOut(Schema):
    node: str
    split: str
    path: str
    dataset: DatasetRefOut | None
    message: str


class CheckOut(Schema):
    diagnostics: list[DiagnosticOut]
    dag: DagOut | None
    plan: PlanOut | None
    missing: list[MissingOut]


def check_out(prepared: Prepared) -> CheckOut:
    """The answer to a keystroke."""
    return CheckOut(
        diagnostics=[DiagnosticOut.of(each) for each in prepared.diagnostics],
        dag=_dag_out(prepared),
        plan=_plan_out(prepared),
        missing=[MissingOut.from_orm(each) for each in prepared.missing],
    )


def _dag_out(prepared: Prepared) -> DagOut | None:
    dag, parts = prepared.compiled.dag, prepared.compiled.parts
    if dag is None or parts is None:
        return None
    wanted = {part.node for part in parts.parts}
    outputs = set(dag.outputs)
    nodes = [_node_out(node, dag.lines[name], name in wanted, name in outputs) for name, node in dag.nodes.items()]
    return DagOut(nodes=nodes, outputs=list(dag.outputs))


def _node_out(node: Node, lines: tuple[int, int], wanted: bool, output: bool) -> NodeOut:
    operator = OPERATORS[node.operator]
    return NodeOut(
        name=node.name,
        label=node.label,
        operator=node.operator,
        family=operator.family,
        kind=operator.kind,
        line=lines[0],
        end_line=lines[1],
        inputs=[InputOut.from_orm(each) for each in node.inputs],
        params={name: show(value) for name, value in node.params.items()},
        wanted=wanted,
        output=output,
        metric=operator.metric,
    )


def _plan_out(prepared: Prepared) -> PlanOut | None:
    if prepared.plan is None:
        return None
    nodes = prepared.plan.nodes
    actions = [node.action for node in nodes.values()]
    return PlanOut(
        nodes={name: NodePlanOut.from_orm(node) for name, node in nodes.items()},
        compute=actions.count("compute"),
        load=actions.count("load"),
        prune=actions.count("prune"),
        estimate=prepared.plan.estimate,
    )


class ParameterOut(Schema):
    name: str
    type: Type
    doc: str
    required: bool
    default: JsonValue
    kinds: list[Kind]
    choices: list[str]
    minimum: float | None
    keyword_only: bool
    variadic: bool


class OperatorOut(Schema):
    """A declaration, as ``operators.registry.declaration_json`` writes it; Output makes no node and has no kind."""

    name: str
    family: Family
    kind: Kind | None
    shape: Shape | None
    doc: str
    example: str
    version: int
    learns: bool
    random: bool
    metric: bool
    higher_is_better: bool | None
    parameters: list[ParameterOut]


class TemplateNotFoundOut(Schema):
    code: Literal["template-not-found"]
    message: str


class NameRefusedOut(Schema):
    code: Literal["name-refused"]
    message: str


class DraftChangedOut(Schema):
    """``text`` and ``revision`` are what the draft is now."""

    code: Literal["draft-changed"]
    message: str
    text: str
    revision: int


class DigestsIn(Schema):
    """Results by the digests of their bytes."""

    digests: list[Kept]


class RefusedOut(Schema):
    """``pinned``: a person keeps it; ``read``: a run is going to read it; ``gone``: nothing is stored under it."""

    digest: str
    reason: Unchanged
    message: str


class StoreChangedOut(Schema):
    """The digests with which it was done, and those with which it was not, with the reason."""

    done: list[str]
    refused: list[RefusedOut]


def store_changed_out(outcome: Outcome) -> StoreChangedOut:
    refused = [RefusedOut(digest=digest, reason=why, message=WHY[why]) for digest, why in outcome.refused.items()]
    return StoreChangedOut(done=list(outcome.done), refused=refused)


class HoldingOut(Schema):
    """Stored bytes; see `Holding`. `nodes` and `workflows` (ids) are those that have them; `parts`: which parts of the
    first of the nodes they are (`train`), none where it has one alone; `saved` seconds so far; `seconds`: what
    computing them took."""

    digest: str
    nodes: list[str]
    parts: list[str]
    operator: str
    codec: str
    bytes: int
    workflows: list[str]
    hits: int
    saved: float
    benefit: float
    seconds: float
    used_at: float
    current: bool
    pinned: Literal["", "run", "user"]


class AuditsOut(Schema):
    checked: int
    false_hits: int


class StoreTotalsOut(Schema):
    """`pinned` and `superseded` (of versions that were left) in bytes; `saved` in seconds, by `hits` loads."""

    bytes: int
    count: int
    pinned: int
    superseded: int
    hits: int
    saved: float
    budget_bytes: float | None
    budget_count: float
    audits: AuditsOut


class StoreOut(StoreTotalsOut):
    results: list[HoldingOut]


def store_out(holdings: Sequence[Holding], budget: Budget, found: Audits, *, limit: int) -> StoreOut:
    """The answer of ``GET /store``: totals over all that is held, and the first of it."""
    results = [HoldingOut(**holding_fields(holding)) for holding in holdings[: max(0, limit)]]
    return StoreOut(**totals_fields(holdings, budget, found), results=results)


def holding_fields(holding: Holding) -> dict[str, Any]:
    """The fields of HoldingOut."""
    fields = {name: getattr(holding, name) for name in HoldingOut.model_fields}
    return {**fields, **{name: list(fields[name]) for name in ("nodes", "parts", "workflows")}}


def totals_fields(holdings: Sequence[Holding], budget: Budget, found: Audits) -> dict[str, Any]:
    """The fields of StoreTotalsOut."""
    return {
        **asdict(totals(holdings)),
        "budget_bytes": budget.bytes if math.isfinite(budget.bytes) else None,
        "budget_count": budget.count,
        "audits": AuditsOut(**asdict(found)),
    }
