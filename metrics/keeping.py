"""What is kept, with the versions that it is kept for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings

from metrics.schemas import KeptOut, SpanOut, WorkflowStoreOut
from workflows import keeping
from workflows import services as workflows
from workflows.hashing import Signature
from workflows.optimizer.materialize import USUAL
from workflows.ports import Holding
from workflows.schemas import holding_fields, totals_fields
from workflows.statements import among, fetched, listed

_SPANS: Final = """SELECT signature, workflow_id, MIN(number), MAX(number) FROM (
        SELECT result.signature, version.workflow_id, version.number, version.number
            - ROW_NUMBER() OVER (PARTITION BY result.signature, version.workflow_id ORDER BY version.number) AS island
        FROM metrics_versionresult AS result JOIN versions_version AS version ON version.id = result.version_id
        WHERE {among}
    ) AS numbered GROUP BY signature, workflow_id, island"""

Spans = dict[str, list[tuple[int, int]]]  # by workflow: the first and the last of versions without a gap


def store_of(workflow_id: str, *, everything: bool, limit: int) -> WorkflowStoreOut:
    """The store as a workflow's page shows it: totals of the whole store, and results of the workflow's, or all.

    Raises WorkflowNotFound.
    """
    workflow = workflows.get(workflow_id)
    holdings, budget, audits = keeping.kept()
    found = [holding for holding in holdings if everything or workflow.id in holding.workflows]
    told = found[: max(0, limit)]
    spans = spans_of(signature for holding in told for signature in holding.signatures)
    return WorkflowStoreOut.model_construct(  # of thousands of results, which are made here: checking takes longest
        **totals_fields(holdings, budget, audits),
        policy=USUAL,
        audited=settings.AUDIT,
        matched=len(found),
        names=_names(told),
        results=[KeptOut.model_construct(**holding_fields(each), versions=_versions(each, spans)) for each in told],
    )


def spans_of(signatures: Iterable[Signature]) -> dict[Signature, Spans]:
    """For each signature, by workflow, the numbers of the versions that have it in their graph.

    Of runs before this was written down, only the last part of each node is known.
    """
    found: dict[Signature, Spans] = {}
    rows = fetched(_SPANS.format(among=among("result.signature")), listed(signatures))
    for signature, workflow, first, last in rows:
        found.setdefault(Signature(signature), {}).setdefault(workflow, []).append((first, last))
    return found


def _versions(holding: Holding, spans: dict[Signature, Spans]) -> list[SpanOut]:
    """Those of all signatures of the same bytes."""
    every: Spans = {}
    for signature in holding.signatures:
        for workflow, those in spans.get(signature, {}).items():
            every.setdefault(workflow, []).extend(those)
    return [
        SpanOut.model_construct(workflow=workflow, first=first, last=last)
        for workflow, those in sorted(every.items())
        for first, last in joined(those)
    ]


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same numbers by as few spans as can be, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _names(holdings: Iterable[Holding]) -> dict[str, str]:
    """The names of the workflows that have these results, without those that were deleted."""
    ids = {workflow for holding in holdings for workflow in holding.workflows}
    return dict(workflows.present().filter(id__in=ids).values_list("id", "name"))
