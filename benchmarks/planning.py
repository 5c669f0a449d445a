"""Measures signing, slicing and planning of large graphs: ``python -m benchmarks.planning``.

Deep, wide and random graphs of 1,000 and 10,000 nodes; with nothing known, with everything stored, and with a store in
which all loads are dearer than computing, so that next to nothing is decided before the cut. Seconds of processor time
(it is one thread, and waits for nothing), the best of several runs.
"""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflows.errors import Span
from workflows.graph.dag import Dag, Input, Node, NodeName, ParamValue, PartGraph
from workflows.graph.parts import parts_of
from workflows.graph.signature import sign
from workflows.graph.slice import wanted_parts
from workflows.hashing import Digest, Signature
from workflows.optimizer.costs import CostModel
from workflows.optimizer.history import Previous
from workflows.optimizer.plan import plan_run
from workflows.ports import Record

RESULTS = Path(__file__).resolve().parent / "results" / "planning.json"
SIZES = (1_000, 10_000)
REPEATS = 5
BOUNDS = {1_000: 0.020, 10_000: 0.300}  # seconds, on two cores with nothing else to do


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
        span=Span(place + 1, 1, place + 1, 20),
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


def best(action: Callable[[], Any]) -> float:
    def once() -> float:
        gc.collect()
        began = time.process_time()
        action()
        return time.process_time() - began

    return min(once() for _ in range(REPEATS))


def measure(size: int, shape: str, state: str) -> dict[str, Any]:
    graph: PartGraph = parts_of(dag(size, shape))
    sliced = wanted_parts(graph)
    signatures = sign(sliced, {})
    known = records([signature for signature in signatures.values() if signature is not None], state)
    previous = Previous(sliced, signatures)
    seconds = {
        "slice": best(lambda: wanted_parts(graph)),
        "sign": best(lambda: sign(sliced, {})),
        "plan": best(lambda: plan_run(sliced, signatures, known, costs=CostModel(), previous=previous, cores=2)),
    }
    return {
        "nodes": size,
        "shape": shape,
        "state": state,
        **seconds,
        "sum": sum(seconds.values()),
        "bound": BOUNDS[size],
    }


def main() -> None:
    rows = [
        measure(size, shape, state)
        for size in SIZES
        for shape in ("deep", "wide", "random")
        for state in ("nothing known", "everything stored", "dear loads")
    ]
    print(f"{'nodes':>6}  {'shape':7} {'state':18} {'slice':>7} {'sign':>7} {'plan':>7} {'sum':>7}   ms")
    for row in rows:
        times = " ".join(f"{row[name] * 1e3:7.1f}" for name in ("slice", "sign", "plan", "sum"))
        over = "  over its bound" if row["sum"] > row["bound"] else ""
        print(f"{row['nodes']:>6}  {row['shape']:7} {row['state']:18} {times}{over}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
