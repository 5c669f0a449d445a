"""Why a node is stale: each change with its values or its lines, and the way to it from a node far below."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab
from workflows.execution import memory
from workflows.execution.explanation import MOST_CAUSES, MOST_LINES, Cause, Explanation, explain, own_changes
from workflows.execution.planning import UnknownNode
from workflows.graph.signature import sign

TEXT = """\
LIMIT = 2
from words import up
data = FileSource(train="table.csv")
rows = CSVScanner(data, header=True)

def clean(value):
    return value[:LIMIT]

def shout(batch):
    return batch["b"].map(lambda value: up(clean(value)))

loud = Extractor(rows, shout)
size = Reducer(loud, lambda found: len(found))
double = Reducer(loud, lambda found: 2 * len(found))
Output(size, double)
"""
WORDS = "def up(value):\n    return value.upper()\n"


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "words.py").write_text(WORDS)
    return folder


@pytest.fixture
def ran(lab: Lab, tmp_path: Path, lib: Path) -> Lab:
    """A lab in which TEXT ran once."""
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    (lab.data / "table.csv").write_text("a,b\n1,xyz\n2,yzx\n")
    lab.succeed(TEXT, lib=lib)
    return lab


def why(lab: Lab, text: str, name: str, **options: object) -> Explanation:
    return explain(lab.prepare(text, **options), name, lab.store, lab.data)


def lines(cause: Cause) -> list[tuple[str, int | None, int | None, str]]:
    (change,) = cause.changes
    assert change.diff is not None
    return [(line.mark, line.before, line.after, line.text) for line in change.diff.lines]


def test_what_is_as_it_was_has_no_cause(ran: Lab, lib: Path) -> None:
    found = why(ran, TEXT, "size", lib=lib)
    assert (found.reason, found.causes) == ("reused: unchanged since last run", ())


def test_a_node_far_below_names_the_way_to_the_change_and_its_lines(ran: Lab, lib: Path) -> None:
    edited = "# first\n" + TEXT.replace("value[:LIMIT]", "value[1:LIMIT]")
    found = why(ran, edited, "size", lib=lib)
    assert found.reason == "stale: input `loud` changed: helper `clean` changed"
    (cause,) = found.causes
    assert cause.path == ("size", "loud")
    assert lines(cause) == [
        ("same", 6, 7, "def clean(value):"),
        ("removed", 7, None, "    return value[:LIMIT]"),
        ("added", None, 8, "    return value[1:LIMIT]"),
    ]


def test_several_changes_are_told_each_by_its_way(ran: Lab, lib: Path) -> None:
    edited = TEXT.replace("header=True", 'header=True, na="?"').replace(
        "len(found))\ndouble", "len(found) + 1)\ndouble"
    )
    found = why(ran, edited, "size", lib=lib)
    assert [cause.path for cause in found.causes] == [("size",), ("size", "loud", "rows")]
    (changed,) = found.causes[1].changes
    assert (changed.kind, changed.text, changed.before, changed.after) == ("parameter", '`na` "" → "?"', '""', '"?"')
    assert lines(found.causes[0])[-1] == ("added", None, 13, "size = Reducer(loud, lambda found: len(found) + 1)")
    below = why(ran, TEXT.replace("header=True", 'header=True, na="?"'), "size", lib=lib)
    assert below.reason == 'stale: input `loud` changed ← `rows`: `na` "" → "?"'


def test_a_module_of_the_library_is_told_as_it_was_when_the_last_run_read_it(ran: Lab, lib: Path) -> None:
    (lib / "words.py").write_text('"""Words."""\n' + WORDS.replace("upper", "lower"))
    (cause,) = why(ran, TEXT, "loud", lib=lib).causes
    (change,) = cause.changes
    assert change.text == "helper `up` of lib/words.py changed"
    assert change.diff is not None
    assert (change.diff.before_file, change.diff.after_file) == ("lib/words.py", "lib/words.py")
    assert lines(cause)[1:] == [
        ("removed", 2, None, "    return value.upper()"),
        ("added", None, 3, "    return value.lower()"),
    ]


def test_a_constant_that_is_set_from_outside_is_told_by_its_values(ran: Lab, lib: Path) -> None:
    (cause,) = why(ran, TEXT, "loud", lib=lib, overrides={"LIMIT": 3}).causes
    (change,) = cause.changes
    assert (change.text, change.before, change.after, change.diff) == ("constant `LIMIT` 2 → 3", "2", "3", None)
    ran.succeed(TEXT, lib=lib, overrides={"LIMIT": 3})
    assert why(ran, TEXT, "size", lib=lib, overrides={"LIMIT": 3}).reason == "reused: unchanged since last run"
    (cause,) = why(ran, TEXT, "loud", lib=lib).causes
    assert cause.changes[0].text == "constant `LIMIT` 3 → 2"


def test_a_file_that_changed_is_told_by_size_and_content(ran: Lab, lib: Path) -> None:
    (ran.data / "table.csv").write_text("a,b\n1,xyz\n2,yzx\n3,zxy\n")
    found = why(ran, TEXT, "size", lib=lib)
    assert found.reason == "stale: input `loud` changed ← `data`: data file changed: table.csv"
    (cause,) = found.causes
    (change,) = cause.changes
    assert cause.path == ("size", "loud", "rows", "data")
    assert (change.kind, change.subject) == ("data", "table.csv")
    assert str(change.before).startswith("16 bytes, ")
    assert str(change.after).startswith("22 bytes, ")


def test_another_version_of_a_package_is_told(ran: Lab, lib: Path) -> None:
    prepared = ran.prepare(TEXT, lib=lib)
    older = replace(prepared.compiled, packages={**prepared.compiled.packages, "pandas": "1.0"})
    memory.remember(ran.store.catalog, "lab", older, prepared.data, {}, None)
    (cause,) = why(ran, TEXT, "loud", lib=lib).causes
    assert cause.path == ("loud",)
    assert [(change.kind, change.subject, change.before) for change in cause.changes] == [("package", "pandas", "1.0")]


def test_the_last_run_is_compiled_and_signed_as_it_was_whatever_became_of_the_library(ran: Lab, lib: Path) -> None:
    before = ran.prepare(TEXT, lib=lib)
    (lib / "words.py").unlink()
    run = memory.last_run(ran.store.catalog, "lab")
    assert run is not None
    again = run.compiled(lib)
    assert again.parts is not None
    assert sign(again.parts, run.data) == before.signatures


def test_own_changes_are_those_of_the_nodes_that_changed_alone(ran: Lab, lib: Path) -> None:
    prepared = ran.prepare(TEXT.replace("upper", "lower").replace("2 * len", "3 * len"), lib=lib)
    assert [cause.path for cause in own_changes(prepared, ran.store, ran.data)] == [("double",)]


def test_a_long_diff_is_cut(ran: Lab, lib: Path) -> None:
    body = "".join(f"    value = value + {number}\n" for number in range(MOST_LINES + 50))
    long = TEXT.replace("    return value[:LIMIT]", body + "    return value")
    (cause,) = why(ran, long, "loud", lib=lib).causes
    diffs = [change.diff for change in cause.changes if change.diff is not None and change.subject == "helper `clean`"]
    assert [(len(diff.lines), diff.cut) for diff in diffs] == [(MOST_LINES, True)]


def test_before_the_first_run_there_is_nothing_to_compare_with(lab: Lab) -> None:
    found = why(lab, 'rows = Dataset("iris")\nsize = Reducer(rows, lambda found: len(found))\n', "size")
    assert (found.reason, found.causes) == ("new", ())


def test_a_name_that_is_no_node_is_refused_with_the_nearest(lab: Lab) -> None:
    with pytest.raises(UnknownNode, match="Did you mean `size`"):
        why(lab, 'rows = Dataset("iris")\nsize = Reducer(rows, lambda found: len(found))\n', "sise")


def test_a_library_too_large_to_remember_counts_as_it_is_now(ran: Lab, lib: Path) -> None:
    (lib / "words.py").write_text(WORDS + f"# {'x' * memory.LARGEST_LIBRARY}\n")
    ran.succeed(TEXT, lib=lib)
    run = memory.last_run(ran.store.catalog, "lab")
    assert run is not None
    assert run.library is None
    assert why(ran, TEXT, "size", lib=lib).reason == "reused: unchanged since last run"


def test_a_constant_that_no_literal_says_is_not_remembered(ran: Lab, lib: Path) -> None:
    before = ran.store.catalog.last_run("lab")
    ran.succeed(TEXT.replace("value[:LIMIT]", "value"), lib=lib, overrides={"LIMIT": float("inf")})
    assert ran.store.catalog.last_run("lab") == before


def test_of_many_changes_the_nearest_are_told(lab: Lab) -> None:
    nodes = "".join(f"x{place} = Map(x{place - 1}, f)\n" for place in range(1, 400))
    text = f'x0 = Dataset("iris")\ndef f(batch):\n    return batch\n{nodes}'
    text += "size = Reducer(x399, lambda found: len(found))\n"
    memory.remember(lab.store.catalog, "lab", lab.prepare(text).compiled, {}, {}, None)
    prepared = lab.prepare(text.replace("return batch", "return batch.copy()"))
    assert prepared.plan is not None
    found = explain(prepared, "size", lab.store, lab.data)
    assert [cause.path[-1] for cause in found.causes] == [f"x{399 - place}" for place in range(MOST_CAUSES)]
