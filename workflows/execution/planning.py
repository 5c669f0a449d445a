"""From a text to a plan: compile, identify the data, sign, and ask the optimizer what is best. Computes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path
from typing import Required, TypedDict

from workflows.compiler import Compiled, compile_workflow, files, only, queries
from workflows.errors import Diagnostic, HelixError, nearest
from workflows.execution import engines, memory
from workflows.execution.datasets import Dataset, of_path
from workflows.execution.downloads import FetchCancelled, is_address
from workflows.execution.engines import Asked, Engine
from workflows.execution.files import identity, size, whole_database
from workflows.graph.dag import NodeName, ParamValue, PartGraph, PartId
from workflows.graph.signature import operations, sign
from workflows.graph.slicing import Slicing, sliced
from workflows.hashing import Signature
from workflows.operators.source import SQL_SOURCE
from workflows.optimizer.costs import CostModel
from workflows.optimizer.cutoff import Foresight, foresee
from workflows.optimizer.history import Previous
from workflows.optimizer.materialize import USUAL, Policy
from workflows.optimizer.plan import NOTHING_FORESEEN, Plan, plan_run
from workflows.ports import ArtifactStore, Cancellation, Catalog, Record
from workflows.store.files import FileMissing

Data = Mapping[tuple[NodeName, str], "str | None"]


class Reading(TypedDict, total=False):
    """How far files are read for their identity (``files.identity``)."""

    read: Required[bool]
    fetch: bool
    cancellation: Cancellation | None


class UnknownNode(HelixError):
    """A node was named that the workflow does not have."""

    code = "unknown-node"

    def __init__(self, name: str, names: Iterable[str]) -> None:
        near = nearest(name, names)
        hint = f" Did you mean `{near}`?" if near else ""
        super().__init__(f"The workflow has no node `{name}`.{hint}", name=name, nearest=near)


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that a source names and that is not there; the public data set that it belongs to, if any."""

    node: NodeName
    split: str
    path: str
    dataset: Dataset | None
    message: str


@dataclass(frozen=True, slots=True)
class Identified:
    """A text, compiled, and the content hashes of the sources' files: None where one was not read yet or is missing."""

    compiled: Compiled
    data: Data
    missing: tuple[MissingFile, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that is ready to run, or what is wrong with it (then ``plan`` is None).

    ``data`` are the content hashes of the sources' files, None where a file was not read yet or is not there. ``only``:
    the nodes that are wanted instead of the outputs, if any were named. ``signatures`` are those of ``parts``: the
    parts as they are planned, some matrices without features (``slicing``).
    """

    compiled: Compiled
    signatures: Mapping[PartId, Signature | None]
    plan: Plan | None
    missing: tuple[MissingFile, ...]
    data: Data
    workflow: str
    policy: Policy
    reuse: bool
    force: frozenset[NodeName]
    lib: Path | None
    cores: int
    engine: Engine = "local"
    only: tuple[NodeName, ...] = ()
    previous: Previous | None = None
    slicing: Slicing | None = None
    foresight: Foresight = NOTHING_FORESEEN

    @property
    def whole(self) -> Mapping[PartId, Signature | None]:
        """The signatures without slicing: what is told to people is told of whole matrices."""
        return self.signatures if self.slicing is None else self.slicing.whole

    @property
    def parts(self) -> PartGraph | None:
        return self.compiled.parts if self.slicing is None else self.slicing.parts

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return self.compiled.diagnostics


def prepare(
    text: str,
    *,
    store: ArtifactStore,
    data_root: Path,
    workflow: str,
    overrides: Mapping[str, ParamValue] | None = None,
    reuse: bool = True,
    force: Sequence[str] = (),
    wanted: Sequence[str] = (),
    policy: Policy | None = None,
    lib: Path | None = None,
    hash_files: bool,
    fetch: bool = True,
    cancellation: Cancellation | None = None,
    engine: Asked = "local",
    spark: bool = False,
) -> Prepared:
    """Compile and plan a text. With ``hash_files`` False no file is read, and without ``fetch`` no address is asked:
    what depends on one never read is unknown. So is what was not fetched yet when ``cancellation`` is asked for; a run
    of it ends as cancelled.

    ``workflow`` names the document, so that the plan can say what changed since its last run. ``wanted``: nodes that
    are wanted instead of the outputs; none for the outputs. Raises UnknownNode where ``force`` or ``wanted`` names a
    node that the text does not have. ``spark``: whether ``engine="auto"`` may choose it.
    """
    reading = Reading(read=hash_files, fetch=fetch, cancellation=cancellation)
    places = (store, data_root, reading)
    found = identified(text, *places, overrides=overrides, named=(*force, *wanted), lib=lib)
    data, missing = found.data, found.missing
    forced, chosen = frozenset(map(NodeName, force)), tuple(map(NodeName, wanted))
    compiled = only(found.compiled, chosen)
    cores = len(os.sched_getaffinity(0))
    sizes = _sizes(compiled, data_root).values() if engine == "auto" and spark else ()
    computing = engines.chosen(engine, sizes, spark=spark)
    keeping = policy or USUAL
    unplanned = Prepared(
        compiled, {}, None, missing, data, workflow, keeping, reuse, forced, lib, cores, computing, chosen
    )
    if compiled.parts is None:
        return unplanned
    signed = replace(unplanned, signatures=sign(compiled.parts, data))
    return planned(replace(signed, previous=_previous(signed, store)), store)


def identified(
    text: str,
    store: ArtifactStore,
    data_root: Path,
    reading: Reading,
    *,
    overrides: Mapping[str, ParamValue] | None = None,
    named: Sequence[str] = (),
    lib: Path | None = None,
) -> Identified:
    """Compile a text and identify its data. Raises UnknownNode where ``named`` has a node that the text does not."""
    compiled = compile_workflow(text, overrides=overrides or {}, lib=lib)
    if compiled.dag is not None:
        unknown = next((name for name in named if name not in compiled.dag.nodes), None)
        if unknown is not None:
            raise UnknownNode(unknown, compiled.dag.nodes)
    data, missing = _identified(compiled, store, data_root, reading)
    return Identified(compiled, data, missing)


def planned(prepared: Prepared, store: ArtifactStore) -> Prepared:
    """The same with a plan made of what the catalog knows now."""
    parts, signatures, previous = prepared.compiled.parts, prepared.whole, prepared.previous
    assert parts is not None
    earlier = previous.signatures.values() if previous is not None else ()
    wanted = {signature for signature in (*signatures.values(), *earlier) if signature is not None}
    records = store.catalog.records(wanted)
    slicing = None
    if prepared.reuse and not prepared.force:  # what is computed for its own sake is computed whole
        slicing = _sliced(parts, signatures, records)
    if slicing is not None:
        parts, signatures = slicing.parts, slicing.signatures
        records |= store.catalog.records({signature for part in slicing.sliced if (signature := signatures[part])})
    gone = [signature for signature, record in records.items() if not record.stored]
    foresight = _foreseen(prepared, parts, signatures, records, store.catalog)
    plan = plan_run(
        parts,
        signatures,
        records,
        costs=CostModel(store.catalog.operator_costs(), store.speed, prepared.engine),
        reuse=prepared.reuse,
        force=prepared.force,
        previous=previous,
        cores=prepared.cores,
        slicing=slicing,
        evicted=store.catalog.ledger.evicted(gone) if gone else frozenset(),
        foresight=foresight,
        holders=store.catalog.holders({each.value for each in foresight.told.values()}) if foresight.told else {},
    )
    return replace(prepared, plan=plan, slicing=slicing, signatures=signatures, foresight=foresight)


def from_scratch(prepared: Prepared, store: ArtifactStore) -> float:
    """How long a run would take that loads nothing, in seconds, by what the catalog knows now."""
    plan = planned(replace(prepared, reuse=False), store).plan
    assert plan is not None
    return plan.estimate


def _foreseen(
    prepared: Prepared,
    parts: PartGraph,
    signatures: Mapping[PartId, Signature | None],
    records: Mapping[Signature, Record],
    catalog: Catalog,
) -> Foresight:
    """What records tell of the parts, and traces of those that never completed, unless they are to be computed."""
    stale = [
        part
        for part, signature in signatures.items()
        if prepared.reuse and signature is not None and signature not in records and part.node not in prepared.force
    ]
    found = operations(parts, prepared.data, stale)
    traces = catalog.traces(set(found.values())) if found else {}
    return foresee(parts, signatures, records, found, traces)


def _sliced(
    parts: PartGraph, signatures: Mapping[PartId, Signature | None], records: Mapping[Signature, Record]
) -> Slicing | None:
    weightless = {
        signature: tuple(map(int, record.weightless.split()))
        for signature, record in records.items()
        if record.weightless
    }
    stored = {signature for signature, record in records.items() if record.stored} if weightless else set()
    return sliced(parts, signatures, weightless, stored)


def _identified(
    compiled: Compiled, store: ArtifactStore, data_root: Path, reading: Reading
) -> tuple[Data, tuple[MissingFile, ...]]:
    """The content hash of every file of the sources, and what is missing."""
    data: dict[tuple[NodeName, str], str | None] = {}
    missing: list[MissingFile] = []
    for file in files(compiled.dag) if compiled.dag is not None else ():
        try:
            if compiled.dag is not None and compiled.dag.nodes[file.node].operator == SQL_SOURCE:
                whole_database(data_root / file.path)
            data[file.node, file.split] = identity(store.catalog, store.downloads, data_root, file.path, **reading)
        except FetchCancelled:
            data[file.node, file.split] = None
        except FileMissing as error:
            data[file.node, file.split] = None
            dataset = of_path(file.path)
            missing.append(
                MissingFile(
                    file.node, file.split, file.path, dataset, _what_to_do(file.path, dataset, data_root, error)
                )
            )
    for query in queries(compiled.dag) if compiled.dag is not None else ():
        data[query.node, query.split] = query.version
    return data, tuple(missing)


def _what_to_do(path: str, dataset: Dataset | None, data_root: Path, error: FileMissing) -> str:
    """Said in the page and in the terminal alike, each of which adds what can be pressed or typed."""
    if dataset is not None:
        return f"{path} is not in {data_root}. It belongs to {dataset.title}, which can be fetched."
    if os.path.isdir(data_root / path):  # False for what is no path at all, where Path.is_dir raises
        return f"{path} is a folder; name a file in it, or all of them as `{path.rstrip('/')}/*`."
    if is_address(path) or os.path.exists(data_root / path) or has_magic(path):
        return error.message
    near = _neighbour(data_root / path)
    hint = f" Did you mean `{near}`?" if near else " Put it there, or name the folder that it is in."
    return f"{path} is not in {data_root}.{hint}"


def _neighbour(path: Path) -> str | None:
    try:
        return nearest(path.name, (entry.name for entry in path.parent.iterdir()))
    except OSError:
        return None


def remember(prepared: Prepared, store: ArtifactStore, data_root: Path) -> None:
    """Have the next plan compared with this run; not with one of some nodes alone, which says nothing of the others."""
    if prepared.only or prepared.compiled.dag is None:
        return
    sizes = _sizes(prepared.compiled, data_root)
    memory.remember(store.catalog, prepared.workflow, prepared.compiled, prepared.data, sizes)


def _sizes(compiled: Compiled, data_root: Path) -> memory.Sizes:
    if compiled.dag is None:
        return {}
    return {(file.node, file.split): size(data_root, file.path) for file in files(compiled.dag)}


def _previous(prepared: Prepared, store: ArtifactStore) -> Previous | None:
    """The workflow's last whole run, signed as it was then."""
    run = memory.last_run(store.catalog, prepared.workflow)
    if run is None:
        return None
    compiled = prepared.compiled if run.made(prepared.compiled) and not prepared.only else run.compiled(prepared.lib)
    return None if compiled.parts is None else Previous(compiled.parts, sign(compiled.parts, run.data))
