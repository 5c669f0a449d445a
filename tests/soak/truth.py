"""What a run without any reuse gives, and how a run with reuse is held against it, bit for bit."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.soak.drafts import Draft
from tests.workflows.execution.lab import Lab, Outcome
from workflows.execution.warmserver import WarmServer
from workflows.graph.dag import PartId
from workflows.hashing import Digest, Signature
from workflows.ports import ArtifactDamaged, ArtifactMissing


@dataclass(frozen=True, slots=True)
class Truth:
    """How a run without reuse ended, and what each result of it is, by signature; ``parts`` names them, ``bytes`` is
    what storing all of them takes."""

    status: str
    ended: str
    values: Mapping[Signature, Digest]
    parts: Mapping[Signature, PartId]
    bytes: int

    def hold(self, lab: Lab, outcome: Outcome) -> None:
        """Raises AssertionError where a run with reuse differs: in how it or a node ended, in an output, or in what the
        catalog knows of any result, stored or not."""
        found = ended(outcome)
        assert found == self.ended, f"with reuse:\n{found}\nwithout:\n{self.ended}"
        known = values(lab, outcome)
        differing = sorted(
            str(self.parts[signature])
            for signature, value in known.items()
            if self.values.get(signature, value) != value
        )
        assert not differing, f"the results differ of {', '.join(differing)}"


def without_reuse(draft: Draft, folder: Path, warm: WarmServer) -> Truth:
    """Runs a draft in a store of its own, which is removed afterwards."""
    lab = Lab(folder, draft.data, warm)
    try:
        outcome = lab.run(draft.text, policy="all", reuse=False, lib=draft.lib)
        parts = {signature: part for part, signature in outcome.prepared.signatures.items() if signature is not None}
        held = [record for record in lab.store.catalog.records(parts).values() if record.stored]
        size = sum(record.bytes for record in held)
        return Truth(outcome.result.status, ended(outcome), values(lab, outcome), parts, size)
    finally:
        lab.store.close()
        shutil.rmtree(lab.root, ignore_errors=True)  # a run process on standby may still rehearse in it


def ended(outcome: Outcome) -> str:
    """How a run ended, in words that are equal where all is: NaN is NaN, and 0.0 is not -0.0.

    Of a node that failed it is told where and with which error: in which of its splits it was met first is chance.
    """
    result = outcome.result
    failures = {name: (why.code, why.message.split(":")[0], why.line) for name, why in outcome.failures.items()}
    return json.dumps([result.status, result.outputs, failures], indent=1, sort_keys=True)


def values(lab: Lab, outcome: Outcome) -> dict[Signature, Digest]:
    """What is known of each result of a run: of a model it is its state."""
    wanted = {signature for signature in outcome.prepared.signatures.values() if signature is not None}
    records = lab.store.catalog.records(wanted)
    return {signature: record.value for signature, record in records.items() if record.value is not None}


def stored(lab: Lab, outcome: Outcome) -> Iterator[Signature]:
    """What the store still holds of a run's parts: a file that was lost takes all parts of equal bytes with it."""
    wanted = {signature for signature in outcome.prepared.signatures.values() if signature is not None}
    for signature, record in sorted(lab.store.catalog.records(wanted).items()):
        with suppress(ArtifactMissing, ArtifactDamaged):
            if record.stored and lab.store.open(signature):
                yield signature


def lose_some(lab: Lab, outcome: Outcome, chance: random.Random) -> None:
    """Results that are forgotten, others whose file was deleted behind the store's back, and some that were damaged."""
    for signature in stored(lab, outcome):
        path = lab.store.open(signature).path
        if chance.random() < 0.8:
            continue
        match chance.randrange(3):
            case 0 if path is not None:
                path.unlink()
            case 1 if path is not None:
                with path.open("r+b") as file:
                    file.seek(chance.randrange(path.stat().st_size))
                    byte = file.read(1)
                    file.seek(-1, 1)
                    file.write(bytes([byte[0] ^ 1]))
            case _:
                lab.store.catalog.forget(signature)
