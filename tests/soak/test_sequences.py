"""The sequences meet what they are for: results are loaded and evicted, nodes fail, matrices are sliced."""

from __future__ import annotations

from pathlib import Path

from tests.soak.samples import SAMPLES
from tests.soak.sequences import EDITS, Sequences
from tests.soak.suite import SEED
from workflows.execution.warmserver import WarmServer

TRIED = 6  # sequences


def test_sequences_load_evict_fail_and_slice(tmp_path: Path) -> None:
    with WarmServer() as warm:
        census = Sequences(SAMPLES[0], tmp_path, warm, warm, SEED)
        for sequence in range(TRIED):
            census.play(sequence, "adaptive")
    assert census.seen["loaded"] > TRIED * EDITS
    assert census.seen["evicted"] > TRIED * EDITS
    assert census.seen["failed"]
    assert census.seen["sliced"]
