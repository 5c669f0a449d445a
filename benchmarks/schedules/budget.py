"""Measures policies where keeping costs: ``python -m benchmarks.schedules.budget``.

The store may hold a quarter of what ``all`` would store, and reads and writes 50 MB a second. An iteration counts from
the text to when all that is kept is durable; engine time is told beside it. Policies take turns; medians. Tables on
standard output, and all of it in ``benchmarks/results/budget.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.schedules import EDITS, engine, versions
from benchmarks.schedules.__main__ import RESULTS, check_same, say
from benchmarks.schedules.engine import Iteration
from tests.data import data_folder
from workflows.execution.warmserver import WarmServer
from workflows.optimizer.materialize import Policy
from workflows.store.eviction import Budget
from workflows.store.filesystem import FileStore

POLICIES: tuple[Policy, ...] = ("adaptive", "all", "helix", "lru")
SHARE, SPEED = 0.25, 50e6  # of what ``all`` stores; bytes a second
BETTER = 0.90  # of the others' time: what ``adaptive`` may take


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.schedules.budget", description=__doc__)
    parser.add_argument("--workloads", nargs="+", choices=[*EDITS], default=["mentions", "digits"])
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=[*POLICIES], help="all four unless given")
    parser.add_argument("--reps", type=int, default=3, help="repetitions; medians are told")
    parser.add_argument("--out", type=Path, default=RESULTS.with_name("budget.json"), help="the JSON")
    options = parser.parse_args()
    told: dict[str, Any] = {"cores": os.cpu_count(), "load": [os.getloadavg()[0]], "repetitions": options.reps}
    held = True
    with WarmServer() as warm:
        for workflow in options.workloads:
            runs, budget = measured(workflow, options.policies, options.reps, warm)
            held &= report(workflow, runs, budget)
            iterations = {policy: [[one.told() for one in same] for same in runs[policy]] for policy in runs}
            told[workflow] = {"budget": budget, "policies": iterations}
    told["load"].append(os.getloadavg()[0])
    options.out.write_text(json.dumps(told, indent=1) + "\n")
    return 0 if held else 1


def measured(
    workflow: str, policies: Sequence[Policy], repetitions: int, warm: WarmServer
) -> tuple[dict[str, list[list[Iteration]]], float]:
    """What each policy took, and the budget in bytes."""
    data, texts = data_folder(), versions(workflow)

    def worked(policy: Policy, **options: Any) -> list[Iteration]:
        with tempfile.TemporaryDirectory(prefix="budget-") as folder:
            store_in = partial(FileStore, **options)
            return list(engine.iterations(workflow, texts, data, Path(folder), warm, policy, store_in))

    everything = worked("all")
    budget = SHARE * everything[-1].stored
    say(f"{workflow}  all stores {everything[-1].stored / 1e6:.1f} MB; the budget is {budget / 1e6:.1f} MB")
    runs: dict[str, list[list[Iteration]]] = defaultdict(list)
    for repetition in range(repetitions):
        for place in range(len(policies)):
            policy = policies[(place + repetition) % len(policies)]
            found = worked(policy, budget=Budget(bytes=budget), throttle=SPEED)
            runs[policy].append(found)
            check_same(workflow, policy, found, everything)
            say(f"{workflow}  {repetition + 1}  {policy:9} {sum(one.durable for one in found):7.2f} s")
    return runs, budget


def report(workflow: str, runs: Mapping[str, Sequence[Sequence[Iteration]]], budget: float) -> bool:
    """Print the tables of a workflow. Whether ``adaptive`` is as much better than the others as it must be."""
    print(f"\n{workflow}: budget of {budget / 1e6:.1f} MB, store of {SPEED / 1e6:.0f} MB/s; seconds until durable")
    print(f"{'':42}" + "".join(f"{policy:>10}" for policy in runs))
    for number, version in enumerate(versions(workflow)):
        cells = [statistics.median(one[number].durable for one in same) for same in runs.values()]
        print(f"{number + 1:2} {version.kind:3} {version.what:36}" + "".join(f"{cell:10.3f}" for cell in cells))
    durable = {policy: statistics.median(sum(one.durable for one in same) for same in runs[policy]) for policy in runs}
    seconds = {policy: statistics.median(sum(one.seconds for one in same) for same in runs[policy]) for policy in runs}
    stored = {policy: statistics.median(same[-1].stored / 1e6 for same in runs[policy]) for policy in runs}
    print(f"       {'all ten':36}" + "".join(f"{durable[policy]:10.2f}" for policy in runs))
    print(f"       {'engine seconds':36}" + "".join(f"{seconds[policy]:10.2f}" for policy in runs))
    print(f"       {'MB stored':36}" + "".join(f"{stored[policy]:10.1f}" for policy in runs))
    held = True
    for policy in (policy for policy in runs if policy != "adaptive" and "adaptive" in runs):
        ratio = durable["adaptive"] / durable[policy]
        held &= ratio <= BETTER
        print(f"       adaptive of {policy}: {ratio:.2f} {'' if ratio <= BETTER else f'MISSED: ≤ {BETTER:.2f}'}")
    sys.stdout.flush()
    return held


if __name__ == "__main__":
    sys.exit(main())
