"""What a workflow's versions measured, in columns; what they logged by step; and the parameters that vary over them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from helixweb import auth
from metrics import parameters, trends
from metrics.models import MetricPoint, NodeRun, Run
from metrics.schemas import TrendOut
from versions import services as versions
from versions.models import Branch, Tag, Version
from workflows import services as workflows
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

START = timezone.now()


def workflow_of(name: str = "census") -> Workflow:
    return Workflow.objects.create(name=name, updated_at=START)


def version_of(workflow: Workflow, number: int, parent: Version | None = None) -> Version:
    return Version.objects.create(
        id=f"{workflow.id}{number:024x}",
        workflow=workflow,
        number=number,
        tree=f"{number:040x}",
        message=f"change {number}",
        author="ada",
        created_at=START + timedelta(minutes=number),
        parent=parent,
    )


def ran(
    version: Version, minute: int, /, *, only: tuple[str, ...] = (), status: str = "succeeded", **values: float
) -> Run:
    """A run of a version that measured values, each by a node of its name."""
    run = Run.objects.create(
        workflow=version.workflow,
        version=version,
        status=status,
        only=list(only),
        queued_at=START + timedelta(minutes=minute),
        seconds=float(minute),
    )
    for place, (name, value) in enumerate(values.items()):
        measured(run, name, name, value, place=place)
    return run


def measured(
    run: Run, node: str, name: str, value: float | None, *, place: int = 0, operator: str = "Accuracy"
) -> None:
    NodeRun.objects.get_or_create(
        run=run,
        name=node,
        defaults={"place": place, "operator": operator, "action": "compute", "stale": True, "estimate": 0.1},
    )
    MetricPoint.objects.create(run=run, node=node, name=name, value=value)


def logged(run: Run, values: dict[int, float | None], node: str = "model", name: str = "loss") -> None:
    MetricPoint.objects.bulk_create(
        MetricPoint(run=run, node=node, name=name, step=step, value=value) for step, value in values.items()
    )


def column(workflow: Workflow, name: str) -> TrendOut:
    return next(each for each in trends.trends(workflow.id).metrics if each.name == name)


def test_columns_are_aligned_over_versions_in_the_order_of_their_numbers() -> None:
    workflow = workflow_of()
    first = version_of(workflow, 1)
    third = version_of(workflow, 3, first)
    second = version_of(workflow, 2, first)
    ran(third, 3, accuracy=0.9)
    run = ran(first, 1, accuracy=0.7)
    found = trends.trends(workflow.id)
    assert found.versions.number == [1, 2, 3]
    assert found.versions.id == [first.id, second.id, third.id]
    assert found.versions.parent == [None, 1, 1]
    assert found.versions.message == ["change 1", "change 2", "change 3"]
    assert found.versions.created_at == [version.created_at.timestamp() for version in (first, second, third)]
    assert found.versions.seconds == [1.0, None, 3.0]
    assert found.versions.run[0] == run.id
    assert column(workflow, "accuracy").values == [0.7, None, 0.9]


def test_branches_and_tags_are_named_with_the_numbers_of_their_versions() -> None:
    workflow = workflow_of()
    first = version_of(workflow, 1)
    second = version_of(workflow, 2, first)
    Branch.objects.create(workflow=workflow, name="main", version=second)
    Branch.objects.create(workflow=workflow, name="ideas", version=first)
    Tag.objects.create(workflow=workflow, name="paper", version=first)
    found = trends.trends(workflow.id)
    assert [(each.name, each.number) for each in found.branches] == [("ideas", 1), ("main", 2)]
    assert [(each.name, each.number) for each in found.tags] == [("paper", 1)]


def test_of_several_whole_runs_the_newest_wins_and_earlier_ones_fill_in() -> None:
    workflow = workflow_of()
    version = version_of(workflow, 1)
    newer = ran(version, 5, accuracy=0.9)
    ran(version, 2, accuracy=0.5, logged_once=7.0)
    assert column(workflow, "accuracy").values == [0.9]
    assert column(workflow, "logged_once").values == [7.0]
    found = trends.trends(workflow.id).versions
    assert (found.run, found.seconds) == ([newer.id], [5.0])


def test_a_partial_run_counts_only_where_no_whole_one_measured() -> None:
    workflow = workflow_of()
    version = version_of(workflow, 1)
    ran(version, 1, accuracy=0.5)
    ran(version, 2, only=("accuracy", "auc"), accuracy=0.6, auc=0.8)
    assert column(workflow, "accuracy").values == [0.5]
    assert column(workflow, "auc").values == [0.8]
    assert trends.trends(workflow.id).versions.seconds == [1.0]


@pytest.mark.parametrize("status", ["failed", "cancelled", "running"])
def test_a_run_that_did_not_succeed_counts_for_nothing(status: str) -> None:
    workflow = workflow_of()
    version = version_of(workflow, 1)
    ran(version, 1, accuracy=0.5)
    ran(version, 2, status=status, accuracy=0.1, auc=0.1)
    assert column(workflow, "accuracy").values == [0.5]
    assert [each.name for each in trends.trends(workflow.id).metrics] == ["accuracy"]
    assert trends.trends(workflow.id).versions.seconds == [1.0]


def test_a_metric_has_its_node_and_direction_and_slices_have_those_of_their_node() -> None:
    workflow = workflow_of()
    run = ran(version_of(workflow, 1), 1, accuracy=0.5)
    measured(run, "by_sex", "by_sex.Male", 0.6)
    measured(run, "error", "error", 0.1, operator="LogLoss")
    measured(run, "size", "size", 3.0, operator="Reducer")
    found = {each.name: (each.node, each.higher_is_better) for each in trends.trends(workflow.id).metrics}
    assert found == {
        "accuracy": ("accuracy", True),
        "by_sex.Male": ("by_sex", True),
        "error": ("error", False),
        "size": ("size", None),
    }


def test_metrics_of_the_newest_run_stand_first() -> None:
    workflow = workflow_of()
    first = version_of(workflow, 1)
    ran(first, 1, old=1.0, accuracy=0.5)
    ran(version_of(workflow, 2, first), 2, accuracy=0.6, auc=0.7)
    assert [each.name for each in trends.trends(workflow.id).metrics] == ["accuracy", "auc", "old"]


def test_what_was_measured_last_in_a_run_counts_and_no_number_is_none() -> None:
    workflow = workflow_of()
    run = ran(version_of(workflow, 1), 1, score=1.0)
    measured(run, "score", "score", 2.0)
    assert column(workflow, "score").values == [2.0]
    measured(run, "score", "score", None)
    assert column(workflow, "score").values == [None]


def test_nothing_of_another_workflow_is_told() -> None:
    mine, other = workflow_of(), workflow_of("other")
    ran(version_of(mine, 1), 1, accuracy=0.5)
    theirs = ran(version_of(other, 1), 2, accuracy=0.9, auc=0.9)
    logged(theirs, {0: 1.0})
    Branch.objects.create(workflow=other, name="main", version=theirs.version)
    found = trends.trends(mine.id)
    assert [(each.name, each.values) for each in found.metrics] == [("accuracy", [0.5])]
    assert found.branches == []
    assert trends.curve_list(mine.id) == []
    assert trends.curves(mine.id, "model", "loss", [1]) == []


def test_curves_are_listed_with_the_versions_that_have_them() -> None:
    workflow = workflow_of()
    first = version_of(workflow, 1)
    second = version_of(workflow, 2, first)
    logged(ran(first, 1), {0: 1.0, 1: 0.5})
    logged(ran(second, 2), {0: 1.0})
    logged(ran(second, 3), {0: 1.0}, name="accuracy")
    found = [(each.node, each.name, each.numbers) for each in trends.curve_list(workflow.id)]
    assert found == [("model", "accuracy", [2]), ("model", "loss", [1, 2])]
    assert trends.trends(workflow.id).metrics == []


def test_a_curve_is_that_of_the_newest_run_that_logged_it() -> None:
    workflow = workflow_of()
    first = version_of(workflow, 1)
    second = version_of(workflow, 2, first)
    logged(ran(first, 1), {0: 9.0})
    newer = ran(first, 2)
    logged(newer, {2: 0.25, 0: 1.0, 1: None})
    ran(first, 3)  # it loaded the model, and so logged nothing
    logged(ran(second, 4), {0: 2.0})
    found = trends.curves(workflow.id, "model", "loss", [1])
    assert [(each.number, each.run, each.steps, each.values) for each in found] == [
        (1, newer.id, [0, 1, 2], [1.0, None, 0.25])
    ]
    assert [each.number for each in trends.curves(workflow.id, "model", "loss", [2, 1, 7])] == [1, 2]


TEXT = """\
from sklearn.svm import SVC
data = Dataset("digits")
rows = Split(data, test=0.25)
examples = Examples(rows, features=[Field(rows, "pixel_0_1")], label=Field(rows, "target"))
model = Learner(examples, SVC(C=1.0, kernel="rbf"))
predictions = Predict(model, examples)
f1 = F1(predictions, average="macro")
Output(f1)
"""


def committed(workflow: Workflow, text: str) -> Version:
    return versions.commit(workflow, workflows.identify(text, []))


def test_parameters_that_vary_are_told_with_numbers_as_numbers() -> None:
    workflow = workflow_of()
    committed(workflow, TEXT)
    committed(workflow, TEXT.replace("C=1.0", "C=10"))
    committed(workflow, TEXT.replace("C=1.0", "C=10").replace('"rbf"', '"linear"'))
    committed(workflow, TEXT.replace('SVC(C=1.0, kernel="rbf")', "SVC()"))
    found = parameters.parameters(workflow.id, [])
    assert found.numbers == [1, 2, 3, 4]
    varying = {each.name: each.values for each in found.parameters}
    assert varying == {"model.C": [1.0, 10.0, 10.0, None], "model.kernel": ["rbf", "rbf", "linear", None]}
    assert {each.node for each in found.parameters} == {"model"}


def test_parameters_are_told_of_chosen_versions_of_this_workflow_alone() -> None:
    workflow, other = workflow_of(), workflow_of("other")
    committed(workflow, TEXT)
    committed(workflow, TEXT.replace("C=1.0", "C=10"))
    committed(workflow, TEXT.replace("macro", "weighted"))
    committed(other, TEXT.replace("test=0.25", "test=0.5"))
    found = parameters.parameters(workflow.id, [3, 1, 99])
    assert found.numbers == [1, 3]
    assert [(each.name, each.values) for each in found.parameters] == [("f1.average", ["macro", "weighted"])]


def test_an_estimator_of_another_class_is_a_parameter_too() -> None:
    workflow = workflow_of()
    committed(workflow, TEXT)
    committed(workflow, TEXT.replace("SVC(", "SVR(").replace("import SVC", "import SVR"))
    found = {each.name: each.values for each in parameters.parameters(workflow.id, []).parameters}
    assert found == {"model.estimator": ["SVC", "SVR"]}


def test_the_api_tells_it_all_as_json() -> None:
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    workflow = workflow_of()
    run = ran(version_of(workflow, 1), 1, accuracy=0.5)
    logged(run, {0: 1.0})
    base = f"/api/workflows/{workflow.id}"
    told = client.get(f"{base}/trends").json()
    assert told == trends.trends(workflow.id).model_dump()
    assert client.get(f"{base}/curves").json() == [{"node": "model", "name": "loss", "numbers": [1]}]
    points = client.get(f"{base}/curves/points?node=model&name=loss&number=1").json()
    assert points == [{"number": 1, "run": run.id, "steps": [0], "values": [1.0]}]
    assert client.get(f"{base}/parameters?number=0").status_code == 422
    for address in ("trends", "parameters", "curves", "curves/points?node=a&name=b&number=1"):
        assert client.get(f"/api/workflows/none/{address}").json()["code"] == "workflow-not-found"
