"""What the API says of two versions beside each other, on real commits in a folder of the test's own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from metrics import services
from metrics.compared import ComparisonOut, MergedNodeOut, SideIn
from metrics.comparing import VersionUnclear, compare_sides
from metrics.models import MetricPoint, NodeRun, Run
from metrics.services import RunNotFound
from versions import services as versions
from versions.models import Version
from versions.services import VersionNotFound
from workflows import services as workflows
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

TEXT = """\
def wide(batch):
    return batch["sepal width (cm)"] > 3
data = Dataset("iris")
mark = Extractor(data, wide)
share = Reducer(mark, lambda rows: float(rows.iloc[:, 0].mean()))
Output(share)
"""


@pytest.fixture(autouse=True)
def repositories(settings: Any, tmp_path: Path) -> None:
    settings.GIT_ROOT = tmp_path / "git"


@pytest.fixture
def workflow() -> Workflow:
    return workflows.create("iris", "blank")


def committed(workflow: Workflow, text: str) -> Version:
    return versions.commit(workflow, workflows.identify(text, ()))


def ran(version: Version, *, reuse: bool = True, status: str = "succeeded", only: tuple[str, ...] = ()) -> Run:
    """An ended run that computed all nodes but the data, in a second each; the later the newer."""
    run = services.queue(version, reuse=reuse, force=[], only=only)
    queued = timezone.now() + timedelta(seconds=Run.objects.count())
    Run.objects.filter(id=run.id).update(status=status, seconds=2.0, queued_at=queued)
    for place, name in enumerate(("data", "mark", "share")):
        action = "load" if place == 0 and reuse else "compute"
        NodeRun.objects.create(
            run=run, name=name, place=place, operator="", action=action, stale=False, status="done",
            estimate=1.0, seconds=1.0, bytes=100, reason="because",
        )  # fmt: skip
    run.refresh_from_db()
    return run


def compared(workflow: Workflow, one: str, other: str, **runs: str) -> ComparisonOut:
    sides = [SideIn(version=one, run=runs.get("before")), SideIn(version=other, run=runs.get("after"))]
    return compare_sides(workflow.id, *sides)


def differing(found: ComparisonOut) -> dict[str, MergedNodeOut]:
    assert found.dag is not None
    return {node.id: node for node in found.dag.nodes if node.differences}


def test_two_versions_are_told_with_code_costs_and_metrics(workflow: Workflow) -> None:
    one = committed(workflow, TEXT)
    two = committed(workflow, TEXT.replace("> 3", "> 3.5").replace("share", "part"))
    for version, value, name in ((one, 0.5, "share"), (two, 0.25, "part")):
        run = ran(version)
        MetricPoint.objects.create(run=run, node=name, name=f"{name}.all", value=value)
    found = compared(workflow, "v1", two.id[:10])
    assert (found.before.text, found.after.text) == (TEXT, versions.text_of(two))
    nodes = differing(found)
    assert {name: node.differences for name, node in nodes.items()} == {"mark": ["changed"], "part": ["renamed"]}
    change = nodes["mark"].changes[0]
    assert change.diff is not None
    assert [line.text.strip() for line in change.diff.lines if line.mark == "added"] == [
        'return batch["sepal width (cm)"] > 3.5'
    ]
    assert nodes["mark"].before is not None
    assert nodes["mark"].before.cost is not None
    assert (nodes["mark"].before.cost.action, nodes["mark"].before.cost.seconds) == ("compute", 1.0)
    assert found.after.run is not None
    assert (found.after.run.compute, found.after.run.load) == (2, 1)
    assert [(one.node, one.key, one.before, one.after) for one in found.metrics] == [("part", "all", 0.5, 0.25)]


def test_a_version_has_its_last_whole_run_that_succeeded_unless_one_is_named(workflow: Workflow) -> None:
    version = committed(workflow, TEXT)
    first, _, failed = ran(version), ran(version, only=("mark",)), ran(version, status="failed")
    other = committed(workflow, TEXT + "# more\n")
    found = compared(workflow, "v1", "v2")
    assert found.before.run is not None
    assert found.before.run.id == first.id
    assert len(found.before.runs) == 3
    assert found.after.run is None
    named = compared(workflow, "v1", "v2", before=failed.id).before.run
    assert named is not None
    assert named.id == failed.id
    with pytest.raises(RunNotFound):
        compared(workflow, "v1", other.id, after=first.id)


def test_a_version_beside_itself_shows_a_run_with_and_one_without_reuse(workflow: Workflow) -> None:
    version = committed(workflow, TEXT)
    without, _, last = ran(version, reuse=False), ran(version), ran(version)
    found = compared(workflow, version.id, version.id)
    assert found.before.run is not None
    assert found.after.run is not None
    assert (found.before.run.id, found.after.run.id) == (without.id, last.id)
    assert differing(found) == {}


def test_a_draft_is_told_with_its_plan(workflow: Workflow) -> None:
    committed(workflow, TEXT)
    found = compare_sides(workflow.id, SideIn(version="v1"), SideIn(text=TEXT.replace("Output(share)", "Output(mark)")))
    assert found.after.version is None
    assert found.after.plan is not None
    assert found.after.plan.compute > 0
    assert {name: [change.text for change in node.changes] for name, node in differing(found).items()} == {
        "mark": ["`output` no → yes"],
        "share": ["`output` yes → no"],
    }
    assert found.dag is not None
    data = found.dag.nodes[0]
    assert data.after is not None
    assert data.after.cost is not None
    assert data.after.cost.status is None


def test_of_a_text_with_errors_the_lines_are_told(workflow: Workflow) -> None:
    committed(workflow, TEXT)
    found = compare_sides(workflow.id, SideIn(version="v1"), SideIn(text=TEXT.replace('Dataset("iris")', "Nothing(")))
    assert found.dag is None
    assert found.after.text != found.before.text
    assert found.after.errors[0].line == 3
    assert found.before.errors == []


def test_other_data_of_the_same_text_are_a_difference(workflow: Workflow, settings: Any, tmp_path: Path) -> None:
    settings.DATA_ROOT = tmp_path
    text = 'data = FileSource(train="a.csv", test="b.csv")\nrows = CSVScanner(data)\nOutput(rows)\n'
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x\n1\n")
    committed(workflow, text)
    (tmp_path / "b.csv").write_text("x\n2\n3\n")
    committed(workflow, text)
    found = differing(compared(workflow, "v1", "v2"))
    assert {name: (node.differences, [one.text for one in node.changes]) for name, node in found.items()} == {
        "data": (["changed"], ["data file changed: b.csv"])
    }


def test_versions_of_other_workflows_and_unclear_ones_are_refused(workflow: Workflow) -> None:
    version = committed(workflow, TEXT)
    other = workflows.create("other", "blank")
    for name in (version.id, "v1", "v", "", "v99999999999999999999", version.id[:3]):
        with pytest.raises(VersionNotFound):
            compared(other, name, name)
    now = timezone.now()
    for at in range(2):
        Version.objects.create(
            id=f"abcdef{at}".ljust(40, "0"),
            workflow=other,
            number=at + 1,
            tree="",
            message="",
            author="",
            created_at=now,
        )
    with pytest.raises(VersionUnclear, match="abcdef"):
        compared(other, "abcdef", "v1")
