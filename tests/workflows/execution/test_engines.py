"""Which engine is chosen, and that one's costs are no estimate for the other; what Spark needs of a machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab
from workflows.execution.engines import SHARE, chosen
from workflows.execution.limits import machine_memory
from workflows.execution.spark import java
from workflows.optimizer.costs import UNKNOWN_SECONDS, CostModel, measured_as
from workflows.ports import Measurement

ROOT = Path(__file__).resolve().parents[3]
COMFORTABLE = machine_memory() // SHARE


def test_auto_takes_spark_where_files_do_not_fit_comfortably_and_there_is_one() -> None:
    assert chosen("auto", [COMFORTABLE - 1], spark=True) == "local"
    assert chosen("auto", [COMFORTABLE - 1, None, 100], spark=True) == "spark"
    assert chosen("auto", [COMFORTABLE + 100], spark=False) == "local"


def test_an_engine_that_is_named_is_taken() -> None:
    assert chosen("spark", [], spark=False) == "spark"
    assert chosen("local", [COMFORTABLE * 2], spark=True) == "local"


def test_what_was_measured_on_one_engine_is_no_estimate_for_the_other(lab: Lab) -> None:
    prepared = lab.prepare('rows = Dataset("iris")\nout = Field(rows, "target")\nOutput(out)\n')
    assert prepared.parts is not None
    parts = list(prepared.parts.parts.values())
    signatures = [prepared.signatures[part.id] for part in parts]
    measured = [
        Measurement(signature, measured_as(part.node.operator, "spark"), True, 90.0, 10, 1000)
        for part, signature in zip(parts, signatures, strict=True)
        if signature is not None
    ]
    lab.store.catalog.commit(measured, [])
    records = lab.store.catalog.records([each.signature for each in measured])
    operators = lab.store.catalog.operator_costs()
    requires = [[places for places, other in enumerate(parts) if other.id in part.requires] for part in parts]
    for engine, fits in (("spark", lambda cost: cost.compute >= 90.0), ("local", lambda cost: cost.compute < 1.0)):
        costs = CostModel(operators, engine=engine).estimate(parts, requires, signatures, records, None)
        assert all(map(fits, costs)), engine
        assert [cost.bytes for cost in costs] == [1000] * len(parts)
    assert UNKNOWN_SECONDS < 1.0


def test_without_java_it_is_said_what_to_do() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom workflows.execution.spark.java import NoJava, java_home\n"
        "try:\n    java_home(Path('.'))\nexcept NoJava as error:\n    print(error.message)\n"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], env={"PATH": ""}, capture_output=True, text=True, check=True
    )
    assert "Java 17 or newer" in said.stdout
    assert "HELIX_SPARK_REMOTE" in said.stdout


def test_the_java_of_the_wheel_runs_without_the_module_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    home = java.java_home(tmp_path)
    monkeypatch.undo()
    assert home == tmp_path / "java"
    run = [str(home / "bin" / "java"), "--add-modules=jdk.incubator.vector", "-version"]
    assert "version" in subprocess.run(run, capture_output=True, text=True, check=True).stderr
