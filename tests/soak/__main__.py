"""The command: ``python -m tests.soak [SUITE…] [--seed N] [--cases N] [--seconds S] [--case I]``.

One suite is tried in this process, from where it stopped; several (all, where none is named) each in a process of its
own, two at a time. ``--case`` tries one case again and shows what is wrong. Exit status 1 where anything failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.soak.harness import RESULTS, ROOT, STATE, State, code_version, report, try_cases
from tests.soak.suite import SEED, Suite, Wrong
from tests.soak.suites import SUITES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cases", type=int, help="how many cases, instead of all of the long form")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds; the next time goes on from there")
    parser.add_argument("--case", type=int, help="try this case alone")
    parser.add_argument("--jobs", type=int, default=2, help="how many suites at a time")
    parser.add_argument("--report", type=Path, default=RESULTS, help="the folder for the reports")
    parser.add_argument("--anew", action="store_true", help="begin with the first case")
    options = parser.parse_args()
    names = options.suites or list(SUITES)
    if len(names) > 1:
        return _each_in_its_process(names, options.jobs)
    suite = SUITES[names[0]]
    with tempfile.TemporaryDirectory(prefix="helix-soak-") as folder:
        if options.case is not None:
            return _one_case(suite, Path(folder), options.seed, options.case)
        return _cases(suite, Path(folder), options)


def _each_in_its_process(names: list[str], jobs: int) -> int:
    given = [word for word in sys.argv[1:] if word not in names]

    def run(name: str) -> int:
        return subprocess.run([sys.executable, "-m", "tests.soak", name, *given], cwd=ROOT, check=False).returncode

    with ThreadPoolExecutor(jobs) as pool:
        return max(pool.map(run, names))


def _cases(suite: Suite, folder: Path, options: argparse.Namespace) -> int:
    path, end = STATE / f"{suite.name}.json", options.cases or suite.cases
    code = code_version()
    state = State(options.seed, code) if options.anew else State.read(path, options.seed, code)
    with suite.open(folder, options.seed) as case:
        try_cases(case, state, end, seconds=options.seconds, path=path)
    found = report(suite, state, options.report, end)
    print(
        f"{suite.name}: {found['cases']:,} of {end:,} cases, {state.counted:,} {suite.counts}, "
        f"{len(state.failures)} failed; {state.seconds:.0f} s, the slowest {state.slowest_seconds:.3f} s "
        f"(case {state.slowest_case})",
        flush=True,
    )
    for failure in state.failures:
        print(f"  case {failure.case}: {failure.message}", flush=True)
    return 1 if state.failures else 0


def _one_case(suite: Suite, folder: Path, seed: int, number: int) -> int:
    with suite.open(folder, seed) as case:
        try:
            tried = case(number)
        except Wrong as wrong:
            print(f"{wrong}\n{wrong.reproduction}")
            return 1
    print(f"case {number} holds: {tried}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
