"""Audits: loads are computed anew and compared, and a result that is not what computing gives is found and cast out."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.workflows.execution.lab import UNPROTECTED, Lab, Switch
from workflows.execution.audit import Audit, Auditor, drawn
from workflows.execution.limits import Limits
from workflows.execution.planning import Prepared
from workflows.graph.dag import PartId
from workflows.hashing import Signature
from workflows.ports import Audits, Cancellation, Measurement
from workflows.store.codecs import decode, stage
from workflows.store.inventory import audits, audits_in_words

TEXT = """\
rows = Dataset("iris")

def more(batch):
    return batch.assign(n=batch["sepal length (cm)"] * 2)

wide = Map(rows, more)

def total(frame):
    return float(frame["n"].sum())

n = Reducer(wide, total)
m = Reducer(wide, lambda frame: len(frame))
"""


def auditor(lab: Lab, cancellation: Cancellation | None = None) -> Auditor:
    return Auditor(lab.store, lab.data, lab.warm, UNPROTECTED, Limits(), cancellation or Switch())


def audited(lab: Lab, prepared: Prepared, **options: Any) -> Audit:
    parts = drawn(prepared, 1.0, random.Random(0))
    return auditor(lab).audit(prepared, parts, **{"seconds": 60.0, **options})


def signature_of(prepared: Prepared, node: str, label: str) -> Signature:
    signature = prepared.signatures[PartId(node, label)]  # type: ignore[arg-type]
    assert signature is not None
    return signature


def plant(lab: Lab, signature: Signature, data: object) -> None:
    """Have the store hold these data under a signature that they are not of."""
    staging = lab.store.staging()
    lab.store.catalog.forget(signature)
    staged = stage(data, signature, staging)
    assert lab.store.adopt(staging, [staged], [Measurement(signature, "Reducer", True, 1.0, 0, 0)])
    lab.store.discard(staging)


def test_loads_that_are_what_computing_gives_are_counted_as_checked(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    again = lab.succeed(TEXT, policy="all")
    found = audited(lab, again.prepared)
    assert set(found.checked) == {"n", "m"}
    assert found.false_hits == ()
    assert audits(lab.store.catalog) == Audits(2, 0)
    audited(lab, again.prepared)
    assert audits_in_words(audits(lab.store.catalog)) == "0 false hits in 4 loads checked"
    assert lab.succeed(TEXT, policy="all").with_action("load") == {"n", "m"}, "an audit changes nothing"


def test_a_result_that_is_not_what_computing_gives_is_found_told_of_and_cast_out(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    signature = signature_of(first.prepared, "n", "value")
    plant(lab, signature, 12.5)
    again = lab.succeed(TEXT, policy="all")
    assert again.result.outputs["n"] == 12.5, "nothing but an audit can tell"
    (hit,) = audited(lab, again.prepared).false_hits
    assert hit.node == "n"
    assert "`n`" in hit.message
    assert "run again" in hit.message
    assert audits(lab.store.catalog) == Audits(2, 1)
    assert not lab.store.catalog.records([signature])[signature].stored
    mended = lab.succeed(TEXT, policy="all")
    assert mended.result.outputs == first.result.outputs
    assert mended.with_action("compute") == {"n"}


def test_what_was_made_of_a_false_result_is_forgotten_with_it(lab: Lab) -> None:
    first = lab.succeed(TEXT, policy="all")
    signature = signature_of(first.prepared, "wide", "all")
    right = lab.store.open(signature)
    table = decode(right.codec, right.path or right.inline or b"")
    plant(lab, signature, table.slice(0, 100))
    edited = TEXT.replace("len(frame)", "len(frame) + 1")
    wrong = lab.succeed(edited, policy="all")
    assert wrong.result.outputs["m"] == 101
    (hit,) = auditor(lab).audit(wrong.prepared, [PartId("wide", "all")], seconds=60.0).false_hits  # type: ignore[arg-type]
    assert hit.node == "wide"
    assert lab.succeed(edited, policy="all").result.outputs == {"n": first.result.outputs["n"], "m": 151}
    assert [path.name.partition(".")[0] for path in (lab.root / "quarantine").iterdir()] in ([], [hit.stored])


def test_an_audit_is_given_up_when_it_is_asked_for_and_takes_no_more_than_its_time(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    again = lab.succeed(TEXT, policy="all")
    parts = drawn(again.prepared, 1.0, random.Random(0))
    assert auditor(lab, Switch(on=True)).audit(again.prepared, parts, seconds=60.0) == Audit()
    assert auditor(lab).audit(again.prepared, parts, seconds=0.0) == Audit()
    assert audits(lab.store.catalog) == Audits(0, 0)


def test_a_computation_that_fails_says_nothing(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    flag = tmp_path_factory.mktemp("outside") / "broken"
    text = TEXT.replace("return float(", f"import os; assert not os.path.exists({str(flag)!r}); return float(")
    lab.succeed(text, policy="all")
    again = lab.succeed(text, policy="all")
    flag.touch()
    assert audited(lab, again.prepared).checked == ("m",)
    assert audits(lab.store.catalog) == Audits(1, 0)


def test_loads_are_drawn_at_random_by_their_share(lab: Lab) -> None:
    lab.succeed(TEXT, policy="all")
    prepared = lab.prepare(TEXT, policy="all")
    assert drawn(prepared, 0.0, random.Random(0)) == []
    counts = [len(drawn(prepared, 0.5, random.Random(seed))) for seed in range(200)]
    assert 160 < sum(counts) < 240
    assert drawn(prepared, 0.5, random.Random(1)) == drawn(prepared, 0.5, random.Random(1))
