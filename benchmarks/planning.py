"""Measures compiling, signing, slicing and planning against size: ``python -m benchmarks.planning``.

Deep, wide and random graphs of 100 to 10,000 nodes. Texts: compiled as the first (*cold*); after a line was edited in
the middle, and after one was put in at the top, each with all that the page needs for it (*edited*, *inserted*:
compile, sign, slice and plan). Up to 1,000 nodes have a statement each; 10,000, more than texts of 64 kB have room for,
are made by one comprehension, and so are all new after any edit of it. Graphs: sign, slice and plan with nothing known,
with everything stored, and with loads dearer than computing, so that next to nothing is decided before the cut.

Milliseconds of processor time (it is one thread, and waits for nothing), the median of several runs, which take turns.
The table is printed, and written to ``benchmarks/results/planning.json`` with the machine's load.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from workflows.compiler import compile_workflow, files
from workflows.graph.dag import Dag, Input, Node, NodeName, ParamValue, PartGraph
from workflows.graph.parts import parts_of
from workflows.graph.signature import sign
from workflows.graph.slice import wanted_parts
from workflows.hashing import Digest, Signature
from workflows.optimizer.costs import CostModel
from workflows.optimizer.history import Previous
from workflows.optimizer.plan import plan_run
from workflows.ports import Record
from workflows.recall import forget

RESULTS = Path(__file__).resolve().parent / "results" / "planning.json"
SIZES = (100, 1_000, 10_000)
SHAPES = ("deep", "wide", "random")
STATES = ("nothing known", "everything stored", "dear loads")
REPEATS = 5
# Milliseconds, on two cores with nothing else to do.
PLAN_BOUNDS = {1_000: 20.0, 10_000: 300.0}
COLD_BOUNDS = {1_000: 100.0, 10_000: 1_200.0}
EDIT_BOUNDS = {1_000: 30.0}
_NESTED = 20  # operators in each item of the comprehension: what a loop does by itself takes steps as well
_START = 'data = FileSource(train="a.csv", test="b.csv")\nrows = CSVScanner(data)\nn0 = Field(rows, "a")\n'


def text_of(size: int, shape: str) -> str:
    """A text of about ``size`` nodes, most of which have two or three parts."""
    if size > SIZES[1]:
        item = "n0"
        for _ in range(_NESTED):
            item = f"Scale({item})"
        return f"{_START}made = [{item} for i in range({size // _NESTED})]\nlast = Scale(n0)\nOutput(*made, last)\n"
    draw = random.Random(size)
    lines = []
    for place in range(1, size - 3):
        if shape == "deep":
            call = f"Scale(n{place - 1})" if place % 2 else f"Impute(n{place - 1})"
        elif shape == "wide":
            call = f'Field(rows, "c{place}")' if place % 3 else f"Bucketizer(n0, bins={place + 1})"
        else:
            call = f"Interaction(n{draw.randrange(place)}, n{draw.randrange(place)})"
        lines.append(f"n{place} = {call}")
    named = ", ".join(f"n{place}" for place in range(size - 3)) if shape != "deep" else f"n{size - 4}"
    return f"{_START}{chr(10).join(lines)}\nlast = Examples(rows, features=[{named}], label=n0)\nOutput(last)\n"


def edited(text: str, number: int) -> str:
    """The text with the statement in its middle made another one, each ``number`` a new one."""
    lines = text.split("\n")
    place = len(lines) // 2 if len(lines) > 10 else 3
    name = lines[place].split(" = ")[0]
    lines[place] = (
        f"{name} = Bucketizer(n0, bins={10_000 + number})"
        if name != "made"
        else lines[place].replace("Scale(n0)", f"Scale(Bucketizer(n0, bins={10_000 + number}))")
    )
    return "\n".join(lines)


def ready(text: str, previous: Previous | None) -> tuple[PartGraph, Mapping[Any, Signature | None]]:
    """All that the page needs of a text, but for the file system and the catalog."""
    compiled = compile_workflow(text)
    assert compiled.parts is not None, compiled.diagnostics[:3]
    assert compiled.dag is not None
    data = {(file.node, file.split): file.split for file in files(compiled.dag)}
    signatures = sign(compiled.parts, data)
    plan_run(compiled.parts, signatures, {}, costs=CostModel(), previous=previous, cores=2)
    return compiled.parts, signatures


def measure_text(size: int, shape: str) -> dict[str, Any]:
    text = text_of(size, shape)
    numbers = itertools.count()
    previous = Previous(*ready(text, None))

    def cold() -> None:
        forget()
        compile_workflow(text)

    ways = {
        "cold": cold,
        "edited": lambda: ready(edited(text, next(numbers)), previous),
        "inserted": lambda: ready(f"# {next(numbers)}\n{text}", previous),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(REPEATS):
        for way, action in ways.items():
            times[way].append(timed(action))
            ready(text, previous)  # an edit comes after a text of which all was shown
    found = {way: statistics.median(taken) for way, taken in times.items()}
    bounds = {"cold": COLD_BOUNDS.get(size), "edited": EDIT_BOUNDS.get(size), "inserted": EDIT_BOUNDS.get(size)}
    return {"nodes": size, "shape": shape, **found, "bounds": bounds}


def timed(action: Callable[[], Any]) -> float:
    gc.collect()
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1e3


def dag(size: int, shape: str) -> Dag:
    """``size`` nodes of one split each over one source; outputs are the nodes that none reads."""
    draw = random.Random(size)
    nodes: dict[NodeName, Node] = {}
    names: list[NodeName] = []
    read: set[NodeName] = set()
    for place in range(size):
        if place == 0:
            above: list[NodeName] = []
        elif shape == "deep":
            above = names[-1:]
        elif shape == "wide":
            above = names[:1] if place < size - 1 else names[1:]
        else:
            above = sorted({draw.choice(names) for _ in range(draw.randint(1, 5))})
        name = NodeName(f"n{place}")
        nodes[name] = _node(name, place, above)
        names.append(name)
        read.update(above)
    return Dag(nodes, tuple(name for name in names if name not in read))


def _node(name: NodeName, place: int, above: list[NodeName]) -> Node:
    params: dict[str, ParamValue] = {"place": place} if above else {"name": "digits"}
    return Node(
        name=name,
        operator="Map" if above else "Dataset",
        params=params,
        inputs=tuple(Input("rows", item, None, index) for index, item in enumerate(above)),
        splits=("all",),
        basis=None,
        seed=None,
        cache=True,
        label=name,
    )


def records(signatures: list[Signature], state: str) -> dict[Signature, Record]:
    draw = random.Random(0)
    if state == "nothing known":
        return {}
    known = {}
    for signature in signatures:
        compute = 10 ** draw.uniform(-3, 1)
        load = compute + 10 ** draw.uniform(-3, 1) if state == "dear loads" else compute / 10
        known[signature] = Record(signature, "Map", compute, 1000, 1000, Digest("d"), "arrow", load, 0.0)
    return known


def measure_graph(size: int, shape: str) -> Iterator[dict[str, Any]]:
    graph: PartGraph = parts_of(dag(size, shape))
    sliced = wanted_parts(graph)
    signatures = sign(sliced, {})
    previous = Previous(sliced, signatures)

    def anew() -> None:
        forget()
        sign(sliced, {})

    for state in STATES:
        known = records([signature for signature in signatures.values() if signature is not None], state)
        ways: dict[str, Callable[[], Any]] = {
            "slice": lambda: wanted_parts(graph),
            "sign": anew,
            "plan": partial(plan_run, sliced, signatures, known, costs=CostModel(), previous=previous, cores=2),
        }
        times = {way: statistics.median([timed(action) for _ in range(REPEATS)]) for way, action in ways.items()}
        bounds = {"sum": PLAN_BOUNDS.get(size)}
        yield {"nodes": size, "shape": shape, "state": state, **times, "sum": sum(times.values()), "bounds": bounds}


def told(row: dict[str, Any], *columns: str) -> str:
    """The columns, those over their bounds marked."""
    cells = []
    for name in columns:
        bound = row["bounds"].get(name)
        cells.append(f"{row[name]:9.1f}{'!' if bound is not None and row[name] > bound else ' '}")
    return "".join(cells)


def main() -> None:
    load = [os.getloadavg()[0]]
    print(
        f"{'nodes':>6}  {'shape':7}{'cold':>9} {'edited':>9} {'inserted':>9}  edited : cold    (ms; ! over its bound)"
    )
    texts = []
    for size, shape in itertools.product(SIZES, SHAPES):
        if size in SIZES[:2] or (size == SIZES[-1] and shape == "wide"):
            row = measure_text(size, shape)
            texts.append(row)
            ratio = row["edited"] / row["cold"]
            print(f"{size:>6}  {shape:7}{told(row, 'cold', 'edited', 'inserted')} {ratio:8.2f}", flush=True)
    print(f"\n{'nodes':>6}  {'shape':7} {'state':18}{'slice':>9} {'sign':>9} {'plan':>9} {'sum':>9}")
    graphs = []
    for size, shape in itertools.product(SIZES, SHAPES):
        for row in measure_graph(size, shape):
            graphs.append(row)
            print(f"{size:>6}  {shape:7} {row['state']:18}{told(row, 'slice', 'sign', 'plan', 'sum')}", flush=True)
    load.append(os.getloadavg()[0])
    RESULTS.parent.mkdir(exist_ok=True)
    found = {"cores": os.cpu_count(), "load": load, "repeats": REPEATS, "texts": texts, "graphs": graphs}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
