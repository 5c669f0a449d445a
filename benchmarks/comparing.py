"""Measures how long two versions take to be compared, against size: ``python -m benchmarks.comparing``.

Two versions of 100 and of 1,000 nodes, committed to a git repository and run, in a SQLite database of its own. Through
the API's own code, from the request to the JSON: *first*, when neither version was compiled in this process; *again*,
when both were; and *renamed*, where every node of the later one has another name. A tenth of the nodes differ.

Milliseconds on the clock, the median of several requests; *busy* is the processor's time of the first. The table is
printed, and written to ``benchmarks/results/comparing.json`` with the machine's load.
"""

from __future__ import annotations

import gc
import json
import os
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

RESULTS = Path(__file__).resolve().parent / "results" / "comparing.json"
SIZES = (100, 1_000)
REPEATS = 7
BOUNDS = {1_000: 1_000.0}  # milliseconds, on two cores with nothing else to do
TENTH = 10


def text_of(size: int) -> str:
    """A text of ``size`` nodes: columns, and what is made of them."""
    lines = ['data = FileSource(train="a.csv", test="b.csv")', "rows = CSVScanner(data)", 'n0 = Field(rows, "a")']
    for place in range(1, size - 3):
        made = f"Interaction(n{place - 1}, n{place * 7 // 11})" if place % 3 else f'Field(rows, "c{place}")'
        lines.append(f"n{place} = {made}" if place % 5 else f"n{place} = Bucketizer(n{place - 1}, bins={place + 1})")
    named = ", ".join(f"n{place}" for place in range(size - 3))
    return "\n".join((*lines, f"last = Examples(rows, features=[{named}], label=n0)", "Output(last)\n"))


def edited(text: str) -> str:
    """The text with every tenth of its lines another one."""
    lines = text.split("\n")
    for place in range(TENTH, len(lines) - TENTH, TENTH):
        name = lines[place].split(" = ")[0]
        lines[place] = f"{name} = Bucketizer(n0, bins={10_000 + place})"
    return "\n".join(lines)


def renamed(text: str) -> str:
    """The text with another name for every node that is numbered."""
    return re.sub(r"\bn(\d+)\b", r"m\1", text)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HELIX_HOME=home, HELIX_DATA=home, DJANGO_SETTINGS_MODULE="helixweb.settings")
        os.environ.pop("HELIX_DATABASE", None)
        measured = measure()
    print(
        f"{'nodes':>6} {'first':>9} {'busy':>9} {'again':>9} {'renamed':>9} {'JSON':>9}    (ms, kB; ! over its bound)"
    )
    for row in measured["sizes"]:
        cells = [f"{row[way]:9.1f}{'!' if row['bound'] and row[way] > row['bound'] else ' '}" for way in WAYS]
        print(f"{row['nodes']:>6} {''.join(cells)}{row['kilobytes']:9.0f}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(measured, indent=1) + "\n")


WAYS = ("first", "busy", "again", "renamed")


def measure() -> dict[str, Any]:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    load = [os.getloadavg()[0]]
    user = signed_in()
    sizes = [measure_size(user, size) for size in SIZES]
    return {"cores": os.cpu_count(), "load": [*load, os.getloadavg()[0]], "repeats": REPEATS, "sizes": sizes}


def measure_size(user: Client, size: int) -> dict[str, Any]:
    from workflows import services as workflows

    workflow = workflows.create(f"of {size} nodes", "blank")
    text = text_of(size)
    for made in (text, edited(text), renamed(edited(text))):
        commit_and_run(workflow.id, made)
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    answer = b""
    for _ in range(REPEATS):
        began = time.process_time()
        taken, answer = asked(user, workflow.id, "v1", "v2", cold=True)
        times["busy"].append((time.process_time() - began) * 1e3)
        times["first"].append(taken)
        times["again"].append(asked(user, workflow.id, "v1", "v2", cold=False)[0])
        times["renamed"].append(asked(user, workflow.id, "v1", "v3", cold=True)[0])
    medians = {way: statistics.median(taken) for way, taken in times.items()}
    return {"nodes": size, **medians, "kilobytes": len(answer) / 1e3, "bound": BOUNDS.get(size)}


def commit_and_run(workflow: str, text: str) -> None:
    """A version with a run of which every node is known."""
    from metrics import services
    from metrics.models import NodeRun, Run
    from versions import services as versions
    from workflows import services as workflows

    identified = workflows.identify(text, ())
    dag = identified.compiled.dag
    assert dag is not None, identified.compiled.diagnostics[:3]
    run = services.queue(versions.commit(workflows.get(workflow), identified), reuse=True, force=[])
    Run.objects.filter(id=run.id).update(status="succeeded", seconds=1.0, estimate=1.0)
    nodes = [
        NodeRun(
            run=run,
            name=node.name,
            place=place,
            operator=node.operator,
            status="done",
            action="compute",
            stale=False,
            estimate=0.1,
            seconds=0.1,
            bytes=1_000,
        )
        for place, node in enumerate(dag.nodes.values())
    ]
    NodeRun.objects.bulk_create(nodes)


def asked(user: Client, workflow: str, before: str, after: str, *, cold: bool) -> tuple[float, bytes]:
    """Milliseconds from the request to its answer, through all of the application but the network, and that answer."""
    from workflows.recall import forget

    body = {"before": {"version": before}, "after": {"version": after}}
    if cold:
        forget()
    gc.collect()
    began = time.perf_counter()
    answer = user.post(f"/api/workflows/{workflow}/compare", body, content_type="application/json")
    taken = (time.perf_counter() - began) * 1e3
    assert answer.status_code == 200, answer.content[:500]
    return taken, answer.content


def signed_in() -> Client:
    from django.test import Client

    from helixweb import auth

    client = Client(headers={"host": "127.0.0.1:8000"})
    client.post("/api/session", {"token": auth.new_token()}, content_type="application/json")
    return client


if __name__ == "__main__":
    main()
