"""What no output needs is dropped, and nothing else."""

from __future__ import annotations

from hypothesis import given, settings

from tests.workflows.graph.drawn import workflows
from tests.workflows.texts import BASE
from workflows.compiler import compile_workflow
from workflows.graph.dag import PartGraph, PartId
from workflows.graph.parts import parts_of
from workflows.graph.slice import unneeded_nodes, wanted_parts
from workflows.graph.walk import downstream, upstream


def needed_by_hand(graph: PartGraph, wanted: PartId) -> set[PartId]:
    """Everything a part needs, by following requirements one by one."""
    return {wanted}.union(*(needed_by_hand(graph, required) for required in graph.parts[wanted].requires))


def test_nodes_that_no_output_needs_are_named() -> None:
    compiled = compile_workflow(f"{BASE}x = Scale(age)\ny = Scale(job)\nz = Scale(y)\nOutput(x)")
    assert compiled.dag is not None
    assert compiled.parts is not None
    assert unneeded_nodes(compiled.dag, compiled.parts) == ("job", "label", "y", "z")


def test_an_output_of_one_split_needs_no_other() -> None:
    compiled = compile_workflow(f'{BASE}Output(age["test"])')
    assert compiled.parts is not None
    assert {str(part) for part in compiled.parts.parts} == {
        *("data:train", "rows:state"),  # the schema is learned from train
        *("data:test", "rows:test", "age:test"),
    }


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(workflows())
def test_the_slice_is_what_the_outputs_need(text: str) -> None:
    dag = compile_workflow(text).dag
    assert dag is not None
    graph = parts_of(dag)
    sliced = wanted_parts(graph)
    expected = set().union(*(needed_by_hand(graph, wanted) for wanted in graph.wanted))
    assert set(sliced.parts) == expected == upstream(graph, graph.wanted)
    assert [part for part in graph.parts if part in expected] == list(sliced.parts)
    for part in graph.parts:
        below = downstream(graph, [part])
        assert below == {other for other in graph.parts if part in needed_by_hand(graph, other)}
