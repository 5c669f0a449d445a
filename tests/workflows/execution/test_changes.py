"""What an edit makes stale, and what a run of it computes: a corpus of edits, each with the very nodes.

``changes.txt`` has the edits as differences: a title after ``===``; after ``: stale`` the nodes whose results the edit
leaves unknown, none where that is not said; after ``: runs`` those that a run computes, where fewer, since a result
turns out to be equal; after ``: set`` a constant that is set from outside. Then the text, and after ``---`` modules of
``lib/``; of each line is told whether it stays, goes (``-``) or comes (``+``). A text that has no ``Output`` is that of
``x = Map(rows, f)``, ``y = Map(rows, g)`` and ``z = Reducer(x, total)``; one that ``uses`` estimators has ``examples``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab
from workflows.compiler import compile_workflow, files
from workflows.execution.warmserver import WarmServer
from workflows.graph.signature import sign
from workflows.hashing import Signature

NODES = """\
x = Map(rows, f, each="split")
y = Map(rows, g, each="split")
z = Reducer(x, total)
Output(x, y, z)
"""
BASE = """\
data = FileSource("in.csv")
rows = CSVScanner(data)
"""
EXAMPLES = """\
{}
label = Field(rows, "b")
examples = Examples(rows, features=[Field(rows, "a")], label=label)
"""
ROWS = "a,b\n1,x\n2,y\n3,x\n4,y\n"


@dataclass(frozen=True)
class Change:
    """An edit: the text and the modules of ``lib/`` before and after."""

    before: str
    after: str
    library: tuple[Mapping[str, str], Mapping[str, str]]
    stale: frozenset[str]
    runs: frozenset[str] | None
    overrides: Mapping[str, int]


def read(part: str) -> Change:
    told = dict.fromkeys(("stale", "runs", "set", "uses"))
    lines = part.split("\n")
    while lines[0].startswith(":"):
        key, _, words = lines.pop(0)[2:].partition(" ")
        told[key] = words
    code, *modules = "\n".join(lines).split("--- ")
    named = [module.split("\n", 1) for module in modules]
    overrides = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", told["set"] or "")}
    return Change(
        text(side(code, "+"), told["uses"]),
        text(side(code, "-"), told["uses"]),
        ({name: side(module, "+") for name, module in named}, {name: side(module, "-") for name, module in named}),
        frozenset((told["stale"] or "").split()),
        None if told["runs"] is None else frozenset(told["runs"].split()),
        overrides,
    )


def side(difference: str, goes: str) -> str:
    return "".join(f"{line[2:]}\n" for line in difference.split("\n") if line and not line.startswith(goes))


def text(code: str, uses: str | None) -> str:
    """The whole text; functions that it does not define give what they are given."""
    for name, body in (("f", "b"), ("g", "b"), ("total", "len(rows)")):
        if not re.search(rf"^(def {name}\(|{name} = )", code, re.M):
            code = f"def {name}({'rows' if name == 'total' else 'b'}):\n    return {body}\n{code}"
    future = "from __future__ import annotations\n"
    head = future if future in code else ""
    start = BASE if uses is None else BASE + EXAMPLES.format(f"from sklearn.linear_model import {uses}" if uses else "")
    return head + start + code.replace(future, "") + ("" if "Output(" in code else NODES)


CHANGES = {
    title: read(part)
    for title, part in (
        part.split("\n", 1)
        for part in Path(__file__).with_name("changes.txt").read_text(encoding="utf-8").split("=== ")[1:]
    )
}
RUN = {title: change for title, change in CHANGES.items() if change.runs is not None}


def write(lib: Path, modules: Mapping[str, str]) -> Path:
    lib.mkdir(exist_ok=True)
    for name, code in modules.items():
        (lib / name).parent.mkdir(exist_ok=True)
        if code:
            (lib / name).write_text(code)
    return lib


def signed(source: str, lib: Path, overrides: Mapping[str, int]) -> dict[str, set[Signature | None]]:
    """The signatures of the parts of each node."""
    compiled = compile_workflow(source, lib=lib, overrides=overrides)
    assert [found.message for found in compiled.diagnostics if found.severity == "error"] == []
    assert compiled.parts is not None
    assert compiled.dag is not None
    data = {(file.node, file.split): "0" * 64 for file in files(compiled.dag)}
    found: dict[str, set[Signature | None]] = {}
    for part, signature in sign(compiled.parts, data).items():
        found.setdefault(part.node, set()).add(signature)
    return found


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_edit_leaves_the_very_nodes_stale_that_may_give_another_result(change: Change, tmp_path: Path) -> None:
    before, after = change.library
    known = signed(change.before, write(tmp_path / "lib", before), {})
    assert None not in set[Signature | None]().union(*known.values())
    found = signed(change.after, write(tmp_path / "lib", after), change.overrides)
    everything = set[Signature | None]().union(*known.values())
    assert {node for node, signatures in found.items() if not signatures <= everything} == change.stale


@pytest.fixture
def changing(tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "in.csv").write_text(ROWS)
    made = Lab(tmp_path / "store", data, warm)
    yield made
    made.store.close()


@pytest.mark.parametrize("change", RUN.values(), ids=RUN)
def test_a_run_of_an_edit_gives_what_one_without_reuse_gives(change: Change, changing: Lab) -> None:
    changing.succeed(change.before, policy="all")
    found = changing.succeed(change.after, policy="all")
    assert change.runs is not None
    assert found.with_action("compute") == change.runs
    truth = changing.succeed(change.after, policy="all", reuse=False)
    assert found.result.outputs == truth.result.outputs
    assert found.prepared.compiled.dag is not None
    for output in found.prepared.compiled.dag.outputs:
        assert found.node(output).digest == truth.node(output).digest
