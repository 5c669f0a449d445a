"""Tests that the schedules are workflows, each version another than the one before."""

from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks.schedules import EDITS, Version, versions
from benchmarks.schedules.edits import Edit, replaced, wanted
from workflows.compiler import compile_workflow
from workflows.graph.signature import sign
from workflows.hashing import Signature


def _wanted(version: Version) -> set[Signature | None]:
    """The signatures of what a version wants, of files that are known."""
    compiled = compile_workflow(version.text)
    assert [found.message for found in compiled.diagnostics if found.severity == "error"] == []
    assert compiled.parts is not None
    data = {(name.node, name.label): "0" * 64 for name in compiled.parts.parts}
    signatures = sign(compiled.parts, data)
    return {signatures[part] for part in compiled.parts.wanted}


@pytest.mark.parametrize("workflow", EDITS)
def test_each_of_ten_versions_compiles_and_wants_what_the_one_before_did_not(workflow: str) -> None:
    found = [_wanted(version) for version in versions(workflow)]
    assert len(found) == 10
    assert all(None not in signatures for signatures in found)
    assert all(after - before for before, after in pairwise(found))


@pytest.mark.parametrize("workflow", EDITS)
def test_an_edit_of_the_evaluation_leaves_all_that_was_wanted_but_for_what_it_replaces(workflow: str) -> None:
    made = versions(workflow)
    for before, after in pairwise(made):
        lost = _wanted(before) - _wanted(after)
        assert len(lost) <= 1 if after.kind == "PPR" else lost


def test_an_edit_whose_place_is_not_there_fails() -> None:
    with pytest.raises(AssertionError):
        Edit("L/I", "", [replaced("C=1.0", "C=0.1")]).apply("model = Learner(income, LogisticRegression())\n")


def test_what_is_wanted_as_well_comes_after_all_else_and_before_the_outputs() -> None:
    text = Edit("PPR", "", [wanted("f1", "f1 = F1(predictions)")]).apply("a = 1\n\nOutput(accuracy)\n")
    assert text == "a = 1\nf1 = F1(predictions)\n\nOutput(accuracy, f1)\n"
