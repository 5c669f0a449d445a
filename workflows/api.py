"""The API of a workflow document: templates, its draft, the check of a text, the operators, and what is kept."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from workflows import keeping, services
from workflows.operators.registry import DECLARATIONS, declaration_json
from workflows.schemas import (
    CheckOut,
    DigestsIn,
    DraftChangedOut,
    DraftIn,
    DraftOut,
    ExplanationOut,
    NodeIn,
    OperatorOut,
    StoreChangedOut,
    StoreOut,
    TemplateOut,
    TextIn,
    check_out,
    explanation_out,
    store_changed_out,
    store_out,
)

router = Router(tags=["workflows"])


@router.get("/templates", response=list[TemplateOut])
def list_templates(request: HttpRequest) -> list[services.Template]:
    """The texts that a new workflow can start from."""
    return services.templates()


@router.put("/workflows/{workflow_id}/draft", response={200: DraftOut, 409: DraftChangedOut})
def save_draft(request: HttpRequest, workflow_id: str, body: DraftIn) -> DraftOut:
    """Replace the draft; 409 with the current text where `revision` is not current."""
    workflow = services.save_draft(workflow_id, body.text, body.revision)
    return DraftOut(revision=workflow.revision, updated_at=workflow.updated_at)


@router.post("/workflows/{workflow_id}/check", response=CheckOut)
def check(request: HttpRequest, workflow_id: str, body: TextIn) -> CheckOut:
    """What is wrong with a text, the DAG it makes, and what a run of it would do."""
    return check_out(services.check(workflow_id, body.text))


@router.post("/workflows/{workflow_id}/explain", response=ExplanationOut)
def explain(request: HttpRequest, workflow_id: str, body: NodeIn) -> ExplanationOut:
    """Why a run of a text would do with a node what it would: each change, and the way to it."""
    return explanation_out(*services.explain(workflow_id, body.text, body.node))


@router.get("/store", response=StoreOut)
def store(request: HttpRequest, limit: int = 200) -> StoreOut:
    """What is kept, largest first, up to `limit` results; how much in all, what that saved, and what audits found."""
    return store_out(*keeping.kept(), limit=limit)


@router.post("/store/evict", response=StoreChangedOut)
def evict(request: HttpRequest, body: DigestsIn) -> StoreChangedOut:
    """Remove results, which are computed again when they are wanted; what is pinned, or read by a run, stays."""
    return store_changed_out(keeping.evict(body.digests))


@router.post("/store/pin", response=StoreChangedOut)
def pin(request: HttpRequest, body: DigestsIn) -> StoreChangedOut:
    """Keep results from being evicted, until they are unpinned."""
    return store_changed_out(keeping.pin(body.digests))


@router.post("/store/unpin", response=StoreChangedOut)
def unpin(request: HttpRequest, body: DigestsIn) -> StoreChangedOut:
    """Let go of results that people pinned."""
    return store_changed_out(keeping.unpin(body.digests))


@router.get("/operators", response=list[OperatorOut])
def list_operators(request: HttpRequest) -> list[OperatorOut]:
    """Every declaration: the operators, and Output."""
    return [OperatorOut(**declaration_json(operator)) for operator in DECLARATIONS.values()]
