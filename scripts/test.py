"""Runs every check and every test, and says of each how it ended: what `make test` calls after the set-up.

Static checks run two at a time, for they share nothing; the Python tests run on two processes, and those that touch
tables once more on PostgreSQL; the tests that drive a browser run last, alone, so that what they wait for is not slowed
by the others. Everything is run even where something fails. Exit status 1 where anything failed. With --static, the
static checks alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
NODE = str(ROOT / "scripts" / "node")


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    folder: Path = ROOT


@dataclass(frozen=True)
class Outcome:
    step: Step
    passed: bool
    seconds: float
    output: str


STATIC = (
    Step("mypy --strict", (str(BIN / "mypy"),)),
    Step("ruff check", (str(BIN / "ruff"), "check", "--quiet")),
    Step("ruff format", (str(BIN / "ruff"), "format", "--check", "--quiet")),
    Step("import directions", (str(BIN / "lint-imports"), "--no-cache")),
    Step("migrations are current", (str(BIN / "python"), "manage.py", "makemigrations", "--check", "--dry-run")),
    Step("eslint and tsc", (NODE, "npm", "run", "lint", "--silent"), ROOT / "frontend"),
    Step("vitest", (NODE, "npm", "test", "--silent"), ROOT / "frontend"),
)
PYTEST = (str(BIN / "python"), "-m", "pytest", "tests")
TWO = ("-n", "2", "--dist", "loadgroup", "--durations", "8")
# What reads and writes tables, and the running application: once more on a PostgreSQL server of the tests' own.
TABLES = (
    "tests/metrics",
    "tests/snapshots",
    "tests/versions",
    "tests/workflows/test_api.py",
    "tests/workflows/test_catalog.py",
    *(f"tests/helixweb/test_{name}.py" for name in ("auth", "backfills", "datasets", "exploring", "git")),
    *(f"tests/helixweb/test_{name}.py" for name in ("refusals", "runs", "sink", "socket", "versioned")),
)
ON_POSTGRESQL = (str(BIN / "python"), "-m", "tests.postgres", str(BIN / "python"), "-m", "pytest", *TABLES, *TWO)
TESTS = (
    Step("pytest", (*PYTEST, "-m", "not browser", *TWO)),
    Step("pytest on PostgreSQL", ON_POSTGRESQL),
    Step("pytest in the browser", (*PYTEST, "-m", "browser", "--durations", "8")),
)


def run(step: Step) -> Outcome:
    began = time.monotonic()
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        step.command,
        cwd=step.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    outcome = Outcome(step, done.returncode == 0, time.monotonic() - began, done.stdout)
    mark = "ok  " if outcome.passed else "FAIL"
    print(f"{mark} {step.name} ({outcome.seconds:.0f} s)", flush=True)
    if not outcome.passed or step in TESTS:
        print(outcome.output, flush=True)
    return outcome


def main() -> int:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, STATIC))
    if "--static" not in sys.argv:
        outcomes += [run(step) for step in TESTS]
    failed = [outcome.step.name for outcome in outcomes if not outcome.passed]
    seconds = sum(outcome.seconds for outcome in outcomes)
    print(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} steps passed ({seconds:.0f} s of work)"
        + "".join(f"\n  failed: {name}" for name in failed)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
