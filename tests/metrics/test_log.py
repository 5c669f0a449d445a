"""The log: pages, search, how versions hang together, and which is best."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metrics import log
from metrics.models import MetricPoint, NodeRun, Run
from metrics.schemas import ScratchOut
from versions.models import Branch, Tag, Version
from workflows import services as workflows
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def workflow() -> Workflow:
    """Five versions: 4 and 5 merge what 2 and 3 made of 1."""
    made = workflows.create("census", "blank")
    ids = {number: f"{number:x}" * 40 for number in range(1, 6)}
    parents = {1: (), 2: (1,), 3: (1,), 4: (2, 3), 5: (4,)}
    for number, named in parents.items():
        Version.objects.create(
            id=ids[number],
            workflow=made,
            number=number,
            tree=ids[number],
            message=f"Number {number}",
            author="ada" if number < 4 else "grace",
            created_at=BEGAN + timedelta(minutes=number),
            parent_id=ids[named[0]] if named else None,
            others=" ".join(ids[each] for each in named[1:]),
        )
    workflows.move_head(made.id, ids[3], "side")
    for name, number in (("main", 5), ("side", 3)):
        Branch.objects.create(workflow=made, name=name, version_id=ids[number])
    Tag.objects.create(workflow=made, name="paper", version_id=ids[2])
    return made


def measured(workflow: Workflow, number: int, status: str = "succeeded", **metrics: tuple[str, float | None]) -> Run:
    version = Version.objects.get(workflow=workflow, number=number)
    run = Run.objects.create(workflow=workflow, version=version, status=status, queued_at=version.created_at)
    for place, (name, (operator, value)) in enumerate(metrics.items()):
        node = name.split("__")[0]
        NodeRun.objects.get_or_create(
            run=run,
            name=node,
            defaults={"place": place, "operator": operator, "action": "compute", "stale": True, "estimate": 0.0},
        )
        MetricPoint.objects.create(run=run, node=node, name=name.replace("__", "."), value=value)
    return run


def test_from_scratch_a_version_takes_what_was_measured_else_what_is_estimated(workflow: Workflow) -> None:
    reusing = measured(workflow, 2)
    Run.objects.filter(id=reusing.id).update(seconds=0.2, scratch=0.9)
    measured(workflow, 3, "failed")
    whole = measured(workflow, 4)
    later = measured(workflow, 4)
    Run.objects.filter(id=whole.id).update(seconds=0.8, scratch=0.8)
    Run.objects.filter(id=later.id).update(seconds=0.1, scratch=0.7)
    found = {each.number: each.scratch for each in log.page(workflow.id)}
    assert found[1] is None
    assert found[2] == ScratchOut(seconds=0.9, measured=False)
    assert found[3] is None
    assert found[4] == ScratchOut(seconds=0.8, measured=True)


def numbers(found: list[log.VersionListedOut]) -> list[int]:
    return [each.number for each in found]


def test_the_outline_has_every_parent_and_every_name(workflow: Workflow) -> None:
    found = log.outline(workflow.id)
    assert found.parents == [[4], [2, 3], [1], [1], []]
    assert (found.head, found.branch) == (3, "side")
    assert [(each.name, each.number) for each in found.branches] == [("main", 5), ("side", 3)]
    assert [(each.name, each.number) for each in found.tags] == [("paper", 2)]


def test_pages_go_down_from_a_number(workflow: Workflow) -> None:
    assert numbers(log.page(workflow.id)) == [5, 4, 3, 2, 1]
    assert numbers(log.page(workflow.id, before=4, limit=2)) == [3, 2]
    assert log.page(workflow.id)[3].tags == ["paper"]
    other = workflows.create("other", "blank")
    assert log.page(other.id) == []
    assert log.outline(other.id).parents == []


@pytest.mark.parametrize(
    ("text", "expected"), [("grace", [5, 4]), ("NUMBER 2", [2]), ("pap", [2]), ("side", [3]), ("v4", [4]), ("none", [])]
)
def test_versions_are_found_by_what_people_remember(workflow: Workflow, text: str, expected: list[int]) -> None:
    assert numbers(log.page(workflow.id, text=text)) == expected


def test_the_best_is_by_direction_the_first_of_equals_and_of_runs_that_succeeded(workflow: Workflow) -> None:
    measured(workflow, 1, accuracy=("Accuracy", 0.9), loss=("LogLoss", 0.3), size=("Reducer", 1.0))
    measured(workflow, 2, accuracy=("Accuracy", 0.9), loss=("LogLoss", 0.2))
    measured(workflow, 3, accuracy=("Accuracy", 0.8), loss=("LogLoss", None), by__Male=("Accuracy", 1.0))
    measured(workflow, 4, status="failed", accuracy=("Accuracy", 0.99))
    found = {each.metric: (each.number, each.value, each.higher_is_better) for each in log.best(workflow.id)}
    assert found == {"accuracy": (1, 0.9, True), "loss": (2, 0.2, False)}
