"""Tries the cases of a suite in order, remembers where it stopped, and reports what it found."""

from __future__ import annotations

import json
import platform
import time
import traceback
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.soak.suite import Case, Suite, Wrong

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = ROOT / "benchmarks" / "results"
STATE = ROOT / "var" / "soak"
MOST_FAILURES = 5
_SAVED_EVERY = 5.0  # seconds
_CODE = ("workflows", "tests", "examples", "requirements")
_PACKAGES = ("numpy", "pandas", "pyarrow", "scikit-learn", "scipy")


@dataclass
class Failure:
    case: int
    message: str
    reproduction: str


@dataclass
class State:
    """How far a suite has come with one seed and one version of the code."""

    seed: int
    code: str
    next: int = 0
    counted: int = 0
    seconds: float = 0.0
    slowest_case: int = 0
    slowest_seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, seed: int, code: str) -> State:
        """What the file says; a new state where it is of another seed or another version of the code."""
        try:
            known = json.loads(path.read_text())
        except (OSError, ValueError):
            return cls(seed, code)
        if (known["seed"], known["code"]) != (seed, code):
            return cls(seed, code)
        return cls(**{**known, "failures": [Failure(**each) for each in known["failures"]]})

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1))
        fresh.replace(path)


def code_version() -> str:
    """A hash over all code that a case may rest on."""
    found = blake2b(digest_size=8)
    for folder in _CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".txt"):
                found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def try_cases(case: Case, state: State, end: int, *, seconds: float | None = None, path: Path | None = None) -> None:
    """Tries cases from where the state is to ``end``, or until the time is up or too much is wrong."""
    began = saved = time.monotonic()
    before = state.seconds
    while state.next < end and len(state.failures) < MOST_FAILURES:
        now = time.monotonic()
        if seconds is not None and now - began >= seconds:
            break
        if path is not None and now - saved >= _SAVED_EVERY:
            state.write(path)
            saved = now
        _try(case, state)
        state.seconds = before + time.monotonic() - began
    if path is not None:
        state.write(path)


def _try(case: Case, state: State) -> None:
    number, began = state.next, time.monotonic()
    state.next += 1
    try:
        tried = case(number)
    except Exception as error:  # noqa: BLE001  whatever a case raises is what is wrong with it
        reproduction = error.reproduction if isinstance(error, Wrong) else "".join(traceback.format_exception(error))
        state.failures.append(Failure(number, f"{type(error).__name__}: {error}"[:2000], reproduction))
        return
    state.counted += tried.count
    seconds = time.monotonic() - began if tried.seconds is None else tried.seconds
    if seconds > state.slowest_seconds:
        state.slowest_case, state.slowest_seconds = number, seconds


def report(suite: Suite, state: State, folder: Path, end: int) -> dict[str, Any]:
    """Writes what a state came to, of ``end`` cases, as ``soak-<suite>.json``, and returns it."""
    found = {
        "suite": suite.name,
        "property": suite.property,
        "seed": state.seed,
        "cases": state.next,
        "of": end,
        suite.counts: state.counted,
        "failures": [asdict(failure) for failure in state.failures],
        "seconds": round(state.seconds, 1),
        "slowest": {"case": state.slowest_case, "seconds": round(state.slowest_seconds, 4)},
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "code": state.code,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"soak-{suite.name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=True) + "\n")
    return found


def hold(suite: Suite, folder: Path, seed: int) -> State:
    """Tries the suite's slice, as ``make test`` does. Raises AssertionError with what it found."""
    state = State(seed, "")
    with suite.open(folder, seed) as case:
        try_cases(case, state, suite.slice)
    told = [f"case {one.case}: {one.message}\n{one.reproduction}" for one in state.failures]
    assert not told, f"python -m tests.soak {suite.name} --seed {seed} --case {state.failures[0].case}\n" + "\n".join(
        told
    )
    return state
