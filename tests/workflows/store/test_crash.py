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


@pytest.mark.parametrize("seed", range(4))
def test_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    program = [*PROGRAM, "forever", str(tmp_path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(3):
            assert process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.0, 0.1))
        process.kill()
        complete = 3 + len(process.stdout.read().split())
    check(tmp_path, range(complete), complete + 1)
