"""Runs on a Spark Connect server that really is one: the same results as the local engine's, reused by either."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import alive, descendants, wait_until
from tests.workflows.execution.lab import CENSUS, UNPROTECTED, Lab, Outcome, Switch
from workflows.execution import sandbox
from workflows.execution.sandbox import Isolation
from workflows.execution.spark.server import NoSpark, SparkServer
from workflows.store.codecs import decode
from workflows.store.codecs.state import state_of

pytestmark = pytest.mark.xdist_group("spark")

ROWS = 'rows = Dataset("iris")\n'


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkServer]:
    """A server in no sandbox: functions of tests speak with their test through files."""
    with SparkServer(tmp_path_factory.mktemp("spark"), isolation=UNPROTECTED) as started:
        yield started


@pytest.fixture
def spark(lab: Lab, server: SparkServer) -> Lab:
    lab.spark = server
    return lab


def on_spark(lab: Lab, text: str, **options: object) -> Outcome:
    return lab.run(text, engine="spark", **options)


def stored(lab: Lab, outcome: Outcome) -> dict[str, object]:
    """What the store has of each part that is identified: the digest of its bytes, of a model its state."""
    found: dict[str, object] = {}
    records = lab.store.catalog.records(filter(None, outcome.prepared.signatures.values()))
    for part, signature in outcome.prepared.signatures.items():
        if signature is not None and signature in records and records[signature].stored:
            artifact = lab.store.open(signature)
            source = artifact.inline if artifact.path is None else artifact.path
            assert source is not None
            is_model = artifact.codec == "model"
            found[str(part)] = repr(state_of(decode("model", source))) if is_model else artifact.digest
    return found


def test_census_on_spark_is_census_on_the_local_engine_bit_for_bit(spark: Lab, tmp_path: Path) -> None:
    there = on_spark(spark, CENSUS, policy="all")
    assert there.result.status == "succeeded", there.result.error
    local = Lab(tmp_path / "local", spark.data, spark.warm)
    here = local.succeed(CENSUS, policy="all")
    assert stored(spark, there) == stored(local, here)
    assert len(stored(spark, there)) > 20
    assert there.result.outputs == here.result.outputs


def test_what_one_engine_computed_the_other_loads_and_an_edit_retrains_alone(spark: Lab) -> None:
    first = on_spark(spark, CENSUS)
    assert first.result.status == "succeeded", first.result.error
    for again in (on_spark(spark, CENSUS), spark.succeed(CENSUS)):
        assert again.result.outputs == first.result.outputs
        assert again.with_action("compute") == set()
    edited = on_spark(spark, CENSUS.replace("C=1.0", "C=0.1"))
    assert edited.with_action("compute") == {"model", "predictions", "accuracy", "auc"}
    assert edited.with_action("load") == {"income"}
    another = spark.succeed(CENSUS.replace("bins=10", "bins=5"), policy="all")
    assert on_spark(spark, CENSUS.replace("bins=10", "bins=5")).with_action("compute") == set()
    assert another.result.outputs != first.result.outputs


def test_what_spark_takes_does_not_count_as_what_the_local_engine_takes(spark: Lab) -> None:
    on_spark(spark, CENSUS)
    costs = spark.store.catalog.operator_costs()
    assert "spark:Scale" in costs
    assert "Scale" not in costs


BROKEN = """\
def ratio(batch):
    print("dividing")
    log("rows", 3.5, 1)
    if (batch["sepal length (cm)"] > 7.5).any():
        raise ZeroDivisionError("too long")
    return batch["sepal length (cm)"] / 2

out = Extractor(rows, ratio)
Output(out)
"""


def test_an_error_of_a_function_on_an_executor_is_told_as_any_other(spark: Lab) -> None:
    there, here = on_spark(spark, ROWS + BROKEN).failures["out"], spark.run(ROWS + BROKEN).failures["out"]
    assert (there.code, there.line, there.message) == (here.code, here.line, here.message)
    assert (there.line, there.message) == (6, "ZeroDivisionError: too long")
    assert "'sepal length (cm)': 7.6" in there.example


def test_what_functions_print_and_record_on_executors_arrives(spark: Lab) -> None:
    outcome = on_spark(spark, ROWS + BROKEN.replace("7.5", "99"))
    assert outcome.result.status == "succeeded", outcome.result.error
    events = [vars_of(event) for event in outcome.sink.events]
    assert any(event["type"] == "log_written" and "dividing" in str(event["text"]) for event in events)
    assert any(event["type"] == "metric_recorded" and event["name"] == "rows" for event in events)


def vars_of(event: object) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}  # type: ignore[attr-defined]


def test_functions_of_lib_are_found_on_executors(spark: Lab, tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    (lib / "lengths.py").write_text("def half(batch):\n    return batch['sepal length (cm)'] / 2\n")
    text = f"from lengths import half\n{ROWS}out = Extractor(rows, half)\nOutput(out)\n"
    there = on_spark(spark, text, lib=lib, policy="all")
    assert there.result.status == "succeeded", there.result.error
    local = Lab(tmp_path / "local", spark.data, spark.warm)
    assert stored(local, local.succeed(text, lib=lib, policy="all")) == stored(spark, there)


def test_a_function_that_ends_its_process_fails_its_node(spark: Lab) -> None:
    text = f"import os\n{ROWS}def leave(batch):\n    os._exit(3)\nout = Extractor(rows, leave)\nOutput(out)\n"
    failure = on_spark(spark, text).failures["out"]
    assert failure.code == "spark-failed"
    assert "ended by itself" in failure.message


@contextmanager
def waiting(lab: Lab, folder: Path, cancellation: Switch) -> Iterator[tuple[list[int], list[Outcome]]]:
    """A run whose function waits on an executor: the ids of its processes, and what became of it, at the end."""
    noted = folder / "pids"
    noted.mkdir()
    function = f"def wait(batch):\n    pathlib.Path({str(noted)!r}, str(os.getpid())).touch()\n    time.sleep(600)\n"
    text = f"import os, time, pathlib\n{ROWS}{function}out = Extractor(rows, wait)\nOutput(out)\n"
    outcomes: list[Outcome] = []
    running = threading.Thread(target=lambda: outcomes.append(on_spark(lab, text, cancellation=cancellation)))
    running.start()
    wait_until(lambda: any(noted.iterdir()), "a function runs on an executor")
    yield [int(path.name) for path in noted.iterdir()], outcomes
    running.join()


def test_a_cancelled_run_ends_its_tasks(spark: Lab, tmp_path: Path) -> None:
    on_spark(spark, ROWS + 'out = Field(rows, "target")\nOutput(out)\n')  # so that the server surely is there
    switch = Switch()
    with waiting(spark, tmp_path, switch) as (pids, outcomes):
        switch.on = True
    assert outcomes[0].result.status == "cancelled"
    wait_until(lambda: not any(map(alive, pids)), "the tasks of the run have ended")


def test_another_server_is_reached_by_its_address(spark: Lab, server: SparkServer, tmp_path: Path) -> None:
    with SparkServer(tmp_path / "elsewhere", remote=server.address().url) as remote:
        spark.spark = remote
        outcome = on_spark(spark, ROWS + 'out = Field(rows, "target")\nOutput(out)\n')
    assert outcome.result.status == "succeeded", outcome.result.error


def test_without_its_token_a_server_is_closed_to_others(spark: Lab, server: SparkServer, tmp_path: Path) -> None:
    url = re.sub("token=.*", "token=guessed", server.address().url)
    with SparkServer(tmp_path / "elsewhere", remote=url) as remote:
        spark.spark = remote
        outcome = on_spark(spark, ROWS + 'out = Field(rows, "target")\nOutput(out)\n')
    assert "authentication" in outcome.failures["out"].message


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with SparkServer(tmp_path, remote="http://cluster") as remote, pytest.raises(NoSpark, match="sc://host:15002"):
        remote.address()


def test_a_server_that_dies_fails_the_run_and_the_next_has_another(
    spark: Lab, server: SparkServer, tmp_path: Path
) -> None:
    server.address()
    with waiting(spark, tmp_path, Switch()) as (_, outcomes):
        assert server.pid is not None
        for pid in descendants(server.pid):
            os.kill(pid, signal.SIGKILL)
    assert outcomes[0].failures["out"].code == "spark-failed"
    assert "does not answer" in outcomes[0].failures["out"].message
    again = on_spark(spark, ROWS + 'out = Field(rows, "target")\nOutput(out)\n')
    assert again.result.status == "succeeded", again.result.error


def test_functions_on_executors_are_in_a_sandbox_of_the_servers(lab: Lab, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    lab.isolation = Isolation("require")
    text = f"""\
import socket, pathlib
{ROWS}
def look(batch):
    try:
        socket.create_connection(("1.1.1.1", 53), 2)
        online = 1
    except OSError:
        online = 0
    seen = int(pathlib.Path({str(secret)!r}).exists())
    return batch["sepal length (cm)"] * 0 + online + 2 * seen

out = Extractor(rows, look)
total = Reducer(out, lambda frame: float(frame["value"].max()))
Output(total)
"""
    with SparkServer(tmp_path / "spark", isolation=lab.isolation) as lab.spark:
        outcome = on_spark(lab, text)
        if sandbox.probe() is not None:
            assert "HELIX_SANDBOX=require" in str(outcome.result.error)
            return
        assert outcome.result.outputs == {"total": 0.0}, outcome.result.error


def test_a_server_ends_with_its_owner(tmp_path: Path) -> None:
    own = SparkServer(tmp_path, isolation=UNPROTECTED)
    own.address()
    assert own.pid is not None
    below = descendants(own.pid)
    assert len(below) > 1
    own.close()
    wait_until(lambda: not any(map(alive, below)), "the server and its workers have ended")
    assert [path.name for path in tmp_path.iterdir()] == ["server.log"]
