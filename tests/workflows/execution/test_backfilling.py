"""Metrics of today for texts of the past: by the cheapest plan, many as one, and none at the cost of another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab, Recorder
from workflows.compiler import compile_workflow, files
from workflows.events import MetricRecorded
from workflows.execution.backfilling import Backfill, Past, backfill
from workflows.execution.planning import Prepared
from workflows.execution.runner import RunResult, run
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import NodeName

TEXT = """\
from sklearn.neighbors import KNeighborsClassifier
LIMIT = 3
data = FileSource(train="train.csv", test="test.csv")
rows = CSVScanner(data)
examples = Examples(rows, features=[Field(rows, "x"), Field(rows, "y")], label=Field(rows, "kind"))
model = Learner(examples, KNeighborsClassifier(n_neighbors=1, algorithm="brute"))
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
Output(accuracy)
"""
WITH_F1 = TEXT.replace("Output(", 'f1 = F1(predictions, average="macro")\nOutput(f1, ')
WITH_SHARE = TEXT.replace(
    "Output(",
    """
def share(table):
    return float((table["prediction"] == table["label"]).mean()) + LIMIT


own = Reducer(predictions, share)
Output(own, """,
)
ROWS = 4_000  # of which each is compared with each: far longer than it takes to load what came of that


def write(path: Path, seed: str, columns: str = "x,y,kind,group") -> None:
    draw = random.Random(seed)
    wanted = columns.split(",")
    lines = [columns]
    for _ in range(ROWS):
        row = {"x": f"{draw.random():.6f}", "y": f"{draw.random():.6f}", "group": draw.choice("pq")}
        row["kind"] = "far" if float(row["x"]) + draw.gauss(0, 0.3) > 0.5 else "near"
        lines.append(",".join(row[name] for name in wanted))
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def own(tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    """A lab with data of its own, which a test may change."""
    data = tmp_path / "data"
    data.mkdir()
    for name in ("train", "test"):
        write(data / f"{name}.csv", name)
    made = Lab(tmp_path / "store", data, warm)
    yield made
    made.store.close()


def text_of(neighbours: int, text: str = TEXT) -> str:
    return text.replace("n_neighbors=1", f"n_neighbors={neighbours}")


def past(lab: Lab, name: str, text: str, policy: str = "all") -> Past:
    """A text that was run."""
    prepared = lab.succeed(text, policy=policy).prepared
    dag = prepared.compiled.dag
    assert dag is not None
    return Past(name, text, {file.path: prepared.data[file.node, file.split] for file in files(dag)})


def planned(lab: Lab, pasts: list[Past], donor: str, node: str) -> Backfill:
    dag = compile_workflow(donor).dag
    assert dag is not None
    return backfill(pasts, donor, dag, [NodeName(node)], workflow="lab", store=lab.store, data_root=lab.data)


def ran(lab: Lab, prepared: Prepared) -> tuple[RunResult, dict[str, float]]:
    sink = Recorder()
    options = {"store": lab.store, "data_root": lab.data, "isolation": lab.isolation, "warm": lab.warm}
    result = run(prepared, sink=sink, **options)  # type: ignore[arg-type]
    return result, {event.name: event.value for event in sink.of(MetricRecorded)}


def actions(prepared: Prepared) -> dict[str, str]:
    assert prepared.plan is not None
    return {name: node.action for name, node in prepared.plan.nodes.items()}


def test_stored_predictions_are_loaded_and_give_what_each_text_would_have_measured(own: Lab) -> None:
    neighbours = (1, 5, 9)
    pasts = [past(own, f"v{each}", text_of(each)) for each in neighbours]
    found = planned(own, pasts, WITH_F1, "f1")
    assert found.together is not None
    assert (found.alone, found.refused) == ({}, {})
    told = actions(found.together)
    assert {told[f"v{each}.predictions"] for each in neighbours} == {"load"}
    assert {name for name, action in told.items() if action == "compute"} == {f"v{each}.f1" for each in neighbours}
    result, values = ran(own, found.together)
    assert result.status == "succeeded"
    assert values == {f"v{each}.f1": own.succeed(text_of(each, WITH_F1)).result.outputs["f1"] for each in neighbours}


def test_what_is_not_stored_is_computed_once_for_all_that_have_it_in_common(own: Lab) -> None:
    pasts = [past(own, name, TEXT, policy="none") for name in ("v1", "v2", "v3")]
    found = planned(own, pasts, WITH_F1, "f1")
    assert found.together is not None
    assert actions(found.together)["v1.predictions"] == "compute"
    alone = list(found.estimates.values())
    assert max(alone) <= found.estimate < 1.5 * max(alone)
    result, values = ran(own, found.together)
    assert result.status == "succeeded"
    assert values.keys() == {"v1.f1", "v2.f1", "v3.f1"}
    assert len(set(values.values())) == 1


def test_one_text_alone_is_planned_by_itself(own: Lab) -> None:
    found = planned(own, [past(own, "v1", TEXT)], WITH_F1, "f1")
    assert found.together is None
    assert found.alone.keys() == {"v1"}
    assert found.estimate == pytest.approx(found.estimates["v1"])


def test_data_that_changed_are_refused_where_something_has_to_be_computed_of_them(own: Lab) -> None:
    write(own.data / "other.csv", "other")
    of_other = TEXT.replace('train="train.csv", test="test.csv"', 'train="other.csv", test="other.csv"')
    stored, computed = past(own, "v1", TEXT), past(own, "v2", of_other, policy="none")
    for name in ("test", "other"):
        write(own.data / f"{name}.csv", "another")
    found = planned(own, [stored, computed], WITH_F1, "f1")
    reason = "other.csv is not what it was then, and what was made of it is not stored any more."
    assert found.refused == {"v2": reason}
    assert actions(found.alone["v1"])["predictions"] == "load"
    (own.data / "other.csv").unlink()
    gone = planned(own, [computed], WITH_F1, "f1")
    assert "other.csv" in gone.refused["v2"]
    unknown = planned(own, [Past("v3", text_of(9), {})], WITH_F1, "f1")
    assert unknown.refused["v3"].startswith("It is not known what ")


def test_a_name_that_means_another_thing_is_refused(own: Lab) -> None:
    other = past(own, "v1", TEXT.replace("LIMIT = 3", "LIMIT = 4"))
    found = planned(own, [other, past(own, "v2", text_of(5))], WITH_SHARE, "own")
    assert found.refused == {"v1": "`own` rests on `LIMIT`, which is another one here."}
    assert found.alone.keys() == {"v2"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("model = Learner(", "Its text has errors."),
        (TEXT.replace("Predict(model", "Predict(modle"), "Its text has errors."),
        (TEXT.replace("predictions", "told"), None),
    ],
)
def test_a_text_with_errors_is_refused_and_what_a_text_lacks_comes_along(
    own: Lab, text: str, reason: str | None
) -> None:
    held = past(own, "v1", TEXT).data
    found = planned(own, [Past("v2", text, held)], WITH_F1, "f1")
    assert found.refused == ({} if reason is None else {"v2": reason})
    if reason is None:
        assert ran(own, found.alone["v2"])[0].status == "succeeded"


def test_texts_that_need_functions_of_their_own_are_run_alone(own: Lab) -> None:
    pasts = [past(own, "v1", TEXT), past(own, "v2", text_of(5))]
    found = planned(own, pasts, WITH_SHARE, "own")
    assert found.together is None
    assert found.alone.keys() == {"v1", "v2"}
    for each in pasts:
        result, values = ran(own, found.alone[each.name])
        assert result.status == "succeeded"
        accuracy = own.succeed(each.text).result.outputs["accuracy"]
        assert isinstance(accuracy, float)
        assert values == {"own": pytest.approx(accuracy + 3)}


def test_a_text_that_fails_takes_no_other_along(own: Lab) -> None:
    write(own.data / "bare.csv", "bare", "x,y,kind")
    bare = TEXT.replace('train="train.csv", test="test.csv"', 'train="bare.csv", test="bare.csv"')
    pasts = [past(own, "v1", TEXT), past(own, "v2", bare), past(own, "v3", text_of(5))]
    by_group = TEXT.replace("Output(", 'grouped = Accuracy(predictions, by=Field(rows, "group"))\nOutput(grouped, ')
    found = planned(own, pasts, by_group, "grouped")
    assert found.together is not None
    result, values = ran(own, found.together)
    assert result.status == "failed"
    assert values.keys() == {f"{name}.grouped.{group}" for name in ("v1", "v3") for group in "pq"}
    failed = {node.name: node.error for node in result.nodes if node.error is not None}
    assert {name.partition(".")[0] for name in failed} == {"v2"}
    assert any("group" in error.message for error in failed.values())
