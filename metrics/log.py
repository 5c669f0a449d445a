"""Reads the log of a workflow: how its versions hang together, a page of them with their runs, and the best of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Prefetch, QuerySet

from metrics import history
from metrics.history import direction
from metrics.models import MetricPoint, NodeRun, Run
from metrics.schemas import BestOut, OutlineOut, RefOut, ScratchOut, VersionListedOut, VersionOut, VersionRunOut
from versions import services as versions
from versions.models import Branch, Tag, Version
from workflows import services as workflows

PAGE = 100  # versions


def outline(workflow_id: str) -> OutlineOut:
    """How all versions of a workflow hang together, and by which names they are found."""
    workflow = workflows.get(workflow_id)
    rows = list(
        Version.objects.filter(workflow=workflow).order_by("-number").values_list("id", "number", "parent", "others")
    )
    numbers = {version: number for version, number, _, _ in rows}
    parents = [
        [numbers[each] for each in (*([parent] if parent else []), *others.split()) if each in numbers]
        for _, _, parent, others in rows
    ]
    return OutlineOut(
        head=numbers.get(workflow.head),
        branch=workflow.branch,
        parents=parents,
        branches=refs(Branch.objects.filter(workflow=workflow)),
        tags=refs(Tag.objects.filter(workflow=workflow)),
    )


def refs(found: QuerySet[Branch] | QuerySet[Tag]) -> list[RefOut]:
    """Branches or tags by name, each with its version."""
    rows = found.order_by("name").values_list("name", "version", "version__number")
    return [RefOut(name=name, version=version, number=number) for name, version, number in rows]


def best(workflow_id: str) -> list[BestOut]:
    """For each metric of which more or less is better, the first version that has the best value of all runs."""
    workflow = workflows.get(workflow_id)
    points = MetricPoint.objects.filter(run__workflow=workflow, run__status="succeeded", step=None, name=F("node"))
    rows = points.values_list("name", "value", "run__version__number", "run__version")
    found: dict[str, tuple[float, int, str]] = {}
    directions: dict[str, bool | None] = {}
    for name, value, number, version in rows:
        if name not in directions:
            directions[name] = direction(_operator(workflow.id, name))
        if value is None or directions[name] is None:
            continue
        rank = (value if directions[name] else -value, -number, version)
        found[name] = max(found.get(name, rank), rank)
    return [
        BestOut(
            metric=name,
            version=version,
            number=-number,
            value=value if directions[name] else -value,
            higher_is_better=bool(directions[name]),
        )
        for name, (value, number, version) in sorted(found.items())
    ]


def _operator(workflow_id: str, node: str) -> str | None:
    """What the node applies, in the newest run that has it."""
    found = NodeRun.objects.filter(run__workflow=workflow_id, name=node).order_by("-run__queued_at")
    return found.values_list("operator", flat=True).first() or history.backfilled_operator(workflow_id, node)


def page(workflow_id: str, before: int | None = None, limit: int = PAGE, text: str = "") -> list[VersionListedOut]:
    """Versions with a number below ``before``, newest first; with ``text``, those whose message, author, number, branch
    or tag has it."""
    found = Version.objects.filter(workflow=workflows.get(workflow_id))
    if before is not None:
        found = found.filter(number__lt=before)
    if text:
        named = found.filter(message__icontains=text) | found.filter(author__icontains=text)
        named |= found.filter(branches__name__icontains=text) | found.filter(tags__name__icontains=text)
        number = text.lower().removeprefix("v")
        if number.isdecimal():
            named |= found.filter(number=int(number[:9]))
        found = named.distinct()
    return [_listed(each) for each in _with_runs(found)[: max(0, min(limit, 5 * PAGE))]]


def version_out(version_id: str) -> VersionOut:
    """A version with its text."""
    version = versions.get(version_id)
    listed = _listed(_with_runs(Version.objects.filter(id=version.id)).get())
    return VersionOut(**listed.dict(), text=versions.text_of(version))


def _with_runs(found: QuerySet[Version]) -> QuerySet[Version]:
    points = Prefetch("metrics", MetricPoint.objects.filter(step=None).select_related("backfill").order_by("id"))
    order = Run.objects.order_by("queued_at").prefetch_related(points)
    names = [Prefetch(each, queryset.order_by("name")) for each, queryset in _NAMES.items()]
    return found.order_by("-number").prefetch_related(Prefetch("runs", order), *names)


_NAMES = {"branches": Branch.objects.all(), "tags": Tag.objects.all()}


def _listed(version: Version) -> VersionListedOut:
    executed = list(version.runs.all())
    points = {point.name: point for run in executed for point in run.metrics.all()}  # the newest run's win
    return VersionListedOut(
        id=version.id,
        number=version.number,
        message=version.message,
        author=version.author,
        created_at=version.created_at,
        parent=version.parent_id,
        branches=[branch.name for branch in version.branches.all()],
        tags=[tag.name for tag in version.tags.all()],
        runs=[VersionRunOut.from_orm(run) for run in executed],
        scratch=_scratch(executed),
        metrics={name: point.value for name, point in points.items()},
        later={name: later for name, point in points.items() if (later := history.later(point))},
    )


def _scratch(executed: Iterable[Run]) -> ScratchOut | None:
    """By the newest of the runs that computed everything, else by what is known since the newest."""
    known = [(run.scratch == run.seconds, run.queued_at, run.scratch) for run in executed if run.scratch is not None]
    if not known:
        return None
    measured, _, seconds = max(known)
    return ScratchOut(seconds=seconds, measured=measured)
