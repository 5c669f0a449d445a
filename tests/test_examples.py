"""Every example compiles without a word, runs, gives what the same work by hand gives, and is reused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks import plain_census, plain_digits, plain_mentions, plain_topics
from tests.samples import sample
from tests.workflows.execution.lab import Lab
from workflows.compiler import compile_workflow
from workflows.execution.datasets import of_path
from workflows.execution.warmserver import WarmServer

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.py"))

# What each gives by hand. Those that fetch nothing have no such script: their plain way is scikit-learn's own.
BY_HAND: Mapping[str, Callable[[Path], Mapping[str, Any]]] = {
    "census": plain_census.results,
    "digits": plain_digits.results,
    "mentions": plain_mentions.results,
    "topics": plain_topics.results,
}


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmServer]:
    with WarmServer() as server:
        yield server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_compiles_without_a_word(path: Path) -> None:
    compiled = compile_workflow(path.read_text())
    assert compiled.diagnostics == ()
    assert compiled.description
    assert len(path.read_text().splitlines()) < 100


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gives_what_it_gives_by_hand_and_is_reused(
    path: Path, data: Path, tmp_path: Path, warm: WarmServer
) -> None:
    lab = Lab(tmp_path, data, warm)
    first = lab.succeed(path.read_text())
    again = lab.succeed(path.read_text())
    lab.store.close()
    assert again.result.outputs == first.result.outputs
    assert again.with_action("compute") == set()
    for name, expected in BY_HAND.get(path.stem, no_script)(data).items():
        close = pytest.approx(expected, abs=0.005) if isinstance(expected, float) else expected
        assert first.result.outputs[name] == close


def no_script(_: Path) -> Mapping[str, Any]:
    return {}


def test_the_example_that_fetches_nothing_is_as_accurate_as_it_should_be(tmp_path: Path, warm: WarmServer) -> None:
    lab = Lab(tmp_path, tmp_path, warm)
    text = next(path for path in EXAMPLES if path.stem == "small_digits").read_text()
    assert lab.succeed(text).result.outputs["accuracy"] > 0.97
    lab.store.close()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_file_that_an_example_reads_can_be_fetched(path: Path) -> None:
    dag = compile_workflow(path.read_text()).dag
    assert dag is not None
    sources: list[Any] = [node.params["files"] for node in dag.nodes.values() if node.operator == "FileSource"]
    named = [file for files in sources for file in files.values()]
    assert [file for file in named if of_path(file) is None] == []
    assert named or path.stem == "small_digits"
