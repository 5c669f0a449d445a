"""Measures other tools on the same edits in the same go: ``python -m benchmarks.peers --peers DIR``.

DIR has the workloads as each tool's user writes them, and ``bench.py``, which runs ten versions of one in fresh
processes: plain Python, hand-written store-all, Apache Hamilton, joblib.Memory and redun with their caches, an oracle
(one process, serial, earlier results in memory), and bare (the imports alone: the floor of every fresh process). They
get an environment of their own, of DIR's ``requirements.txt``, in a temporary folder. Ours is told as engine time (from
handing the plan over to the last result), and as a user has it: from the saved text to the last result, by a runner
with a warm server, and by the running application through its API and its socket. All take turns, workload by workload;
ours rests between two versions as somebody who edits does (``engine.PAUSE``). Their Census takes "?" for a category as
any other, so ours does here too, and has to come to the same metrics, digit for digit; with ``--as-scheduled`` it is
missing, as in the schedule, and other models are fitted than theirs.
Peak memory of the first and the last version, computed as a whole, is held against plain Python's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import memory
from benchmarks.schedules import Version, engine, versions
from benchmarks.schedules.engine import Iteration
from tests.data import data_folder
from tests.stack import Stack
from workflows.execution.warmserver import WarmServer

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "peers.json"
WORKLOADS = {"census": "adult", "mentions": "gmb", "digits": "mnist"}
ALWAYS = ("plain", "store-all", "hamilton", "oracle", "bare")
SLOW = {"joblib": ("census", "digits"), "redun": ("census", "digits")}  # mentions: minutes a repetition, or no end
TOOLS = (*ALWAYS, *SLOW)
NO_TOOL = ("plain", "oracle", "bare")
OURS, RUNNER, APPLICATION = "HelixWeb: engine", "HelixWeb: runner", "HelixWeb: application"
FASTER = {"census": 3.0, "mentions": 2.0, "digits": 2.0}  # than the fastest tool, from edit to result
MEASURED = (1, 10)  # the versions whose memory is
EVALUATION = 0.15  # seconds from an edit of the evaluation to its result
AS_THEIRS = {"census": ('na="?"', "na=()")}  # what is written in our texts instead, to do the same work as the tools

Seconds = dict[str, list[list[float]]]
"""Way → repetitions → versions."""
Results = dict[str, list[list[str]]]
"""Way → versions → the values of the metrics, sorted, since not all call them the same."""


def main() -> int:
    options = arguments()
    data = data_folder()
    told: dict[str, Any] = {"cores": os.cpu_count(), "load": [os.getloadavg()[0]], "repetitions": options.reps}
    held = True
    with tempfile.TemporaryDirectory(prefix="peers-") as folder, WarmServer() as warm:
        peers = Peers(options.peers, options.environment, Path(folder), data)
        for workload in options.workloads:
            found = measured(workload, tools_for(workload, options), options, peers, data, warm)
            inside, outside, by_hand, results = found
            held &= report(workload, inside, outside)
            if workload in AS_THEIRS and not options.as_scheduled:
                held &= agreed(results)
            told[workload] = {"in process": inside, "edit to result": outside}
            if by_hand:
                peaks = memory.peaks(workload, MEASURED, data)
                held &= remembered(peaks, by_hand)
                told[workload]["peak MB"] = {"by hand": by_hand, "HelixWeb": peaks}
    told["load"].append(os.getloadavg()[0])
    options.out.write_text(json.dumps(told, indent=1) + "\n")
    return 0 if held else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--peers", type=Path, required=True, metavar="DIR", help="the folder of bench.py and workloads/"
    )
    parser.add_argument("--workloads", nargs="+", choices=[*WORKLOADS], default=[*WORKLOADS], help="all unless given")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=[*TOOLS], help="all unless given")
    parser.add_argument("--all", action="store_true", help="joblib on mentions too, which takes minutes")
    parser.add_argument("--reps", type=int, default=1, help="repetitions; medians are told")
    parser.add_argument("--environment", type=Path, metavar="DIR", help="where the tools are, or are to be, installed")
    parser.add_argument("--as-scheduled", action="store_true", help='Census with "?" missing, other than the tools')
    parser.add_argument("--no-application", action="store_true", help="leave out the running application")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the JSON")
    return parser.parse_args()


def tools_for(workload: str, options: argparse.Namespace) -> list[str]:
    def runs(tool: str) -> bool:
        return workload in SLOW.get(tool, WORKLOADS) or (options.all and tool == "joblib")

    return [tool for tool in options.tools if runs(tool)]


class Peers:
    """The other tools, in an environment of their own; ``source`` is only read."""

    def __init__(self, source: Path, environment: Path | None, folder: Path, data: Path) -> None:
        self._folder = folder
        self._data = data
        self._scripts = folder / "scripts"
        shutil.copytree(source, self._scripts, ignore=shutil.ignore_patterns("__pycache__"))
        self._python = (environment or folder / "environment") / "bin" / "python"
        if not self._python.exists():
            say("the tools are installed")
            plain = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
            uv = Path(sys.executable).with_name("uv")
            made = self._python.parent.parent
            wanted = ["--python", str(self._python), "-r", str(source / "requirements.txt")]
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, made], env=plain, check=True)
            subprocess.run([uv, "pip", "install", "--quiet", *wanted], env=plain, check=True)

    def run(self, workload: str, tool: str) -> list[dict[str, Any]]:
        """What ``bench.py`` says of each version: ``inproc`` and ``wall`` seconds, ``rss``, ``metrics``."""
        out = self._folder / "out.jsonl"
        out.unlink(missing_ok=True)
        command = [str(self._python), "bench.py", "--work", str(self._folder / "work"), "--out", str(out)]
        command += ["--data", str(self._data), "--workloads", WORKLOADS[workload], "--tools", tool, "--reps", "1"]
        if tool == "bare":  # the same each time
            command += ["--iterations", "3"]
        subprocess.run(command, cwd=self._scripts, stdout=subprocess.DEVNULL, check=True)
        return [json.loads(line) for line in out.read_text().splitlines()]


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


def texts_of(workload: str, *, as_scheduled: bool) -> list[Version]:
    """The versions of ours that do the same work as the tools."""
    if as_scheduled or workload not in AS_THEIRS:
        return versions(workload)
    return [replace(version, text=version.text.replace(*AS_THEIRS[workload])) for version in versions(workload)]


def measured(
    workload: str, tools: Sequence[str], options: argparse.Namespace, peers: Peers, data: Path, warm: WarmServer
) -> tuple[Seconds, Seconds, list[float], Results]:
    """In-process seconds of each way; those from an edit to its result: the wall time of a fresh process, and ours with
    everything warm; the peak MB of plain Python for the versions whose memory is measured; and what came out."""
    texts = texts_of(workload, as_scheduled=options.as_scheduled)
    inside: Seconds = defaultdict(list)
    by_hand: list[float] = []
    results: Results = {}
    outside: Seconds = defaultdict(list)
    for repetition in range(options.reps):
        ways = [*tools, OURS] + ([] if options.no_application else [APPLICATION])
        for place in range(len(ways)):
            way = ways[(place + repetition) % len(ways)]
            if way == OURS:
                found = ours(workload, texts, data, warm)
                results[way] = [_words(one.outputs) for one in found]
                inside[OURS].append([one.seconds for one in found])
                outside[RUNNER].append([one.shown for one in found])
            elif way == APPLICATION:
                outside[APPLICATION].append(application(texts, data))
            else:
                rows = peers.run(workload, way)
                inside[way].append([row["inproc"] for row in rows])
                if way == "plain":
                    by_hand = [rows[number - 1]["rss"] / 1e6 for number in MEASURED]
                if way != "bare":
                    results[way] = [_words(row["metrics"]) for row in rows]
                if way != "oracle":  # which starts once
                    outside[way].append([row["wall"] for row in rows])
            latest = (inside.get(way) or outside[way])[-1]
            say(f"{workload}  {repetition + 1}  {way:22} {sum(latest):7.2f} s in {len(latest)} versions")
    return inside, outside, by_hand, results


def ours(workload: str, texts: Sequence[Version], data: Path, warm: WarmServer) -> list[Iteration]:
    with tempfile.TemporaryDirectory(prefix="ours-") as folder:
        return list(engine.iterations(workload, texts, data, Path(folder), warm))


def _words(metrics: Mapping[str, Any]) -> list[str]:
    return sorted(map(repr, metrics.values()))


def agreed(results: Results) -> bool:
    """Print with whom we agree on all metrics of all versions. Whether it is everybody."""
    held = True
    for way in results:
        if way != OURS:
            same = sum(mine == theirs for mine, theirs in zip(results[OURS], results[way], strict=True))
            held &= same == len(results[OURS])
            print(f"{'held  ' if same == len(results[OURS]) else 'MISSED'} the same metrics as {way}: {same} versions")
    sys.stdout.flush()
    return held


def application(texts: Sequence[Version], data: Path) -> list[float]:
    """Seconds from sending an edited text to having its last result, for each version, in a running application."""
    seconds = []
    with tempfile.TemporaryDirectory(prefix="application-") as folder:
        stack = Stack(Path(folder) / "var", data)
        try:
            client = stack.client()
            workflow = client.created()["id"]
            warmed = client.started(
                workflow, 'rows = Dataset("iris")\nn = Reducer(rows, lambda rows: len(rows))\nOutput(n)\n'
            )
            assert client.finished(warmed["id"])["status"] == "succeeded"
            with stack.socket(client) as socket:
                for version in texts:
                    time.sleep(engine.PAUSE)
                    began = time.perf_counter()
                    run = client.started(workflow, version.text)["id"]
                    last = began
                    for numbered in socket.follow(run):
                        if numbered["event"]["type"] == "run_finished":
                            assert numbered["event"]["status"] == "succeeded", numbered
                        elif numbered["event"]["type"] in ("node_finished", "value_made", "metric_recorded"):
                            last = time.perf_counter()
                    seconds.append(last - began)
                    client.finished(run)
        finally:
            stack.stop()
    return seconds


def total(repetitions: Iterable[Sequence[float]]) -> float:
    return statistics.median(map(sum, repetitions))


def by_version(repetitions: Sequence[Sequence[float]]) -> list[float]:
    return [statistics.median(same) for same in zip(*repetitions, strict=True)]


def report(workload: str, inside: Seconds, outside: Seconds) -> bool:
    """Print the tables of a workload. Whether all that is claimed of it holds."""
    bare = statistics.median(by_version(outside["bare"])) if "bare" in outside else None
    table(workload, "in-process seconds", {way: inside[way] for way in inside if way != "bare"})
    table(workload, "seconds from an edit to its result", {way: outside[way] for way in outside if way != "bare"})
    if bare is not None:
        print(f"{'a bare process':36}{bare:9.3f}")
        for way in outside:
            if way not in ("bare", RUNNER, APPLICATION):
                less = total(outside[way]) - bare * len(outside[way][0])
                print(f"{f'{way}, less bare starts, all ten':36}{less:9.2f}")
    checks = [*engine_checks(inside), *edit_checks(workload, outside)]
    for what, value, held in checks:
        print(f"{'held  ' if held else 'MISSED'} {what}: {value}")
    if "oracle" in inside:
        print(f"       engine time of the serial oracle's: {total(inside[OURS]) / total(inside['oracle']):.2f}")
    sys.stdout.flush()
    return all(held for _, _, held in checks)


def table(workload: str, what: str, ways: Mapping[str, Sequence[Sequence[float]]]) -> None:
    print(f"\n{workload}: {what}")
    print(f"{'':36}" + "".join(f"{way.removeprefix('HelixWeb: '):>12}" for way in ways))
    columns = {way: by_version(ways[way]) for way in ways}
    for number, version in enumerate(versions(workload)):
        row = "".join(f"{column[number]:12.3f}" for column in columns.values())
        print(f"{number + 1:2} {version.kind:3} {version.what:30.30}{row}")
    print(f"{'all ten':36}" + "".join(f"{total(ways[way]):12.2f}" for way in ways))


def remembered(found: Sequence[float], by_hand: Sequence[float]) -> bool:
    """Print what memory was taken. Whether it is as much as it may be."""
    held = True
    for number, mine, theirs in zip(MEASURED, found, by_hand, strict=True):
        fits = mine <= memory.allowed(theirs)
        held &= fits
        bound = f"≤ {memory.FACTOR} × by hand + {memory.ALLOWED:.0f} MB"
        print(
            f"{'held  ' if fits else 'MISSED'} version {number}, peak memory {bound}: {mine:.0f} : {theirs:.0f} MB",
            flush=True,
        )
    return held


def engine_checks(inside: Seconds) -> Iterable[tuple[str, str, bool]]:
    mine = total(inside[OURS])
    for tool in inside:
        if tool not in (*NO_TOOL, OURS):
            theirs = total(inside[tool])
            yield (
                f"engine time over ten versions below {tool}'s in-process",
                f"{mine:.2f} : {theirs:.2f}",
                mine < theirs,
            )


def edit_checks(workload: str, outside: Seconds) -> Iterable[tuple[str, str, bool]]:
    tools = [total(outside[tool]) for tool in outside if tool not in (*NO_TOOL, RUNNER, APPLICATION)]
    kinds = [version.kind for version in versions(workload)]
    for way in (RUNNER, APPLICATION):
        if way in outside:
            mine = total(outside[way])
            if tools:
                ratio, least = min(tools) / mine, FASTER[workload]
                yield f"{way}: ≥ {least:.0f} × as fast as the fastest tool", f"{ratio:.2f}", ratio >= least
            slowest = max(
                seconds for kind, seconds in zip(kinds, by_version(outside[way]), strict=True) if kind == "PPR"
            )
            yield f"{way}: an evaluation edit ≤ {EVALUATION} s", f"{slowest:.3f} at most", slowest <= EVALUATION


if __name__ == "__main__":
    sys.exit(main())
