"""A kill at any moment loses no stored result, and never serves a torn one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workflows.store.crash import BATCH, check

PROGRAM = [sys.executable, "-m", "tests.workflows.store.crash"]
ROOT = Path(__file__).parents[3]


def test_a_kill_at_each_step_of_an_adoption(tmp_path: Path) -> None:
    done = subprocess.run([*PROGRAM, "each", str(tmp_path)], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert int(done.stdout) > 2 * BATCH  # writing, syncing, renaming: several steps for each large result alone


def kill_at_random(root: Path, chance: random.Random) -> int:
    """Kills the program while it adopts batch after batch into an empty store, and checks that. Returns how many
    batches were complete."""
    program = [*PROGRAM, "forever", str(root)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(3):
            assert process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.1))
        process.kill()
        complete = 3 + len(process.stdout.read().split())
    check(root, range(complete), complete + 1)
    return complete


@pytest.mark.parametrize("seed", range(4))
def test_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    assert kill_at_random(tmp_path, random.Random(seed)) >= 3
