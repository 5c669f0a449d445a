"""The compiler: a list of passes from a text to a signed, sliced graph of parts. Pure, total, and without user code.

parse → unroll → check → check_code → check_imports → identify → lower → parts_of → wanted_parts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workflows.compiler.lower import lower
from workflows.compiler.program import Program
from workflows.errors import Diagnostic, Span
from workflows.graph.dag import Dag, Node, NodeName, ParamValue, PartGraph
from workflows.graph.parts import parts_of
from workflows.graph.slice import wanted_parts
from workflows.lang.checker import Checker
from workflows.lang.code import check_code, check_imports
from workflows.lang.distributions import Installed
from workflows.lang.identity import Identities
from workflows.lang.modules import Library
from workflows.lang.parser import parse
from workflows.lang.syntax import Problems, Source
from workflows.lang.unroll import unroll
from workflows.operators.base import Splits
from workflows.operators.registry import OPERATORS
from workflows.operators.source import SQL_SOURCE, is_file
from workflows.operators.splits import ALL


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a text compiles to. ``dag``, ``program`` and ``parts`` (sliced to what is wanted) are None where a
    diagnostic is an error; ``description`` is the text's docstring on one line.

    What it was compiled with: ``overrides``, the modules of ``lib/`` that were read (path → text), and the versions of
    the distributions that it rests on.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...]
    dag: Dag | None
    program: Program | None
    parts: PartGraph | None
    description: str
    overrides: Mapping[str, ParamValue] = field(default_factory=dict)
    library: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that a source reads: its node, the split it holds, and its path as the text gives it."""

    node: NodeName
    split: str
    path: str


def compile_workflow(
    text: str,
    *,
    overrides: Mapping[str, ParamValue] | None = None,
    lib: Path | Library | None = None,
    packages: Mapping[str, str] | None = None,
) -> Compiled:
    """Compiles a text. Never raises, whatever the text; all that is wrong with it is in ``diagnostics``.

    ``overrides`` replace constants by name; ``lib`` is the workspace's folder of modules, or those modules;
    ``packages`` are versions that stand for those installed now.
    """
    source = Source(text)
    problems = Problems(source)
    parsed = parse(source, problems)
    checker = Checker(problems)
    unrolled = unroll(parsed, checker, overrides or {})
    checked = checker.checked(unrolled.takes, unrolled.outputs)
    check_code(unrolled, problems)
    library = lib if isinstance(lib, Library) else Library(lib)
    installed = Installed(packages)
    check_imports(unrolled, library, problems)
    if not checked.outputs and not problems.errors:
        hint = "Add a metric, or name what you want: Output(rows)."
        problems.add("nothing-wanted", Span(1, 1, 1, 2), "Nothing is wanted, so nothing runs.", hint, warning=True)
    if problems.errors:
        return Compiled(text, problems.sorted(), None, None, None, unrolled.description, overrides or {})
    identities = Identities(source, unrolled, library, installed)
    dag = lower(checked, identities)
    parts = wanted_parts(parts_of(dag))
    program = Program(text, unrolled.constants, tuple((node.lineno, node.col_offset) for node in unrolled.code))
    return Compiled(
        text,
        problems.sorted(),
        dag,
        program,
        parts,
        unrolled.description,
        overrides or {},
        library.sources,
        installed.used,
    )


def only(compiled: Compiled, nodes: Sequence[NodeName]) -> Compiled:
    """The same where nothing but these nodes is wanted, whatever the text says."""
    if compiled.dag is None or not nodes:
        return compiled
    dag = replace(compiled.dag, outputs=tuple(dict.fromkeys(nodes)), output_splits={})
    return replace(compiled, dag=dag, parts=wanted_parts(parts_of(dag)))


@dataclass(frozen=True, slots=True)
class QueryRef:
    """A query that a source makes of a named connection; ``version`` says when its rows are the same, None never."""

    node: NodeName
    split: str
    connection: str
    query: str
    version: str | None


def files(dag: Dag) -> tuple[FileRef, ...]:
    """Every file that the sources of a DAG name."""
    return tuple(
        FileRef(node.name, str(split), str(path)) for node in dag.nodes.values() for split, path in _files(node).items()
    )


def _files(node: Node) -> Mapping[ParamValue, ParamValue]:
    if OPERATORS[node.operator].splits is Splits.FILES and isinstance(paths := node.params["files"], dict):
        return paths
    if node.operator == SQL_SOURCE and is_file(str(node.params["connection"])):
        return {ALL: node.params["connection"]}
    return {}


def queries(dag: Dag) -> tuple[QueryRef, ...]:
    """Every query that the sources of a DAG make of a named connection."""
    return tuple(
        QueryRef(
            node.name,
            ALL,
            str(node.params["connection"]),
            str(node.params["query"]),
            None if node.params["version"] is None else str(node.params["version"]),
        )
        for node in dag.nodes.values()
        if node.operator == SQL_SOURCE and not is_file(str(node.params["connection"]))
    )
